// The contract of every engine: which links a query finds by when they were made and when they were paid.

import OneShotPay
import Testing

@testable import Ledger

@Suite struct LedgerContractPaidTests {
    private static let start: Int64 = 1_800_000_000

    /// The first link of the samples, seen as paid.
    private func paid(
        _ index: Int, at moment: Int64?, amount: Int64 = 12_500_000, reusable: Bool = false, showsPayment: Bool = true
    ) throws -> PayLink {
        let payment = """
            {"id":"01a3185c-5000-79cb-b3d3-00000000000\(index)","payLinkId":"\(Sample.ids[index])","amount":\(amount),\
            "relayerTransactionId":"r","transactionHash":null,"paidByUserId":null,\
            "createdTimestamp":\(moment.map(String.init) ?? "null"),"updatedTimestamp":null}
            """
        let json = """
            {"id":"\(Sample.ids[index])","status":1,"amount":12500000,"description":"Order","reuseable":\(reusable),\
            "payerDefinedAmount":false,"archived":false,"ignoredByRequestedPayer":false,"paymentCount":1,\
            "deletable":true,"mostRecentPayment":\(showsPayment ? payment : "null"),"createdTimestamp":1800000000,\
            "updatedTimestamp":1800000001}
            """
        return try Array(json.utf8).withUnsafeBytes {
            try PayLink(json: $0, page: CheckoutPage(baseURL: LedgerFixture.scope.baseURL))
        }
    }

    private func keys(_ store: any LedgerStore, _ change: (inout LinkQuery) -> Void) throws -> [String] {
        var query = LinkQuery()
        change(&query)
        return try store.links(query).map { $0.key ?? "" }
    }

    /// `a` is made early and paid late, `b` made and paid early, `c` paid short and late, `d` is not paid.
    private func fixture(_ engine: Engine) throws -> (LedgerFixture, any LedgerStore) {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        for (index, key) in ["a", "b", "c", "d"].enumerated() {
            let row = try store.grant(Sample.claim(key))
            #expect(try store.finish(row, .done(try Sample.link(index), possibleOrphans: 0)))
            fixture.clock.now += 10
        }
        fixture.clock.now = Self.start + 50_000
        _ = try store.perform([
            .observe(try paid(0, at: Self.start + 1_000)), .observe(try paid(1, at: Self.start + 100)),
            .observe(try paid(2, at: Self.start + 1_000, amount: 1)),
        ])
        return (fixture, store)
    }

    /// Short is another status than paid, wherever links are asked for by it.
    @Test(arguments: Engine.allCases)
    func findsShortPaymentsByTheirOwnStatus(engine: Engine) throws {
        let (_, store) = try fixture(engine)
        #expect(try keys(store) { $0.status = "paid" } == ["a", "b"])
        #expect(try keys(store) { $0.status = "underpaid" } == ["c"])
        #expect(try keys(store) { $0.status = "active" } == ["d"])
    }

    /// An archived link shows no moment of its end; that it had ended is what the ledger has seen.
    @Test(arguments: Engine.allCases)
    func aPaymentAfterTheEndIsLate(engine: Engine) throws {
        let (_, store) = try fixture(engine)
        var archived = try Sample.link(3)
        archived = try Array(
            #"{"id":"\#(Sample.ids[3])","status":0,"amount":12500000,"description":"Order","reuseable":false,"payerDefinedAmount":false,"archived":true,"ignoredByRequestedPayer":false,"paymentCount":0,"deletable":true,"mostRecentPayment":null,"createdTimestamp":1800000000,"updatedTimestamp":1800000002}"#
                .utf8
        )
        .withUnsafeBytes { try PayLink(json: $0, page: archived.page) }
        func isLate(_ key: String) throws -> Bool? { try store.links(keys: [key])[0]?.link?.isPaidLate }
        _ = try store.perform([.observe(archived)])
        #expect(try isLate("d") == false)
        let seen = try paid(3, at: Self.start + 2_000)
        _ = try store.perform([.observe(seen)])
        #expect(try isLate("d") == true && isLate("a") == false)
        _ = try store.perform([.observe(seen)])
        #expect(try isLate("d") == true)
    }

    @Test(arguments: Engine.allCases)
    func findsLinksByWhenTheyWerePaidWhoeverMadeThemWhen(engine: Engine) throws {
        let (_, store) = try fixture(engine)
        #expect(try keys(store) { $0.paidSince = Self.start + 1_000 } == ["a", "c"])
        #expect(try keys(store) { $0.paidSince = Self.start + 1_001 } == [])
        #expect(try keys(store) { $0.paidBefore = Self.start + 1_000 } == ["b"])
        #expect(try keys(store) { $0.paidBefore = Self.start + 100 } == [], "up to, and without")
        #expect(
            try keys(store) {
                $0.paidSince = Self.start + 100
                $0.paidBefore = Self.start + 1_001
            } == ["a", "b", "c"])
        #expect(
            try keys(store) {
                $0.paidSince = Self.start
                $0.status = "active"
            } == [])
    }

    @Test(arguments: Engine.allCases)
    func findsLinksByWhenTheyWereRecorded(engine: Engine) throws {
        let (_, store) = try fixture(engine)
        #expect(try keys(store) { $0.createdBefore = Self.start + 20 } == ["a", "b"])
        #expect(
            try keys(store) {
                $0.createdSince = Self.start + 10
                $0.createdBefore = Self.start + 30
            } == ["b", "c"])
        #expect(
            try keys(store) {
                $0.createdBefore = Self.start + 20
                $0.paidSince = Self.start + 1_000
            } == ["a"])
    }

    /// A service that says paid and shows no payment, or one without a time: it counts when it was seen.
    @Test(arguments: Engine.allCases)
    func aPaymentWithoutATimeCountsWhenItWasRecorded(engine: Engine) throws {
        let (fixture, store) = try fixture(engine)
        fixture.clock.now = Self.start + 70_000
        var unshown = try paid(3, at: nil, showsPayment: false)
        _ = try store.perform([.observe(unshown)])
        #expect(try keys(store) { $0.paidSince = Self.start + 60_000 } == [], "one look does not settle it")
        unshown.isTakenAtItsWord = true
        _ = try store.perform([.observe(unshown)])
        #expect(try keys(store) { $0.paidSince = Self.start + 60_000 } == ["d"])
        _ = try store.perform([.observe(try paid(3, at: nil))])
        #expect(try keys(store) { $0.paidSince = Self.start + 60_000 } == ["d"])
        _ = try store.perform([.observe(try paid(3, at: Self.start + 5))])
        #expect(try keys(store) { $0.paidBefore = Self.start + 50 } == ["d"])
    }

    @Test(arguments: Engine.allCases)
    func pagesThroughWhatWasPaid(engine: Engine) throws {
        let (_, store) = try fixture(engine)
        var query = LinkQuery()
        query.paidSince = Self.start
        query.limit = 1
        var found: [String?] = []
        while let record = try store.links(query).first {
            found.append(record.key)
            query.after = record.row
        }
        #expect(found == ["a", "b", "c"])
    }
}
