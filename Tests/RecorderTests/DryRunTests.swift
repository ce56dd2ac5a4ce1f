// A dry run decides as a real one would, sends nothing and writes nothing.

import JSON
import Ledger
import NIOCore
import NIOPosix
import OneShotPay
import Testing

@testable import Recorder

@Suite struct DryRunTests {
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private static let account = "018f5a3c-0000-7000-8000-00000000a11c"
    /// Nobody listens there: whatever is sent fails.
    private static let address = "http://127.0.0.1:9"
    private static let scope = LedgerScope(account: account, baseURL: address)

    private static func order(_ key: String?, _ amount: Int64 = 1, payer: UserID? = nil) -> LinkOrder {
        var request = CreatePayLink(amount: Money(microUSDC: amount * 1_000_000), description: "Tea")
        request.payer = payer
        return LinkOrder(request, key: key)
    }

    /// What came of each order of one dry run, in a word, and what the run would have made.
    private func plan(
        _ orders: [LinkOrder], on book: MemoryBook = MemoryBook(), most: Int? = nil
    ) async throws -> ([String], Int, [String]) {
        let loop = Self.group.next()
        return try await loop.flatSubmit {
            let promise = loop.makePromise(of: ([String], Int, [String]).self)
            do {
                var configuration = OneShotPayConfiguration()
                configuration.baseURL = Self.address
                let engine = try PayLinkEngine(
                    configuration: configuration,
                    credentials: try Credentials(userID: Self.account, apiToken: "token-of-a-test"), eventLoop: loop)
                let scope = LedgerScope(account: Self.account, baseURL: engine.defaultPage.baseURL)
                let links = RecordedLinks(
                    engine: engine,
                    ledger: LedgerWriter(
                        open: { MemoryLedger(scope: scope, book: book) }, deliver: { loop.execute($0) },
                        place: .caller),
                    account: Self.account, limits: CreationLimits(maximumLinks: most, isDryRun: true))
                var results: [String] = []
                func next() {
                    guard results.count < orders.count else {
                        let planned = links.planned.map { $0.key ?? "-" }
                        let count = links.limits.links
                        return links.shutdown { promise.succeed((results, count, planned)) }
                    }
                    links.create(orders[results.count]) { result in
                        switch result {
                        case .success(let link): results.append(link.id == .planned ? "planned" : "recorded")
                        case .failure(let failure): results.append(failure.code.name)
                        }
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

    /// Claims a key in a book, as a run that has ended would have.
    private func claim(_ order: LinkOrder, in book: MemoryBook, _ outcome: LinkOutcome?) throws {
        let scope = LedgerScope(account: Self.account, baseURL: Self.address)
        let store = MemoryLedger(scope: scope, book: book)
        defer { store.close() }
        let claim = LinkClaim(
            key: order.key, terms: order.terms(JSONWriter()), amount: order.request.amount, description: "Tea",
            resendsInDoubt: order.request.payer == nil, isSending: true)
        let answer = try store.perform([.claim(claim)]).first
        guard case .claim(.granted(let row, _))? = answer else {
            Issue.record("not granted: \(String(describing: answer))")
            return
        }
        guard let outcome else { return }
        #expect(try store.perform([.finish(row, outcome)]) == [.changed(true)])
    }

    private static let link = PayLink(
        planned: order("done").request, id: PayLinkID(high: 1, low: 1),
        page: CheckoutPage(baseURL: address, locale: .english))
    private static let payer = UserID("123e4567-e89b-12d3-a456-426614174000")

    @Test func whatIsNewIsPlannedAndKeysAreTold() async throws {
        let (results, links, planned) = try await plan([
            Self.order("a"), Self.order("a"), Self.order("a", 2), Self.order(nil), Self.order("b"),
        ])
        #expect(results == ["planned", "planned", "key_reused", "planned", "planned"])
        #expect(links == 3 && planned == ["a", "-", "b"])
    }

    @Test func whatIsRecordedIsDecidedAsByARealRun() async throws {
        let book = MemoryBook()
        try claim(Self.order("done"), in: book, .done(Self.link, possibleOrphans: 0))
        try claim(Self.order("refused"), in: book, .rejected(problem: "no", possibleOrphans: 0))
        try claim(Self.order("interrupted"), in: book, nil)
        try claim(Self.order("payer", payer: Self.payer), in: book, nil)
        try claim(
            Self.order("made"), in: book, .inDoubt(problem: "?", known: nil, possibleOrphans: 1, isMade: true))
        // An id that an earlier request left behind would be looked up, not sent again.
        try claim(
            Self.order("known"), in: book, .inDoubt(problem: "?", known: Self.link.id, possibleOrphans: 1))
        let (results, links, planned) = try await plan(
            [
                Self.order("done"), Self.order("done", 2), Self.order("refused", 2), Self.order("interrupted"),
                Self.order("payer", payer: Self.payer), Self.order("made"), Self.order("known"),
            ], on: book)
        #expect(
            results == ["recorded", "key_reused", "planned", "planned", "in_doubt", "in_doubt", "recorded"])
        #expect(links == 2 && planned == ["refused", "interrupted"])
    }

    @Test func capsHold() async throws {
        let (results, links, _) = try await plan([Self.order("a"), Self.order("b"), Self.order("a")], most: 1)
        #expect(results == ["planned", "limit_reached", "planned"])
        #expect(links == 1)
    }

    @Test func nothingIsWritten() async throws {
        let book = MemoryBook()
        _ = try await plan([Self.order("a"), Self.order(nil)], on: book)
        let store = MemoryLedger(scope: nil, book: book)
        defer { store.close() }
        #expect(try store.links(LinkQuery()).isEmpty)
    }
}
