// What became of starting a job. Which exit status that is, the executable decides.

package import Ledger

/// Why a job was not run although it was started.
package enum JobRefusal: Sendable, Hashable {
    /// Every slot so far was dealt with.
    case notDue
    /// The slot has passed, and is not made up for.
    case tooLate
    /// Its last run still goes on: that is nothing to worry about, or it is.
    case busySkipped, busyFailed
}

/// How a start of a job ended.
package enum JobEnd: Sendable, Hashable {
    /// With the status of its last run; 0 when every one of them was well.
    case ran(exitStatus: Int32)
    case refused(JobRefusal)
    /// The record could not be read or written, or the lock not be asked for.
    case failed(LedgerError)

    /// Whether the next slot may be run.
    var isWell: Bool { self == .ran(exitStatus: 0) }
}
