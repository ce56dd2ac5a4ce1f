// A file that has no name: it is gone with the process, however that ends.

import Console
import Glibc

/// Bytes on the disk that only this process can reach. Written from one thread at a time, then read from anywhere.
final class TemporaryFile: Sendable {
    private let descriptor: Int32
    /// Where it lies, for messages.
    private let folder: String

    /// - Parameter folders: where it may lie; the first that takes it does.
    /// - Throws: ``BatchError`` with code `output_failed`.
    init(in folders: [String]) throws(BatchError) {
        var code: Int32 = ENOENT
        for folder in folders {
            let file = Self.open(folder)
            if file >= 0 {
                descriptor = file
                self.folder = folder
                return
            }
            code = errno
        }
        throw BatchError(
            .outputFailed,
            "no temporary file can be made in \(folders.map { ShownText.short($0) }.joined(separator: " or ")): "
                + String(cString: strerror(code)))
    }

    deinit { close(descriptor) }

    /// Adds bytes at the end.
    func append(_ bytes: UnsafeRawBufferPointer) throws(BatchError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let count = write(descriptor, piece.baseAddress, piece.count)
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                // All of them are written before the first request.
                throw failure("written", "; nothing was sent")
            }
        }
    }

    func append(_ bytes: [UInt8]) throws(BatchError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(BatchError) in try append(UnsafeRawBufferPointer(bytes)) }
    }

    /// Reads at a place.
    /// - Returns: how many bytes; 0 at the end.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(BatchError) -> Int {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
            if count >= 0 { return count }
            guard errno == EINTR else { throw failure("read") }
        }
    }

    /// - Returns: at most so many bytes; none at the end.
    func read(at offset: Int, _ count: Int) throws(BatchError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let taken = try bytes.withUnsafeMutableBufferPointer { (buffer) throws(BatchError) in
            try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
        bytes.removeLast(count - taken)
        return bytes
    }

    private func failure(_ what: String, _ consequence: String = "") -> BatchError {
        let reason = String(cString: strerror(errno))
        return BatchError(
            .outputFailed,
            "a temporary file in \(ShownText.short(folder, limit: 200)) cannot be \(what): \(reason)\(consequence)")
    }

    /// Without a name from the beginning; where the file system cannot do that, the name lives for a moment.
    private static func open(_ folder: String) -> Int32 {
        let unnamed = Glibc.open(folder, __O_TMPFILE | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0o600)
        if unnamed >= 0 { return unnamed }
        var template = Array("\(folder)/.paylink-XXXXXX".utf8CString)
        let named = mkstemp(&template)
        if named >= 0 {
            unlink(template)
            _ = fcntl(named, F_SETFD, FD_CLOEXEC)
        }
        return named
    }
}
