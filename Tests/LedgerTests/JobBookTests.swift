// Runs of jobs, in a file and on a server: begun, ended, skipped, cut off, counted, pruned, and led by one at a time.

import Glibc
import OneShotPay
import Testing

@testable import Ledger

@Suite struct JobBookTests {
    static let engines = [Engine.sqlite, Engine.postgres]

    static func book(_ fixture: LedgerFixture) throws -> any JobBook {
        guard fixture.engine == .postgres else {
            return try SQLiteJobBook(path: fixture.path, command: "run --job daily", options: fixture.options)
        }
        var options = PostgresLedger.Options()
        options.now = { [clock = fixture.clock] in clock.now }
        return try PostgresJobBook(
            LedgerServer(address: try fixture.address()), command: "run --job daily", options: options)
    }

    static func kill(_ book: any JobBook, of fixture: LedgerFixture) {
        if let book = book as? SQLiteJobBook { fixture.kill(book.store) }
        if let book = book as? PostgresJobBook { fixture.kill(book.store) }
    }

    /// How the runs of the ledger ended, the newest first.
    static func ends(_ fixture: LedgerFixture) throws -> [Int32?] {
        guard fixture.engine == .postgres else { return try fixture.sqlite(nil).runs().map(\.exitStatus) }
        let connection = try PostgresServer.shared.get().connect(try fixture.address())
        let ends = PostgresStatement("ends", "SELECT exit_status FROM paylink.runs ORDER BY id DESC")
        let found = try connection.query(ends, until: .now + .seconds(10))
        return (0..<found.count).map { found.optionalInt64($0, 0).map { Int32($0) } }
    }

    static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func start(_ slot: Int64? = 1_799_990_000, missed: Int = 0, job: String = "daily") -> JobStart {
        JobStart(job: job, slot: slot, slotText: slot.map { "slot \($0)" }, missed: missed)
    }

    @Test(arguments: engines) func recordsARunFromItsBeginningToItsEnd(_ engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let book = try Self.book(fixture)
        let id = try book.begin(Self.start(missed: 2))
        #expect(try book.run(id)?.outcome == .running)
        fixture.clock.now += 7
        try book.end(id, exitStatus: 3, logTail: "line\n")
        let expected = JobRecord(
            id: id, job: "daily", outcome: .ran, slot: 1_799_990_000, slotText: "slot 1799990000", missed: 2,
            pid: getpid(), host: engine == .postgres ? Self.host : nil, startedAt: 1_800_000_000,
            endedAt: 1_800_000_007, exitStatus: 3, reason: nil, links: 0,
            effects: 0, logTail: "line\n")
        #expect(try book.run(id) == expected)
        try book.end(id, exitStatus: 0, logTail: nil)
        #expect(try book.run(id) == expected, "it has ended")
        #expect(try book.run(id + 1) == nil)
    }

    @Test(arguments: engines) func recordsWhyARunWasSkipped(_ engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let book = try Self.book(fixture)
        let id = try book.skip(Self.start(), reason: "run 1 still goes on")
        let record = try #require(try book.run(id))
        #expect(record.outcome == .skipped)
        #expect(record.reason == "run 1 still goes on")
        #expect(record.endedAt == record.startedAt)
        #expect(record.exitStatus == nil)
    }

    @Test(arguments: engines) func countsWhatTheRunMadeAndNothingOfOthers(_ engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        try fixture.bring("before", to: .done)
        let book = try Self.book(fixture)
        let id = try book.begin(Self.start())
        let store = book.ledger(LedgerFixture.scope)
        let row = try store.grant(Sample.claim("made"))
        #expect(try store.finish(row, .done(Sample.link(1), possibleOrphans: 0)))
        try store.grant(Sample.claim("under way"))
        try store.runEffect("ship")
        // Of the same process, but of no run of the job's.
        try fixture.bring("beside", to: .done)
        try fixture.open().runEffect("of somebody else")
        try book.end(id, exitStatus: 0, logTail: nil)
        #expect(try book.run(id)?.links == 1)
        #expect(try book.run(id)?.effects == 1)
    }

    @Test(arguments: engines) func theRunsOfOneProcessAreToldApart(_ engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let book = try Self.book(fixture)
        let first = try book.begin(Self.start(100))
        let store = book.ledger(LedgerFixture.scope)
        try store.grant(Sample.claim("cut off", isSending: false))
        store.close()
        try book.end(first, exitStatus: 4, logTail: nil)
        let second = try book.begin(Self.start(200))
        let next = book.ledger(LedgerFixture.scope)
        // The first run is over: its claim holds nobody up.
        let row = try next.grant(Sample.claim("cut off"))
        #expect(try next.finish(row, .done(Sample.link(1), possibleOrphans: 0)))
        next.close()
        try book.end(second, exitStatus: 0, logTail: nil)
        try book.endProcess(exitStatus: 0)
        #expect(try Self.ends(fixture) == [0, 4])
    }

    @Test(arguments: engines) func aRunWhoseProcessIsGoneWasInterruptedAndIsReportedOnce(_ engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let lost = try Self.book(fixture)
        let id = try lost.begin(Self.start())
        let other = try lost.begin(Self.start(job: "weekly"))
        let book = try Self.book(fixture)
        #expect(try book.run(id)?.outcome == .running)
        #expect(try book.markInterrupted(job: "daily").isEmpty)
        Self.kill(lost, of: fixture)
        #expect(try book.run(id)?.outcome == .interrupted)
        #expect(try book.run(id)?.endedAt == nil)
        #expect(try book.markInterrupted(job: "daily").map(\.id) == [id])
        #expect(try book.run(id)?.endedAt == 1_800_000_000)
        #expect(try book.markInterrupted(job: "daily").isEmpty)
        #expect(try book.run(other)?.outcome == .interrupted)
    }

    @Test(arguments: engines) func theLastSlotIsTheNewestThatWasDealtWithAndHasCome(_ engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let book = try Self.book(fixture)
        #expect(try book.lastSlot(job: "daily", now: 2_000_000_000) == nil)
        try book.end(try book.begin(Self.start(100)), exitStatus: 0, logTail: nil)
        try book.skip(Self.start(300), reason: "busy")
        try book.end(try book.begin(Self.start(200)), exitStatus: 1, logTail: nil)
        try book.end(try book.begin(Self.start(nil)), exitStatus: 1, logTail: nil)
        try book.end(try book.begin(Self.start(900, job: "weekly")), exitStatus: 1, logTail: nil)
        #expect(try book.lastSlot(job: "daily", now: 2_000_000_000) == 300)
        #expect(try book.lastSlot(job: "daily", now: 299) == 200, "a wrong clock wrote the other")
    }

    @Test(arguments: engines) func listsTheNewestFirstByJobAndState(_ engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let book = try Self.book(fixture)
        let first = try book.skip(Self.start(100), reason: "busy")
        let second = try book.begin(Self.start(200))
        let third = try book.skip(Self.start(300, job: "weekly"), reason: "busy")
        #expect(try book.runs().map(\.id) == [third, second, first])
        #expect(try book.runs(job: "daily").map(\.id) == [second, first])
        #expect(try book.runs(job: "daily", states: [.skipped]).map(\.id) == [first])
        #expect(try book.runs(limit: 1).map(\.id) == [third])
        #expect(try book.runs(job: "none").isEmpty)
    }

    @Test(arguments: engines) func keepsTheLastThousandRunsOfEachJob(_ engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let book = try Self.book(fixture)
        let other = try book.skip(Self.start(1, job: "weekly"), reason: "busy")
        for slot in 1...(JobBooks.kept + 5) { try book.skip(Self.start(Int64(slot)), reason: "busy") }
        let slots = try book.runs(job: "daily", limit: 5000).compactMap(\.slot)
        #expect(slots.count == JobBooks.kept)
        #expect(slots.last == 6)
        #expect(try book.run(other) != nil)
    }

    @Test(arguments: engines) func recordsHowTheProcessEnded(_ engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let book = try Self.book(fixture)
        try book.skip(Self.start(), reason: "busy")
        try book.endProcess(exitStatus: 75)
        book.close()
        #expect(try Self.ends(fixture) == [75])
    }

    @Test(arguments: engines) func oneAtATimeLeadsAJobAndTheNextOnceItsProcessIsGone(
        _ engine: Engine
    ) throws {
        let fixture = LedgerFixture(engine)
        let first = try Self.book(fixture), second = try Self.book(fixture)
        var lock: (any JobLock)? = try first.lock("daily")
        #expect(try lock?.take() == true)
        let id = try first.begin(Self.start(100))
        let waiting = try second.lock("daily")
        #expect(try !waiting.take())
        #expect(try second.lock("weekly").take(), "another job is none of its business")
        try first.end(id, exitStatus: 0, logTail: nil)
        #expect(try !waiting.take(), "it may begin another slot")
        let next = try first.begin(Self.start(200))
        #expect(try !waiting.take())
        Self.kill(first, of: fixture)
        // The kernel gives a file's lock back with the process.
        lock = nil
        #expect(try waiting.take(within: .seconds(5)))
        #expect(try second.markInterrupted(job: "daily").map(\.id) == [next])
        #expect(try second.lastSlot(job: "daily", now: 1_000) == 200)
    }

    @Test func aBookThatIsOnlyReadLeavesNoTraceAndMakesNoFile() throws {
        let fixture = LedgerFixture()
        var options = fixture.options
        options.createsFile = false
        #expect(throws: LedgerError.self) { try SQLiteJobBook(path: fixture.path, command: "runs", options: options) }
        let book = try Self.book(fixture)
        #expect(try book.runs().isEmpty)
        try book.endProcess(exitStatus: 0)
        #expect(try fixture.sqlite(nil).runs().isEmpty)
    }
}
