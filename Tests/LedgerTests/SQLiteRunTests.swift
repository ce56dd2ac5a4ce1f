// Runs: recorded with their first write, alive as long as their store, dead the moment it is gone.

import Glibc
import OneShotPay
import Testing

@testable import Ledger

@Suite struct SQLiteRunTests {
    @Test func leavesNoTraceOfAProcessThatOnlyReads() throws {
        let ground = LedgerGround()
        try ground.bring("order-1", to: .done)
        let before = try ground.sqlite(nil).runs().count
        let reader = try ground.sqlite()
        guard case .recorded = try reader.claim() else { throw UnexpectedAnswer() }
        #expect(try !reader.change(.observe(try Sample.link())))
        _ = try reader.links(LinkQuery())
        #expect(try !reader.change(.endRun(exitStatus: 0)))
        #expect(try reader.runs().count == before)
    }

    @Test func recordsWhoWroteAndHowItEnded() throws {
        let ground = LedgerGround()
        let first = try ground.sqlite()
        try first.grant(Sample.claim("a"))
        try first.grant(Sample.claim("b"))
        let second = try ground.sqlite()
        try second.runEffect()
        ground.clock.now += 9
        #expect(try second.change(.endRun(exitStatus: 75)))
        #expect(try !second.change(.endRun(exitStatus: 0)), "it has ended")
        second.close()

        let runs = try ground.sqlite(nil).runs()
        #expect(runs.map(\.id) == [2, 1])
        #expect(runs.map(\.command) == ["test", "test"])
        #expect(runs.map(\.pid) == [getpid(), getpid()])
        #expect(runs.map(\.startedAt) == [1_800_000_000, 1_800_000_000])
        #expect(runs.map(\.endedAt) == [1_800_000_009, nil])
        #expect(runs.map(\.exitStatus) == [75, nil])
        #expect(runs.map(\.isAlive) == [false, true])
        #expect(try ground.sqlite(nil).runs(limit: 1).map(\.id) == [2])
        first.close()
        #expect(try ground.sqlite(nil).runs().map(\.isAlive) == [false, false])
    }

    @Test func freesItsRowsWhenAStoreIsDropped() throws {
        let ground = LedgerGround()
        var store: SQLiteLedger? = try ground.sqlite()
        try store?.grant()
        let other = try ground.sqlite()
        guard case .busy = try other.claim() else { throw UnexpectedAnswer() }
        store = nil
        try other.grant(orphans: 1)
    }

    @Test func keepsItsRowsWhenAnotherStoreOfTheProcessCloses() throws {
        let ground = LedgerGround()
        let holder = try ground.sqlite()
        try holder.grant()
        // With locks that belong to the process, closing any descriptor of the file would free them all.
        for index in 0..<3 {
            let passing = try ground.sqlite()
            guard case .busy = try passing.claim() else { throw UnexpectedAnswer() }
            try passing.grant(Sample.claim("other-\(index)"))
            passing.close()
        }
        #expect(try holder.finish(1, .done(try Sample.link(), possibleOrphans: 0)))
    }

    @Test func givesAnIdBackWithAnUnfinishedTransaction() throws {
        let ground = LedgerGround()
        try ground.bring("order-1", to: .done)
        let full = try ground.sqlite { $0.maximumPages = 1 }
        let error = #expect(throws: LedgerError.self) {
            try full.perform((0..<2_000).map { .claim(Sample.claim("full-\($0)")) })
        }
        #expect(error?.code == .full)
        let next = try ground.sqlite()
        try next.grant(Sample.claim("order-2"))
        #expect(try next.record("order-2").run == 2, "the id that was taken back")
        // The store that failed is no run of the ledger, so it holds nothing.
        next.close()
        try ground.sqlite().grant(Sample.claim("order-2"), orphans: 1)
        withExtendedLifetime(full) {}
    }

    @Test func decidesNothingByTheClock() throws {
        let ground = LedgerGround()
        let store = try ground.sqlite()
        try store.grant()
        ground.clock.now -= 1_000_000
        let other = try ground.sqlite()
        guard case .busy = try other.claim() else { throw UnexpectedAnswer() }
        #expect(try store.finish(1, .done(try Sample.link(), possibleOrphans: 0)))
        #expect(try store.record().updatedAt < (try store.record().createdAt))
        try other.grant(Sample.claim("order-2"))
        #expect(try other.links(LinkQuery()).map(\.key) == ["order-1", "order-2"])
        guard case .recorded = try other.claim() else { throw UnexpectedAnswer() }
    }
}
