// Runs: recorded with their first write, alive as long as their store, dead the moment it is gone.

import Glibc
import OneShotPay
import Testing

@testable import Ledger

@Suite struct SQLiteRunTests {
    @Test func leavesNoTraceOfAProcessThatOnlyReads() throws {
        let fixture = LedgerFixture()
        try fixture.bring("order-1", to: .done)
        let before = try fixture.sqlite(nil).runs().count
        let reader = try fixture.sqlite()
        guard case .recorded = try reader.claim() else { throw UnexpectedAnswer() }
        #expect(try !reader.change(.observe(try Sample.link())))
        _ = try reader.links(LinkQuery())
        #expect(try !reader.change(.endRun(exitStatus: 0)))
        #expect(try reader.runs().count == before)
    }

    @Test func recordsWhoWroteAndHowItEnded() throws {
        let fixture = LedgerFixture()
        let first = try fixture.sqlite()
        try first.grant(Sample.claim("a"))
        try first.grant(Sample.claim("b"))
        let second = try fixture.sqlite()
        try second.runEffect()
        fixture.clock.now += 9
        #expect(try second.change(.endRun(exitStatus: 75)))
        #expect(try !second.change(.endRun(exitStatus: 0)), "it has ended")
        second.close()

        let runs = try fixture.sqlite(nil).runs()
        #expect(runs.map(\.id) == [2, 1])
        #expect(runs.map(\.command) == ["test", "test"])
        #expect(runs.map(\.pid) == [getpid(), getpid()])
        #expect(runs.map(\.startedAt) == [1_800_000_000, 1_800_000_000])
        #expect(runs.map(\.endedAt) == [1_800_000_009, nil])
        #expect(runs.map(\.exitStatus) == [75, nil])
        #expect(runs.map(\.isAlive) == [false, true])
        #expect(try fixture.sqlite(nil).runs(limit: 1).map(\.id) == [2])
        first.close()
        #expect(try fixture.sqlite(nil).runs().map(\.isAlive) == [false, false])
    }

    @Test func freesItsRowsWhenAStoreIsDropped() throws {
        let fixture = LedgerFixture()
        var store: SQLiteLedger? = try fixture.sqlite()
        try store?.grant()
        let other = try fixture.sqlite()
        guard case .busy = try other.claim() else { throw UnexpectedAnswer() }
        store = nil
        // A program that another test starts at this moment has a copy of the descriptor, and the lock with it, until it runs.
        var answer = try other.claim()
        for _ in 0..<500 {
            guard case .busy = answer else { break }
            usleep(10_000)
            answer = try other.claim()
        }
        guard case .granted(_, possibleOrphans: 1) = answer else { throw UnexpectedAnswer() }
    }

    @Test func keepsItsRowsWhenAnotherStoreOfTheProcessCloses() throws {
        let fixture = LedgerFixture()
        let holder = try fixture.sqlite()
        try holder.grant()
        // With locks that belong to the process, closing any descriptor of the file would free them all.
        for index in 0..<3 {
            let passing = try fixture.sqlite()
            guard case .busy = try passing.claim() else { throw UnexpectedAnswer() }
            try passing.grant(Sample.claim("other-\(index)"))
            passing.close()
        }
        #expect(try holder.finish(1, .done(try Sample.link(), possibleOrphans: 0)))
    }

    @Test func givesAnIdBackWithAnUnfinishedTransaction() throws {
        let fixture = LedgerFixture()
        try fixture.bring("order-1", to: .done)
        let full = try fixture.sqlite { $0.maximumPages = 1 }
        let error = #expect(throws: LedgerError.self) {
            try full.perform((0..<2_000).map { .claim(Sample.claim("full-\($0)")) })
        }
        #expect(error?.code == .full)
        let next = try fixture.sqlite()
        try next.grant(Sample.claim("order-2"))
        #expect(try next.record("order-2").run == 2, "the id that was taken back")
        // The store that failed is no run of the ledger, so it holds nothing.
        next.close()
        try fixture.sqlite().grant(Sample.claim("order-2"), orphans: 1)
        withExtendedLifetime(full) {}
    }

    @Test func decidesNothingByTheClock() throws {
        let fixture = LedgerFixture()
        let store = try fixture.sqlite()
        try store.grant()
        fixture.clock.now -= 1_000_000
        let other = try fixture.sqlite()
        guard case .busy = try other.claim() else { throw UnexpectedAnswer() }
        #expect(try store.finish(1, .done(try Sample.link(), possibleOrphans: 0)))
        #expect(try store.record().updatedAt < (try store.record().createdAt))
        try other.grant(Sample.claim("order-2"))
        #expect(try other.links(LinkQuery()).map(\.key) == ["order-1", "order-2"])
        guard case .recorded = try other.claim() else { throw UnexpectedAnswer() }
    }
}
