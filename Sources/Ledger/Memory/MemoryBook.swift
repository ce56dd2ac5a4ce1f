// What a ledger in memory holds, and who is alive. Stores on one book are runs of one ledger.

import OneShotPay
import Synchronization

/// The content of a ledger in memory: gone with the process. Stores that share a book see each other's rows.
package final class MemoryBook: Sendable {
    let content = Mutex(Content())

    package init() {}

    struct Content {
        /// A row's number is its place, from 1. So it is with effects.
        var links: [LinkEntry] = []
        var effects: [EffectRecord] = []
        /// In the order of their first row.
        var scopes: [LedgerScope] = []
        var linksByKey: [ScopedKey: Int] = [:]
        var linksByID: [PayLinkID: [Int]] = [:]
        var effectsByKey: [ScopedKey: Int] = [:]
        var runs: Int64 = 0
        var livingRuns: Set<Int64> = []
        var followers: [ScopedKey: Int64] = [:]
        var marks: [LedgerScope: [Watched: Mark]] = [:]
        var payments: [ScopedKey: [NotedPayment]] = [:]
        var dismissals: [LinkRow: [Dismissal]] = [:]
        var changes: Int64 = 0
    }

    struct LinkEntry {
        var record: LinkRecord
        /// Whether its run has yet to record how its attempt ended.
        var isHeld: Bool
        var paymentMark: String?
        /// When the newest full payment was recorded.
        var paidAt: Int64?
        var underpaidMark: String?
        /// When the newest short payment was recorded.
        var underpaidAt: Int64?
        var expiredAt: Int64?
        /// Whether the newest payment came after the link had been seen as ended.
        var isPaidLate = false
        /// When it was looked at last for a late payment.
        var lookedAt: Int64?
    }

    /// What a watch looks for.
    struct Watched: Hashable {
        let event: LinkEvent
        let prefix: String
        let keyPrefix: String?

        init(_ query: FollowUpQuery) { (event, prefix, keyPrefix) = (query.event, query.prefix, query.keyPrefix) }
    }

    /// How far it has come: see ``LedgerOperation/passOver(_:)``.
    struct Mark {
        var since: Int64
        var claimedBefore: Int64
    }

    /// A payment that was seen.
    struct NotedPayment {
        var seen: SeenPayment
        var event: LinkEvent?
        var payment: Payment { seen.payment }
    }

    /// A key as a database compares it: by its bytes, where Swift takes `é` in one and in two scalars for the same.
    struct ScopedKey: Hashable {
        let scope: LedgerScope
        let utf8: [UInt8]

        init(_ scope: LedgerScope, _ key: String) {
            self.scope = scope
            utf8 = Array(key.utf8)
        }

        var text: String { String(decoding: utf8, as: UTF8.self) }
    }
}

extension MemoryBook.Content {
    func holder(_ run: Int64, isHeld: Bool, own: Int64?) -> RowHolder {
        if !isHeld { return .nobody }
        return run != own && livingRuns.contains(run) ? .run(run) : .interrupted
    }

    /// A link's row as it is read now.
    func record(_ place: Int) -> LinkRecord {
        var record = links[place].record
        record.isRunAlive = livingRuns.contains(record.run)
        record.isHeld = links[place].isHeld
        record.link?.isKnownLate = links[place].isPaidLate
        let seen = record.link.flatMap { self.payments[.init(record.scope, $0.id.description)] } ?? []
        record.note(
            paymentsSeen: seen.count,
            receivedInAll: Money(
                dollars: seen.reduce(0) { $0 &+ $1.seen.amount.microUSDC / 1_000_000 },
                millionths: seen.reduce(0) { $0 &+ $1.seen.amount.microUSDC % 1_000_000 }))
        return record
    }

    func effectRecord(_ place: Int) -> EffectRecord {
        var record = effects[place]
        record.isRunAlive = livingRuns.contains(record.run)
        return record
    }
}
