// What others see of a run: a lock that a session of its own holds, which the server frees the moment that the session ends,
// and a lease that a thread of its own renews, which runs out where a host vanishes or a process is stopped.

import Glibc
import Synchronization

/// The session that keeps a run alive. Where it breaks it is made again, as long as the lease stands and nobody has taken the
/// run for dead.
final class PostgresLifeline: Sendable {
    let run: Int64

    private struct State: @unchecked Sendable {
        // Safe because: the connection is used only while the lock is held.
        var connection: PostgresConnection?
        var hasEnded = false
        /// Until when the lease stands at least, by this machine's clock that only goes forward.
        var leaseEnd: ContinuousClock.Instant
        /// For tests: as if the process were stopped.
        var isPaused = false
    }

    private let state: Mutex<State>
    private let hasLost = Atomic<Bool>(false)
    private let lease: Duration
    private let address: PostgresAddress
    private let library: PostgresLibrary

    private static let begin = PostgresStatement(
        "begin run",
        """
        WITH made AS (
            INSERT INTO paylink.runs (command, host, pid, started_at)
            VALUES ($1, $2, $3, coalesce($4, floor(extract(epoch FROM clock_timestamp()))::bigint))
            RETURNING id)
        SELECT id, pg_advisory_lock($5, (id & 2147483647)::integer) FROM made
        """)
    private static let beginLease = PostgresStatement(
        "begin lease",
        "INSERT INTO paylink.leases (run_id, until) VALUES ($1, clock_timestamp() + make_interval(secs => $2))")
    private static let lock = PostgresStatement(
        "lock run alive", "SELECT pg_try_advisory_lock($2, ($1::bigint & 2147483647)::integer)")
    private static let renew = PostgresStatement(
        "renew lease",
        """
        UPDATE paylink.leases SET until = clock_timestamp() + make_interval(secs => $2)
        FROM paylink.runs WHERE runs.id = $1 AND run_id = $1 AND NOT is_fenced
        """)

    /// Begins a run.
    init(
        _ address: PostgresAddress, _ library: PostgresLibrary, _ run: RunDescription,
        _ options: PostgresLedger.Options,
        until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) {
        self.address = address
        self.library = library
        lease = options.lease
        let connection = try PostgresConnection.open(address, library, until: deadline)
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let made = try connection.query(Self.begin, until: deadline) {
            $0.bind(run.command)
            $0.bind(utf8: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
            $0.bind(Int64(getpid()))
            $0.bind(options.now?())
            $0.bind(Int64(PostgresSchema.lockClass))
        }
        let id = made.int64(0, 0), seconds = String(lease / .seconds(1))
        self.run = id
        state = Mutex(State(connection: connection, leaseEnd: .now + options.lease))
        _ = try connection.query(Self.beginLease, until: deadline) {
            $0.bind(id)
            $0.bind(seconds)
        }
        startRenewing()
    }

    /// Whether others may have taken the run for dead: nothing is committed in its name any more.
    var isLost: Bool { hasLost.load(ordering: .relaxed) }

    func noteLoss() { hasLost.store(true, ordering: .relaxed) }

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

    // MARK: Renewing

    private func startRenewing() {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Renewal(self, UInt32(lease / 4 / .microseconds(1))))
        let failed = pthread_create(
            &thread, nil,
            { argument in
                // Safe because: it was retained for this thread alone.
                let renewal = Unmanaged<Renewal>.fromOpaque(argument!).takeRetainedValue()
                while true {
                    usleep(renewal.pause)
                    guard let lifeline = renewal.lifeline, lifeline.goesOn() else { return nil }
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

    /// Renews the lease. False once there is nothing more to renew.
    private func goesOn() -> Bool {
        state.withLock { state in
            guard !state.hasEnded, !isLost else { return false }
            if state.isPaused { return true }
            let begun = ContinuousClock.now
            // Whoever wants to end it waits no longer than this.
            switch renew(&state.connection, until: begun + min(lease / 4, .seconds(2))) {
            case true?: state.leaseEnd = begun + lease
            case false?: noteLoss()
            case nil: if begun >= state.leaseEnd { noteLoss() }
            }
            if isLost { state.connection = nil }
            return !isLost
        }
    }

    /// - Returns: whether the run still counts as alive; `nil`: the server did not say.
    private func renew(_ connection: inout PostgresConnection?, until deadline: ContinuousClock.Instant) -> Bool? {
        if connection?.isBroken != false {
            connection = nil
            guard let made = try? PostgresConnection.open(address, library, until: deadline),
                let isOurs = try? made.query(
                    Self.lock, until: deadline,
                    {
                        $0.bind(run)
                        $0.bind(Int64(PostgresSchema.lockClass))
                    }
                ).bool(0, 0)
            else { return nil }
            // The session that had it may not have ended for the server.
            guard isOurs else { return nil }
            connection = made
        }
        let seconds = String(lease / .seconds(1))
        let changes = try? connection?.query(Self.renew, until: deadline) {
            $0.bind(run)
            $0.bind(seconds)
        }.changes
        return changes.map { $0 == 1 }
    }
}
