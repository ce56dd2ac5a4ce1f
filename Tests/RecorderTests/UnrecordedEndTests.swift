// What a run did while its ledger took nothing: it is recorded as soon as the ledger takes it, for others to see.
// In simulated time, against the sandbox's service.

import HTTPTransport
import Ledger
import NIOCore
import OneShotPay
import Recorder
import Sandbox
import Simulation
import Testing

@Suite struct UnrecordedEndTests {
    private static let scope = LedgerScope(
        account: SandboxOptions.defaultUserID, baseURL: OneShotPayConfiguration().baseURL)

    /// One run beside a ledger that fails when it is told to.
    private final class Shop: @unchecked Sendable {
        // Safe because: a simulation runs on one thread.
        let time = SimulatedTime()
        private let life: SimulatedLife
        let book = MemoryBook()
        /// How the run's commits fail now.
        var failure: (code: LedgerError.Code, isApplied: Bool)?
        let service: SandboxService
        private(set) var links: RecordedLinks!  // Safe because: set at the end of init.

        init() throws {
            life = SimulatedLife(time)
            let loop = SimulatedLoop(time, life)
            let service = SandboxService(SandboxOptions(), seed: 1, baseURL: scope.baseURL) {
                SandboxInstant(milliseconds: 1_800_000_000_000)
            }
            self.service = service
            let connection = SimulatedConnection(
                time, life, limit: .seconds(30),
                decide: { _ in RequestFate(toConnect: .zero, there: .milliseconds(1), back: .milliseconds(1)) },
                serve: { request in
                    let answer = service.answer(
                        method: request.method, path: request.path, headers: request.headers, body: request.body)
                    return ServedReply(status: answer.status, headers: answer.headers, body: answer.body)
                })
            let engine = try PayLinkEngine(
                configuration: OneShotPayConfiguration(),
                credentials: Credentials(
                    userID: SandboxOptions.defaultUserID, apiToken: SandboxOptions.defaultAPIToken),
                eventLoop: loop, connection: connection)
            let store = FaultyStore(
                MemoryLedger(scope: scope, book: book), failure: { [unowned self] in failure }, whenCommitted: { _ in })
            let writer = LedgerWriter(
                open: { () throws(LedgerError) in store }, deliver: { loop.execute($0) },
                place: .later { [self] body in time.add(due: time.now + .milliseconds(1), life: life, body) })
            links = RecordedLinks(engine: engine, ledger: writer, account: scope.account)
        }

        func pass(_ amount: TimeAmount) {
            let end = time.now + amount
            while time.step(until: end) {}
        }

        /// What another process sees.
        func other() -> MemoryLedger { MemoryLedger(scope: scope, book: book) }

        func claim(_ key: String, _ mode: EffectClaim.Mode = .atMost) -> Result<EffectClaimAnswer, LedgerError>? {
            var answer: Result<EffectClaimAnswer, LedgerError>?
            _ = links.claimEffect(EffectClaim(key: key, mode: mode), for: EffectWaiter(task: 1, generation: 1)) {
                answer = $0
            }
            pass(.milliseconds(100))
            return answer
        }

        func run(_ key: String) throws -> EffectRow {
            guard case .success(.run(let row, _, _))? = claim(key) else { throw LedgerError(.failed, "not granted") }
            return row
        }

        func finish(_ key: String, _ row: EffectRow, _ outcome: EffectOutcome) -> LedgerError? {
            var problem: LedgerError?
            links.finishEffect(row, outcome) { problem = $0 }
            pass(.milliseconds(100))
            links.leaveEffect(key)
            return problem
        }
    }

    private func claimed(_ store: MemoryLedger, _ key: String) throws -> EffectClaimAnswer? {
        guard case .effect(let answer) = try store.perform([.claimEffect(EffectClaim(key: key, mode: .atMost))])[0]
        else { return nil }
        return answer
    }

    @Test(arguments: [LedgerError.Code.full, .busy, .failed])
    func anEffectThatHappenedIsKnownToOthersOnceTheLedgerTakesIt(_ code: LedgerError.Code) throws {
        let shop = try Shop()
        let row = try shop.run("ship:1")
        shop.failure = (code, false)
        #expect(shop.finish("ship:1", row, .done(result: "7"))?.code == code)
        guard case .busy? = try claimed(shop.other(), "ship:1") else { return #expect(Bool(false), "not busy") }
        shop.pass(.minutes(10))
        shop.failure = nil
        shop.pass(.seconds(61))
        #expect(try claimed(shop.other(), "ship:1") == .ran(result: "7"))
    }

    @Test func whoeverAsksForItNextInTheSameRunIsGivenItsResult() throws {
        let shop = try Shop()
        let row = try shop.run("ship:1")
        shop.failure = (.full, false)
        _ = shop.finish("ship:1", row, .done(result: "7"))
        shop.failure = nil
        #expect(try shop.claim("ship:1")?.get() == .ran(result: "7"))
    }

    @Test func anEffectThatFailedIsInDoubtForOthersOnceTheLedgerTakesIt() throws {
        let shop = try Shop()
        let row = try shop.run("ship:1")
        shop.failure = (.full, false)
        _ = shop.finish("ship:1", row, .failed(problem: "no parcel"))
        shop.failure = nil
        shop.pass(.seconds(10))
        guard case .inDoubt(let record)? = try claimed(shop.other(), "ship:1") else {
            return #expect(Bool(false), "not in doubt")
        }
        #expect(record.problem == "no parcel")
    }

    /// A commit that is reported as failed may be there all the same.
    @Test func aGrantThatWasReportedAsFailedIsNoAttempt() throws {
        let shop = try Shop()
        shop.failure = (.failed, true)
        guard case .failure? = shop.claim("ship:1") else { return #expect(Bool(false), "granted") }
        shop.failure = nil
        let row = try shop.run("ship:1")
        #expect(shop.finish("ship:1", row, .done(result: nil)) == nil)
        #expect(try shop.claim("ship:1")?.get() == .ran(result: nil))
    }

    @Test func anEndThatIsKeptDoesNotEndTheNextAttempt() throws {
        let shop = try Shop()
        guard case .success(.run(let row, _, _))? = shop.claim("ship:1", .atLeast) else {
            return #expect(Bool(false), "not granted")
        }
        shop.failure = (.full, false)
        _ = shop.finish("ship:1", row, .failed(problem: "no parcel"))
        shop.failure = nil
        // Its end is recorded first, then it is granted again, and held.
        guard case .success(.run)? = shop.claim("ship:1", .atLeast) else {
            return #expect(Bool(false), "not granted again")
        }
        shop.pass(.minutes(5))
        guard case .busy? = try claimed(shop.other(), "ship:1") else { return #expect(Bool(false), "not held") }
    }

    /// A payment that was seen while the disk was full is an event once it is not: nobody need look again.
    @Test func aPaymentThatCouldNotBeRecordedIsRecordedLater() throws {
        let shop = try Shop()
        let request = CreatePayLink(amount: Money(microUSDC: 5_000_000), description: "Tea")
        var made: PayLinkID?
        shop.links.create(LinkOrder(request, key: "order-1")) { made = try? $0.get().id }
        shop.pass(.seconds(1))
        let id = try #require(made)
        try shop.service.pay(id.description)
        shop.failure = (.full, false)
        var paid: PayLink?
        _ = shop.links.wait(id) { paid = try? $0.get() }
        shop.pass(.seconds(5))
        #expect(paid != nil)
        #expect(try shop.other().record(of: id)?.link?.status == .active)
        shop.failure = nil
        shop.pass(.seconds(61))
        #expect(try shop.other().record(of: id)?.link?.status == .paid)
    }

    @Test(arguments: ["order-1", nil]) func aLinkThatCouldNotBeRecordedIsRecordedLater(_ key: String?) throws {
        let shop = try Shop()
        let request = CreatePayLink(amount: Money(microUSDC: 5_000_000), description: "Tea")
        var failure: LinkFailure?
        shop.links.create(LinkOrder(request, key: key)) { result in
            if case .failure(let problem) = result { failure = problem }
        }
        // The request has left; its end finds the disk full.
        while (try shop.other().links(LinkQuery()).first?.state) != .sent { shop.pass(.microseconds(100)) }
        shop.failure = (.full, false)
        shop.pass(.seconds(1))
        let made = try #require(failure?.link)
        #expect(failure?.code == .ledger(.full))
        shop.failure = nil
        shop.pass(.seconds(10))
        let record = try #require(try shop.other().record(of: made.id))
        #expect(record.state == .done && record.possibleOrphans == 0)
        guard key != nil else { return }
        var again: PayLinkID?
        shop.links.create(LinkOrder(request, key: key)) { again = try? $0.get().id }
        shop.pass(.seconds(1))
        #expect(again == made.id)
    }
}
