// An access token and its life, measured on the monotonic clock.

import NIOCore

/// An access token that the service issued.
struct AccessToken: Sendable {
    /// Counts the tokens of one client, so that a call can say which one was refused.
    let generation: Int
    let value: String
    /// From here on, a new one is fetched in the background.
    let refreshAt: NIODeadline
    /// From here on, it is not used for new requests.
    let expiresAt: NIODeadline
    /// As the service stated it.
    let lifetime: Duration

    /// - Parameters:
    ///   - requestedAt: when it was asked for: its life may have begun then.
    init(generation: Int, value: String, lifetime: Duration, requestedAt: NIODeadline) {
        self.generation = generation
        self.value = value
        self.lifetime = lifetime
        let life = TimeAmount(lifetime).nanoseconds
        // At four fifths of its life or a minute before its end, whichever is later: a short-lived token is not
        // thrown away young, a long-lived one is not carried to its last second.
        let refresh = max(life / 5 * 4, life - 60_000_000_000)
        refreshAt = requestedAt + .nanoseconds(refresh)
        expiresAt = requestedAt + .nanoseconds(life)
    }
}

extension AccessToken: CustomStringConvertible, CustomReflectable {
    var description: String { "***" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
