// A file descriptor as the source of a reader.

internal import Glibc

/// Reading a file failed.
package struct CSVReadFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The system's number for the reason.
    package let errno: Int32

    /// The system's words for the reason; which file it is, the caller knows.
    package var description: String { String(cString: strerror(errno)) }
}

extension CSVReader {
    /// A reader from where the descriptor stands. It does not close it.
    ///
    /// Reading throws ``CSVReadFailure``.
    package convenience init(fileDescriptor: Int32, options: CSVOptions = CSVOptions()) {
        self.init(options: options) { buffer in
            while true {
                let count = read(fileDescriptor, buffer.baseAddress, buffer.count)
                if count >= 0 { return count }
                let code = errno
                guard code == EINTR else { throw CSVReadFailure(errno: code) }
            }
        }
    }
}
