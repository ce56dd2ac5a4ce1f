// A ledger's way from one engine to another.

import Advice
import OneShotPay
import Testing

@testable import Ledger

@Suite struct LedgerCopyTests {
    /// A ledger with something in every table.
    private func fill(_ fixture: LedgerFixture) throws {
        let store = try fixture.open()
        let row = try store.grant(Sample.claim("order-1, \"quoted\" — ünïcode"))
        #expect(try store.finish(row, .done(Sample.link(1), possibleOrphans: 2)))
        _ = try store.perform([
            .observe(try Sample.link(1).seen(1, payment: 1)), .follow(name: "shop", since: 5), .dismiss(row, by: "me"),
        ])
        for number in 2...1_200 {
            let row = try store.grant(Sample.claim(number % 3 == 0 ? nil : "order-\(number)"))
            if number % 2 == 0 {
                #expect(try store.finish(row, .rejected(problem: "no", possibleOrphans: number % 3)))
            }
        }
        try store.runEffect("ship")
        store.close()
        let book = try JobBookTests.book(fixture)
        try book.end(try book.begin(JobBookTests.start()), exitStatus: 0, logTail: "line\n")
        try book.endProcess(exitStatus: 0)
        book.close()
    }

    private func place(_ fixture: LedgerFixture) throws -> LedgerPlace {
        fixture.engine == .postgres ? .server(LedgerServer(address: try fixture.address())) : .file(fixture.path)
    }

    private func copy(_ from: LedgerFixture, _ to: LedgerFixture) throws -> LedgerCopy.Outcome {
        try LedgerCopy.run(from: try place(from), to: try place(to), words: .neutral)
    }

    @Test(arguments: [(Engine.sqlite, Engine.postgres), (.postgres, .sqlite), (.postgres, .postgres)])
    func bothHaveTheSameRowsAndTheCopyIsUsedOn(_ from: Engine, _ to: Engine) throws {
        let source = LedgerFixture(from), target = LedgerFixture(to)
        try fill(source)
        let outcome = try copy(source, target)
        #expect(outcome.rows["links"] == 1_200 && outcome.rows["payments"] == 1 && outcome.rows["job_runs"] == 1)
        #expect(outcome.added == outcome.rows.values.reduce(0, +))
        let again = try copy(source, target)
        #expect(again.added == 0 && again.digest == outcome.digest, "what is there stays")
        let (old, new) = (try source.open(), try target.open())
        var query = LinkQuery()
        query.limit = 5_000
        #expect(try old.links(query).map(\.withoutRun) == new.links(query).map(\.withoutRun))
        #expect(try new.effect(key: "ship")?.state == .running)
        #expect(try new.effectsInDoubt(nil).map(\.key) == ["ship"], "its run is not here")
        // What comes next gets a number behind them.
        #expect(try new.grant(Sample.claim("next")) == 1_201)
        #expect(try JobBookTests.book(target).runs().map(\.logTail) == ["line\n"])
    }

    @Test func aCopyThatBrokeOffGoesOn() throws {
        let source = LedgerFixture(.sqlite), target = LedgerFixture(.postgres)
        try fill(source)
        _ = try copy(source, target)
        let connection = try PostgresServer.shared.get().connect(try target.address())
        try connection.execute(
            [
                "DELETE FROM paylink.job_runs", "DELETE FROM paylink.dismissals", "DELETE FROM paylink.effects",
                "DELETE FROM paylink.payments", "DELETE FROM paylink.links WHERE id > 700",
            ], until: .now + .seconds(10))
        let outcome = try copy(source, target)
        #expect(outcome.added == 500 + 4)
        #expect(outcome.rows["links"] == 1_200)
    }

    @Test func anotherLedgerIsNotMixedIn() throws {
        let source = LedgerFixture(.sqlite), target = LedgerFixture(.postgres)
        try fill(source)
        let store = try target.open()
        _ = try store.grant(Sample.claim("of its own"))
        store.close()
        let failure = #expect(throws: LedgerError.self) { try copy(source, target) }
        #expect(failure?.message.contains("has other rows") == true, "\(failure?.message ?? "")")
        var query = LinkQuery()
        query.limit = 10
        #expect(try target.open().links(query).map(\.key) == ["of its own"])
    }

    @Test(arguments: [Engine.sqlite, .postgres])
    func aLedgerInUseIsLeftAlone(_ engine: Engine) throws {
        let source = LedgerFixture(engine), target = LedgerFixture(engine == .sqlite ? .postgres : .sqlite)
        let store = try source.open()
        _ = try store.grant(Sample.claim("under way"))
        let failure = #expect(throws: LedgerError.self) { try copy(source, target) }
        #expect(failure?.code == .busy)
        #expect(failure?.message.contains("is in use by process") == true, "\(failure?.message ?? "")")
        store.close()
    }
}

extension LinkRecord {
    /// Its run is the same, and alive in one ledger only.
    fileprivate var withoutRun: LinkRecord {
        var record = self
        record.isRunAlive = false
        return record
    }
}
