// What is read of jobs: their runs, and the last slot that was dealt with.

extension SQLiteJobBook {
    package func runs(job: String?, states: Set<JobOutcome>, limit: Int) throws(LedgerError) -> [JobRecord] {
        // Whether a run is cut off is not in the database, so what is chosen is chosen after it was read.
        let read = try records("(?1 IS NULL OR job = ?1) AND ?2 IS NULL", job, nil, limit: states.isEmpty ? limit : -1)
        return Array(read.filter { states.isEmpty || states.contains($0.outcome) }.prefix(limit))
    }

    package func run(_ id: Int64) throws(LedgerError) -> JobRecord? {
        try records("?1 IS NULL AND job_runs.id = ?2", nil, id, limit: 1).first
    }

    package func lastSlot(job: String, now: Int64) throws(LedgerError) -> Int64? {
        try store.read { connection in
            let read = try connection.prepare("SELECT max(slot) FROM job_runs WHERE job = ? AND slot <= ?")
            read.bind(job).bind(now)
            defer { read.end() }
            return try read.step() && !read.isNull(0) ? read.int64(0) : nil
        }
    }

    private func records(
        _ condition: String, _ job: String?, _ id: Int64?, limit: Int
    ) throws(LedgerError) -> [JobRecord] {
        try store.consistently { connection, liveness in
            let read = try connection.prepare(
                """
                SELECT job_runs.id, job, outcome, run_id, slot, slot_text, missed, job_runs.started_at,
                    job_runs.ended_at, job_runs.exit_status, reason, links, effects, log_tail, pid
                FROM job_runs CROSS JOIN runs ON runs.id = run_id
                WHERE \(condition) ORDER BY job_runs.id DESC LIMIT ?3
                """)
            read.bind(job)
            if let id { read.bind(id) } else { read.bindNull() }
            read.bind(limit)
            defer { read.end() }
            var records: [JobRecord] = []
            while try read.step() { records.append(try read.jobRecord(&liveness)) }
            return records
        }
    }
}

extension PreparedStatement {
    fileprivate func jobRecord(_ liveness: inout Liveness) throws -> JobRecord {
        var outcome: JobOutcome = try value(2)
        if !liveness.isAlive(int64(3), isHeld: outcome == .running), outcome == .running { outcome = .interrupted }
        return JobRecord(
            id: int64(0), job: text(1), outcome: outcome, slot: isNull(4) ? nil : int64(4), slotText: optionalText(5),
            missed: int(6), pid: Int32(clamping: int64(14)), host: nil, startedAt: int64(7),
            endedAt: isNull(8) ? nil : int64(8), exitStatus: isNull(9) ? nil : Int32(clamping: int64(9)),
            reason: optionalText(10), links: int(11), effects: int(12), logTail: optionalText(13))
    }
}
