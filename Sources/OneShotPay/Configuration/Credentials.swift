// The merchant's credentials. No way of printing or dumping them shows the token.

/// What identifies a merchant to the service: the user id and the API token.
///
/// The vendor documents the environment variables `ONESHOT_USER_ID` and `ONESHOT_API_TOKEN` for them.
public struct Credentials: Sendable {
    /// The merchant's user id, as the service gave it.
    public let userID: String
    package let apiToken: String

    /// - Throws: ``OneShotPayError`` with code ``OneShotPayError/Code/invalidConfiguration`` when one of them is empty
    ///   or contains a line break or another control character, as when a file's end was read along.
    public init(userID: String, apiToken: String) throws(OneShotPayError) {
        for (name, value) in [("user id", userID), ("API token", apiToken)] {
            if value.isEmpty {
                throw OneShotPayError(.invalidConfiguration, "the \(name) is empty")
            }
            if value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
                throw OneShotPayError(
                    .invalidConfiguration, "the \(name) contains a line break or another control character")
            }
        }
        self.userID = userID
        self.apiToken = apiToken
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "***" }
    public var debugDescription: String { "***" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
