// Just enough of a payment to tell whether another one is newer.

/// Which payment a reusable link had when a wait for the next one began.
package struct PaymentMark: Sendable, Hashable {
    package var id: PaymentID
    /// Unix seconds.
    package var createdAt: Int64?

    package init(id: PaymentID, createdAt: Int64?) {
        self.id = id
        self.createdAt = createdAt
    }
}
