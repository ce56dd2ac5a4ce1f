// A file without a name, as a batch uses it: what fails is told as the batch's own error.

import Console
import Files

/// Bytes on the disk that only this process can reach. Written from one thread at a time, then read from anywhere.
final class TemporaryFile: Sendable {
    private let file: UnnamedFile

    /// - Parameter folders: where it may lie; the first that takes it does.
    /// - Throws: ``BatchError`` with code `output_failed`.
    init(in folders: [String]) throws(BatchError) {
        do throws(SystemError) { file = try UnnamedFile(in: folders) } catch {
            throw BatchError(
                .outputFailed,
                "no temporary file can be made in \(folders.map { ShownText.short($0) }.joined(separator: " or ")): "
                    + error.description)
        }
    }

    /// Adds bytes at the end.
    func append(_ bytes: [UInt8]) throws(BatchError) {
        // All of them are written before the first request.
        do throws(SystemError) { try file.append(bytes) } catch {
            throw failure("written", error, "; nothing was sent")
        }
    }

    /// Reads at a place.
    /// - Returns: how many bytes; 0 at the end.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(BatchError) -> Int {
        do throws(SystemError) { return try file.read(at: offset, into: buffer) } catch { throw failure("read", error) }
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

    private func failure(_ what: String, _ error: SystemError, _ consequence: String = "") -> BatchError {
        BatchError(
            .outputFailed,
            "a temporary file in \(ShownText.short(file.folder, limit: 200)) cannot be \(what): \(error)\(consequence)")
    }
}
