// When a watch is well: as long as the ledger is read and each open link is seen within the bound. In simulated time,
// against the sandbox's service.

import HTTPTransport
import NIOCore
import Sandbox
import Simulation
import Synchronization
import Testing

@testable import Ledger
@testable import OneShotPay
@testable import Recorder

@Suite struct WatchHealthTests {
    private static let scope = LedgerScope(
        account: SandboxOptions.defaultUserID, baseURL: OneShotPayConfiguration().baseURL)
    private static let unixStart: Int64 = 1_800_000_000

    /// A watch and the links that it follows.
    private final class Shop: @unchecked Sendable {
        // Safe because: a simulation runs on one thread.
        let time = SimulatedTime()
        private let life: SimulatedLife
        /// Looks at this link meet this status.
        var refused: (id: PayLinkID, status: Int)?
        /// Looks at this link are counted under this name.
        var watched: (name: String, id: PayLinkID)?
        private(set) var looks: [String: Int] = [:]
        private(set) var links: RecordedLinks!  // Safe because: set at the end of init.
        private let service: SandboxService
        private let book = MemoryBook()
        private var feed: WatchFeed?
        private(set) var state = WatchState()
        private(set) var failures: [LinkFailure] = []

        init() throws {
            life = SimulatedLife(time)
            let time = time
            let loop = SimulatedLoop(time, life)
            service = SandboxService(
                SandboxOptions(defaultExpiry: .seconds(86_400)), seed: 1, baseURL: scope.baseURL
            ) {
                SandboxInstant(milliseconds: unixStart * 1_000 + time.elapsed.nanoseconds / 1_000_000)
            }
            let service = service
            var environment = PayLinkEngine.Environment()
            environment.unixTime = { unixStart + time.elapsed.nanoseconds / 1_000_000_000 }
            let begunAt = ContinuousClock.now
            environment.instant = { begunAt.advanced(by: .nanoseconds(time.elapsed.nanoseconds)) }
            environment.random = { 0.5 }
            let connection = SimulatedConnection(
                time, life, limit: .seconds(30), decide: { [unowned self] in fate(of: $0) },
                serve: { request in
                    let answer = service.answer(
                        method: request.method, path: request.path, headers: request.headers, body: request.body)
                    return ServedReply(status: answer.status, headers: answer.headers, body: answer.body)
                })
            let engine = try PayLinkEngine(
                configuration: OneShotPayConfiguration(),
                credentials: Credentials(
                    userID: SandboxOptions.defaultUserID, apiToken: SandboxOptions.defaultAPIToken),
                eventLoop: loop, environment: environment, connection: connection)
            let store = MemoryLedger(
                scope: scope, book: book, now: { unixStart + time.elapsed.nanoseconds / 1_000_000_000 })
            let writer = LedgerWriter(
                open: { () throws(LedgerError) in store }, deliver: { loop.execute($0) },
                place: .later { [self] body in time.add(due: time.now + .milliseconds(1), life: life, body) })
            links = RecordedLinks(engine: engine, ledger: writer, account: scope.account)
        }

        private func fate(of request: ArrivedRequest) -> RequestFate {
            var fate = RequestFate(toConnect: .zero, there: .milliseconds(1), back: .milliseconds(1))
            if let watched, request.method == "GET", request.path.hasSuffix("/\(watched.id)") {
                looks[watched.name, default: 0] += 1
            }
            if let refused, request.method == "GET", request.path.hasSuffix("/\(refused.id)") {
                fate.ending = .refused(status: refused.status, headers: [])
            }
            return fate
        }

        func watch(page: Int = 20_000) {
            var options = WatchOptions(name: "watch")
            options.page = page
            options.report = { [unowned self] in state = $0 }
            options.step = 1...3
            let spec = FollowUpSpec(
                event: .paid, name: "paid", mode: .atMost, keyPrefix: nil, attempts: 1, pause: .seconds(60))
            feed = WatchFeed(links, [spec], options, log: { _ in }, fail: { [unowned self] in failures.append($0) })
            feed?.begin()
        }

        func make(_ key: String) throws -> PayLinkID {
            let request = CreatePayLink(amount: Money(microUSDC: 5_000_000), description: "Tea")
            var made: PayLinkID?
            links.create(LinkOrder(request, key: key)) { made = try? $0.get().id }
            pass(.seconds(1))
            return try #require(made)
        }

        /// What another process says of a link.
        func record(_ id: PayLinkID, _ change: @escaping (inout PayLink) -> Void) {
            links.ledger.read { store throws(LedgerError) in
                try store.record(of: id)
            } _: { [self] found in
                guard case .success(let record?) = found, var link = record.link else { return }
                change(&link)
                links.ledger.submit(.observe(link)) { _ in }
            }
        }

        func pay(_ id: PayLinkID) throws { try service.pay(id.description) }

        /// Does what there is to do, and nothing for it.
        func followUp() {
            feed?.next(for: 1) { [self] event in
                guard let key = event?.followUp.key else { return }
                links.ledger.submit(.claimEffect(EffectClaim(key: key, mode: .atMost))) { [self] answer in
                    guard case .success(.effect(.run(let row, _, _))) = answer else { return }
                    links.ledger.submit(.finishEffect(row, .done(result: nil))) { [self] _ in
                        feed?.ended(key, .done, problem: nil)
                        followUp()
                    }
                }
            }
        }

        /// How far the watch has come, in seconds since the start.
        var mark: Int64 { book.content.withLock { $0.mark(scope) } - unixStart }

        func pass(_ amount: TimeAmount) {
            let end = time.now + amount
            while time.step(until: end) {}
        }
    }

    /// Although the other link is seen all the time, and nothing ends the following.
    @Test(arguments: [403, 404, 503])
    func aLinkThatGoesUnseenForLongerThanTheBoundMakesItUnwell(status: Int) throws {
        let shop = try Shop()
        let unseen = try shop.make("order-1")
        _ = try shop.make("order-2")
        shop.watch()
        shop.pass(.minutes(5))
        #expect(shop.state.following == 2 && shop.state.notSeen == 0 && shop.state.isWell)

        shop.refused = (unseen, status)
        for _ in 0..<120 where shop.state.notSeen == 0 { shop.pass(.seconds(1)) }
        #expect(shop.state.notSeen == 1 && shop.state.isWell)
        // A minute longer than the bound; a look may take a moment, and the state is told every two seconds.
        let patience = shop.state.waits.bound.components.seconds + 60
        shop.pass(.seconds(patience - 5))
        #expect(shop.state.isWell, "a link may go unseen for \(patience) s")
        shop.pass(.seconds(12))
        #expect(shop.state.following == 2 && shop.state.notSeen == 1 && shop.state.readsLedger)
        #expect(!shop.state.reachesService && !shop.state.isWell)
        shop.pass(.minutes(30))
        #expect(!shop.state.isWell && shop.state.following == 2)

        shop.refused = nil
        shop.pass(.minutes(10))
        #expect(shop.state.isWell && shop.state.notSeen == 0 && shop.state.following == 2)
        #expect(shop.failures.isEmpty)
    }

    /// What a gateway redirects or refuses for a while ends no watch that has seen a link; one that is refused from its
    /// first look on is set up wrongly.
    @Test(arguments: [301, 307, 308, 401])
    func aRedirectOrARefusalThatComesLaterEndsNoWatch(status: Int) throws {
        let shop = try Shop()
        let first = try shop.make("order-1")
        shop.watch()
        shop.pass(.minutes(1))
        #expect(shop.state.following == 1 && shop.state.notSeen == 0)
        // A link that is new meets it at its first look, and the other one later.
        let second = try shop.make("order-2")
        for refused in [second, first] {
            shop.refused = (refused, status)
            shop.pass(.minutes(3))
            #expect(shop.state.notSeen == 1, "\(refused)")
        }
        shop.refused = nil
        shop.pass(.minutes(10))
        #expect(shop.failures.isEmpty && shop.state.following == 2 && shop.state.notSeen == 0)

        let other = try Shop()
        other.refused = (try other.make("order-1"), status)
        other.watch()
        other.pass(.minutes(1))
        #expect(!other.failures.isEmpty)
    }

    /// Years of payments that were followed up are not read every minute.
    @Test func whatIsDoneIsPassed() throws {
        let shop = try Shop()
        let orders = try (1...6).map { try shop.make("order-\($0)") }
        shop.watch()
        shop.pass(.minutes(1))
        for order in orders {
            try shop.pay(order)
            shop.pass(.minutes(2))
        }
        let before = shop.mark
        shop.followUp()
        shop.pass(.minutes(5))
        #expect(shop.state.done == 6)
        #expect(shop.mark > max(before, 12 * 60), "\(before), \(shop.mark)")
    }

    /// A million links are read bit by bit; most readings see the newest alone.
    @Test func openLinksAreReadAPageAtATime() throws {
        let shop = try Shop()
        let orders = try (1...10).map { try shop.make("order-\($0)") }
        shop.watch(page: 3)
        shop.followUp()
        shop.pass(.minutes(1))
        #expect(shop.state.following == 10 && shop.state.listed == nil && shop.state.waits.waits == 10)
        let looks = shop.state.waits.looks
        shop.pass(.minutes(5))
        #expect(shop.state.waits.looks > looks + 50, "each is looked at every 30 s at least")
        // The oldest is in the last page; new ones come, and are in the first.
        try shop.pay(orders[0])
        let new = try shop.make("order-11")
        shop.pass(.minutes(2))
        #expect(shop.state.done == 1 && shop.state.following == 10)
        for order in orders.dropFirst() + [new] { try shop.pay(order) }
        shop.pass(.minutes(3))
        #expect(shop.state.done == 11 && shop.state.following == 0 && shop.state.waits.waits == 0)
        #expect(shop.failures.isEmpty)
    }

    /// A link that failed and then went by somebody else's hand is no link that goes unseen.
    @Test func aFailingLinkThatOthersSeeTheEndOfIsForgotten() throws {
        let shop = try Shop()
        let unseen = try shop.make("order-1")
        _ = try shop.make("order-2")
        shop.watch()
        shop.pass(.minutes(2))
        shop.refused = (unseen, 503)
        for _ in 0..<120 where shop.state.notSeen == 0 { shop.pass(.seconds(1)) }
        #expect(shop.state.notSeen == 1)
        shop.record(unseen) { $0.change { $0.archived = true } }
        shop.pass(.minutes(30))
        #expect(shop.state.isWell && shop.state.notSeen == 0 && shop.state.following == 1)
    }

    /// Old links leave the looks to new ones, although each of their looks is a wait of its own.
    @Test func aLinkAtRestWeighsByItsAge() throws {
        let shop = try Shop()
        for number in 1...100 { _ = try shop.make("old-\(number)") }
        shop.pass(.hours(12))
        shop.watch()
        shop.pass(.minutes(3))
        let resting = shop.links.engine.restingLinks
        #expect(resting.count >= 99)
        // 1/√(age + 4 s), of some twelve hours.
        let weight = resting.load / Double(resting.count)
        #expect(weight > 0.0045 && weight < 0.0055, "\(weight)")
        // With κ = 0.5, as for a link alone: after 1, 1, 1, 1, 1.1 s and so on. Ten looks of it in the first 15 seconds.
        let before = shop.looks["new"] ?? 0
        let new = try shop.make("new")
        shop.watched = ("new", new)
        shop.pass(.seconds(15))
        #expect((shop.looks["new"] ?? 0) - before >= 6, "\(shop.looks)")
    }
}
