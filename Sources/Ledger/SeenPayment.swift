// One payment that was seen of a link. The service shows only the newest one; the ledger keeps what it has seen.

package import OneShotPay

/// A payment of a link, as it was seen last.
package struct SeenPayment: Sendable, Hashable {
    package var id: PaymentID
    package var amount: Money
    /// When it was made, by the service's clock.
    package var madeAt: Int64?
    /// When it was first seen. Unix seconds by this machine's clock, as is `reportedAt`.
    package var seenAt: Int64
    /// When a wait for the link's id gave it to its caller first; `nil` when none has.
    package var reportedAt: Int64?

    package init(id: PaymentID, amount: Money, madeAt: Int64?, seenAt: Int64, reportedAt: Int64?) {
        self.id = id
        self.amount = amount
        self.madeAt = madeAt
        self.seenAt = seenAt
        self.reportedAt = reportedAt
    }

    package var mark: PaymentMark { PaymentMark(id: id, createdAt: madeAt) }
}

extension [SeenPayment] {
    /// The newest one that was reported. Of several within one second, their ids tell: they are made in order.
    package var lastReported: SeenPayment? {
        filter { $0.reportedAt != nil }.max { first, second in
            let before: (Int64, UInt64, UInt64) = (first.madeAt ?? 0, first.id.high, first.id.low)
            let after: (Int64, UInt64, UInt64) = (second.madeAt ?? 0, second.id.high, second.id.low)
            return before < after
        }
    }
}

extension PayLink {
    /// The event that a payment of a reusable link is, each its own; `nil` for a link that is paid once.
    var paymentEvent: LinkEvent? {
        guard reusable, payment != nil else { return nil }
        return missing == nil ? .paid : .underpaid
    }
}
