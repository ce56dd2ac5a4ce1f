// A run: one process (or one store of it) that writes to a ledger.

/// What is recorded of the run that a store belongs to.
package struct RunDescription: Sendable, Hashable {
    /// For people: what was run, such as `batch orders.csv`. Must hold no secret.
    package var command: String

    package init(command: String) {
        self.command = command
    }
}

/// One row of the ledger's runs, as it is read back.
package struct RunRecord: Sendable, Hashable {
    package var id: Int64
    package var command: String
    package var pid: Int32
    /// Unix seconds, by the clock of the machine that it ran on.
    package var startedAt: Int64
    /// `nil` while it runs, and for good when it was cut off.
    package var endedAt: Int64?
    package var exitStatus: Int32?
    package var isAlive: Bool

    /// What is older than so many runs is not looked for.
    static let mostLookedAt = 10_000
}
