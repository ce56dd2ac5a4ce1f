// The runs of jobs in a ledger's file: begun, ended, skipped, found cut off. Reading is in JobBook+Queries.swift.
// Whether two runs overlap is not decided here but by SQLiteJobLock.

import Glibc

/// The record of jobs in a ledger's file.
package final class SQLiteJobBook: JobBook, @unchecked Sendable {
    // Safe because: calls come from one thread at a time, as for the store.

    let store: SQLiteLedger
    /// Unix seconds, for the record of jobs; what a script records has the machine's own.
    private let now: @Sendable () -> Int64
    /// Whether this process's run among the ledger's belongs to a run of a job that is over.
    private var isRunOver = false

    /// - Parameters:
    ///   - command: what is recorded of this process, such as `run --job daily report.lua`.
    ///   - options: `createsFile` decides whether a ledger that is not there is made.
    ///   - now: Unix seconds, by which runs begin and end; those of the options when `nil`.
    package init(
        path: String, command: String, options: SQLiteLedger.Options = SQLiteLedger.Options(),
        now: (@Sendable () -> Int64)? = nil
    ) throws(LedgerError) {
        store = try SQLiteLedger(path: path, scope: nil, run: RunDescription(command: command), options: options)
        self.now = now ?? options.now
    }

    /// The ledger's file, absolute and without symbolic links.
    package var place: String { store.path }

    package func lock(_ job: String) throws(LedgerError) -> any JobLock {
        try SQLiteJobLock(job: job, besides: store.path, words: store.options.words)
    }

    package func close() { store.close() }

    package func ledger(_ scope: LedgerScope) -> any LedgerStore { SQLiteLedger(on: store, scope: scope) }

    package func endProcess(exitStatus: Int32) throws(LedgerError) {
        guard let run = store.registration.run, !isRunOver else { return }
        try write { connection in try self.end(run: run, exitStatus, connection) }
    }

    package func begin(_ start: JobStart) throws(LedgerError) -> Int64 {
        if isRunOver, let run = store.registration.run {
            store.registration.run = nil
            store.locks.give(run)
        }
        isRunOver = false
        return try write { connection in try self.insert(start, .running, connection) }
    }

    package func skip(_ start: JobStart, reason: String) throws(LedgerError) -> Int64 {
        try write { connection in try self.insert(start, .skipped, connection, reason: reason) }
    }

    package func end(_ id: Int64, exitStatus: Int32, logTail: String?) throws(LedgerError) {
        try write { connection in
            try connection.prepare(
                """
                UPDATE job_runs SET
                    outcome = 'ran', ended_at = ?2, exit_status = ?3, log_tail = ?4, \(Self.counts)
                WHERE id = ?1 AND outcome = 'running'
                """
            ).bind(id).bind(self.now()).bind(Int64(exitStatus)).bind(logTail).run()
            if let run = self.store.registration.run, !self.isRunOver { try self.end(run: run, exitStatus, connection) }
        }
        // Its lock is held until the next begins: the script may still be writing when it is given up.
        isRunOver = true
    }

    package func markInterrupted(job: String) throws(LedgerError) -> [JobRecord] {
        let lost = try runs(job: job, states: [.interrupted]).filter { $0.endedAt == nil }
        guard !lost.isEmpty else { return [] }
        try write { connection in
            for record in lost {
                try connection.prepare(
                    """
                    UPDATE job_runs SET outcome = 'interrupted', ended_at = ?2, \(Self.counts)
                    WHERE id = ?1 AND outcome = 'running'
                    """
                ).bind(record.id).bind(self.now()).run()
            }
        }
        return lost
    }

    // MARK: Writing

    /// Rows newer than the run's beginning that it wrote.
    private static let counts = """
        links = (SELECT count(*) FROM links
            WHERE id > job_runs.last_link AND run_id = job_runs.run_id AND state = 'done'),
        effects = (SELECT count(*) FROM effects WHERE id > job_runs.last_effect AND run_id = job_runs.run_id)
        """

    private func end(run: Int64, _ exitStatus: Int32, _ connection: LedgerConnection) throws {
        try connection.prepared(.endRun).bind(run).bind(now()).bind(Int64(exitStatus)).run()
    }

    private func insert(
        _ start: JobStart, _ outcome: JobOutcome, _ connection: LedgerConnection, reason: String? = nil
    ) throws -> Int64 {
        let run = try store.ownRun(connection)
        let now = now()
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
                SELECT id FROM job_runs WHERE job = ?1 ORDER BY id DESC LIMIT 1 OFFSET \(JobBooks.kept))
            """
        ).bind(start.job).run()
        return id
    }

    /// Runs a body in a transaction.
    private func write<Value>(_ body: (LedgerConnection) throws -> Value) throws(LedgerError) -> Value {
        try store.patiently { connection in
            let before = store.registration
            return try connection.transaction {
                let value = try body(connection)
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
