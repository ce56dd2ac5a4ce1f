// One transaction around a group of changes: fenced at its beginning, marked at its end.

import OneShotPay

/// A group of changes that one run commits.
struct PostgresGroup {
    /// The SQLSTATE with which a group ends whose run was taken for dead.
    static let fenced = "PY001"

    let run: Int64
    /// By which a commit is found whose answer was lost.
    let id: String
    /// That of the group before.
    let last: String?

    init(run: Int64, after last: String?) {
        self.run = run
        self.last = last
        id = EffectToken.random()
    }

    private static let begin = PostgresStatement("begin", "BEGIN ISOLATION LEVEL READ COMMITTED")
    private static let commit = PostgresStatement("commit", "COMMIT")
    private static let rollBack = PostgresStatement("rollback", "ROLLBACK")

    private static let hasLease = "SELECT until > clock_timestamp() FROM paylink.leases WHERE run_id = $1"

    /// The run's row is locked against whoever would take the run for dead, and then its lease is compared: a condition
    /// beside the lock would not be asked again after the wait for it.
    private static let fence = PostgresStatement(
        "fence",
        """
        WITH me AS MATERIALIZED (SELECT is_fenced FROM paylink.runs WHERE id = $1 FOR SHARE)
        SELECT CASE WHEN (SELECT NOT is_fenced FROM me) AND (\(hasLease)) THEN true
            ELSE paylink.stop('the run was taken for dead', '\(fenced)') END
        """)
    /// Last of a group: it commits only while the run's lease stands. The marker before it, which was answered, goes.
    private static let mark = PostgresStatement(
        "mark",
        """
        WITH old AS (DELETE FROM paylink.commits WHERE id = $3::uuid)
        INSERT INTO paylink.commits (id, run_id)
        SELECT $2::uuid, $1::bigint
        WHERE CASE WHEN (\(hasLease)) THEN true ELSE paylink.stop('the lease has run out', '\(fenced)') END
        """)
    private static let waitForRun = PostgresStatement(
        "wait for run", "SELECT FROM paylink.runs WHERE id = $1 FOR UPDATE")
    /// Takes the marker's place if it is not there: a group that lies unread before the server cannot be committed any more.
    private static let void = PostgresStatement(
        "void mark", "INSERT INTO paylink.commits (id, run_id) VALUES ($1, 0) ON CONFLICT (id) DO NOTHING")
    private static let find = PostgresStatement("find mark", "SELECT run_id <> 0 FROM paylink.commits WHERE id = $1")

    func addFence(to batch: inout PostgresBatch) {
        batch.add(Self.fence)
        batch.bind(run)
    }

    func addMark(to batch: inout PostgresBatch) {
        batch.add(Self.mark)
        batch.bind(run)
        batch.bind(id)
        batch.bind(last)
    }

    func begin(on connection: PostgresConnection, until deadline: ContinuousClock.Instant) throws(PostgresFailure) {
        var batch = PostgresBatch()
        batch.add(Self.begin)
        addFence(to: &batch)
        do throws(PostgresFailure) { _ = try connection.run(batch, until: deadline) } catch {
            rollBack(on: connection, until: deadline)
            throw error
        }
    }

    func commit(on connection: PostgresConnection, until deadline: ContinuousClock.Instant) throws(PostgresFailure) {
        var batch = PostgresBatch()
        addMark(to: &batch)
        batch.add(Self.commit)
        _ = try connection.run(batch, until: deadline)
    }

    func rollBack(on connection: PostgresConnection, until deadline: ContinuousClock.Instant) {
        guard !connection.isBroken else { return }
        var batch = PostgresBatch()
        batch.add(Self.rollBack)
        _ = try? connection.run(batch, until: deadline)
    }

    /// Whether the group is committed although its answer was lost. If not, it never will be: what is under way of it is waited
    /// for by its lock on the run's row, and what the server has yet to read meets a marker that is there already.
    func isCommitted(on connection: PostgresConnection, until deadline: ContinuousClock.Instant) throws(PostgresFailure)
        -> Bool
    {
        var batch = PostgresBatch()
        batch.add(Self.waitForRun)
        batch.bind(run)
        batch.add(Self.void)
        batch.bind(id)
        batch.add(Self.find)
        batch.bind(id)
        let found = try connection.run(batch, until: deadline)[2]
        return found.count == 1 && found.bool(0, 0)
    }
}
