// The contract of every engine: open links, events that nobody has followed up, followers.

import Glibc
import OneShotPay
import TestSupport
import Testing

@testable import Ledger

@Suite struct LedgerContractFollowingTests {
    private static let prefix = "watch:shop:paid:"

    /// A link under a key, as the service describes it after `change`.
    private func made(
        _ store: any LedgerStore, _ key: String, reusable: Bool = false
    ) throws -> PayLink {
        let link = try Seen(reusable: reusable).link
        let row = try store.grant(Sample.claim(key))
        #expect(try store.finish(row, .done(link, possibleOrphans: 0)))
        return link
    }

    private func keys(
        _ store: any LedgerStore, _ event: LinkEvent = .paid, since: Int64 = 0,
        _ change: (inout FollowUpQuery) -> Void = { _ in }
    ) throws -> [String] {
        var query = FollowUpQuery(event, prefix: Self.prefix, since: since)
        change(&query)
        return try store.followUps(query).map(\.key)
    }

    @Test(arguments: Engine.allCases)
    func aLinkIsOpenUntilItCannotBePaid(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        var links: [PayLink] = []
        for key in ["paid", "expired", "archived", "ignored", "open"] { links.append(try made(store, key)) }
        let reusable = try made(store, "reusable", reusable: true)
        #expect(try store.openLinks().count == 6)
        _ = try store.perform([
            .observe(try links[0].seen(1, payment: 1)), .observe(try links[1].seen(2)),
            .observe(try links[2].seen(0, archived: true)), .observe(try links[3].seen(0, ignored: true)),
            .observe(try links[4].seen(7)), .observe(try reusable.seen(1, payment: 1)),
        ])
        let open = try store.links(rows: try store.openLinks())
        #expect(open.map(\.key) == ["open", "reusable"])
    }

    @Test(arguments: Engine.allCases)
    func whatEndedWithoutAFullPaymentIsListedUntilOneComes(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        let start = fixture.clock.now
        let keys = ["expired", "archived", "short", "paid", "open"]
        let links = try keys.map { try made(store, $0) }
        let tips = try made(store, "tips", reusable: true)
        _ = try store.perform([
            .observe(try links[0].seen(2)), .observe(try links[1].seen(0, archived: true)),
            .observe(try links[2].seen(1, payment: 1, received: 1)), .observe(try links[3].seen(1, payment: 1)),
            .observe(try tips.seen(2, payment: 1)),
        ])
        func ended(since: Int64 = 0) throws -> [String: EndedLink] {
            let list = try store.endedLinks(since: since)
            let records = try store.links(rows: list.map(\.row))
            #expect(records.map(\.endedAt) == list.map(\.endedAt))
            return Dictionary(uniqueKeysWithValues: zip(records.compactMap(\.key), list))
        }
        #expect(Set(try ended().keys) == ["expired", "archived", "short", "tips"])
        #expect(try ended().values.allSatisfy { $0.endedAt == start && $0.lookedAt == nil })
        #expect(try ended(since: start + 1).isEmpty)
        // A look is remembered; seeing it so again is no new end.
        fixture.clock.now += 60
        let row = try #require(try ended()["expired"]?.row)
        let open = try #require(try store.links(keys: ["open"])[0]?.row)
        #expect(
            try store.perform([
                .lookedLate(row), .lookedLate(open), .observe(try links[0].seen(2, updatedAt: 1_900_000_000)),
            ])
                == [.changed(true), .changed(false), .changed(true)])
        #expect(try ended()["expired"] == EndedLink(row: row, endedAt: start, lookedAt: start + 60))
        // Paid late, or open again: over.
        _ = try store.perform([
            .observe(try links[0].seen(1, payment: 1)), .observe(try links[1].seen(0)),
            .observe(try links[2].seen(1, payment: 2)),
        ])
        #expect(Set(try ended().keys) == ["tips"])
        #expect(try store.links(rows: store.openLinks()).compactMap(\.key) == ["archived", "open"])
        #expect(try fixture.open(LedgerFixture.neighbour).endedLinks(since: 0).isEmpty)
    }

    @Test(arguments: Engine.allCases)
    func aPaymentIsAnEventUntilItsEffectIsDone(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        let link = try made(store, "order-1")
        #expect(try keys(store) == [])
        fixture.clock.now += 100
        _ = try store.perform([.observe(try link.seen(1, payment: 1))])
        let key = Self.prefix + link.id.description
        #expect(try keys(store) == [key])
        #expect(try keys(store, .expired) == [])
        #expect(try keys(store, since: fixture.clock.now + 1) == [])
        // A payment that settles is no other event, and no later one.
        fixture.clock.now += 100
        _ = try store.perform([.observe(try link.seen(1, payment: 1, updatedAt: 2_000_000_000))])
        #expect(try keys(store, since: fixture.clock.now) == [])

        let claimed = try store.perform([.claimEffect(EffectClaim(key: key, mode: .atLeast))])
        guard case .effect(.run(let row, _, _)) = claimed[0] else { throw UnexpectedAnswer() }
        #expect(
            try store.followUps(FollowUpQuery(.paid, prefix: Self.prefix, since: 0)).first?.effect?.state == .running)
        _ = try store.perform([.finishEffect(row, .failed(problem: "no"))])
        let failed = try store.followUps(FollowUpQuery(.paid, prefix: Self.prefix, since: 0)).first
        let now = fixture.clock.now
        #expect(failed?.effect == .init(state: .failed, attempts: 1, begunAt: now, changedAt: now))
        // A later run changes when it was changed; an operator's decision, since when it is tried.
        fixture.clock.now += 60
        _ = try store.perform([.claimEffect(EffectClaim(key: key, mode: .atLeast))])
        let again = try store.followUps(FollowUpQuery(.paid, prefix: Self.prefix, since: 0)).first
        #expect(again?.effect == .init(state: .running, attempts: 2, begunAt: now, changedAt: now + 60))
        _ = try store.perform([.finishEffect(row, .failed(problem: "no"))])
        fixture.clock.now += 60
        _ = try store.perform([.resolveEffect(key: key, .retry)])
        let loose = try store.followUps(FollowUpQuery(.paid, prefix: Self.prefix, since: 0)).first
        #expect(loose?.effect == .init(state: .open, attempts: 2, begunAt: now + 120, changedAt: now + 120))
        _ = try store.perform([.resolveEffect(key: key, .happened)])
        #expect(try keys(store) == [])
    }

    @Test(arguments: Engine.allCases)
    func eachPaymentOfAReusableLinkIsAnEvent(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        let link = try made(store, "tips", reusable: true)
        var seen: Set<String> = []
        for number in 1...3 {
            _ = try store.perform([.observe(try link.seen(0, payment: number))])
            seen.formUnion(try keys(store))
            // Seen again, it is the same one.
            _ = try store.perform([.observe(try link.seen(1, payment: number))])
            seen.formUnion(try keys(store))
        }
        #expect(seen.count == 3)
        #expect(seen.allSatisfy { $0.hasPrefix(Self.prefix + link.id.description + ":") })
    }

    @Test(arguments: Engine.allCases)
    func aShortPaymentIsAnEventOfItsOwnAndNeverOneOfPaid(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        let link = try made(store, "order-1")
        _ = try store.perform([.observe(try link.seen(1, payment: 1, received: link.amount.microUSDC - 1))])
        let key = Self.prefix + link.id.description
        #expect(try keys(store) == [])
        #expect(try keys(store, .underpaid) == [key])
        #expect(try store.record(of: link.id)?.key == "order-1")
        // The rest comes: that is the payment in full.
        _ = try store.perform([.observe(try link.seen(1, payment: 2))])
        #expect(try keys(store) == [key])
        // A link that is made as paid short has no other event either.
        let tips = try made(store, "tips", reusable: true)
        _ = try store.perform([.observe(try tips.seen(0, payment: 1))])
        _ = try store.perform([.observe(try tips.seen(0, payment: 2, received: 1))])
        #expect(try keys(store, .underpaid).count == 2)
        #expect(try keys(store).count == 2)
        _ = try store.perform([.observe(try tips.seen(0, payment: 3, received: tips.amount.microUSDC + 1))])
        #expect(try keys(store).count == 3 && (try keys(store, .underpaid)).count == 2)
    }

    @Test(arguments: Engine.allCases)
    func eventsComeInPagesInTheirOrderAndByKey(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        var expected: [String] = []
        for number in 1...7 {
            let link = try made(store, number.isMultiple(of: 2) ? "order-\(number)" : "offer-\(number)")
            fixture.clock.now += Int64(number % 3)
            _ = try store.perform([.observe(try link.seen(2))])
            expected.append(Self.prefix + link.id.description)
        }
        var found: [String] = []
        var query = FollowUpQuery(.expired, prefix: Self.prefix, since: 0)
        query.limit = 2
        while case let page = try store.followUps(query), let last = page.last {
            found += page.map(\.key)
            query.after = (last.at, last.record.row)
        }
        #expect(found == expected)
        #expect(try keys(store, .expired) { $0.keyPrefix = "order-" } == [expected[1], expected[3], expected[5]])
        #expect(
            try fixture.open(LedgerFixture.neighbour).followUps(FollowUpQuery(.expired, prefix: "", since: 0)) == [])
    }

    @Test(arguments: Engine.allCases)
    func aFollowerKeepsItsBeginning(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        let start = fixture.clock.now
        func since(_ name: String, _ since: Int64? = nil) throws -> Int64 {
            guard case .follower(let since) = try store.perform([.follow(name: name, since: since)])[0] else {
                throw UnexpectedAnswer()
            }
            return since
        }
        #expect(try since("a") == start)
        fixture.clock.now += 50
        #expect(try since("a") == start)
        #expect(try since("b") == start + 50)
        #expect(try since("a", start + 20) == start)
        #expect(try since("a", start - 20) == start - 20)
        #expect(try since("a") == start - 20)
        #expect(try since("c", start + 5_000) == start + 50)
    }

    @Test(arguments: Engine.allCases)
    func everyCommitChangesTheMark(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open(), other = try fixture.open()
        let before = try store.changeMark()
        #expect(try store.changeMark() == before)
        let link = try made(other, "order-1")
        // Between hosts it is told a moment after the commit.
        var after = try store.changeMark()
        for _ in 0..<500 where after == before {
            usleep(10_000)
            after = try store.changeMark()
        }
        #expect(after != before)
        _ = try store.perform([.observe(try link.seen(1))])
        #expect(try store.changeMark() != after)
    }

    @Test func whatWasRecordedBeforeCanBeFollowed() throws {
        // A ledger that the version before left: its rows get their marks by the migration.
        let fixture = LedgerFixture(.sqlite)
        do {
            let store = try fixture.sqlite()
            let paid = try made(store, "paid")
            _ = try made(store, "open")
            _ = try store.perform([.observe(try paid.seen(1, payment: 1))])
            store.close()
        }
        try SQLiteFile.execute(
            """
            DROP INDEX links_open; DROP INDEX links_paid; DROP INDEX links_expired; DROP TABLE followers;
            ALTER TABLE links DROP COLUMN is_open; ALTER TABLE links DROP COLUMN payment_mark;
            ALTER TABLE links DROP COLUMN paid_at; ALTER TABLE links DROP COLUMN expired_at;
            DELETE FROM grdb_migrations WHERE identifier = '0004 following';
            """, in: fixture.path)
        let store = try fixture.sqlite()
        #expect(try store.links(rows: store.openLinks()).map(\.key) == ["open"])
        #expect(try keys(store).count == 1)
    }
}
