// What is read of jobs on a server, and the statements about them.

extension PostgresJobBook {
    func runs(job: String?, states: Set<JobOutcome>, limit: Int) throws(LedgerError) -> [JobRecord] {
        // Whether a run is cut off is not in its row, so what is chosen is chosen after it was read.
        let read = try records(job: job, id: nil, limit: states.isEmpty ? limit : .max)
        return Array(read.filter { states.isEmpty || states.contains($0.outcome) }.prefix(limit))
    }

    func run(_ id: Int64) throws(LedgerError) -> JobRecord? { try records(job: nil, id: id, limit: 1).first }

    func lastSlot(job: String, now: Int64) throws(LedgerError) -> Int64? {
        try store.patiently { (connection) throws(PostgresFailure) in
            try connection.query(PostgresJobs.lastSlot, until: store.deadline) {
                $0.bind(job)
                $0.bind(now)
            }.optionalInt64(0, 0)
        }
    }

    private func records(job: String?, id: Int64?, limit: Int) throws(LedgerError) -> [JobRecord] {
        let held = try store.read { (connection) throws(PostgresFailure) in
            let found = try connection.query(PostgresJobs.runs, until: store.deadline) {
                $0.bind(job)
                $0.bind(id)
                $0.bind(limit)
            }
            var rows: [HeldJobRun] = []
            for row in 0..<found.count { rows.append(try HeldJobRun(found, row)) }
            return rows
        }
        return held.map(\.shown)
    }
}

/// A run of a job, and whether the run of the ledger that it belongs to is alive.
private struct HeldJobRun: HeldRecord {
    private let record: JobRecord
    let run: Int64
    var isRunAlive = false
    var isUnderWay: Bool { record.outcome == .running }

    init(_ found: PostgresResult, _ row: Int) throws(PostgresFailure) {
        run = found.int64(row, 3)
        record = JobRecord(
            id: found.int64(row, 0), job: found.text(row, 1), outcome: try found.value(row, 2),
            slot: found.optionalInt64(row, 4), slotText: found.optionalText(row, 5), missed: found.int(row, 6),
            pid: Int32(clamping: found.int64(row, 14)), host: found.text(row, 15), startedAt: found.int64(row, 7),
            endedAt: found.optionalInt64(row, 8), exitStatus: found.optionalInt64(row, 9).map { Int32(clamping: $0) },
            reason: found.optionalText(row, 10), links: found.int(row, 11), effects: found.int(row, 12),
            logTail: found.optionalText(row, 13))
    }

    var shown: JobRecord {
        var shown = record
        if isUnderWay, !isRunAlive { shown.outcome = .interrupted }
        return shown
    }
}

enum PostgresJobs {
    /// What a run of the ledger has done, which is one run's of a job.
    private static let counts = """
        links = (SELECT count(*) FROM paylink.links l
            WHERE l.id > j.last_link AND l.run_id = j.run_id AND l.state = 'done'),
        effects = (SELECT count(*) FROM paylink.effects e WHERE e.id > j.last_effect AND e.run_id = j.run_id)
        """
    private static let now = "coalesce($2::bigint, floor(extract(epoch FROM clock_timestamp()))::bigint)"

    static let leader = PostgresStatement(
        "leader of job",
        "SELECT run_id, paylink.lives(r) FROM paylink.jobs JOIN paylink.runs r ON r.id = run_id WHERE name = $1")
    static let insertJob = PostgresStatement(
        "insert job", "INSERT INTO paylink.jobs (name) VALUES ($1) ON CONFLICT (name) DO NOTHING")
    static let lockJob = PostgresStatement(
        "lock job", "SELECT run_id FROM paylink.jobs WHERE name = $1 FOR UPDATE")
    static let lead = PostgresStatement(
        "lead job",
        "UPDATE paylink.jobs SET run_id = $2 WHERE name = $1 AND run_id IS NOT DISTINCT FROM $3::bigint")
    static let insert = PostgresStatement(
        "insert job run",
        """
        WITH moment AS (SELECT coalesce($7::bigint, floor(extract(epoch FROM clock_timestamp()))::bigint) AS now)
        INSERT INTO paylink.job_runs (job, outcome, run_id, slot, slot_text, missed, started_at, ended_at, reason,
            last_link, last_effect)
        SELECT $1, $2, $3, $4::bigint, $5, $6::integer, now, CASE WHEN $2 = 'running' THEN NULL ELSE now END, $8,
            coalesce((SELECT max(id) FROM paylink.links), 0), coalesce((SELECT max(id) FROM paylink.effects), 0)
        FROM moment
        RETURNING id
        """)
    static let prune = PostgresStatement(
        "prune job runs",
        """
        DELETE FROM paylink.job_runs WHERE job = $1 AND id <= (
            SELECT id FROM paylink.job_runs WHERE job = $1 ORDER BY id DESC LIMIT 1 OFFSET \(JobBooks.kept))
        """)
    static let end = PostgresStatement(
        "end job run",
        """
        UPDATE paylink.job_runs j SET outcome = 'ran', ended_at = \(now), exit_status = $3, log_tail = $4, \(counts)
        WHERE id = $1 AND outcome = 'running'
        """)
    static let interrupt = PostgresStatement(
        "interrupt job run",
        """
        UPDATE paylink.job_runs j SET outcome = 'interrupted', ended_at = \(now), \(counts)
        WHERE id = $1 AND outcome = 'running'
        """)
    static let lastSlot = PostgresStatement(
        "last slot", "SELECT max(slot) FROM paylink.job_runs WHERE job = $1 AND slot <= $2::bigint")
    static let runs = PostgresStatement(
        "job runs",
        """
        SELECT j.id, job, outcome, run_id, slot, slot_text, missed, j.started_at, j.ended_at, j.exit_status, reason,
            links, effects, log_tail, pid, host
        FROM paylink.job_runs j JOIN paylink.runs r ON r.id = run_id
        WHERE ($1::text IS NULL OR job = $1) AND ($2::bigint IS NULL OR j.id = $2) ORDER BY j.id DESC LIMIT $3
        """)
}
