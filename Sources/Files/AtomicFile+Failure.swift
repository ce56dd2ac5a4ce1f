// Why a file could not be written, for a person and for a program.

import Glibc

extension AtomicFile {
    /// Which step failed.
    package enum Operation: String, Sendable {
        case openDirectory
        case inspect
        case create
        case write
        case sync
        case close
        case rename
        case syncDirectory
    }

    /// A step that failed, for which file, and why.
    package struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        package let operation: Operation
        package let path: String
        /// The system's number for the reason.
        package let errno: Int32
        /// Why the target cannot be replaced, where the system's words would say too little.
        private let specialReason: String?

        init(_ operation: Operation, path: String, errno: Int32, reason: String? = nil) {
            self.operation = operation
            self.path = path
            self.errno = errno
            specialReason = reason
        }

        init(_ operation: Operation, path: String, _ error: SystemError) {
            self.init(operation, path: path, errno: error.number)
        }

        /// `No space left on device`
        package var reason: String { specialReason ?? SystemError(errno).description }

        /// `cannot write orders.out.csv: No space left on device`
        package var description: String {
            let shown = path.isEmpty ? "\"\"" : path
            return operation == .syncDirectory
                ? "wrote \(shown), but it may not outlast a loss of power: \(reason)"
                : "cannot write \(shown): \(reason)"
        }
    }
}
