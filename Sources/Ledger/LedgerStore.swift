// The port: what an engine of the ledger must do. Every engine passes the one contract suite in Tests/LedgerTests.

package import OneShotPay

/// A change of the ledger.
package enum LedgerOperation: Sendable, Hashable {
    case claim(LinkClaim)
    /// A request leaves right after the commit. `possibleOrphans` counts all earlier ones of the row.
    case sending(LinkRow, possibleOrphans: Int)
    case finish(LinkRow, LinkOutcome)
    /// A link as the service described it; of no effect unless the ledger has the link and it has changed.
    case observe(PayLink)
    /// A wait for a link's id has given its payment to the caller: the next one waits for a newer. The ledger need not
    /// have the link. Of no effect without a payment.
    case report(PayLink)
    /// A link that has ended was looked at for a late payment.
    case lookedLate(LinkRow)
    case claimEffect(EffectClaim)
    case finishEffect(EffectRow, EffectOutcome)
    /// The operator's decision about a link; see ``LinkVerdict``.
    case resolve(key: String, LinkVerdict)
    /// Possible orphans of a settled link need no more attention, `by` says. One without a key that is in doubt, which
    /// nobody can ask for again, is given up.
    case dismiss(LinkRow, by: String)
    /// Makes a follower of links known, or says since when it has been. `since`, in Unix seconds, moves its beginning
    /// back, never forth; without it a new one begins now.
    case follow(name: String, since: Int64?)
    /// Moves a query's mark on: the events before it all have an effect, and are found by that, so they need not be gone
    /// through again. Answers whether there is more to pass at once.
    case passOver(FollowUpQuery)
    case resolveEffect(key: String, EffectVerdict)
    /// The run ends in an orderly way.
    case endRun(exitStatus: Int32)
}

package enum LedgerAnswer: Sendable, Hashable {
    case claim(LinkClaimAnswer)
    case effect(EffectClaimAnswer)
    /// Since when a follower has been following, in Unix seconds.
    case follower(since: Int64)
    /// Whether there was a row to change, and it was in a state that allows the change.
    case changed(Bool)
}

/// What a person says of a link in doubt.
package enum LinkVerdict: Sendable, Hashable {
    /// This is the link. Refused if another key has it already.
    case link(PayLink)
    /// Send it again: also after `abandoned`.
    case retry
    /// Give it up.
    case abandon
}

/// What a person says of an effect in doubt.
package enum EffectVerdict: Sendable, Hashable {
    /// It has happened.
    case happened
    /// Run it again: also after `abandoned`.
    case retry
    case abandon
}

/// An engine of the ledger, open for one scope and one run. Used from one thread at a time.
package protocol LedgerStore: AnyObject, Sendable {
    /// Performs the operations in order, all or none, and durably: when it returns, they outlive a power failure.
    ///
    /// - Returns: an answer for each.
    /// - Throws: ``LedgerError``; nothing was changed then.
    func perform(_ operations: [LedgerOperation]) throws(LedgerError) -> [LedgerAnswer]

    /// The rows of these keys in the store's scope, in their order; `nil` where there is none.
    func links(keys: [String]) throws(LedgerError) -> [LinkRecord?]

    /// The row of the store's scope that holds this link, one with a key before one without; `nil` where there is none.
    func record(of id: PayLinkID) throws(LedgerError) -> LinkRecord?

    /// The payments of a link that were seen in the store's scope, in the order in which they were.
    func payments(of id: PayLinkID) throws(LedgerError) -> [SeenPayment]

    /// Keys of these that are recorded under another account of the same address, with state `done`, `sent` or
    /// `in_doubt`.
    func keysOfOtherAccounts(among keys: [String]) throws(LedgerError) -> [(key: String, account: String)]

    /// Rows in the order in which they were first claimed, at most `query.limit` of them.
    func links(_ query: LinkQuery) throws(LedgerError) -> [LinkRecord]

    /// Links of any account that were first claimed in a period, in the order of that time (``LinkRecord/createdAt``) and of
    /// their rows; at most `period.limit`.
    func links(madeIn period: LedgerPeriod) throws(LedgerError) -> [LinkRecord]

    /// Payments of any account's links that were made in a period, in the order of that time and of their ids; at most
    /// `period.limit`.
    func receipts(in period: LedgerPeriod) throws(LedgerError) -> [Receipt]

    /// The newest payments of any account's links, in the order of ``receipts(in:)`` backwards.
    func newestReceipts(_ scope: LedgerScope, limit: Int) throws(LedgerError) -> [Receipt]

    /// The row of an effect in the store's scope.
    func effect(key: String) throws(LedgerError) -> EffectRecord?

    /// Effects of the store's scope whose keys lie from one text up to another, by their bytes and in their order; at most `limit`.
    func effects(from first: String, before end: String, limit: Int) throws(LedgerError) -> [EffectRecord]

    /// Effects in doubt: of the scope, or of all when `nil`.
    func effectsInDoubt(_ scope: LedgerScope?) throws(LedgerError) -> [EffectRecord]

    /// The rows that hold a link, of every account and address; those with a key first.
    func records(of id: PayLinkID) throws(LedgerError) -> [LinkRecord]

    /// The effects of a key, of every account and address.
    func effects(key: String) throws(LedgerError) -> [EffectRecord]

    /// The accounts and addresses that have links.
    func scopes() throws(LedgerError) -> [LedgerScope]

    /// Another value after every commit, whoever made it.
    func changeMark() throws(LedgerError) -> Int64

    /// The rows of the store's scope whose link may still be paid (``PayLink/isOpen``), the newest first: those before `row`, at
    /// most `limit`. Where other hosts follow links under the name that this store does, only its share of them; so it is
    /// with ended links and events.
    func openLinks(before row: LinkRow, limit: Int) throws(LedgerError) -> [LinkRow]

    /// The rows of the store's scope whose link ended without a payment in full (``PayLink/hasEnded``), seen so since that time in Unix
    /// seconds, in the order of their rows.
    func endedLinks(since: Int64) throws(LedgerError) -> [EndedLink]

    /// The records of these rows of the store's scope; what is not there is left out.
    func links(rows: [LinkRow]) throws(LedgerError) -> [LinkRecord]

    /// What was dismissed of a row's possible orphans, in order.
    func dismissals(of row: LinkRow) throws(LedgerError) -> [Dismissal]

    /// Events of the store's scope whose effect is neither done nor abandoned, in the order in which they were recorded.
    func followUps(_ query: FollowUpQuery) throws(LedgerError) -> [FollowUp]

    /// Of the newest thousands of runs that wrote to the ledger those whose command begins so, the last one first.
    func runs(command: String, limit: Int) throws(LedgerError) -> [RunRecord]

    /// Says what this run takes of its account's requests, and hears what is its; `nil` where no other host is known of.
    func agree(_ use: AccountUse) throws(LedgerError) -> AccountShare?

    /// Calls back, on any thread, when another process may have recorded something that somebody waits for. An engine that
    /// cannot tell does nothing: see ``changeMark()``.
    func listen(_ heard: @escaping @Sendable (LedgerNews) -> Void)

    /// What is wrong with the place of the ledger, though it works.
    var weaknesses: [String] { get }

    /// Gives the engine's files back. No other call follows.
    func close()
}

extension LedgerStore {
    /// All rows of the store's scope whose link may still be paid, in order.
    package func openLinks() throws(LedgerError) -> [LinkRow] { try openLinks(before: .max, limit: .max).reversed() }
    package func runs(command: String, limit: Int) throws(LedgerError) -> [RunRecord] { [] }
    package func agree(_ use: AccountUse) throws(LedgerError) -> AccountShare? { nil }
    package func listen(_ heard: @escaping @Sendable (LedgerNews) -> Void) {}
    package var weaknesses: [String] { [] }
}
