// How mail leaves when a script names no server: decided by the person who runs it.

/// The mail server of the settings.
public struct MailSettings: Sendable, Hashable {
    /// `smtps://USER@HOST:465`, `smtp://HOST:587`, `sendmail`, or the absolute path of a program like it.
    public var server: String?
    /// The user name, when the address has none.
    public var user: String?
    /// The name of the secret that holds the password.
    public var passwordSecret: String?
    /// Who mail is from when a script does not say.
    public var from: String?
    /// A file of certificates that are trusted beside the system's.
    public var caFile: String?

    /// No server.
    public init() {}
}
