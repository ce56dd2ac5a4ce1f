// A file that has no name: it is gone with the process, however that ends.

import Glibc

/// Bytes on the disk that only this process can reach. Written from one thread at a time, then read from anywhere.
package final class UnnamedFile: Sendable {
    /// Where it lies.
    package let folder: String
    private let descriptor: Int32

    /// - Parameter folders: where it may lie; the first that takes it does.
    /// - Throws: why the last of them does not.
    package init(in folders: [String]) throws(SystemError) {
        var problem = SystemError(ENOENT)
        for folder in folders {
            do throws(SystemError) {
                descriptor = try Self.make(in: folder)
                self.folder = folder
                return
            } catch { problem = error }
        }
        throw problem
    }

    deinit { close(descriptor) }

    /// Adds bytes at the end.
    package func append(_ bytes: [UInt8]) throws(SystemError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(SystemError) in
            try SystemCall.writeAll(UnsafeRawBufferPointer(bytes), to: descriptor)
        }
    }

    /// Reads at a place.
    /// - Returns: how many bytes; 0 at the end.
    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try SystemCall.repeated { pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
    }

    private static func make(in folder: String) throws(SystemError) -> Int32 {
        // O_TMPFILE hides behind a feature macro.
        let unnamed = open(folder, __O_TMPFILE | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0o600)
        return unnamed >= 0 ? unnamed : try makeForAMoment(in: folder)
    }

    /// For file systems that have no files without a name: it lives for a moment.
    static func makeForAMoment(in folder: String) throws(SystemError) -> Int32 {
        let (file, path) = try SystemCall.makeFile("\(folder)/.paylink-", in: AT_FDCWD, O_RDWR, mode: 0o600)
        unlink(path)
        return file
    }
}
