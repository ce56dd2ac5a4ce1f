// What can go wrong with the sandbox itself, as its caller in process sees it.
// Refusals sent over HTTP are Refusal.

/// An error of the sandbox: it could not start, or a control call was refused.
package struct SandboxError: Error, Sendable, CustomStringConvertible {
    /// The stable kinds of failure.
    package enum Code: String, Sendable {
        /// The address could not be bound.
        case cannotBind = "cannot_bind"
        /// The state file exists but cannot be read or understood. It is left as it is.
        case stateUnreadable = "state_unreadable"
        /// The state or record file cannot be written.
        case fileUnwritable = "file_unwritable"
        /// A control call named an unknown link, or one that is not in a state to allow it.
        case refused = "refused"
    }

    /// The kind of failure.
    package let code: Code
    /// What failed, with which name, for a person to read.
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
