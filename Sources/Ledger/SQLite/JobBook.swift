// The runs of jobs in a ledger's file: begun, ended, skipped, found cut off. Reading is in JobBook+Queries.swift.
// Whether two runs overlap is not decided here but by a lock that the caller holds.

import Glibc

/// The record of jobs, for one process. Used from one thread at a time.
///
/// Every call may throw ``LedgerError``, as ``SQLiteLedger`` does.
package final class JobBook: @unchecked Sendable {
    // Safe because: calls come from one thread at a time, as for the store.

    /// How many runs of a job are kept.
    package static let kept = 1_000

    let store: SQLiteLedger

    /// - Parameters:
    ///   - command: what is recorded of this process, such as `run --job daily report.lua`.
    ///   - options: `createsFile` decides whether a ledger that is not there is made.
    package init(
        path: String, command: String, options: SQLiteLedger.Options = SQLiteLedger.Options()
    ) throws(LedgerError) {
        store = try SQLiteLedger(path: path, scope: nil, run: RunDescription(command: command), options: options)
    }

    /// The ledger's file, absolute and without symbolic links.
    package var path: String { store.path }

    package func close() { store.close() }

    /// Records that this process ends in an orderly way.
    package func endProcess(exitStatus: Int32) throws(LedgerError) {
        guard let run = store.registration.run else { return }
        try write { _, connection in
            try connection.prepared(.endRun).bind(run).bind(self.store.options.now()).bind(Int64(exitStatus)).run()
        }
    }

    /// Records that a run begins, and gives its id.
    package func begin(_ start: JobStart) throws(LedgerError) -> Int64 {
        try write { run, connection in
            try self.insert(start, .running, run, connection)
        }
    }

    /// Records that a run was not made.
    @discardableResult
    package func skip(_ start: JobStart, reason: String) throws(LedgerError) -> Int64 {
        try write { run, connection in
            try self.insert(start, .skipped, run, connection, reason: reason)
        }
    }

    /// Records how a run that this process began has ended, and counts what it did.
    package func end(_ id: Int64, exitStatus: Int32, logTail: String?) throws(LedgerError) {
        try write { run, connection in
            try connection.prepare(
                """
                UPDATE job_runs SET
                    outcome = 'ran', ended_at = ?2, exit_status = ?3, log_tail = ?4, \(Self.counts)
                WHERE id = ?1 AND outcome = 'running'
                """
            ).bind(id).bind(self.store.options.now()).bind(Int64(exitStatus)).bind(logTail).run()
        }
    }

    /// Marks the runs of a job that were cut off, and gives those that nobody had noticed before.
    package func markInterrupted(job: String) throws(LedgerError) -> [JobRecord] {
        let lost = try runs(job: job, states: [.interrupted]).filter { $0.endedAt == nil }
        guard !lost.isEmpty else { return [] }
        try write { _, connection in
            for record in lost {
                try connection.prepare(
                    """
                    UPDATE job_runs SET outcome = 'interrupted', ended_at = ?2, \(Self.counts)
                    WHERE id = ?1 AND outcome = 'running'
                    """
                ).bind(record.id).bind(self.store.options.now()).run()
            }
        }
        return lost
    }

    // MARK: Writing

    /// Rows newer than the run's beginning that runs of its process wrote.
    private static let counts = {
        func count(_ table: String, _ column: String, _ condition: String) -> String {
            """
            (SELECT count(*) FROM \(table) CROSS JOIN runs ON runs.id = \(table).run_id
            WHERE \(table).id > job_runs.\(column) AND \(condition) AND runs.id >= job_runs.run_id
            AND runs.pid = (SELECT pid FROM runs WHERE id = job_runs.run_id))
            """
        }
        return "links = \(count("links", "last_link", "state = 'done'")), "
            + "effects = \(count("effects", "last_effect", "TRUE"))"
    }()

    private func insert(
        _ start: JobStart, _ outcome: JobOutcome, _ run: Int64, _ connection: LedgerConnection, reason: String? = nil
    ) throws -> Int64 {
        let now = store.options.now()
        let insert = try connection.prepare(
            """
            INSERT INTO job_runs (
                job, outcome, run_id, slot, slot_text, missed, started_at, ended_at, reason, last_link, last_effect)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
                coalesce((SELECT max(id) FROM links), 0), coalesce((SELECT max(id) FROM effects), 0))
            """)
        insert.bind(start.job).bind(outcome.rawValue).bind(run)
        if let slot = start.slot { insert.bind(slot) } else { insert.bindNull() }
        insert.bind(start.slotText).bind(start.missed).bind(now)
        if outcome == .running { insert.bindNull() } else { insert.bind(now) }
        try insert.bind(reason).run()
        let id = insert.insertedRow
        try connection.prepare(
            """
            DELETE FROM job_runs WHERE job = ?1 AND id <= (
                SELECT id FROM job_runs WHERE job = ?1 ORDER BY id DESC LIMIT 1 OFFSET \(Self.kept))
            """
        ).bind(start.job).run()
        return id
    }

    /// Runs a body in a transaction, with this process's row among the ledger's runs.
    private func write<Value>(
        _ body: (_ run: Int64, _ connection: LedgerConnection) throws -> Value
    ) throws(LedgerError) -> Value {
        try store.patiently { connection in
            let before = store.registration
            return try connection.transaction {
                let value = try body(try store.ownRun(connection), connection)
                try store.identity.check()
                return value
            } undo: {
                if before.run == nil, let run = store.registration.run { store.locks.give(run) }
                store.registration = before
            }
        }
    }
}

extension SQLiteLedger {
    /// Our run's row, made now if need be; its lock is taken before the commit that shows it to others.
    func ownRun(_ connection: LedgerConnection) throws -> Int64 {
        if let run = registration.run { return run }
        let insert = try connection.prepared(.insertRun)
        try insert.bind(run.command).bind(Int64(getpid())).bind(options.now()).run()
        let made = insert.insertedRow
        // The id may just have been taken back by a store that has yet to give its lock up.
        while try !locks.take(made) {
            guard patience.wait() else {
                throw LedgerError(.busy, "run \(made) of the ledger \(path) is locked by another process")
            }
        }
        registration.run = made
        return made
    }
}
