// Several runs at one ledger on a server: who follows which links, who hears of what, and how an account's requests are divided.

import Glibc
import OneShotPay
import Synchronization
import Testing

@testable import Ledger

@Suite struct PostgresSharingTests {
    /// Links whose rows lie in many shards.
    private func fill(_ fixture: LedgerFixture, shards: Int) throws -> Int {
        let store = try fixture.postgres()
        _ = try store.perform([.claim(Sample.claim("first"))])
        let connection = try PostgresServer.shared.get().connect(try fixture.address())
        // As many open links as shards, a thousand rows apart.
        try connection.execute(
            """
            INSERT INTO paylink.links (id, scope_id, key, state, run_id, is_held, attempts, possible_orphans, amount_micro,
                created_at, updated_at, description, terms, link_id, link, is_open)
            OVERRIDING SYSTEM VALUE
            SELECT n * 1000, scope_id, 'key-' || n, 'done', run_id, false, 1, 0, amount_micro, created_at, updated_at,
                description, terms, lpad(n::text, 36, '0'), '{}', true
            FROM paylink.links, generate_series(1, \(shards)) n WHERE key = 'first'
            """, until: .now + .seconds(10))
        return shards
    }

    private func follow(_ fixture: LedgerFixture, _ name: String = "shop") throws -> PostgresLedger {
        let store = try fixture.postgres()
        _ = try store.perform([.follow(name: name, since: nil)])
        _ = try store.changeMark()
        return store
    }

    /// Looks as a watch does, until it has what is expected or some time is over.
    private func look(_ stores: [PostgresLedger], until isDone: ([Set<LinkRow>]) -> Bool) throws -> [Set<LinkRow>] {
        let end = ContinuousClock.now + .seconds(20)
        while true {
            for store in stores { _ = try store.changeMark() }
            let rows = try stores.map { Set(try $0.openLinks()) }
            if isDone(rows) || ContinuousClock.now > end { return rows }
            usleep(200_000)
        }
    }

    @Test func openLinksAreDividedAmongThoseThatFollowAndHandedOver() throws {
        let fixture = LedgerFixture(.postgres)
        let all = try fill(fixture, shards: 64)
        let first = try follow(fixture)
        #expect(try first.openLinks().count == all, "alone it has all of them")
        let second = try follow(fixture)
        let other = try follow(fixture, "another script")
        #expect(try other.openLinks().count == all, "what it follows is its own")
        func isDivided(_ rows: [Set<LinkRow>]) -> Bool {
            rows.map(\.count).reduce(0, +) == all && rows.allSatisfy { $0.count >= all / rows.count }
        }
        var rows = try look([first, second], until: isDivided)
        #expect(isDivided(rows), "\(rows.map(\.count))")
        #expect(rows[0].isDisjoint(with: rows[1]))
        let third = try follow(fixture)
        rows = try look([first, second, third]) { $0.map(\.count).sorted() == [21, 21, 22] }
        #expect(rows.map(\.count).sorted() == [21, 21, 22])
        #expect(rows.reduce(into: Set()) { $0.formUnion($1) }.count == all)
        fixture.kill(first)
        rows = try look([second, third], until: isDivided)
        #expect(isDivided(rows), "\(rows.map(\.count))")
    }

    @Test func eventsAndEndedLinksAreOfOnesShareAlone() throws {
        let fixture = LedgerFixture(.postgres)
        _ = try fill(fixture, shards: 64)
        let connection = try PostgresServer.shared.get().connect(try fixture.address())
        try connection.execute(
            "UPDATE paylink.links SET ended_at = 1800000000 WHERE is_open", until: .now + .seconds(10))
        let stores = [try follow(fixture), try follow(fixture)]
        _ = try look(stores) { $0.allSatisfy { $0.count == 32 } }
        let ended = try stores.map { Set(try $0.endedLinks(since: 0).map(\.row)) }
        #expect(ended.map(\.count) == [32, 32])
        #expect(ended[0].isDisjoint(with: ended[1]))
    }

    @Test func whatOneRecordsAnotherHearsOf() async throws {
        let fixture = LedgerFixture(.postgres)
        let listener = try fixture.postgres(), writer = try fixture.postgres()
        let heard = Mutex<[LedgerNews]>([])
        listener.listen { news in heard.withLock { $0.append(news) } }
        let row = try writer.grant(Sample.claim("order-1"))
        let link = try Sample.link(1)
        #expect(try writer.finish(row, .done(link, possibleOrphans: 0)))
        func hears(_ isIt: @Sendable (LedgerNews) -> Bool) async throws -> Bool {
            for _ in 0..<500 {
                if heard.withLock({ $0.contains(where: isIt) }) { return true }
                try await Task.sleep(for: .milliseconds(10))
            }
            return false
        }
        #expect(try await hears { $0.changed.isEmpty }, "there is a new link")
        let before = try listener.changeMark()
        #expect(try writer.perform([.observe(try link.seen(1, payment: 1))]) == [.changed(true)])
        #expect(try await hears { $0.changed == [link.id] })
        #expect(try listener.changeMark() != before)
    }

    @Test func theRunsOfAnAccountDivideItsRequests() throws {
        let fixture = LedgerFixture(.postgres)
        let first = try fixture.postgres(), second = try fixture.postgres()
        let stranger = try fixture.postgres(LedgerFixture.neighbour)
        #expect(try first.agree(AccountUse(waiting: 2, isCreating: false))?.waiting == 1)
        let part = try #require(try second.agree(AccountUse(waiting: 6, isCreating: true)))
        #expect(part.waiting == 0.75 && part.creators == 1)
        #expect(try first.agree(AccountUse(waiting: 2, isCreating: true))?.creators == 2)
        #expect(try stranger.agree(AccountUse(waiting: 6, isCreating: false))?.waiting == 1)
        let refused = AccountUse(waiting: 2, isCreating: false, isRefused: true, pause: .seconds(30))
        #expect(try first.agree(refused)?.refusals == 1)
        let told = try #require(try second.agree(AccountUse(waiting: 6, isCreating: false)))
        #expect(told.refusals == 1)
        #expect(told.pause > .seconds(20) && told.pause <= .seconds(30))
        #expect(try stranger.agree(AccountUse(waiting: 6, isCreating: false))?.refusals == 0)
    }

    @Test func enginesOfOneHostDivideNothing() throws {
        for engine in [Engine.sqlite, .memory] {
            #expect(try LedgerFixture(engine).open().agree(AccountUse(waiting: 1, isCreating: false)) == nil)
        }
    }
}

@Suite struct ShardRuleTests {
    /// Lets each run act in turn until nobody changes anything.
    private func settle(_ holders: inout [Int: Int64], _ living: Set<Int64>) -> Int {
        var moves = 0
        for _ in 0..<10 {
            var isQuiet = true
            for run in living.sorted() {
                let change = ShardRules.change(of: run, holders: holders, living: living)
                for shard in change.gives { holders[shard] = nil }
                for shard in change.takes { holders[shard] = run }
                moves += change.takes.count
                isQuiet = isQuiet && change.isNone
            }
            if isQuiet { break }
        }
        return moves
    }

    @Test func everyShardGetsAHolderAndNobodyMoreThanOneMoreThanAnother() {
        var holders: [Int: Int64] = [:]
        for living in [[1], [1, 2], [1, 2, 3], [2, 3], [3], [3, 9, 12, 14, 15], Set(1...64), Set(1...100)]
            as [Set<Int64>]
        {
            _ = settle(&holders, living)
            #expect(holders.count == ShardRules.count && Set(holders.values).isSubset(of: living))
            let counts = living.map { run in holders.values.count { $0 == run } }
            #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1, "\(counts)")
        }
    }

    @Test func whoComesTakesItsPartAndNothingElseMoves() {
        var holders: [Int: Int64] = [:]
        _ = settle(&holders, [1, 2, 3])
        #expect(settle(&holders, [1, 2, 3, 4]) == 16)
        #expect(settle(&holders, [1, 2, 3, 4]) == 0)
        #expect(settle(&holders, [1, 2, 4]) == 16)
    }

    @Test func aThousandRowsOnEndAreOfOneShard() {
        #expect(
            ShardRules.shard(of: 1_000) == 1 && ShardRules.shard(of: 1_999) == 1 && ShardRules.shard(of: 64_000) == 0)
    }

    /// Its time is given before it is committed, and until then nobody sees it: the mark waits for it.
    @Test func aPaymentWhoseCommitIsUnderWayIsNotPassed() throws {
        let fixture = LedgerFixture(.postgres)
        let store = try fixture.postgres()
        let prefix = "watch:shop:paid:"
        let start = fixture.clock.now
        let links = try (1...3).map { number in
            let link = try Seen().link
            let row = try store.grant(Sample.claim("order-\(number)"))
            #expect(try store.finish(row, .done(link, possibleOrphans: 0)))
            return link
        }
        func pay(_ link: PayLink) throws {
            fixture.clock.now += 60
            _ = try store.perform([.observe(try link.seen(1, payment: 1))])
            let claimed = try store.perform([
                .claimEffect(EffectClaim(key: prefix + link.id.description, mode: .atMost))
            ])
            guard case .effect(.run(let row, _, _)) = claimed[0] else { throw UnexpectedAnswer() }
            _ = try store.perform([.finishEffect(row, .done(result: nil))])
        }
        try pay(links[0])
        let slow = try PostgresServer.shared.get().connect(try fixture.address())
        let deadline = ContinuousClock.now + .seconds(30)
        try slow.execute("BEGIN", until: deadline)
        try slow.execute(
            """
            UPDATE paylink.links SET status = 'paid', payment_mark = '', paid_at = \(fixture.clock.now + 1)
            WHERE link_id = '\(links[1].id)'
            """, until: deadline)
        try pay(links[2])
        var query = FollowUpQuery(.paid, prefix: prefix, since: start)
        query.step = 1...10
        for _ in 0..<4 {
            fixture.clock.now += 600
            _ = try store.perform([.passOver(query)])
        }
        try slow.execute("COMMIT", until: deadline)
        #expect(try store.followUps(query).map(\.key) == [prefix + links[1].id.description])
        // And is passed when it is done.
        try store.perform([.claimEffect(EffectClaim(key: prefix + links[1].id.description, mode: .atMost))]).forEach {
            guard case .effect(.run(let row, _, _)) = $0 else { throw UnexpectedAnswer() }
            _ = try store.perform([.finishEffect(row, .done(result: nil))])
        }
        func mark() throws -> Int64 {
            let found = try slow.query(
                PostgresStatement("mark", "SELECT max(claimed_before) FROM paylink.followed"), until: .now + .seconds(5)
            )
            return found.int64(0, 0)
        }
        for _ in 0..<500 where try mark() <= start + 120 {
            fixture.clock.now += 600
            _ = try store.perform([.passOver(query)])
            usleep(10_000)
        }
        #expect(try mark() > start + 120)
    }
}
