// Where the secrets come from that a script names: decided by the person who runs it, not by the script.

import Console

/// Why a secret cannot be had. The message never holds any of it.
public struct SecretProblem: Error, Sendable, CustomStringConvertible {
    /// `not_found`, `loose_mode`, `command_failed` or `unreadable`.
    public let code: String
    /// What is wrong, where, and what to do.
    public let message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}

/// Gives secrets by name.
public struct SecretSource: Sendable {
    /// May block: it reads a file or waits for a command. Called away from event loops.
    public var read: @Sendable (_ name: String) -> Result<String, SecretProblem>

    public init(_ read: @escaping @Sendable (_ name: String) -> Result<String, SecretProblem>) { self.read = read }

    /// Knows no secret.
    public static var none: SecretSource {
        SecretSource { name in
            .failure(SecretProblem(code: "not_found", message: "there is no secret \"\(ShownText.short(name))\""))
        }
    }
}
