// What can go wrong with a message, in the three kinds that matter to whoever might send it again.

/// Why a message was not sent, or may not have been.
package struct MailFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The message itself cannot be: an address that is none, a line break in a header. Nothing was sent.
        case invalid = "invalid_mail"
        /// Nothing was sent, and the same again would end the same way.
        case refused = "mail_refused"
        /// Nothing was sent; again later may work.
        case failed = "mail_failed"
        /// All of it had left when the answer stayed away: perhaps it was accepted, perhaps not.
        case inDoubt = "mail_in_doubt"
    }

    package let code: Code
    /// What failed, where, and what to do.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether sending it again is safe and may help.
    package var isRetryable: Bool { code == .failed }

    package var description: String { "\(code.rawValue): \(message)" }

    /// Text from outside as a message may show it: on one line, and short.
    static func shown(_ text: String, limit: Int = 200) -> String {
        let scalars = text.unicodeScalars
        let plain = scalars.prefix(limit).map { HeaderText.isControl($0) ? "?" : String($0) }.joined()
        return scalars.count > limit ? plain + "…" : plain
    }
}

/// What a server or the local sendmail took.
package struct MailReceipt: Sendable, Hashable {
    /// A recipient that the server did not take, while it took others.
    package struct Refusal: Sendable, Hashable {
        package let address: String
        /// The server's words.
        package let message: String
        /// Whether it may take the address later.
        package let isTransient: Bool

        package init(address: String, message: String, isTransient: Bool) {
            self.address = address
            self.message = message
            self.isTransient = isTransient
        }
    }

    package var accepted: [String]
    package var refused: [Refusal]

    package init(accepted: [String], refused: [Refusal]) {
        self.accepted = accepted
        self.refused = refused
    }
}
