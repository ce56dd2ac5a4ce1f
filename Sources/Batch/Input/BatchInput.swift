// The table that a batch reads, several times over: one open file, which must stay the same throughout.

package import CSV
import Console
import Files
import Glibc

/// An open input file. Every reader made of it begins at the file's beginning and has its own place.
package final class BatchInput: Sendable {
    /// As the user named it, for messages.
    package let name: String
    package let size: Int
    private let descriptor: Int32
    private let options: CSVOptions
    private let identity: Identity

    private struct Identity: Hashable, Sendable {
        var file: FileIdentity
        var size: Int
        var modified: [Int]

        init(_ status: stat) {
            file = FileIdentity(status)
            size = Int(status.st_size)
            modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        }
    }

    /// - Throws: ``BatchError``: `inputFailed`; `usage` for what can be read only once.
    package init(path: String, options: CSVOptions = CSVOptions()) throws(BatchError) {
        name = ShownText.short(path, limit: 200)
        var options = options
        options.allowsSpreadsheetExtras = true
        self.options = options
        guard path != "-" else {
            throw BatchError(.usage, "a batch reads its rows more than once: give a file, not standard input")
        }
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw BatchError(.inputFailed, "cannot open \(name): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw BatchError(.usage, "\(name) is no regular file; a batch reads its rows more than once")
        }
        identity = Identity(status)
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// The very file that is open, for whoever opens files by path.
    var pathOfDescriptor: String { "/proc/self/fd/\(descriptor)" }
    var encoding: CSVEncoding { options.encoding }
    var removesFormulaGuard: Bool { options.removesFormulaGuard }

    /// A reader from the file's beginning.
    package func reader() -> CSVReader {
        var offset = 0
        // The reader keeps the file open.
        return CSVReader(options: options) { [self] buffer in
            while true {
                let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
                if count >= 0 {
                    offset += count
                    return count
                }
                let code = errno
                guard code == EINTR else {
                    throw BatchError(.inputFailed, "cannot read \(name): \(String(cString: strerror(code)))")
                }
            }
        }
    }

    /// - Throws: ``BatchError`` with code `inputFailed` when the file is no longer what it was.
    package func checkUnchanged() throws(BatchError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, Identity(status) == identity else {
            throw BatchError(
                .inputFailed, "\(name) was changed while it was being read; run the command again when it is complete")
        }
    }

    /// Whether `path` leads to this very file.
    package func isSameFile(as path: String) -> Bool { identity.file.isAt(path) }

    /// Turns what reading threw into the batch's own error.
    package func failure(_ error: any Error) -> BatchError {
        switch error {
        case let error as BatchError: error
        case let error as CSVHeaderError:
            BatchError(.badInput, error.problems.map { "\(name): \($0)" }.joined(separator: "\n"))
        default: BatchError(.inputFailed, "cannot read \(name): \(error)")
        }
    }
}
