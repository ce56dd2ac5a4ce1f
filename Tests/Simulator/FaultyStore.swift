// A ledger's engine whose commits fail now and then, with or without having taken place.

import Ledger
import OneShotPay

/// A store in front of another one.
final class FaultyStore: LedgerStore, @unchecked Sendable {
    // Safe because: a simulation runs on one thread.

    private let base: any LedgerStore
    /// How a commit fails at this moment; `nil`: it does not.
    private let failure: () -> (code: LedgerError.Code, isApplied: Bool)?
    private let whenCommitted: ([LedgerOperation]) -> Void

    init(
        _ base: any LedgerStore, failure: @escaping () -> (code: LedgerError.Code, isApplied: Bool)?,
        whenCommitted: @escaping ([LedgerOperation]) -> Void
    ) {
        self.base = base
        self.failure = failure
        self.whenCommitted = whenCommitted
    }

    func perform(_ operations: [LedgerOperation]) throws(LedgerError) -> [LedgerAnswer] {
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

    func links(keys: [String]) throws(LedgerError) -> [LinkRecord?] { try base.links(keys: keys) }
    func record(of id: PayLinkID) throws(LedgerError) -> LinkRecord? { try base.record(of: id) }
    func payments(of id: PayLinkID) throws(LedgerError) -> [SeenPayment] { try base.payments(of: id) }

    func keysOfOtherAccounts(among keys: [String]) throws(LedgerError) -> [(key: String, account: String)] {
        try base.keysOfOtherAccounts(among: keys)
    }

    func links(_ query: LinkQuery) throws(LedgerError) -> [LinkRecord] { try base.links(query) }
    func effect(key: String) throws(LedgerError) -> EffectRecord? { try base.effect(key: key) }
    func effectsInDoubt(_ scope: LedgerScope?) throws(LedgerError) -> [EffectRecord] {
        try base.effectsInDoubt(scope)
    }
    func changeMark() throws(LedgerError) -> Int64 { try base.changeMark() }
    func openLinks() throws(LedgerError) -> [LinkRow] { try base.openLinks() }
    func endedLinks(since: Int64) throws(LedgerError) -> [EndedLink] { try base.endedLinks(since: since) }
    func links(rows: [LinkRow]) throws(LedgerError) -> [LinkRecord] { try base.links(rows: rows) }
    func dismissals(of row: LinkRow) throws(LedgerError) -> [Dismissal] { try base.dismissals(of: row) }
    func followUps(_ query: FollowUpQuery) throws(LedgerError) -> [FollowUp] { try base.followUps(query) }
    func close() { base.close() }
}
