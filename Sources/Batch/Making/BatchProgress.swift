// How far a batch has come, in numbers. Showing them is the command's business.

package struct BatchProgress: Sendable, Hashable {
    package enum Phase: String, Sendable {
        case mapping, checking, making, writing
        /// `paylink ledger sync`, whose rows are links.
        case looking
        /// `paylink ledger copy`: rows of a ledger.
        case copying
    }

    package var phase: Phase
    /// Rows that are through with the phase.
    package var done: Int
    /// Rows of the phase; `nil` while they are still being counted.
    package var total: Int?
    /// Rows that came to nothing.
    package var failures: Int

    package init(_ phase: Phase, done: Int, total: Int?, failures: Int = 0) {
        self.phase = phase
        self.done = done
        self.total = total
        self.failures = failures
    }
}
