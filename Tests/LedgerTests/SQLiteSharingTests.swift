// Many stores on one file: nobody is told of SQLite's locks, nobody gets what another has, nothing is half done.

import Glibc
import OneShotPay
import Synchronization
import TestSupport
import Testing

@testable import Ledger

@Suite struct SQLiteSharingTests {
    @Test func opensANewLedgerManyTimesAtOnce() async throws {
        for _ in 0..<5 {
            let fixture = LedgerFixture()
            let failures = await Threads.run(24) { index in
                let store = try fixture.sqlite()
                try store.grant(Sample.claim("order-\(index)"))
                store.close()
            }
            #expect(failures.isEmpty, "\(failures)")
            #expect(try fixture.sqlite(nil).links(LinkQuery()).count == 24)
            #expect(Set(try fixture.sqlite(nil).runs().map(\.id)) == Set(1...24))
        }
    }

    @Test func grantsAKeyToOneRunAtATime() async throws {
        let fixture = LedgerFixture()
        let keys = (0..<40).map { "order-\($0)" }
        let holders = Mutex<[String: Int]>([:])
        let requests = Mutex(0)
        let failures = await Threads.run(8) { _ in
            let store = try fixture.sqlite()
            var rest = keys.shuffled()
            while !rest.isEmpty {
                let asked = Array(rest.prefix(6))
                let answers = try store.perform(asked.map { .claim(Sample.claim($0)) })
                var outcomes: [LedgerOperation] = []
                for (key, answer) in zip(asked, answers) {
                    switch answer {
                    case .claim(.granted(let row, possibleOrphans: 0)):
                        let others = holders.withLock { holders in
                            defer { holders[key, default: 0] += 1 }
                            return holders[key, default: 0]
                        }
                        #expect(others == 0, "\(key) is granted twice at a time")
                        requests.withLock { $0 += 1 }
                        // Some fail before a byte has left, and are free for everybody again.
                        let fails = Int.random(in: 0..<3) == 0
                        outcomes.append(
                            .finish(
                                row,
                                fails
                                    ? .notSent(problem: "no route", possibleOrphans: 0)
                                    : .done(try Sample.link(), possibleOrphans: 0)))
                        holders.withLock { $0[key, default: 1] -= 1 }
                        if !fails { rest.removeAll { $0 == key } }
                    case .claim(.recorded): rest.removeAll { $0 == key }
                    case .claim(.busy): rest.shuffle()
                    default: Issue.record("\(answer)")
                    }
                }
                #expect(try store.perform(outcomes).allSatisfy { $0 == .changed(true) })
            }
            store.close()
        }
        #expect(failures.isEmpty, "\(failures)")
        let records = try fixture.sqlite().links(keys: keys).compactMap(\.self)
        #expect(records.count == 40)
        #expect(records.allSatisfy { $0.state == .done && $0.possibleOrphans == 0 })
        #expect(records.map(\.attempts).reduce(0, +) == requests.withLock { $0 })
    }

    @Test(arguments: ["IMMEDIATE", "EXCLUSIVE"])
    func waitsForAnotherProcess(kind: String) async throws {
        let fixture = LedgerFixture()
        let store = try fixture.sqlite()
        let path = fixture.path
        let isHeld = Mutex(false)
        let failures = await Threads.run(2) { index in
            if index == 0 {
                let holder = try SQLiteFile(path)
                try holder.execute("BEGIN \(kind)")
                isHeld.withLock { $0 = true }
                usleep(60_000)
                try holder.execute("COMMIT")
            } else {
                while !isHeld.withLock({ $0 }) { sched_yield() }
                try store.grant()
                try fixture.sqlite().grant(Sample.claim("order-2"))
            }
        }
        #expect(failures.isEmpty, "\(failures)")
        #expect(try store.links(LinkQuery()).count == 2)
    }

    @Test func givesUpOnAHeldLedgerInTime() throws {
        let fixture = LedgerFixture()
        let store = try fixture.sqlite { $0.busyTimeout = .milliseconds(40) }
        try store.grant()
        let holder = try SQLiteFile(fixture.path)
        try holder.execute("BEGIN IMMEDIATE")
        let clock = ContinuousClock()
        let start = clock.now
        let error = #expect(throws: LedgerError.self) { try store.perform([.claim(Sample.claim("order-2"))]) }
        #expect(clock.now - start >= .milliseconds(40))
        #expect(error?.code == .busy)
        #expect(error?.message.contains(fixture.path) == true)
        #expect(try store.record().state == .sent, "reading goes on")
        try holder.execute("COMMIT")
        try store.grant(Sample.claim("order-2"))
    }

    @Test func givesUpOnALedgerThatIsBeingOpenedInTime() throws {
        let fixture = LedgerFixture()
        let locks = try RunLocks(path: fixture.path + ".runs")
        #expect(try locks.take(0))
        let error = #expect(throws: LedgerError.self) { try fixture.sqlite { $0.busyTimeout = .milliseconds(20) } }
        #expect(error?.code == .busy)
        locks.give(0)
        try fixture.sqlite().grant()
    }

    @Test func changesNothingWhenTheDiskIsFull() throws {
        let fixture = LedgerFixture()
        let store = try fixture.sqlite { $0.maximumPages = 34 }
        var committed: [LinkRow] = []
        let error = #expect(throws: LedgerError.self) {
            while committed.count < 10_000 {
                let keys = (0..<8).map { "order-\(committed.count + $0)" }
                for case .claim(.granted(let row, _)) in try store.perform(keys.map { .claim(Sample.claim($0)) }) {
                    committed.append(row)
                }
            }
        }
        #expect(error?.code == .full)
        #expect(error?.message.contains(fixture.path) == true)
        #expect(committed.count > 8)
        var query = LinkQuery()
        query.limit = .max
        #expect(try store.links(query).map(\.row) == committed)

        // What came before the end is whole, a link that no longer fits can be recorded once there is space.
        #expect(try store.record("order-0").state == .sent)
        let roomier = try fixture.sqlite { $0.maximumPages = 400 }
        try roomier.grant(Sample.claim("order-\(committed.count)"))
        #expect(try store.finish(committed[0], .notSent(problem: "x", possibleOrphans: 0)))
    }
}

/// Threads of their own: stores block, and the threads of Swift's tasks are as few as the processors.
enum Threads {
    private final class Work {
        let body: @Sendable (Int) throws -> Void
        let index: Int
        let done: @Sendable ((any Error)?) -> Void

        init(
            _ index: Int, _ body: @escaping @Sendable (Int) throws -> Void,
            _ done: @escaping @Sendable ((any Error)?) -> Void
        ) {
            self.index = index
            self.body = body
            self.done = done
        }
    }

    /// Runs a body on many threads at once, and gives what they threw.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) async -> [any Error] {
        await withTaskGroup(of: (any Error)?.self) { group in
            for index in 0..<count {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        start(Work(index, body) { continuation.resume(returning: $0) })
                    }
                }
            }
            var failures: [any Error] = []
            for await failure in group { if let failure { failures.append(failure) } }
            return failures
        }
    }

    private static func start(_ work: Work) {
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                // Safe because: start() passes exactly one retained Work, never nil.
                let work = Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue()
                do {
                    try work.body(work.index)
                    work.done(nil)
                } catch {
                    work.done(error)
                }
                return nil
            }, Unmanaged.passRetained(work).toOpaque())
        precondition(status == 0, "no thread to be had")
        pthread_detach(thread)
    }
}
