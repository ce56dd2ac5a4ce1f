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
        /// When the lease is to be renewed, and when others may be told of something.
        var renewAt: ContinuousClock.Instant
        var tellAt = ContinuousClock.now
        /// What others have yet to be told of, by account.
        var news: [String: LedgerNews] = [:]
        /// For tests: as if the process were stopped.
        var isPaused = false
    }

    private let state: Mutex<State>
    private let hasLost = Atomic<Bool>(false)
    private let lease: Duration
    private let address: PostgresAddress
    private let library: PostgresLibrary
    private let bell = WakeBell()

    /// Others are told so often at most.
    private static let tellPause = Duration.milliseconds(50)

    private static let holdsLock = PostgresStatement(
        "holds lock",
        """
        SELECT EXISTS (
            SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted AND objsubid = 2
                AND classid::bigint = $2 AND objid::bigint = ($1::bigint & 2147483647))
        """)
    private static let process = PostgresStatement("process", "SELECT pg_backend_pid()")
    private static let count = PostgresStatement("count change", "SELECT nextval('paylink.changes')")
    private static let notify = PostgresStatement("notify", "SELECT pg_notify($1, $2)")
    private static let begin = PostgresStatement(
        "begin run",
        """
        WITH made AS (
            INSERT INTO paylink.runs (command, host, pid, started_at)
            VALUES ($1, $2, $3, coalesce($4, floor(extract(epoch FROM clock_timestamp()))::bigint))
            RETURNING id)
        SELECT id, pg_advisory_lock($5, (id & 2147483647)::integer) FROM made
        """)
    /// What nobody asks for any more: leases of runs that have ended, and markers whose commits were settled long ago.
    private static let sweepLeases = PostgresStatement(
        "sweep leases",
        """
        DELETE FROM paylink.leases USING paylink.runs
        WHERE runs.id = run_id AND (runs.ended_at IS NOT NULL OR until < clock_timestamp() - interval '1 day')
        """)
    private static let sweepMarks = PostgresStatement(
        "sweep marks",
        "DELETE FROM paylink.commits WHERE made_at < clock_timestamp() - interval '1 day'")
    private static let sweepDemands = PostgresStatement(
        "sweep demands", "DELETE FROM paylink.demands WHERE told_at < clock_timestamp() - interval '1 hour'")
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
        state = Mutex(State(connection: connection, renewAt: .now + options.lease / 4))
        var batch = PostgresBatch()
        batch.add(Self.beginLease)
        batch.bind(id)
        batch.bind(seconds)
        batch.add(Self.sweepLeases)
        batch.add(Self.sweepMarks)
        batch.add(Self.sweepDemands)
        _ = try connection.run(batch, until: deadline)
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
            if !state.hasEnded, !state.isPaused {
                state.tellAt = .now
                tell(&state, until: .now + .seconds(1))
            }
            state.hasEnded = true
            state.connection = nil
        }
        bell.ring()
    }

    /// A pool that gives each transaction another connection of the server's cannot carry a lock of a session: the run would
    /// count as dead, or as alive for ever.
    func refuseSharedSessions(
        with other: PostgresConnection, until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) {
        try state.withLock { (state) throws(PostgresFailure) in
            guard let own = state.connection, own.isPooled, other.isPooled else { return }
            for _ in 0..<5 {
                let first = try own.query(Self.process, until: deadline).int64(0, 0)
                let second = try other.query(Self.process, until: deadline).int64(0, 0)
                let isHeld = try holdsLock(own, until: deadline)
                if first != second, isHeld { continue }
                throw PostgresFailure(
                    kind: .unusable,
                    message:
                        "\(own.place): a pool stands before the server that shares a connection among transactions; the "
                        + "ledger needs sessions of its own: use the pool's session mode (pool_mode = session), or the "
                        + "server's own port")
            }
        }
    }

    /// Whether the lock is this very session's, and no other one's of a pool.
    private func holdsLock(
        _ connection: PostgresConnection, until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) -> Bool {
        try connection.query(Self.holdsLock, until: deadline) {
            $0.bind(run)
            $0.bind(Int64(PostgresSchema.lockClass))
        }.bool(0, 0)
    }

    // MARK: The thread

    private func startRenewing() {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Renewal(self, bell))
        let failed = pthread_create(
            &thread, nil,
            { argument in
                // Safe because: it was retained for this thread alone.
                let renewal = Unmanaged<Renewal>.fromOpaque(argument!).takeRetainedValue()
                while let pause = renewal.lifeline?.idleTime {
                    renewal.bell.wait(pause)
                    guard let lifeline = renewal.lifeline, lifeline.goesOn() else { return nil }
                }
                return nil
            }, context.toOpaque())
        guard failed == 0 else {
            context.release()
            return noteLoss()
        }
        pthread_detach(thread)
    }

    private final class Renewal {
        weak var lifeline: PostgresLifeline?
        let bell: WakeBell

        init(_ lifeline: PostgresLifeline, _ bell: WakeBell) {
            self.lifeline = lifeline
            self.bell = bell
        }
    }

    /// Until there is something to do.
    private var idleTime: Duration {
        state.withLock { state in
            let next = state.news.isEmpty ? state.renewAt : min(state.renewAt, state.tellAt)
            return max(next - .now, .zero)
        }
    }

    // MARK: News

    /// Tells others soon of what was committed. Not in its transaction: those that notify are committed one after the other.
    func tell(_ news: LedgerNews, of scope: LedgerScope) {
        state.withLock { $0.news[PostgresEar.name(of: scope), default: LedgerNews()].add(news) }
        bell.ring()
    }

    private func tell(_ state: inout State, until deadline: ContinuousClock.Instant) {
        guard !state.news.isEmpty, state.tellAt <= .now else { return }
        guard let connection = state.connection, !connection.isBroken else {
            state.tellAt = .now + .seconds(1)
            return
        }
        var batch = PostgresBatch()
        batch.add(Self.count)
        for (name, news) in state.news {
            batch.add(Self.notify)
            batch.bind(PostgresEar.topic)
            batch.bind("\(name) \(news.text)")
        }
        // Whoever hears nothing looks by itself.
        _ = try? connection.run(batch, until: deadline)
        state.news = [:]
        state.tellAt = .now + Self.tellPause
    }

    // MARK: Renewing

    /// Renews the lease. False once there is nothing more to renew.
    private func goesOn() -> Bool {
        state.withLock { state in
            guard !state.hasEnded, !isLost else { return false }
            let begun = ContinuousClock.now
            if state.isPaused {
                state.renewAt = begun + lease / 4
                return true
            }
            tell(&state, until: begun + min(lease / 4, .seconds(2)))
            guard state.renewAt <= .now else { return true }
            // Whoever wants to end it waits no longer than this.
            renew(&state, until: begun + min(lease / 4, .seconds(2)))
            return !isLost
        }
    }

    /// The lease has run out, as where the server was away for longer: it is taken up again unless somebody has taken the run for
    /// dead meanwhile.
    func revive(until deadline: ContinuousClock.Instant) {
        state.withLock { state in
            guard !state.hasEnded, !isLost else { return }
            renew(&state, until: min(deadline, .now + .seconds(2)))
        }
    }

    private func renew(_ state: inout State, until deadline: ContinuousClock.Instant) {
        switch renew(&state.connection, until: deadline) {
        case true?: state.renewAt = .now + lease / 4
        case false?:
            noteLoss()
            state.connection = nil
        case nil: state.renewAt = .now + min(lease / 4, .seconds(1))
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
        if let pooled = connection, pooled.isPooled, (try? holdsLock(pooled, until: deadline)) != true {
            connection = nil
            return nil
        }
        let seconds = String(lease / .seconds(1))
        let changes = try? connection?.query(Self.renew, until: deadline) {
            $0.bind(run)
            $0.bind(seconds)
        }.changes
        return changes.map { $0 == 1 }
    }
}
