// The runs of jobs on a server that many hosts share: one host runs a slot, and whose turn it is no clock of a host decides.
// Whoever leads a job stands in its row; that leader counts as long as its run lives (PostgresLifeline), and a leader that was
// taken for dead commits nothing more. What is read is in PostgresJobBook+Queries.swift.

import OneShotPay

/// The record of jobs in a server's database.
final class PostgresJobBook: JobBook, @unchecked Sendable {
    // Safe because: calls come from one thread at a time, as for the store.

    let store: PostgresLedger
    /// Whether this process's run among the ledger's belongs to a run of a job that is over.
    private var isRunOver = false
    /// The jobs whose lock this process has taken.
    fileprivate var led: Set<String> = []

    init(_ server: LedgerServer, command: String, options: PostgresLedger.Options) throws(LedgerError) {
        store = try PostgresLedger(server, scope: nil, run: RunDescription(command: command), options: options)
    }

    var place: String { store.place }

    func close() { store.close() }

    func lock(_ job: String) throws(LedgerError) -> any JobLock { PostgresJobLock(job, self) }

    func ledger(_ scope: LedgerScope) -> any LedgerStore { PostgresLedger(on: store, scope: scope) }

    func begin(_ start: JobStart) throws(LedgerError) -> Int64 {
        // The job is led by the run before until the new one has taken it over.
        let before = isRunOver ? store.beginAnotherRun() : nil
        defer { before?.end() }
        isRunOver = false
        return try store.transact { (unit) throws(PostgresFailure) in
            if let before, led.contains(start.job) { try unit.lead(start.job, after: before.run) }
            return try unit.insert(start, .running)
        }
    }

    @discardableResult
    func skip(_ start: JobStart, reason: String) throws(LedgerError) -> Int64 {
        try store.transact { (unit) throws(PostgresFailure) in try unit.insert(start, .skipped, reason: reason) }
    }

    func end(_ id: Int64, exitStatus: Int32, logTail: String?) throws(LedgerError) {
        let ends = !isRunOver
        try store.transact { (unit) throws(PostgresFailure) in
            _ = try unit.query(PostgresJobs.end) {
                $0.bind(id)
                $0.bind(unit.now)
                $0.bind(Int64(exitStatus))
                // PostgreSQL has no NUL in its texts.
                $0.bind(logTail?.replacing("\0", with: "\u{FFFD}"))
            }
            if ends { _ = try unit.endRun(exitStatus: exitStatus) }
        }
        // It lives until the next begins: the script may still be writing when it is given up.
        isRunOver = true
    }

    func markInterrupted(job: String) throws(LedgerError) -> [JobRecord] {
        let lost = try runs(job: job, states: [.interrupted]).filter { $0.endedAt == nil }
        guard !lost.isEmpty else { return [] }
        try store.transact { (unit) throws(PostgresFailure) in
            for record in lost {
                _ = try unit.query(PostgresJobs.interrupt) {
                    $0.bind(record.id)
                    $0.bind(unit.now)
                }
            }
        }
        return lost
    }

    func endProcess(exitStatus: Int32) throws(LedgerError) {
        guard store.lifeline != nil, !isRunOver else { return }
        try store.transact { (unit) throws(PostgresFailure) in _ = try unit.endRun(exitStatus: exitStatus) }
    }
}

/// The lead of a job: a row that names a run.
private final class PostgresJobLock: JobLock {
    private let job: String
    private let book: PostgresJobBook

    init(_ job: String, _ book: PostgresJobBook) {
        self.job = job
        self.book = book
    }

    var place: String { "of job \(job) in \(book.place)" }

    func take() throws(LedgerError) -> Bool {
        let store = book.store
        // Whoever is refused leaves no run behind.
        let isLed = try store.patiently { (connection) throws(PostgresFailure) in
            let found = try connection.query(PostgresJobs.leader, until: store.deadline) { $0.bind(job) }
            return found.count > 0 && found.bool(0, 1) && found.int64(0, 0) != store.lifeline?.run
        }
        if isLed { return false }
        guard try store.transact({ (unit) throws(PostgresFailure) in try unit.take(job) }) else { return false }
        book.led.insert(job)
        return true
    }
}

extension PostgresUnit {
    /// Makes this run the leader of a job, unless another one is that lives.
    fileprivate mutating func take(_ job: String) throws(PostgresFailure) -> Bool {
        _ = try query(PostgresJobs.insertJob) { $0.bind(job) }
        let found = try query(PostgresJobs.lockJob) { $0.bind(job) }
        guard found.count > 0 else { throw .lost("the job's row is gone") }
        let leader = found.optionalInt64(0, 0)
        if let leader, leader != run, try judge(leader) { return false }
        try lead(job, after: leader)
        return true
    }

    /// Takes the lead over from a run.
    fileprivate func lead(_ job: String, after leader: Int64?) throws(PostgresFailure) {
        let isTaken = try change(PostgresJobs.lead) {
            $0.bind(job)
            $0.bind(run)
            $0.bind(leader)
        }
        guard isTaken else {
            throw PostgresFailure(kind: .impossible, message: "the job \(job) is led by another run meanwhile")
        }
    }

    fileprivate func insert(
        _ start: JobStart, _ outcome: JobOutcome, reason: String? = nil
    ) throws(PostgresFailure) -> Int64 {
        let made = try query(PostgresJobs.insert) {
            $0.bind(start.job)
            $0.bind(outcome.rawValue)
            $0.bind(run)
            $0.bind(start.slot)
            $0.bind(start.slotText)
            $0.bind(start.missed)
            $0.bind(now)
            $0.bind(reason)
        }
        _ = try query(PostgresJobs.prune) { $0.bind(start.job) }
        return made.int64(0, 0)
    }
}
