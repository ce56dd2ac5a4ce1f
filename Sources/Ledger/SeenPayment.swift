// One payment that was seen of a link. The service shows only the newest one; the ledger keeps what it has seen.

package import OneShotPay

/// A payment of a link, as it was seen last.
package struct SeenPayment: Sendable, Hashable {
    package var payment: Payment
    /// When it was first seen. Unix seconds by this machine's clock, as is `reportedAt`.
    package var seenAt: Int64
    /// When a wait for the link's id gave it to its caller first; `nil` when none has.
    package var reportedAt: Int64?

    package init(_ payment: Payment, seenAt: Int64, reportedAt: Int64?) {
        self.payment = payment
        self.seenAt = seenAt
        self.reportedAt = reportedAt
    }

    package var id: PaymentID { payment.id }
    package var amount: Money { payment.amount }
    /// When it was made, by the service's clock.
    package var madeAt: Int64? { payment.createdAt }
    package var mark: PaymentMark { PaymentMark(id: id, createdAt: madeAt) }

    /// Of several within one second, their ids tell which was first: they are made in order.
    static func isBefore(_ first: SeenPayment, _ second: SeenPayment) -> Bool {
        let before: (Int64, UInt64, UInt64) = (first.madeAt ?? 0, first.id.high, first.id.low)
        let after: (Int64, UInt64, UInt64) = (second.madeAt ?? 0, second.id.high, second.id.low)
        return before < after
    }
}

extension [SeenPayment] {
    /// The newest one that was reported.
    package var lastReported: SeenPayment? {
        filter { $0.reportedAt != nil }.max(by: SeenPayment.isBefore)
    }

    /// The first one after the one of this id, or after the newest that was reported. Where none is known, what came so far
    /// is history, and `nil`.
    package func next(after id: PaymentID?) -> SeenPayment? {
        guard let last = id.map({ id in first { $0.id == id } }) ?? lastReported else { return nil }
        return filter { SeenPayment.isBefore(last, $0) }.min(by: SeenPayment.isBefore)
    }
}

extension PayLink {
    /// The event that a payment of a reusable link is, each its own; `nil` for a link that is paid once.
    var paymentEvent: LinkEvent? {
        guard reusable, payment != nil else { return nil }
        return missing == nil ? .paid : .underpaid
    }
}
