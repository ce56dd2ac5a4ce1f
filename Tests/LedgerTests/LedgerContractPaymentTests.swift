// The contract of every engine: which payments of a link were seen, which were reported, and each as an event of its own.

import OneShotPay
import TestSupport
import Testing

@testable import Ledger

@Suite struct LedgerContractPaymentTests {
    private static let prefix = "watch:shop:paid:"

    private func made(_ store: any LedgerStore, _ key: String, reusable: Bool = true) throws -> PayLink {
        let link = try Seen(reusable: reusable, count: 0).link
        let row = try store.grant(Sample.claim(key))
        #expect(try store.finish(row, .done(link, possibleOrphans: 0)))
        return link
    }

    private func record(_ store: any LedgerStore, _ link: PayLink) throws -> LinkRecord {
        try #require(try store.record(of: link.id))
    }

    @Test(arguments: Engine.allCases)
    func countsWhatWasSeenAndWhatWasNot(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let link = try made(store, "tips")
        #expect(try record(store, link).link?.unseenPayments == 0)
        _ = try store.perform([.observe(try link.seen(0, payment: 1, count: 1))])
        #expect(try record(store, link).paymentsSeen == 1)
        #expect(try record(store, link).link?.unseenPayments == 0)
        // Two more came, and only the newest is shown.
        _ = try store.perform([.observe(try link.seen(0, payment: 3, received: 13_000_000, count: 3))])
        #expect(try record(store, link).link?.unseenPayments == 1)
        #expect(try record(store, link).receivedInAll == Money(microUSDC: 25_500_000))
        // An older answer of a second server is no further payment, and the next one is seen.
        _ = try store.perform([
            .observe(try link.seen(0, payment: 1, count: 1, updatedAt: 1_800_000_009)),
            .observe(try link.seen(0, payment: 4, count: 4)),
        ])
        #expect(try record(store, link).paymentsSeen == 3)
        #expect(try record(store, link).link?.unseenPayments == 1)
        let query = LinkQuery()
        #expect(try store.links(query).first?.link?.unseenPayments == 1)
        // Sums that nobody can hold are no failure.
        _ = try store.perform([
            .observe(try link.seen(0, payment: 5, received: .max, count: 5)),
            .observe(try link.seen(0, payment: 6, received: .max, count: 6)),
        ])
        #expect(try record(store, link).receivedInAll == Money(microUSDC: .max))
    }

    @Test(arguments: Engine.allCases)
    func everyPaymentThatWasSeenIsAnEventAndShownWithIt(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        let link = try made(store, "tips")
        // Seen by others before the watch reads the ledger.
        for number in 1...3 {
            fixture.clock.now += 1
            _ = try store.perform([.observe(try link.seen(0, payment: number, count: number))])
        }
        func found(_ query: FollowUpQuery) throws -> [FollowUp] { try store.followUps(query) }
        let query = FollowUpQuery(.paid, prefix: Self.prefix, since: 0)
        let events = try found(query)
        #expect(events.map { $0.record.link?.payment?.id.description.last } == ["1", "2", "3"])
        #expect(
            events.map(\.key)
                == events.map { Self.prefix + "\(link.id):\($0.record.link?.payment?.id.description ?? "")" })
        #expect(events.allSatisfy { $0.record.key == "tips" && $0.record.link?.paymentCount == 3 })
        for event in events.dropLast() {
            guard
                case .effect(.run(let row, _, _)) = try store.perform([
                    .claimEffect(EffectClaim(key: event.key, mode: .atMost))
                ])[0]
            else { throw UnexpectedAnswer() }
            _ = try store.perform([.finishEffect(row, .done(result: nil))])
        }
        #expect(try found(query).map(\.key) == [events[2].key])
        var later = query
        later.since = fixture.clock.now + 1
        #expect(try found(later) == [])
        later.since = fixture.clock.now
        #expect(try found(later).map(\.key) == [events[2].key])
        var others = query
        others.keyPrefix = "order-"
        #expect(try found(others) == [])
    }

    @Test(arguments: Engine.allCases)
    func whatWasReportedIsKnownAlsoOfLinksThatTheLedgerHasNot(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        let link = try Seen(reusable: true).link
        #expect(try store.payments(of: link.id) == [])
        #expect(try store.perform([.report(try link.seen(0))])[0] == .changed(false))
        let first = try link.seen(0, payment: 1)
        #expect(try store.perform([.report(first)])[0] == .changed(true))
        let reportedAt = fixture.clock.now
        fixture.clock.now += 10
        _ = try store.perform([.report(first), .report(try link.seen(0, payment: 2, madeAt: 1_800_000_005))])
        let other = try fixture.open()
        let payments = try other.payments(of: link.id)
        #expect(payments.map(\.reportedAt) == [reportedAt, reportedAt + 10])
        #expect(payments.lastReported?.id.description.last == "2")
        // Reported again, an older one does not become the last.
        fixture.clock.now += 10
        _ = try store.perform([.report(first)])
        #expect(try other.payments(of: link.id).lastReported?.id.description.last == "2")
        #expect(try fixture.open(LedgerFixture.neighbour).payments(of: link.id) == [])
        #expect(try other.record(of: link.id) == nil)
    }

    /// A report of a day has each payment of that day, whatever came later; the link is in it once for each.
    @Test(arguments: Engine.allCases)
    func aPeriodHasEachPaymentThatWasMadeInIt(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let link = try made(store, "tips")
        for number in 1...4 {
            _ = try store.perform([
                .observe(
                    try link.seen(
                        0, payment: number, received: Int64(number) * 1_000_000, count: number,
                        madeAt: 1_800_000_000 + number * 100))
            ])
        }
        func numbers(since: Int64?, before: Int64?, limit: Int = 500) throws -> [String] {
            var query = LinkQuery()
            (query.paidSince, query.paidBefore, query.limit) = (since, before, limit)
            return try store.links(query).map { String($0.link?.payment?.id.description.last ?? "-") }
        }
        #expect(try numbers(since: 1_800_000_200, before: 1_800_000_400) == ["2", "3"])
        #expect(try numbers(since: nil, before: 1_800_000_200) == ["1"])
        #expect(try numbers(since: 1_800_000_400, before: nil) == ["4"])
        #expect(try numbers(since: 1_800_000_401, before: nil) == [])
        // The limit is one of links, so that no page ends among the payments of one.
        #expect(try numbers(since: 0, before: nil, limit: 1) == ["1", "2", "3", "4"])
        #expect(try store.links(LinkQuery()).count == 1)
    }

    /// The status is that of each payment, and so is whether it came late.
    @Test(arguments: Engine.allCases)
    func aPeriodsPaymentsAreJudgedByThemselves(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let link = try made(store, "tips")
        let all = try [(1, 12_500_000), (2, 1), (3, 12_500_000)].map { number, micro in
            try link.seen(0, payment: number, received: Int64(micro), count: number, madeAt: 1_700_000_000 + number)
        }
        func numbers(_ status: String?, _ isLate: Bool? = nil) throws -> [String] {
            var query = LinkQuery()
            (query.paidSince, query.status) = (0, status)
            return try store.links(query).compactMap(\.link).filter { isLate == nil || $0.isPaidLate == isLate }
                .map { String($0.payment?.id.description.last ?? "-") }
        }
        _ = try store.perform([.observe(all[0]), .observe(all[1])])
        _ = try store.perform([
            .observe(try link.seen(0, payment: 2, archived: true, received: 1, count: 2, madeAt: 1_700_000_002))
        ])
        _ = try store.perform([.observe(all[2])])
        #expect(try numbers(nil) == ["1", "2", "3"])
        #expect(try numbers("underpaid") == ["2"])
        #expect(try numbers("active") == ["1", "3"])
        #expect(try numbers("paid") == [])
        #expect(try numbers(nil, true).allSatisfy { $0 == "3" })
    }

    @Test(arguments: Engine.allCases)
    func theNextPaymentIsTheFirstAfterTheOneReportedLast(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let link = try made(store, "tips")
        let seen = try (1...4).map { try link.seen(0, payment: $0, count: $0, madeAt: 1_800_000_000 + $0) }
        _ = try store.perform(seen.map { .observe($0) })
        func next(_ id: PaymentID? = nil) throws -> Character? {
            try store.payments(of: link.id).next(after: id)?.id.description.last
        }
        #expect(try next() == nil, "what came before the first wait is history")
        #expect(try next(seen[1].payment?.id) == "3")
        #expect(try next(seen[3].payment?.id) == nil)
        _ = try store.perform([.report(seen[1])])
        #expect(try next() == "3")
        _ = try store.perform([.report(seen[3])])
        #expect(try next() == nil)
    }

    @Test(arguments: Engine.allCases)
    func whatIsSeenIsNotReported(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let link = try made(store, "tips")
        _ = try store.perform([.observe(try link.seen(0, payment: 1))])
        #expect(try store.payments(of: link.id).map(\.reportedAt) == [nil])
        #expect(try store.payments(of: link.id).lastReported == nil)
    }

    /// Paid, and no payment is shown: open until it is taken at the service's word, and an event only then.
    @Test(arguments: Engine.allCases)
    func aLinkThatIsPaidWithoutAPaymentIsNoEventByOneLook(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        let link = try made(store, "order-1", reusable: false)
        let query = FollowUpQuery(.paid, prefix: Self.prefix, since: 0)
        let unseen = try link.seen(1)
        _ = try store.perform([.observe(unseen)])
        #expect(try store.followUps(query) == [])
        #expect(try store.openLinks().count == 1)
        #expect(try record(store, link).link?.unseenPayments == 1)
        // The same state, looked at often enough.
        var taken = unseen
        taken.isTakenAtItsWord = true
        #expect(try store.perform([.observe(taken)])[0] == .changed(true))
        #expect(try store.perform([.observe(taken)])[0] == .changed(false))
        #expect(try store.followUps(query).count == 1)
        #expect(try store.openLinks().isEmpty)
        // One more look that shows nothing takes nothing back, and a payment that is shown at last is no other event.
        #expect(try store.perform([.observe(unseen)])[0] == .changed(false))
        #expect(try store.openLinks().isEmpty)
        fixture.clock.now += 10
        _ = try store.perform([.observe(try link.seen(1, payment: 1))])
        #expect(try store.followUps(query).map(\.at) == [fixture.clock.now - 10])
        #expect(try record(store, link).link?.payment != nil)
    }

    @Test(arguments: Engine.allCases)
    func aPaymentThatIsShownByTheNextLookIsTheEvent(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let link = try made(store, "order-1", reusable: false)
        _ = try store.perform([.observe(try link.seen(1)), .observe(try link.seen(1, payment: 1))])
        let events = try store.followUps(FollowUpQuery(.paid, prefix: Self.prefix, since: 0))
        #expect(events.count == 1 && events[0].record.link?.payment != nil)
        #expect(try store.openLinks().isEmpty)
    }

    @Test func ofALedgerFromBeforeTheNewestPaymentIsKnown() throws {
        let fixture = LedgerFixture(.sqlite)
        let links: [PayLink]
        do {
            let store = try fixture.sqlite()
            links = [try made(store, "tips"), try made(store, "order-1", reusable: false), try made(store, "open")]
            _ = try store.perform([
                .observe(try links[0].seen(0, payment: 2, count: 2)), .observe(try links[1].seen(1, payment: 1)),
            ])
            store.close()
        }
        try SQLiteFile.execute(
            "DROP TABLE payments; DELETE FROM grdb_migrations WHERE identifier = '0008 payments';", in: fixture.path)
        fixture.clock.now += 100
        let store = try fixture.sqlite()
        #expect(try record(store, links[0]).link?.unseenPayments == 1)
        #expect(try record(store, links[1]).paymentsSeen == 1)
        let events = try store.followUps(FollowUpQuery(.paid, prefix: Self.prefix, since: 0))
        #expect(events.map(\.record.key) == ["tips", "order-1"])
        #expect(events.map(\.at) == [fixture.clock.now - 100, fixture.clock.now - 100])
    }
}
