// How things stand, as of one moment: what all pages show without asking the ledger again.

import Ledger
import Report

/// What was read of the ledger last.
struct Standing: Sendable {
    /// Another number whenever anything in it, or in the ledger, has changed.
    var version = 0
    /// Sums of the present day by hour, and of the last thirty by day with when that was; `nil` until they are added up.
    var today: Report?
    var month: (report: Report, at: Int64)?
    /// The newest payments, the newest first.
    var payments: [Receipt] = []
    var doubts: Doubts?
    /// Why the ledger could not be read last.
    var problem: String?

    /// What nobody knows the outcome of.
    struct Doubts: Sendable {
        /// At most ``mostLinks``.
        var links: [LinkRecord]
        var effects: [EffectRecord]
        static let mostLinks = 500

        init(of scope: LedgerScope, in store: any LedgerStore) throws(LedgerError) {
            var query = LinkQuery()
            query.scope = scope
            query.isDoubtful = true
            query.limit = Self.mostLinks
            query.before = .max
            links = try store.links(query)
            effects = try store.effectsInDoubt(scope)
        }

        var count: Int { links.count + effects.count }
        var isCut: Bool { links.count >= Self.mostLinks }
    }

    static let days: Int64 = 30
    static let mostPayments = 12
}

/// When something that takes time is to be done again: at a small share of the time.
struct Refresh: Sendable {
    /// Of what one takes, so much is waited before the next.
    var rest: Double
    /// It is done again after so long, whether anything has changed or not.
    var longest = Duration.seconds(60)
    private var mark: Int64?
    private var ended: ContinuousClock.Instant?
    private var took = Duration.zero

    init(rest: Double) { self.rest = rest }

    func isDue(_ mark: Int64, _ now: ContinuousClock.Instant) -> Bool {
        guard let ended else { return true }
        return now >= ended + (self.mark == mark ? max(longest, took * rest) : took * rest)
    }

    /// - Parameter mark: the ledger's when it was begun.
    mutating func note(_ mark: Int64, from start: ContinuousClock.Instant, to end: ContinuousClock.Instant) {
        (self.mark, ended, took) = (mark, end, end - start)
    }
}
