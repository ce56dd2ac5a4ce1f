// What becomes of a link when the ledger fails at the wrong moment: a store that fails on demand stands in for it.

import Dispatch
import Ledger
import NIOCore
import NIOPosix
import OneShotPay
import Recorder
import Sandbox
import Scripting
import Synchronization
import Testing

@Suite struct RecordedLinksTests {
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// Creates orders one after the other on one ledger, and gives what came of each.
    private func create(
        _ orders: [LinkOrder], on sandbox: SandboxServer, _ store: FailingStore,
        limits: CreationLimits = CreationLimits()
    ) async throws -> [Result<PayLink, LinkFailure>] {
        let loop = Self.group.next()
        var configuration = OneShotPayConfiguration()
        configuration.baseURL = sandbox.baseURL
        configuration.retry.baseDelay = .milliseconds(1)
        let credentials = try Credentials(userID: sandbox.options.userID, apiToken: sandbox.options.apiToken)
        let settled = configuration
        return try await loop.flatSubmit {
            let promise = loop.makePromise(of: [Result<PayLink, LinkFailure>].self)
            do throws(OneShotPayError) {
                let engine = try PayLinkEngine(configuration: settled, credentials: credentials, eventLoop: loop)
                let links = RecordedLinks(
                    engine: engine, ledger: LedgerWriter(open: { store }, deliver: { loop.execute($0) }),
                    account: "merchant", limits: limits)
                var results: [Result<PayLink, LinkFailure>] = []
                func next() {
                    guard results.count < orders.count else {
                        return links.shutdown { promise.succeed(results) }
                    }
                    links.create(orders[results.count]) { result in
                        results.append(result)
                        next()
                    }
                }
                next()
            } catch {
                promise.fail(error)
            }
            return promise.futureResult
        }.get()
    }

    private func order(_ key: String?, payer: UserID? = nil) -> LinkOrder {
        var request = CreatePayLink(amount: Money(microUSDC: 1_000_000), description: "Tea")
        request.payer = payer
        return LinkOrder(request, key: key)
    }

    @Test func aLinkThatCouldNotBeRecordedIsRecordedByTheNextCallNotMadeAgain() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let store = FailingStore()
            store.failNextFinish(LedgerError(.busy, "held by another process"))
            let results = try await create([order("k"), order("k"), order("k")], on: sandbox, store)
            guard case .failure(let failure) = results[0], case .success(let second) = results[1],
                case .success(let third) = results[2]
            else {
                Issue.record("\(results)")
                return
            }
            #expect(failure.code.name == "ledger_busy" && failure.message.contains("could not be recorded"))
            #expect(failure.link?.id == second.id && second.id == third.id)
            #expect(sandbox.linkCount == 1)
        }
    }

    @Test(arguments: ["k", nil])
    func whatIsStillUnrecordedAtTheEndIsRecordedThen(key: String?) async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let store = FailingStore()
            store.failNextFinish(LedgerError(.full, "disk full"))
            let results = try await create([order(key)], on: sandbox, store)
            guard case .failure = results[0] else { Issue.record("\(results)"); return }
            let record = try store.links(LinkQuery()).first
            #expect(record?.key == key && record?.state == .done && record?.link != nil)
        }
    }

    @Test func nothingIsSentWhenTheClaimFails() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let store = FailingStore()
            store.failEverything(LedgerError(.readOnly, "read-only"))
            let results = try await create([order("k"), order(nil)], on: sandbox, store)
            for result in results {
                guard case .failure(let failure) = result else { Issue.record("\(result)"); continue }
                #expect(failure.code.name == "ledger_read_only")
            }
            #expect(sandbox.linkCount == 0)
        }
    }

    @Test func oneDamagedRowDoesNotFailTheOthersOfItsGroup() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let store = FailingStore()
            store.failKey("bad", LedgerError(.corrupt, "damaged"))
            let loop = Self.group.next()
            let writer = LedgerWriter(open: { store }, deliver: { loop.execute($0) })
            let codes = try await loop.flatSubmit {
                let promise = loop.makePromise(of: [String].self)
                let answers = Answers()
                for key in ["a", "bad", "b"] {
                    let claim = LinkClaim(
                        key: key, terms: "{}", amount: .zero, description: "", resendsInDoubt: true, isSending: false)
                    writer.submit(.claim(claim)) { result in
                        switch result {
                        case .success(.claim(.granted)): answers.texts.append("granted")
                        case .failure(let error): answers.texts.append(error.code.rawValue)
                        default: answers.texts.append("?")
                        }
                        if answers.texts.count == 3 { promise.succeed(answers.texts) }
                    }
                }
                return promise.futureResult
            }.get()
            #expect(codes == ["granted", "ledger_corrupt", "granted"])
        }
    }

    private static func claim(_ number: Int) -> LedgerOperation {
        .claim(
            LinkClaim(
                key: "k\(number)", terms: "{}", amount: .zero, description: "", resendsInDoubt: true, isSending: false))
    }

    @Test func whatALoopAddsInOneTurnSharesACommit() async throws {
        let store = FailingStore()
        let loop = Self.group.next()
        let writer = LedgerWriter(open: { store }, deliver: { loop.execute($0) }, patience: .seconds(60))
        for turn in 1...3 {
            let promise = loop.makePromise(of: Void.self)
            loop.execute {
                let answers = Answers()
                for number in 0..<40 {
                    // The other thread has time to begin, and does not.
                    if number == 1 { usleep(20_000) }
                    writer.submit(Self.claim(100 * turn + number)) { _ in
                        answers.texts.append("")
                        if answers.texts.count == 40 { promise.succeed() }
                    }
                }
            }
            try await promise.futureResult.get()
        }
        #expect(store.groups == [40, 40, 40])
    }

    @Test func aLoopThatComputesHoldsUpNoCommit() async throws {
        let store = FailingStore()
        let loop = Self.group.next()
        let writer = LedgerWriter(open: { store }, deliver: { loop.execute($0) })
        let isCommitted = try await loop.submit {
            writer.submit(Self.claim(1)) { _ in }
            for _ in 0..<10_000 where store.groups.isEmpty { usleep(1_000) }
            return store.groups == [1]
        }.get()
        #expect(isCommitted)
        // What was signalled too late is not waited for, and does not let the next group go too early.
        for number in 2...200 {
            try await loop.flatSubmit {
                let promise = loop.makePromise(of: Void.self)
                writer.submit(Self.claim(number)) { _ in promise.succeed() }
                return promise.futureResult
            }.get()
        }
        #expect(store.groups.count == 200)
    }

    @Test func whatMayHaveBeenMadeCountsAgainstTheCaps() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            sandbox.addFault(Fault(on: .create, .resetAfterCommit))
            let payer = UserID("123e4567-e89b-12d3-a456-426614174000")
            let orders = (1...4).map { order("k\($0)", payer: payer) }
            let results = try await create(orders, on: sandbox, FailingStore(), limits: CreationLimits(maximumLinks: 2))
            #expect(sandbox.linkCount == 2)
            guard case .failure(let last) = results[3] else { Issue.record("\(results)"); return }
            #expect(last.code.name == "limit_reached")
        }
    }
}

private final class Answers {
    var texts: [String] = []
}

/// A memory ledger whose operations fail on demand.
private final class FailingStore: LedgerStore {
    private struct Plan {
        var finish: LedgerError?
        var everything: LedgerError?
        var key: (name: String, error: LedgerError)?
        var groups: [Int] = []
    }

    private let store = MemoryLedger(scope: LedgerScope(account: "merchant", baseURL: "http://127.0.0.1"))
    private let plan = Mutex(Plan())

    /// How many operations each commit had.
    var groups: [Int] { plan.withLock { $0.groups } }
    func failNextFinish(_ error: LedgerError) { plan.withLock { $0.finish = error } }
    func failEverything(_ error: LedgerError) { plan.withLock { $0.everything = error } }
    func failKey(_ name: String, _ error: LedgerError) { plan.withLock { $0.key = (name, error) } }

    func perform(_ operations: [LedgerOperation]) throws(LedgerError) -> [LedgerAnswer] {
        let failure = plan.withLock { plan -> LedgerError? in
            plan.groups.append(operations.count)
            if let everything = plan.everything { return everything }
            for operation in operations {
                if case .finish = operation, let finish = plan.finish {
                    plan.finish = nil
                    return finish
                }
                if case .claim(let claim) = operation, let key = plan.key, claim.key == key.name { return key.error }
            }
            return nil
        }
        if let failure { throw failure }
        return try store.perform(operations)
    }

    func links(keys: [String]) throws(LedgerError) -> [LinkRecord?] { try store.links(keys: keys) }
    func record(of id: PayLinkID) throws(LedgerError) -> LinkRecord? { try store.record(of: id) }
    func payments(of id: PayLinkID) throws(LedgerError) -> [SeenPayment] { try store.payments(of: id) }
    func keysOfOtherAccounts(among keys: [String]) throws(LedgerError) -> [(key: String, account: String)] {
        try store.keysOfOtherAccounts(among: keys)
    }
    func links(_ query: LinkQuery) throws(LedgerError) -> [LinkRecord] { try store.links(query) }
    func links(madeIn period: LedgerPeriod) throws(LedgerError) -> [LinkRecord] { try store.links(madeIn: period) }
    func receipts(in period: LedgerPeriod) throws(LedgerError) -> [Receipt] { try store.receipts(in: period) }
    func newestReceipts(_ scope: LedgerScope, limit: Int) throws(LedgerError) -> [Receipt] {
        try store.newestReceipts(scope, limit: limit)
    }
    func effect(key: String) throws(LedgerError) -> EffectRecord? { try store.effect(key: key) }
    func effects(from first: String, before end: String, limit: Int) throws(LedgerError) -> [EffectRecord] {
        try store.effects(from: first, before: end, limit: limit)
    }
    func effectsInDoubt(_ scope: LedgerScope?) throws(LedgerError) -> [EffectRecord] {
        try store.effectsInDoubt(scope)
    }
    func records(of id: PayLinkID) throws(LedgerError) -> [LinkRecord] { try store.records(of: id) }
    func effects(key: String) throws(LedgerError) -> [EffectRecord] { try store.effects(key: key) }
    func scopes() throws(LedgerError) -> [LedgerScope] { try store.scopes() }
    func changeMark() throws(LedgerError) -> Int64 { try store.changeMark() }
    func endedLinks(since: Int64) throws(LedgerError) -> [EndedLink] { try store.endedLinks(since: since) }
    func openLinks(before row: LinkRow, limit: Int) throws(LedgerError) -> [LinkRow] {
        try store.openLinks(before: row, limit: limit)
    }
    func links(rows: [LinkRow]) throws(LedgerError) -> [LinkRecord] { try store.links(rows: rows) }
    func followUps(_ query: FollowUpQuery) throws(LedgerError) -> [FollowUp] { try store.followUps(query) }
    func dismissals(of row: LinkRow) throws(LedgerError) -> [Dismissal] { try store.dismissals(of: row) }
    func close() {}
}
