// One row of the ledger's links, as it is read back.

package import OneShotPay

/// How far a link has come. The raw value is what the database holds.
package enum LinkState: String, Sendable, Hashable, CaseIterable {
    /// Claimed; certainly nothing under way.
    case prepared
    /// A request was or may have been sent, and its outcome is not recorded. Under way if its run is alive,
    /// in doubt if it is not.
    case sent
    /// There is a link.
    case done
    /// The service refused the terms. The key may be used again.
    case rejected
    /// A link may have been made.
    case inDoubt = "in_doubt"
    /// A person gave it up.
    case abandoned
}

package struct LinkRecord: Sendable, Hashable {
    package var row: LinkRow
    package var scope: LedgerScope
    package var key: String?
    package var state: LinkState
    /// Whether the run that claimed it still lives. Tells `sent` under way from `sent` in doubt.
    package var isRunAlive: Bool
    /// Whether that run has yet to record the end of its claim.
    package var isHeld: Bool
    package var terms: String
    package var amount: Money
    package var description: String
    /// Requests to create it that were sent or about to be.
    package var attempts: Int
    /// Requests that may each have made a link that nobody knows of.
    package var possibleOrphans: Int
    /// The link's last known state, with state `done`; its address is `link.url`.
    package var link: PayLink?
    /// With state `in_doubt`: an id that a damaged reply showed.
    package var knownID: PayLinkID?
    /// With state `in_doubt`: whether a reply said that a link was made, or showed its id.
    package var isMade: Bool
    /// What went wrong last, for people.
    package var problem: String?
    /// The run that claimed it last.
    package var run: Int64
    /// Unix seconds, by this machine's clock.
    package var createdAt: Int64
    package var updatedAt: Int64
    /// When the link was first seen as ended without a payment in full (``PayLink/hasEnded``); `nil` when it is not so.
    package var endedAt: Int64?
    /// The payments of the link that were seen; ``PayLink/unseenPayments`` says how many were not.
    package var paymentsSeen: Int
    /// What they brought in all.
    package var receivedInAll: Money

    package init(
        row: LinkRow, scope: LedgerScope, key: String?, state: LinkState, isRunAlive: Bool,
        isHeld: Bool = false, terms: String,
        amount: Money, description: String, attempts: Int, possibleOrphans: Int, link: PayLink?,
        knownID: PayLinkID?, isMade: Bool = false, problem: String?, run: Int64, createdAt: Int64, updatedAt: Int64,
        endedAt: Int64? = nil, paymentsSeen: Int = 0, receivedInAll: Money = .zero
    ) {
        self.endedAt = endedAt
        self.paymentsSeen = paymentsSeen
        self.receivedInAll = receivedInAll
        self.row = row
        self.scope = scope
        self.key = key
        self.state = state
        self.isRunAlive = isRunAlive
        self.isHeld = isHeld
        self.terms = terms
        self.amount = amount
        self.description = description
        self.attempts = attempts
        self.possibleOrphans = possibleOrphans
        self.link = link
        self.knownID = knownID
        self.isMade = isMade || knownID != nil
        self.problem = problem
        self.run = run
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// Notes what was seen of payments, in the link as well where it does not show in the link itself.
    mutating func note(paymentsSeen: Int, receivedInAll: Money) {
        self.paymentsSeen = paymentsSeen
        self.receivedInAll = receivedInAll
        guard let link, paymentsSeen > (link.payment == nil ? 0 : 1) else { return }
        self.link?.seenPayments = Int64(paymentsSeen)
    }

    /// Whether only a person, or a claim that may send again, can settle it.
    package var isInDoubt: Bool { state == .inDoubt || (state == .sent && !isRunAlive) }
}

/// Which rows a list holds. Everything that is set must hold.
package struct LinkQuery: Sendable, Hashable {
    /// `nil`: of every account and address.
    package var scope: LedgerScope?
    package var states: Set<LinkState> = []
    /// What a link can be asked for by: its status as last seen, and whether its newest payment was short.
    package static let statuses = ["active", "paid", "underpaid", "expired"]
    /// One of ``statuses``.
    package var status: String?
    package var keyPrefix: String?
    /// Unix seconds: first recorded at or after, and before.
    package var createdSince: Int64?
    package var createdBefore: Int64?
    /// Unix seconds: a payment, in full or short, was made at or after, and before. The time is the service's; where it
    /// shows none, that of the recording. A reusable link is listed once for each of its payments in the period that were
    /// seen, as if that were its newest; of others the newest counts. The limit is one of links.
    package var paidSince: Int64?
    package var paidBefore: Int64?
    /// Only rows in doubt (see ``LinkRecord/isInDoubt``) or with possible orphans.
    package var isDoubtful = false
    package var search: LinkSearch?
    /// Rows after this one, in the order in which they were first claimed.
    package var after: LinkRow = 0
    /// Rows before this one, and those the newest first.
    package var before: LinkRow?
    package var limit = 500
    /// Up to so many links whose keys begin alike are found by their keys and put in order; where there are more, going
    /// through the table in its order finds them soon enough.
    var fewKeys = 10_000

    package init() {}
}

/// What somebody types to find a link. Any of it must hold.
package struct LinkSearch: Sendable, Hashable {
    /// Its key, its description or what the service said of it (its payer, its payments) has this in it; letters of ASCII are
    /// the same in both cases.
    package var text: String
    /// It asks this.
    package var amount: Money?

    package init(_ text: String, amount: Money? = nil) {
        self.text = text
        self.amount = amount
    }
}

extension LinkQuery {
    /// The same, behind what a page ended with.
    func behind(_ last: LinkRow) -> LinkQuery {
        var rest = self
        if before == nil { rest.after = last } else { rest.before = last }
        return rest
    }
}

extension Money {
    /// A sum of amounts; one that is beyond what can be held is the most that can be.
    init(dollars: Int64, millionths: Int64) {
        let (whole, isTooLarge) = dollars.multipliedReportingOverflow(by: 1_000_000)
        let (sum, isOver) = whole.addingReportingOverflow(millionths)
        self.init(microUSDC: isTooLarge || isOver ? .max : sum)
    }
}
