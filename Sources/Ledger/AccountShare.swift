// How the runs of one account divide its requests among themselves: each says what it wants, and hears what is its.

/// What a run wants of its account's requests, and what the service has refused to it.
package struct AccountUse: Sendable, Hashable {
    /// The weight of its waits: as much as it would look, if it were alone.
    package var waiting: Double
    /// Whether it makes links.
    package var isCreating: Bool
    /// Whether the service has said "too many" since the last time, and for how long it wants to be left alone.
    package var isRefused: Bool
    package var pause: Duration

    package init(waiting: Double, isCreating: Bool, isRefused: Bool = false, pause: Duration = .zero) {
        self.waiting = waiting
        self.isCreating = isCreating
        self.isRefused = isRefused
        self.pause = pause
    }
}

/// What is a run's.
package struct AccountShare: Sendable, Hashable {
    /// The part of the account's looks, in 0...1.
    package var waiting: Double
    /// How many runs make links, this one among them.
    package var creators: Int
    /// How often any run was refused; it only grows.
    package var refusals: Int64
    /// For how long the service wants to be left alone from now on.
    package var pause: Duration
}
