// What others see of a run: a lock that a session of its own holds, which the server frees the moment that the session ends,
// and a lease that a thread of its own renews, which runs out where a host vanishes or a process is stopped.

import Glibc
import Synchronization

/// The session that keeps a run alive.
final class PostgresLifeline: Sendable {
    let run: Int64

    private struct State: @unchecked Sendable {
        // Safe because: the connection is used only while the lock is held.
        var connection: PostgresConnection?
        var isLost = false
        var hasEnded = false
        /// For tests: as if the process were stopped.
        var isPaused = false
    }

    private let state: Mutex<State>
    private let lease: Duration

    private static let begin = PostgresStatement(
        "begin run",
        """
        WITH made AS (
            INSERT INTO paylink.runs (command, host, pid, started_at, lease_until)
            VALUES ($1, $2, $3, coalesce($4, extract(epoch FROM clock_timestamp())::bigint),
                clock_timestamp() + make_interval(secs => $5))
            RETURNING id)
        SELECT id, pg_advisory_lock($6, (id & 2147483647)::integer) FROM made
        """)
    private static let renew = PostgresStatement(
        "renew run",
        """
        UPDATE paylink.runs SET lease_until = clock_timestamp() + make_interval(secs => $2)
        WHERE id = $1 AND NOT is_fenced
        """)

    /// Begins a run.
    init(
        _ address: PostgresAddress, _ library: PostgresLibrary, _ run: RunDescription,
        _ options: PostgresLedger.Options,
        until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) {
        let connection = try PostgresConnection.open(address, library, until: deadline)
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        var batch = PostgresBatch()
        batch.add(Self.begin)
        batch.bind(run.command)
        batch.bind(utf8: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
        batch.bind(Int64(getpid()))
        batch.bind(options.now?())
        batch.bind(String(options.lease / .seconds(1)))
        batch.bind(Int64(PostgresSchema.lockClass))
        let results = try connection.run(batch, until: deadline)
        self.run = results[0].int64(0, 0)
        lease = options.lease
        state = Mutex(State(connection: connection))
        startRenewing()
    }

    /// Whether others may have taken the run for dead: nothing is committed in its name any more.
    var isLost: Bool { state.withLock { $0.isLost } }

    func noteLoss() { state.withLock { $0.isLost = true } }

    var processID: Int32? { state.withLock { $0.connection?.processID } }

    /// For tests: nobody renews the lease any more, and nobody notices.
    func pause() { state.withLock { $0.isPaused = true } }

    /// Lets go of the lock, and of the session with it.
    func end() {
        state.withLock { state in
            state.hasEnded = true
            state.connection = nil
        }
    }

    private func startRenewing() {
        let pause = UInt32(lease / 4 / .microseconds(1))
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Renewal(self, pause))
        let failed = pthread_create(
            &thread, nil,
            { argument in
                // Safe because: it was retained for this thread alone.
                let renewal = Unmanaged<Renewal>.fromOpaque(argument!).takeRetainedValue()
                while true {
                    usleep(renewal.pause)
                    guard let lifeline = renewal.lifeline, lifeline.renew() else { return nil }
                }
            }, context.toOpaque())
        guard failed == 0 else {
            context.release()
            return noteLoss()
        }
        pthread_detach(thread)
    }

    private final class Renewal {
        weak var lifeline: PostgresLifeline?
        let pause: UInt32

        init(_ lifeline: PostgresLifeline, _ pause: UInt32) {
            self.lifeline = lifeline
            self.pause = pause
        }
    }

    /// False once there is nothing more to renew.
    private func renew() -> Bool {
        state.withLock { state in
            if state.isPaused { return true }
            guard !state.hasEnded, !state.isLost, let connection = state.connection else { return false }
            var batch = PostgresBatch()
            batch.add(Self.renew)
            batch.bind(run)
            batch.bind(String(lease / .seconds(1)))
            let renewed = try? connection.run(batch, until: .now + lease / 2).first?.changes
            if renewed != 1 {
                state.isLost = true
                state.connection = nil
            }
            return renewed == 1
        }
    }
}
