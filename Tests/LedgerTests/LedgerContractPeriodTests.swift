// The contract of every engine: what a report of a period goes through, in the order of time and page by page.

import OneShotPay
import Testing

@testable import Ledger

@Suite struct LedgerContractPeriodTests {
    private static let start: Int64 = 1_800_000_000

    private static func id(_ link: Int) -> PayLinkID {
        link < Sample.ids.count ? Sample.ids[link] : PayLinkID(high: 0x01a3_185c_5000_79cb, low: 9)
    }

    private func payment(_ index: Int, of link: Int, at moment: Int64?, amount: Int64) -> String {
        """
        {"id":"01a3185c-5000-79cb-b3d3-00000000000\(index)","payLinkId":"\(Self.id(link))","amount":\(amount),\
        "relayerTransactionId":"r","transactionHash":null,"paidByUserId":null,\
        "createdTimestamp":\(moment.map(String.init) ?? "null"),"updatedTimestamp":null}
        """
    }

    private func seen(_ link: Int, _ payment: String, reusable: Bool = false) throws -> PayLink {
        let json = """
            {"id":"\(Self.id(link))","status":1,"amount":12500000,"description":"Order","reuseable":\(reusable),\
            "payerDefinedAmount":false,"archived":false,"ignoredByRequestedPayer":false,"paymentCount":1,\
            "deletable":true,"mostRecentPayment":\(payment),"createdTimestamp":1800000000,"updatedTimestamp":1800000001}
            """
        return try Array(json.utf8).withUnsafeBytes {
            try PayLink(json: $0, page: CheckoutPage(baseURL: LedgerFixture.scope.baseURL))
        }
    }

    /// `a` to `e` are made ten seconds apart, but for `d`, which is as old as `b`: the clock was set back.
    private func fixture(_ engine: Engine) throws -> (LedgerFixture, any LedgerStore) {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        for (index, (key, after)) in [("a", 0), ("b", 10), ("c", 20), ("d", 10), ("e", 40)].enumerated() {
            fixture.clock.now = Self.start + Int64(after)
            let row = try store.grant(Sample.claim(key))
            if index < 4 { #expect(try store.finish(row, .done(try Sample.link(index), possibleOrphans: 0))) }
        }
        fixture.clock.now = Self.start + 1_000
        return (fixture, store)
    }

    private func period(_ since: Int64, _ before: Int64, limit: Int = 500) -> LedgerPeriod {
        var period = LedgerPeriod(LedgerFixture.scope, since: Self.start + since, before: Self.start + before)
        period.limit = limit
        return period
    }

    @Test(arguments: Engine.allCases)
    func givesLinksInTheOrderInWhichTheyWereMade(engine: Engine) throws {
        let (_, store) = try fixture(engine)
        func keys(_ period: LedgerPeriod) throws -> [String] {
            var keys: [String] = []
            try store.forEachLink(in: period) { keys.append($0.key ?? "") }
            return keys
        }
        for limit in [1, 2, 500] {
            #expect(try keys(period(0, 100, limit: limit)) == ["a", "b", "d", "c", "e"])
            #expect(try keys(period(10, 40, limit: limit)) == ["b", "d", "c"])
        }
        #expect(try keys(period(41, 100)) == [])
        var others = period(0, 100)
        others.scope = LedgerFixture.neighbour
        #expect(try keys(others) == [])
    }

    @Test(arguments: Engine.allCases)
    func givesEveryPaymentOnceWithItsLinkAsItStoodThen(engine: Engine) throws {
        let (_, store) = try fixture(engine)
        // Paid short, then in full; a reusable one twice in the same second; one that shows no time; one that is in no row.
        _ = try store.perform([
            .observe(try seen(0, payment(0, of: 0, at: Self.start + 100, amount: 1_000_000))),
            .observe(try seen(0, payment(1, of: 0, at: Self.start + 200, amount: 12_500_000))),
            .observe(try seen(1, payment(2, of: 1, at: Self.start + 150, amount: 12_500_000), reusable: true)),
            .observe(try seen(1, payment(3, of: 1, at: Self.start + 150, amount: 12_500_001), reusable: true)),
            .observe(try seen(2, payment(4, of: 2, at: nil, amount: 12_500_000))),
            .report(try seen(4, payment(5, of: 4, at: Self.start + 300, amount: 7), reusable: true)),
        ])
        for limit in [1, 2, 500] {
            var found: [Receipt] = []
            try store.forEachReceipt(in: period(100, 2_000, limit: limit)) { found.append($0) }
            #expect(found.map { $0.at - Self.start } == [100, 150, 150, 200, 300, 1_000])
            #expect(
                found.map(\.payment.amount.microUSDC) == [
                    1_000_000, 12_500_000, 12_500_001, 12_500_000, 7, 12_500_000,
                ])
            #expect(found.map { $0.record?.key } == ["a", "b", "b", "a", nil, "c"])
            #expect(
                found.map { $0.record?.link?.payment?.amount }
                    == found.map { $0.record == nil ? nil : $0.payment.amount })
            #expect(found[0].record?.link?.missing?.microUSDC == 11_500_000)
            #expect(found[3].record?.link?.missing == nil)
        }
        var found: [Receipt] = []
        try store.forEachReceipt(in: period(101, 200)) { found.append($0) }
        #expect(found.count == 2)
        var all: [Receipt] = []
        try store.forEachReceipt(in: period(0, 2_000)) { all.append($0) }
        for limit in [1, 3, 500] {
            #expect(
                try store.newestReceipts(LedgerFixture.scope, limit: limit) == Array(all.reversed().prefix(limit)))
        }
        #expect(try store.newestReceipts(LedgerFixture.neighbour, limit: 5) == [])
    }
}
