// What tests do to a server's sessions, and calls that have to wait.

import Glibc
import Synchronization

@testable import Ledger

extension LedgerFixture {
    /// Ends the session in which a store's run is alive.
    func endSession(of store: PostgresLedger) throws {
        guard let process = store.lifeline?.processID else { return }
        try kill(session: process)
    }

    fileprivate func kill(session process: Int32) throws {
        let connection = try PostgresServer.shared.get().connect(try address())
        try connection.execute("SELECT pg_terminate_backend(\(process), 5000)", until: .now + .seconds(10))
    }

    /// Waits until others see a store's run alive.
    func waitUntilAlive(_ store: PostgresLedger) throws {
        let connection = try PostgresServer.shared.get().connect(try address())
        let run = store.lifeline?.run
        for _ in 0..<300 {
            if try connection.query(PostgresSQL.lives, until: .now + .seconds(5), { $0.bind(run) }).bool(0, 0) {
                return
            }
            usleep(10_000)
        }
    }

    /// Cuts the sessions of a ledger's stores, one after the other, until it is stopped.
    func cutter(every microseconds: UInt32) throws -> Cutter {
        Cutter(try PostgresServer.shared.get().connect(try address()), microseconds)
    }
}

/// Ends sessions at random moments, all but those in which a run is alive.
final class Cutter: @unchecked Sendable {
    // Safe because: the connection is the thread's own; the numbers are read once it has ended.
    private let connection: PostgresConnection
    private let pause: UInt32
    private var thread = pthread_t()
    private let isStopped = Atomic<Bool>(false)
    private(set) var cuts = 0
    private var hasEnded = false

    init(_ connection: PostgresConnection, _ pause: UInt32) {
        self.connection = connection
        self.pause = pause
        pthread_create(
            &thread, nil,
            { argument in
                // Safe because: `stop` waits for the thread before the cutter goes.
                Unmanaged<Cutter>.fromOpaque(argument!).takeUnretainedValue().cut()
                return nil
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func cut() {
        let statement = PostgresStatement(
            "cut",
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'paylink' AND pid <> pg_backend_pid()
                AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.pid = pg_stat_activity.pid AND locktype = 'advisory')
            """)
        while !isStopped.load(ordering: .relaxed) {
            usleep(pause + UInt32.random(in: 0..<pause))
            cuts += (try? connection.query(statement, until: .now + .seconds(5)).int(0, 0)) ?? 0
        }
    }

    func stop() {
        guard !hasEnded else { return }
        isStopped.store(true, ordering: .relaxed)
        pthread_join(thread, nil)
        hasEnded = true
    }
}

/// Something that is done on a thread of its own, and its result.
final class Waiting<Value: Sendable>: @unchecked Sendable {
    // Safe because: the thread writes the result before it ends, and it is read after that.
    private let body: @Sendable () throws -> Value
    private var result: Result<Value, any Error>?
    private var thread = pthread_t()

    init(_ body: @escaping @Sendable () throws -> Value) {
        self.body = body
        pthread_create(
            &thread, nil,
            { argument in
                // Safe because: `value` waits for the thread before this goes.
                let waiting = Unmanaged<AnyObject>.fromOpaque(argument!).takeUnretainedValue() as? any Runs
                waiting?.run()
                return nil
            }, Unmanaged.passUnretained(self as AnyObject).toOpaque())
    }

    func value() throws -> Value? {
        pthread_join(thread, nil)
        return try result?.get()
    }
}

private protocol Runs { func run() }

extension Waiting: Runs {
    fileprivate func run() { result = Result { try body() } }
}
