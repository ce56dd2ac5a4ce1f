// The contract of every engine: a watch's mark, behind which events are found by their effects alone.

import Glibc
import OneShotPay
import Testing

@testable import Ledger

@Suite struct LedgerContractMarkTests {
    private static let prefix = "watch:shop:paid:"

    /// A shop whose follow-ups are far behind or not.
    private struct Shop {
        let fixture: LedgerFixture
        let store: any LedgerStore
        var query = FollowUpQuery(.paid, prefix: LedgerContractMarkTests.prefix, since: 0)

        init(_ engine: Engine) throws {
            fixture = LedgerFixture(engine)
            store = try fixture.open()
            query.since = fixture.clock.now - 1
            query.step = 1...2
        }

        /// A link that has been paid, a minute after what was before.
        func paid(_ key: String, reusable: Bool = false) throws -> String {
            let link = try Seen(reusable: reusable).link
            let row = try store.grant(Sample.claim(key))
            #expect(try store.finish(row, .done(link, possibleOrphans: 0)))
            fixture.clock.now += 60
            return try pay(link)
        }

        func pay(_ link: PayLink, _ payment: Int = 1) throws -> String {
            let seen = try link.seen(1, payment: payment)
            _ = try store.perform([.observe(seen)])
            return LedgerContractMarkTests.prefix + link.id.description + (seen.paymentMark ?? "")
        }

        func claim(_ key: String) throws -> EffectRow {
            guard
                case .effect(.run(let row, _, _)) = try store.perform([.claimEffect(.init(key: key, mode: .atLeast))])[
                    0]
            else { throw UnexpectedAnswer() }
            return row
        }

        func end(_ row: EffectRow, _ outcome: EffectOutcome = .done(result: nil)) throws {
            _ = try store.perform([.finishEffect(row, outcome)])
        }

        /// Lets the mark go as far as it may. A server's heads for a place before it goes there, and waits for what is under
        /// way on it, in the databases of other tests as well.
        /// - Parameter wanted: how often there is more to pass, at least.
        /// - Returns: how often there was.
        @discardableResult
        func passOver(wanted: Int = 0, _ change: (inout FollowUpQuery) -> Void = { _ in }) throws -> Int {
            var query = query
            change(&query)
            var steps = 0
            for attempt in 0..<500 where attempt < 3 || steps < wanted {
                if attempt > 3 { usleep(20_000) }
                fixture.clock.now += 60
                while try store.perform([.passOver(query)]) == [.changed(true)] { steps += 1 }
            }
            return steps
        }

        func keys(_ change: (inout FollowUpQuery) -> Void = { _ in }) throws -> [String] {
            var query = query
            change(&query)
            return try store.followUps(query).map(\.key)
        }
    }

    @Test(arguments: Engine.allCases)
    func itGoesOnInStepsAndStopsBeforeWhatNobodyHasBegun(engine: Engine) throws {
        var shop = try Shop(engine)
        var events: [String] = []
        for number in 1...12 {
            events.append(try shop.paid("order-\(number)", reusable: number.isMultiple(of: 5)))
        }
        #expect(try shop.passOver() == 0)
        for key in events[..<5] { try shop.end(try shop.claim(key)) }
        #expect(try shop.passOver(wanted: 1) == 1)
        #expect(try shop.keys() == Array(events[5...]))
        for key in events[5...] { try shop.end(try shop.claim(key)) }
        #expect(try shop.passOver(wanted: 1) > 0)
        #expect(try shop.keys() == [])
        // Of too few nothing is written.
        shop.query.step = 3...10
        let late = try shop.paid("late")
        #expect(try shop.passOver() == 0)
        #expect(try shop.keys() == [late])
    }

    @Test(arguments: Engine.allCases)
    func whatIsOpenBehindItIsFoundAndSoIsWhatAPersonLetsLoose(engine: Engine) throws {
        let shop = try Shop(engine)
        let tips = try Seen(reusable: true).link
        try #expect(shop.store.finish(try shop.store.grant(Sample.claim("tips")), .done(tips, possibleOrphans: 0)))
        let events = [try shop.paid("failed"), try shop.paid("given up"), try shop.pay(tips), try shop.pay(tips, 2)]
        shop.fixture.clock.now += 60
        let last = try shop.paid("last")
        try shop.end(try shop.claim(events[0]), .failed(problem: "no"))
        try shop.end(try shop.claim(events[1]), .failed(problem: "no"))
        try shop.end(try shop.claim(events[2]), .failed(problem: "no"))
        let running = try shop.claim(events[3])
        try shop.end(try shop.claim(last))
        _ = try shop.store.perform([.resolveEffect(key: events[1], .abandon)])
        try shop.passOver()
        #expect(Set(try shop.keys()) == [events[0], events[2], events[3]])
        #expect(try shop.keys { $0.keyPrefix = "tips" }.count == 2)
        let first = try shop.store.followUps(shop.query).first
        #expect(first?.effect?.state == .failed && first?.record.key == "failed")
        // In pages, too.
        var found: [String] = []
        var query = shop.query
        query.limit = 1
        while let page = try shop.store.followUps(query).first {
            found.append(page.key)
            query.after = (page.at, page.record.row)
        }
        #expect(found.count >= 2 && found.first == events[0])
        _ = try shop.store.perform([.resolveEffect(key: events[1], .retry)])
        #expect(try shop.keys().contains(events[1]))
        try shop.end(running, .notBegun)
        #expect(try shop.keys().contains(events[3]))
        for key in events { _ = try shop.store.perform([.resolveEffect(key: key, .happened)]) }
        #expect(try shop.keys() == [])
    }

    @Test(arguments: Engine.allCases)
    func itHoldsOnlyForWhatItWasMadeFor(engine: Engine) throws {
        let shop = try Shop(engine)
        let early = try shop.paid("offer-1")
        let since = shop.fixture.clock.now + 30
        let mine = try shop.paid("order-1")
        let other = try shop.paid("offer-2")
        try shop.end(try shop.claim(mine))
        // The others are none of its.
        try shop.passOver {
            $0.since = since
            $0.keyPrefix = "order-"
        }
        #expect(try shop.keys { $0.keyPrefix = "order-" } == [])
        #expect(try shop.keys { $0.since = since } == [other])
        #expect(try shop.keys { $0.prefix = "watch:other:paid:" }.count == 3)
        try shop.end(try shop.claim(other))
        try shop.passOver { $0.since = since }
        // It follows from earlier on.
        #expect(try shop.keys() == [early])
        try shop.passOver()
        #expect(try shop.keys() == [early])
    }

    /// A payment is recorded, and found, although the clock says that it is of before the mark.
    @Test(arguments: Engine.allCases)
    func aClockThatIsSetBackHidesNothing(engine: Engine) throws {
        let shop = try Shop(engine)
        try shop.end(try shop.claim(try shop.paid("order-1")))
        try shop.passOver()
        shop.fixture.clock.now -= 86_400
        let events = [try shop.paid("order-2"), try shop.paid("tips", reusable: true)]
        #expect(Set(try shop.keys()) == Set(events))
        let born = try Seen(status: 2).link
        #expect(try shop.store.finish(try shop.store.grant(Sample.claim("born")), .done(born, possibleOrphans: 0)))
        #expect(try shop.keys { $0.event = .expired }.count == 1)
        try shop.passOver()
        #expect(Set(try shop.keys()) == Set(events))
    }

    /// A payment that is short at first, and becomes one in full, is an event from then on.
    @Test(arguments: Engine.allCases)
    func aPaymentThatBecomesAnEventLaterIsFound(engine: Engine) throws {
        let shop = try Shop(engine)
        let tips = try Seen(reusable: true).link
        #expect(try shop.store.finish(try shop.store.grant(Sample.claim("tips")), .done(tips, possibleOrphans: 0)))
        _ = try shop.store.perform([.observe(try tips.seen(1, payment: 1, received: 1))])
        try shop.end(try shop.claim(try shop.paid("order-1")))
        try shop.passOver()
        #expect(try shop.keys() == [])
        _ = try shop.store.perform([.observe(try tips.seen(1, payment: 1))])
        let mark = try #require(try tips.seen(1, payment: 1).paymentMark)
        #expect(try shop.keys() == [Self.prefix + tips.id.description + mark])
    }

    /// A payment that was waited for by its link's id alone, before a row had the link.
    @Test(arguments: Engine.allCases, [false, true])
    func aPaymentThatWasReportedBeforeTheLinkWasKnownIsFound(engine: Engine, byAPerson: Bool) throws {
        let shop = try Shop(engine)
        let tips = try Seen(reusable: true).link
        for payment in 1...2 { _ = try shop.store.perform([.report(try tips.seen(0, payment: payment))]) }
        try shop.end(try shop.claim(try shop.paid("order-1")))
        try shop.passOver()
        #expect(try shop.keys() == [])
        let row = try shop.store.grant(Sample.claim("tips"))
        let seen = try tips.seen(0, payment: 2)
        if byAPerson {
            #expect(
                try shop.store.finish(
                    row, .inDoubt(problem: "no answer", known: nil, possibleOrphans: 1, isMade: false)))
            #expect(try shop.store.perform([.resolve(key: "tips", .link(seen))]) == [.changed(true)])
        } else {
            #expect(try shop.store.finish(row, .done(seen, possibleOrphans: 0)))
        }
        #expect(try shop.keys().count == 2)
        try shop.passOver()
        #expect(try shop.keys().count == 2)
    }

    @Test(arguments: Engine.allCases)
    func anotherAccountHasAnotherMark(engine: Engine) throws {
        let shop = try Shop(engine)
        try shop.end(try shop.claim(try shop.paid("order-1")))
        try shop.passOver()
        let other = try shop.fixture.open(LedgerFixture.neighbour)
        shop.fixture.clock.now -= 3_600
        let link = try Seen().link
        let row = try other.grant(Sample.claim("order-1"))
        #expect(try other.finish(row, .done(try link.seen(1, payment: 1), possibleOrphans: 0)))
        var query = shop.query
        query.since -= 7_200
        #expect(try other.followUps(query).map(\.at) == [shop.fixture.clock.now])
    }
}
