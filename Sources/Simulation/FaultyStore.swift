// A ledger's engine whose commits fail now and then, with or without having taken place.

package import Ledger
package import OneShotPay

/// A store in front of another one.
package final class FaultyStore: LedgerStore, @unchecked Sendable {
    // Safe because: a simulation runs on one thread.

    private let base: any LedgerStore
    /// How a commit fails at this moment; `nil`: it does not.
    private let failure: () -> (code: LedgerError.Code, isApplied: Bool)?
    private let whenCommitted: ([LedgerOperation]) -> Void

    package init(
        _ base: any LedgerStore, failure: @escaping () -> (code: LedgerError.Code, isApplied: Bool)?,
        whenCommitted: @escaping ([LedgerOperation]) -> Void
    ) {
        self.base = base
        self.failure = failure
        self.whenCommitted = whenCommitted
    }

    package func perform(_ operations: [LedgerOperation]) throws(LedgerError) -> [LedgerAnswer] {
        guard let failure = failure() else {
            let answers = try base.perform(operations)
            whenCommitted(operations)
            return answers
        }
        if failure.isApplied {
            _ = try base.perform(operations)
            whenCommitted(operations)
        }
        throw LedgerError(failure.code, "simulated")
    }

    package func links(keys: [String]) throws(LedgerError) -> [LinkRecord?] { try base.links(keys: keys) }
    package func record(of id: PayLinkID) throws(LedgerError) -> LinkRecord? { try base.record(of: id) }
    package func payments(of id: PayLinkID) throws(LedgerError) -> [SeenPayment] { try base.payments(of: id) }

    package func keysOfOtherAccounts(among keys: [String]) throws(LedgerError) -> [(key: String, account: String)] {
        try base.keysOfOtherAccounts(among: keys)
    }

    package func links(_ query: LinkQuery) throws(LedgerError) -> [LinkRecord] { try base.links(query) }
    package func links(madeIn period: LedgerPeriod) throws(LedgerError) -> [LinkRecord] {
        try base.links(madeIn: period)
    }
    package func receipts(in period: LedgerPeriod) throws(LedgerError) -> [Receipt] { try base.receipts(in: period) }
    package func newestReceipts(_ scope: LedgerScope, limit: Int) throws(LedgerError) -> [Receipt] {
        try base.newestReceipts(scope, limit: limit)
    }
    package func effect(key: String) throws(LedgerError) -> EffectRecord? { try base.effect(key: key) }
    package func effects(from first: String, before end: String, limit: Int) throws(LedgerError) -> [EffectRecord] {
        try base.effects(from: first, before: end, limit: limit)
    }
    package func effectsInDoubt(_ scope: LedgerScope?) throws(LedgerError) -> [EffectRecord] {
        try base.effectsInDoubt(scope)
    }
    package func records(of id: PayLinkID) throws(LedgerError) -> [LinkRecord] { try base.records(of: id) }
    package func effects(key: String) throws(LedgerError) -> [EffectRecord] { try base.effects(key: key) }
    package func scopes() throws(LedgerError) -> [LedgerScope] { try base.scopes() }
    package func changeMark() throws(LedgerError) -> Int64 { try base.changeMark() }
    package func openLinks(before row: LinkRow, limit: Int) throws(LedgerError) -> [LinkRow] {
        try base.openLinks(before: row, limit: limit)
    }
    package func endedLinks(since: Int64) throws(LedgerError) -> [EndedLink] { try base.endedLinks(since: since) }
    package func links(rows: [LinkRow]) throws(LedgerError) -> [LinkRecord] { try base.links(rows: rows) }
    package func dismissals(of row: LinkRow) throws(LedgerError) -> [Dismissal] { try base.dismissals(of: row) }
    package func followUps(_ query: FollowUpQuery) throws(LedgerError) -> [FollowUp] { try base.followUps(query) }
    package func close() { base.close() }
}
