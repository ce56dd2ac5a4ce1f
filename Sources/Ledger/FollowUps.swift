// What `paylink watch` asks the ledger: which links can still be paid, and which events nobody has followed up yet.

import OneShotPay

/// Something that happens to a link once.
package enum LinkEvent: String, Sendable, Hashable, CaseIterable {
    /// A payment of at least the amount was seen: of a reusable link, each.
    case paid
    /// A payment of less than the amount was seen.
    case underpaid
    case expired
}

/// A link that ended unpaid, and may yet be paid late.
package struct EndedLink: Sendable, Hashable {
    package var row: LinkRow
    /// When it was first seen so. Unix seconds by this machine's clock, as is `lookedAt`.
    package var endedAt: Int64
    /// When it was looked at last for a late payment; `nil` when it never was.
    package var lookedAt: Int64?

    package init(row: LinkRow, endedAt: Int64, lookedAt: Int64? = nil) {
        self.row = row
        self.endedAt = endedAt
        self.lookedAt = lookedAt
    }
}

/// Which events to give: those seen since, whose effect is neither done nor given up.
package struct FollowUpQuery: Sendable, Hashable {
    package var event: LinkEvent
    /// What an event's effect is called before the link's id.
    package var prefix: String
    /// Unix seconds by this machine's clock: recorded at or after.
    package var since: Int64
    /// Only links whose key begins so.
    package var keyPrefix: String?
    /// The last one of the page before.
    package var after: (at: Int64, row: LinkRow) {
        get { (afterTime, afterRow) }
        set { (afterTime, afterRow) = newValue }
    }
    package var limit = 500
    /// By how many events ``LedgerOperation/passOver(_:)`` goes on at once, at least and at most.
    package var step = 100...10_000
    private var afterTime: Int64 = 0
    private var afterRow: LinkRow = 0

    package init(_ event: LinkEvent, prefix: String, since: Int64) {
        self.event = event
        self.prefix = prefix
        self.since = since
    }
}

/// An event that is to be followed up.
package struct FollowUp: Sendable, Hashable {
    /// The key of its effect: the prefix, the link's id, and for a reusable link the payment's.
    package var key: String
    package var record: LinkRecord
    /// When it was recorded, in Unix seconds.
    package var at: Int64
    /// What is known of its effect, when it was ever begun.
    package var effect: EffectStand?

    /// How far an effect has come.
    package struct EffectStand: Sendable, Hashable {
        package var state: EffectState
        package var attempts: Int
        /// Unix seconds: when it was begun first, or a person let it loose again.
        package var begunAt: Int64
        /// Unix seconds: when its last run began, or ended if its end is recorded.
        package var changedAt: Int64

        package init(state: EffectState, attempts: Int, begunAt: Int64, changedAt: Int64) {
            self.state = state
            self.attempts = attempts
            self.begunAt = begunAt
            self.changedAt = changedAt
        }
    }

    package init(key: String, record: LinkRecord, at: Int64, effect: EffectStand? = nil) {
        self.effect = effect
        self.key = key
        self.record = record
        self.at = at
    }
}

extension PayLink {
    /// Whether it may be paid some day, or its payment has yet to be shown: what a watch has to look at.
    package var isOpen: Bool {
        if isToBeShown { return true }
        guard !archived, !ignoredByPayer, status != .expired else { return false }
        return reusable || status != .paid
    }

    /// Whether the service says paid and shows no payment, and was not looked at often enough to be taken at its word.
    private var isToBeShown: Bool { !reusable && settlement == .unseen && !isTakenAtItsWord }

    /// Whether it is over without having been paid in full: it expired, was archived, its payer ignores it, or too little
    /// came. The service may still show a payment in full later. A reusable link has ended whatever it has brought.
    package var hasEnded: Bool { !isOpen && (reusable || settlement != .full) }

    /// Tells one full payment's event from another's; `nil` when there is none. A link that is paid once has one event,
    /// whatever the service says of the payment, and when.
    package var paymentMark: String? { missing == nil ? eventMark : nil }

    /// The same for a payment of less than the amount.
    package var underpaidMark: String? { missing == nil ? nil : eventMark }

    private var eventMark: String? {
        if reusable { return payment.map { ":\($0.id)" } }
        return status == .paid && !isToBeShown ? "" : nil
    }
}
