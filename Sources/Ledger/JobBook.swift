// The record of scheduled jobs, as an engine keeps it: which runs there were, and who may begin one.

import Glibc

/// The record of jobs, for one process, and the ledger that each of their runs writes to. Used from one thread at a time.
///
/// Every call may throw ``LedgerError``.
package protocol JobBook: AnyObject, Sendable {
    /// The ledger's name, for people and for whoever opens it again.
    var place: String { get }

    /// The lock of a job, not taken yet: one run of it goes on at a time.
    func lock(_ job: String) throws(LedgerError) -> any JobLock

    /// The ledger for the run that was begun last, opened with the book: what is recorded there is that run's.
    ///
    /// Used from one thread at a time, which may be another one than the book's; closed before the book is.
    func ledger(_ scope: LedgerScope) -> any LedgerStore

    /// Records that a run begins, and gives its id. Each has a run of its own among the ledger's.
    func begin(_ start: JobStart) throws(LedgerError) -> Int64

    /// Records that a run was not made.
    @discardableResult
    func skip(_ start: JobStart, reason: String) throws(LedgerError) -> Int64

    /// Records how the run that was begun last has ended, and counts what it did.
    func end(_ id: Int64, exitStatus: Int32, logTail: String?) throws(LedgerError)

    /// Marks the runs of a job that were cut off, and gives those that nobody had noticed before.
    func markInterrupted(job: String) throws(LedgerError) -> [JobRecord]

    /// Records that this process ends in an orderly way.
    func endProcess(exitStatus: Int32) throws(LedgerError)

    /// Runs, the newest first.
    /// - Parameters:
    ///   - job: of one job, or of all when `nil`.
    ///   - states: only runs in these states; all when empty.
    func runs(job: String?, states: Set<JobOutcome>, limit: Int) throws(LedgerError) -> [JobRecord]

    func run(_ id: Int64) throws(LedgerError) -> JobRecord?

    /// The newest slot of a job, no later than `now`, that was run or skipped.
    ///
    /// Slots in the future were recorded by a clock that was wrong; the job must not stand still until they come.
    func lastSlot(job: String, now: Int64) throws(LedgerError) -> Int64?

    func close()
}

extension JobBook {
    package func runs(
        job: String? = nil, states: Set<JobOutcome> = [], limit: Int = JobBooks.kept
    ) throws(LedgerError) -> [JobRecord] {
        try runs(job: job, states: states, limit: limit)
    }
}

/// What all records of jobs have in common.
package enum JobBooks {
    /// How many runs of a job are kept.
    package static let kept = 1_000
}

/// The lock of one job. It is given back with the process, however that ends.
package protocol JobLock: AnyObject {
    /// Where it lies, for messages.
    var place: String { get }

    /// Takes the lock unless another process has it.
    func take() throws(LedgerError) -> Bool
}

extension JobLock {
    /// Tries for as long as `limit`, a few times a second.
    package func take(within limit: Duration) throws(LedgerError) -> Bool {
        let end = ContinuousClock.now + limit
        while try !take() {
            guard ContinuousClock.now < end else { return false }
            usleep(100_000)
        }
        return true
    }
}
