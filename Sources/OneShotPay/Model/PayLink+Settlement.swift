// What was received for a link, beside what was asked: the one place that says what "paid" means (docs/what-paid-means.md).

extension PayLink {
    /// How a link's most recent payment compares with its amount.
    public enum Settlement: Sendable, Hashable {
        /// The service shows no payment and does not say that the link is paid.
        case unpaid
        /// At least the amount was received, or the payer was to define it.
        case full
        /// Something was received, and `missing` is lacking.
        case short(missing: Money)
        /// The service says paid and shows no payment: it is taken at its word only after a few more looks.
        case unseen
    }

    /// How the link stands with its most recent payment. What earlier payments of a link brought is not shown by the
    /// service, so they are not counted.
    public var settlement: Settlement {
        guard let payment else { return status == .paid ? .unseen : .unpaid }
        guard status == .paid || reusable else { return .unpaid }
        if payerDefinedAmount || payment.amount >= amount { return .full }
        return .short(missing: amount.above(payment.amount))
    }

    /// What is lacking of the amount after a short payment; `nil` when nothing is, or nothing was paid.
    public var missing: Money? {
        if case .short(let missing) = settlement { missing } else { nil }
    }

    /// What came beyond the amount; `nil` when nothing did, or the payer was to define it.
    public var overpaid: Money? {
        guard settlement == .full, !payerDefinedAmount, let payment, payment.amount > amount else { return nil }
        return payment.amount.above(amount)
    }

    /// Whether the most recent payment was made when the link could no longer be paid: at its expiry or later, by the
    /// service's clock, or after it had been seen as ended.
    public var isPaidLate: Bool {
        guard let payment else { return false }
        if isKnownLate { return true }
        guard let paidAt = payment.createdAt, let expiresAt else { return false }
        return paidAt >= expiresAt
    }

    /// How many payments the service has counted that were never seen: it shows only the newest, so what came between two
    /// looks is known by number alone. Without a ledger, all but the one that is shown.
    public var unseenPayments: Int64 {
        let seen = max(seenPayments ?? 0, payment == nil ? 0 : 1)
        return paymentCount > seen ? paymentCount - seen : 0
    }

    /// Whether somebody can still pay it, as far as its last state shows.
    public var isPayable: Bool {
        guard !archived, !ignoredByPayer else { return false }
        return switch status {
        case .active, .unknown: true
        case .paid: reusable
        case .expired: false
        }
    }

    /// The link as if this payment were its newest.
    package func showing(_ payment: Payment) -> PayLink {
        with { fields in
            fields.payment = payment
            // What is known of the newest payment is known of no other one.
            fields.isKnownLate = isKnownLate && payment.id == self.payment?.id
        }
    }

    /// The status for a merchant: `underpaid` where the newest payment is less than was asked for.
    package var shownStatus: String { missing != nil ? "underpaid" : status.name }
}

extension PayLink.Settlement {
    /// As JSON has it.
    package var name: String {
        switch self {
        case .unpaid: "unpaid"
        case .full: "full"
        case .short: "short"
        case .unseen: "unseen"
        }
    }
}

extension OneShotPayError {
    /// Why a link that was paid short is not paid; `nil` when nothing is missing.
    package static func underpaid(_ link: PayLink) -> OneShotPayError? {
        guard let missing = link.missing, let payment = link.payment else { return nil }
        var error = OneShotPayError(
            .underpaid,
            "link \(link.id) was paid with \(payment.amount) of \(link.amount) USD: \(missing) USD are missing; "
                + "do not deliver, settle it with the customer")
        error.link = link
        return error
    }
}
