// One transaction around a group of changes: fenced at its beginning, marked at its end.

import OneShotPay

/// A group of changes that one run commits.
struct PostgresGroup {
    /// The SQLSTATE with which a group ends whose run was taken for dead.
    static let fenced = "PY001"

    let run: Int64
    /// By which a commit is found whose answer was lost.
    let id: String

    init(run: Int64) {
        self.run = run
        id = EffectToken.random()
    }

    private static let begin = PostgresStatement("begin", "BEGIN")
    private static let commit = PostgresStatement("commit", "COMMIT")
    private static let rollBack = PostgresStatement("rollback", "ROLLBACK")

    /// The run's row is locked against whoever would take the run for dead, and then its lease is compared: a condition
    /// beside the lock would not be asked again after the wait for it.
    private static let fence = PostgresStatement(
        "fence",
        """
        WITH me AS MATERIALIZED (SELECT is_fenced, lease_until FROM paylink.runs WHERE id = $1 FOR SHARE)
        SELECT CASE WHEN (SELECT NOT is_fenced AND lease_until > clock_timestamp() FROM me) THEN true
            ELSE paylink.stop('the run was taken for dead', '\(fenced)') END
        """)
    private static let mark = PostgresStatement("mark", "INSERT INTO paylink.commits (id, run_id) VALUES ($1, $2)")
    private static let waitForRun = PostgresStatement(
        "wait for run", "SELECT FROM paylink.runs WHERE id = $1 FOR UPDATE")
    private static let find = PostgresStatement("find mark", "SELECT FROM paylink.commits WHERE id = $1")

    func addFence(to batch: inout PostgresBatch) {
        batch.add(Self.fence)
        batch.bind(run)
    }

    func addMark(to batch: inout PostgresBatch) {
        batch.add(Self.mark)
        batch.bind(id)
        batch.bind(run)
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

    /// Whether the group is committed although its answer was lost. What was under way of it is over then: its lock on the
    /// run's row is waited for.
    func isCommitted(on connection: PostgresConnection, until deadline: ContinuousClock.Instant) throws(PostgresFailure)
        -> Bool
    {
        var batch = PostgresBatch()
        batch.add(Self.waitForRun)
        batch.bind(run)
        batch.add(Self.find)
        batch.bind(id)
        let results = try connection.run(batch, until: deadline)
        return results[1].count == 1
    }
}
