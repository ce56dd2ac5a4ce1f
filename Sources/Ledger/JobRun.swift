// What is recorded of a job's runs: when, for which slot, how it ended, what it did, and the end of what it wrote.

/// How a run of a job ended, or why it was none.
package enum JobOutcome: String, Sendable, Hashable, CaseIterable {
    /// Begun. Under way while its process lives; cut off once that is gone.
    case running
    /// It came to an end, whatever its exit status.
    case ran
    /// It was not run; `reason` says why.
    case skipped
    /// Its process was killed, crashed, or went down with the machine.
    case interrupted
}

/// A run to be recorded.
package struct JobStart: Sendable, Hashable {
    package var job: String
    /// Unix seconds; `nil` for a run without a schedule.
    package var slot: Int64?
    /// The slot in its zone's local time, for people.
    package var slotText: String?
    package var missed: Int

    package init(job: String, slot: Int64? = nil, slotText: String? = nil, missed: Int = 0) {
        self.job = job
        self.slot = slot
        self.slotText = slotText
        self.missed = missed
    }
}

/// A recorded run of a job.
package struct JobRecord: Sendable, Hashable {
    package var id: Int64
    package var job: String
    package var outcome: JobOutcome
    package var slot: Int64?
    package var slotText: String?
    package var missed: Int
    package var pid: Int32
    /// The machine that it ran on; `nil` where all runs are of one.
    package var host: String?
    package var startedAt: Int64
    package var endedAt: Int64?
    package var exitStatus: Int32?
    /// Why it was skipped.
    package var reason: String?
    /// New links that were made, and new effects that were begun.
    package var links: Int
    package var effects: Int
    /// The end of what it wrote, where that was not shown on a terminal.
    package var logTail: String?
}
