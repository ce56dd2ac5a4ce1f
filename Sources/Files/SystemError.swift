// Why the system refused: its number, and its words.

import Glibc

/// An `errno`.
package struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    package let number: Int32

    package init(_ number: Int32) { self.number = number }

    /// Of the call that has just failed.
    package static var last: SystemError { SystemError(errno) }

    /// `No space left on device`
    package var description: String { String(cString: strerror(number)) }
}
