// What only a server can do: be away, lose answers, be made by others; and what only many machines meet.

import Foundation
import Glibc
import OneShotPay
import Synchronization
import Testing

@testable import Ledger

@Suite struct PostgresTests {
    @Test func aRunWhoseSessionEndsIsTakenOverAndCommitsNothingMore() throws {
        let fixture = LedgerFixture(.postgres)
        let first = try fixture.postgres(), second = try fixture.open()
        let row = try first.grant()
        guard case .busy = try second.claim() else { throw UnexpectedAnswer() }
        // Its lifeline's session ends; the process goes on, and does not know it yet.
        try fixture.endSession(of: first)
        try second.grant(orphans: 1)
        #expect(try !first.finish(row, .rejected(problem: "late", possibleOrphans: 0)))
        #expect(try second.record().state == .sent)
    }

    @Test func aRunThatIsStoppedLosesItsLease() throws {
        let fixture = LedgerFixture(.postgres)
        let first = try fixture.postgres { $0.lease = .milliseconds(400) }, second = try fixture.open()
        let row = try first.grant()
        // Nobody renews it: as if its process were stopped, while its session stands.
        first.lifeline?.pause()
        for _ in 0..<200 {
            if case .granted(_, 1) = try second.claim() { break }
            usleep(10_000)
        }
        #expect(try !first.change(.sending(row, possibleOrphans: 0)))
        #expect(try second.record().run != first.record().run || second.record().possibleOrphans == 1)
    }

    /// An outage that is longer than the lease, and nobody who has taken the run for dead meanwhile.
    @Test(arguments: [true, false]) func aRunThatNobodyJudgedGoesOnAfterItsLeaseHasRunOut(isQuick: Bool) throws {
        let fixture = LedgerFixture(.postgres)
        let store = try fixture.postgres {
            $0.lease = .milliseconds(400)
            $0.isQuick = isQuick
        }
        let row = try store.grant(Sample.claim("a"))
        let run = store.lifeline?.run
        store.lifeline?.pause()
        try fixture.endSession(of: store)
        usleep(600_000)
        #expect(try store.finish(row, .rejected(problem: "no", possibleOrphans: 0)))
        #expect(try store.grant(Sample.claim("b")) > row)
        #expect(store.lifeline?.run == run)
    }

    /// The fence asks once it has the lock: what is true before a wait need not be so behind it.
    @Test(arguments: [true, false]) func aGroupThatWaitedForItsJudgeCommitsNothing(isQuick: Bool) throws {
        let fixture = LedgerFixture(.postgres)
        let store = try fixture.postgres { $0.isQuick = isQuick }
        let row = try store.grant()
        let judge = try PostgresServer.shared.get().connect(try fixture.address())
        func tell(_ text: String) throws {
            _ = try judge.query(PostgresStatement("test \(text)", text), until: .now + .seconds(10))
        }
        try tell("BEGIN")
        try tell("SELECT FROM paylink.runs WHERE id = \(try #require(store.lifeline?.run)) FOR UPDATE")
        let waiting = Mutex<Result<Bool, any Error>?>(nil)
        Thread.detachNewThread {
            let result = Result { try store.finish(row, .rejected(problem: "late", possibleOrphans: 0)) }
            waiting.withLock { $0 = result }
        }
        usleep(300_000)
        #expect(waiting.withLock { $0 == nil }, "it waits for the lock")
        try tell("UPDATE paylink.runs SET is_fenced = true WHERE id = \(try #require(store.lifeline?.run))")
        try tell("COMMIT")
        for _ in 0..<1_000 where waiting.withLock({ $0 == nil }) { usleep(10_000) }
        #expect(try waiting.withLock { $0 }?.get() == false)
        #expect(try store.record().state == .sent)
    }

    /// What was given up while the server was at it may be committed all the same: asked for again, it is what it was.
    @Test func aGroupThatWasGivenUpIsAdoptedOrMade() throws {
        let fixture = LedgerFixture(.postgres)
        let store = try fixture.postgres { $0.patience = .milliseconds(700) }
        let row = try store.grant(Sample.claim("a"))
        let other = try PostgresServer.shared.get().connect(try fixture.address())
        try other.execute("SELECT 1", until: .now + .seconds(5))
        let locks = PostgresStatement("locks", "SELECT FROM paylink.links FOR UPDATE")
        _ = try other.query(PostgresStatement("b", "BEGIN"), until: .now + .seconds(5))
        _ = try other.query(locks, until: .now + .seconds(5))
        #expect(throws: LedgerError.self) { try store.finish(row, .rejected(problem: "no", possibleOrphans: 0)) }
        _ = try other.query(PostgresStatement("c", "COMMIT"), until: .now + .seconds(5))
        usleep(300_000)
        let again = LedgerOperation.finish(row, .rejected(problem: "no", possibleOrphans: 0))
        #expect(try store.change(again))
        #expect(try store.record("a").state == .rejected)
        // Once it is answered it is one of many: the row is nobody's.
        #expect(try !store.change(again))
    }

    /// The session in which it is alive ends; it is made again before the lease runs out, and nobody has noticed.
    @Test func aLifelineThatWasCutIsMadeAgain() throws {
        let fixture = LedgerFixture(.postgres)
        let store = try fixture.postgres { $0.lease = .seconds(4) }
        let row = try store.grant()
        try fixture.endSession(of: store)
        try fixture.waitUntilAlive(store)
        let other = try fixture.open()
        guard case .busy = try other.claim() else { throw UnexpectedAnswer() }
        #expect(try store.finish(row, .rejected(problem: "no", possibleOrphans: 0)))
    }

    @Test func aLeaseIsRenewedBesideALongGroup() throws {
        let fixture = LedgerFixture(.postgres)
        let store = try fixture.postgres { $0.lease = .milliseconds(800) }
        let row = try store.grant()
        let holder = try PostgresServer.shared.get().connect(try fixture.address())
        // As a group of its own would, for longer than the lease.
        _ = try holder.query(PostgresStatement("b", "BEGIN"), until: .now + .seconds(5))
        _ = try holder.query(PostgresStatement("s", "SELECT FROM paylink.runs FOR SHARE"), until: .now + .seconds(5))
        usleep(1_500_000)
        _ = try holder.query(PostgresStatement("c", "COMMIT"), until: .now + .seconds(5))
        #expect(try store.change(.sending(row, possibleOrphans: 0)))
    }

    /// A run that takes up again what it gave back is alive, whatever was read of the row before.
    @Test func aRowThatIsTakenUpWhileOthersWaitForItIsBusy() throws {
        let fixture = LedgerFixture(.postgres)
        let first = try fixture.postgres(), second = try fixture.postgres { $0.isQuick = false }
        let row = try first.grant(Sample.claim(isSending: false))
        #expect(try first.finish(row, .notSent(problem: "no", possibleOrphans: 0)))
        // The first run's transaction, held open where it has taken the row again.
        let holder = try PostgresServer.shared.get().connect(try fixture.address())
        _ = try holder.query(PostgresStatement("b", "BEGIN"), until: .now + .seconds(5))
        _ = try holder.query(
            PostgresStatement("u", "UPDATE paylink.links SET is_held = true, state = 'sent'"), until: .now + .seconds(5)
        )
        let waiting = Waiting { try second.claim() }
        usleep(300_000)
        _ = try holder.query(PostgresStatement("c", "COMMIT"), until: .now + .seconds(5))
        guard case .busy? = try waiting.value() else { throw UnexpectedAnswer() }
    }

    @Test func theLastMarkerOfARunIsAllThatIsLeft() throws {
        let fixture = LedgerFixture(.postgres)
        let store = try fixture.postgres()
        for number in 0..<20 { try store.grant(Sample.claim("order-\(number)")) }
        let connection = try PostgresServer.shared.get().connect(try fixture.address())
        let count = PostgresStatement("count", "SELECT count(*) FROM paylink.commits")
        #expect(try connection.query(count, until: .now + .seconds(5)).int(0, 0) == 1)
    }

    @Test func aRunThatRenewsItsLeaseKeepsIt() throws {
        let fixture = LedgerFixture(.postgres)
        let first = try fixture.postgres { $0.lease = .milliseconds(400) }, second = try fixture.open()
        let row = try first.grant()
        for _ in 0..<12 {
            usleep(100_000)
            guard case .busy = try second.claim() else { throw UnexpectedAnswer() }
        }
        #expect(try first.change(.sending(row, possibleOrphans: 0)))
    }

    /// Whatever the moment at which the session of a store is cut: what it says is recorded is there, once.
    @Test(arguments: [true, false])
    func aCutSessionIsNoLossAndNoRepetition(isQuick: Bool) throws {
        let fixture = LedgerFixture(.postgres)
        let store = try fixture.postgres {
            $0.patience = .seconds(20)
            $0.isQuick = isQuick
        }
        let cutter = try fixture.cutter(every: 30_000)
        defer { cutter.stop() }
        for number in 0..<150 {
            let row = try store.grant(Sample.claim("order-\(number)", isSending: false))
            #expect(try store.change(.sending(row, possibleOrphans: 0)))
            #expect(try store.finish(row, .rejected(problem: "no", possibleOrphans: 0)))
            let other = try store.grant(Sample.claim(nil, isSending: true))
            #expect(try store.finish(other, .notSent(problem: "no", possibleOrphans: 0)))
        }
        cutter.stop()
        #expect(cutter.cuts > 2, "only \(cutter.cuts) cuts")
        var query = LinkQuery()
        query.limit = 1_000
        let records = try store.links(query)
        #expect(records.count == 300 && records.allSatisfy { !$0.isHeld && $0.attempts == 1 })
    }

    @Test func twoStoresShareKeysWithoutADeadlock() async throws {
        let fixture = LedgerFixture(.postgres)
        let stores = try (0..<4).map { _ in try fixture.postgres() }
        let granted = await withTaskGroup(of: Int.self) { group in
            for (index, store) in stores.enumerated() {
                group.addTask {
                    var granted = 0
                    for round in 0..<250 {
                        // The same ten keys, in four orders.
                        let keys = (0..<10).map { "k\(round * 10 + ($0 * [1, 3, 7, 9][index]) % 10)" }
                        let claims = keys.map { LedgerOperation.claim(Sample.claim($0)) }
                        for answer in (try? store.perform(claims)) ?? [] {
                            if case .claim(.granted) = answer { granted += 1 }
                        }
                    }
                    return granted
                }
            }
            return await group.reduce(0, +)
        }
        var query = LinkQuery()
        query.limit = 5_000
        let records = try stores[0].links(query)
        #expect(records.count == 2_500)
        #expect(granted == 2_500)
        let connection = try PostgresServer.shared.get().connect(try fixture.address())
        let deadlocks = PostgresStatement(
            "deadlocks", "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        #expect(try connection.query(deadlocks, until: .now + .seconds(5)).int64(0, 0) == 0)
    }

    @Test(arguments: [
        ("postgres://u:hunter2@h/d", "has a password in it"), ("postgres://u@/d", "names no host"),
        ("postgres://u@a,b/d?port=1,2,3", "hosts"), ("postgres://u@h:5432/d?sslmod=x", "is none that PostgreSQL knows"),
        ("postgres://u:hunter2@[h/d", "is none that PostgreSQL knows"),
    ])
    func anAddressThatCannotBeIsToldWithoutItsSecrets(_ address: String, _ why: String) throws {
        let failure = #expect(throws: LedgerError.self) {
            try PostgresLedger(LedgerServer(address: address), scope: nil, run: RunDescription(command: "test"))
        }
        #expect(failure?.message.contains(why) == true, "\(failure?.message ?? "")")
        #expect(failure?.message.contains("hunter2") == false)
    }

    @Test func aDatabaseWithoutALedgerOrWithAnothersSchemaIsLeftAsItIs() throws {
        let server = try PostgresServer.shared.get()
        for (name, statement, why) in [
            ("bare", "SELECT 1", "there is no ledger in this database: let its schema be made"),
            ("foreign", "CREATE SCHEMA paylink", "none of ours"),
        ] {
            let database = "\(name)_\(getpid())"
            try server.execute("CREATE DATABASE \(database)", in: "postgres")
            try server.execute(statement, in: database)
            let failure = #expect(throws: LedgerError.self) {
                try PostgresLedger(
                    LedgerServer(address: server.address(database)), scope: nil, run: RunDescription(command: "test"))
            }
            #expect(failure?.message.contains(why) == true, "\(failure?.message ?? "")")
        }
    }

    @Test func theSchemaIsMadeOnceHoweverManyMakeIt() async throws {
        let server = try PostgresServer.shared.get()
        let database = "many_\(getpid())"
        try server.execute("CREATE DATABASE \(database)", in: "postgres")
        let address = server.address(database)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    #expect(throws: Never.self) { try PostgresLedger.prepare(LedgerServer(address: address)) }
                }
            }
        }
        _ = try PostgresLedger(LedgerServer(address: address), scope: nil, run: RunDescription(command: "test"))
    }
}

@Suite struct PostgresTextTests {
    /// PostgreSQL refuses to read a JSON text in which U+0000 is escaped, in whichever of its strings.
    @Test func aLinkWithANulInItsTextsIsListedByItsStatus() throws {
        let fixture = LedgerFixture(.postgres)
        let json = """
            {"id":"\(Sample.ids[0])","userId":null,"username":"shop","status":0,"amount":12500000,\
            "description":"a\\u0000b\\\\u0000","mediaUrl":null,"expirationTimestamp":null,"reuseable":false,\
            "payerDefinedAmount":false,"archived":false,"ignoredByRequestedPayer":false,"paymentCount":0,\
            "deletable":true,"createdTimestamp":1800000000,"updatedTimestamp":1800000001}
            """
        let page = CheckoutPage(baseURL: LedgerFixture.scope.baseURL)
        let link = try Array(json.utf8).withUnsafeBytes { try PayLink(json: $0, page: page) }
        for isQuick in [true, false] {
            let store = try fixture.postgres { $0.isQuick = isQuick }
            let row = try store.grant(Sample.claim("order \(isQuick)"))
            #expect(try store.finish(row, .done(link, possibleOrphans: 0)))
        }
        var query = LinkQuery()
        query.status = "active"
        query.limit = 10
        let found = try fixture.postgres().links(query)
        #expect(found.map { $0.link?.description } == ["a\u{FFFD}b\\u0000", "a\u{FFFD}b\\u0000"])
    }
}
