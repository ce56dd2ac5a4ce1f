// One run of a job, from its record's first line to its last: capture, record, pings, and the report of a failure.

import Dispatch
import Glibc
import Ledger
import Scripting
import Synchronization

/// A run under way. It ends once, from whichever thread comes first.
final class RunningJob: Sendable {
    let id: Int64
    private let start: JobStart
    private let book: JobBook
    private let capture: OutputCapture?
    private let ping: JobPing?
    private let startedAt = ContinuousClock.now
    private let hasEnded = Mutex(false)

    /// Begins to capture, unless somebody watches at a terminal.
    init(_ start: JobStart, id: Int64, in book: JobBook, ping: JobPing?) {
        self.start = start
        self.id = id
        self.book = book
        self.ping = ping
        capture = isatty(2) == 1 ? nil : OutputCapture()
        ping?.send(.start)
    }

    /// Records the end, tells the monitor, and reports a failure on standard error.
    /// - Returns: the status of the run, or of its record where only that failed.
    func end(_ status: ExitStatus) -> ExitStatus {
        let isFirst = hasEnded.withLock { hasEnded in
            defer { hasEnded = true }
            return !hasEnded
        }
        guard isFirst else { return status }
        let tail = capture?.end()
        var final = status
        do throws(LedgerError) {
            try book.end(id, exitStatus: status.rawValue, logTail: tail?.text)
        } catch {
            Console.message("the end of run \(id) of job \(start.job) could not be recorded: \(error.message)")
            if status == .done { final = ExitStatus.of(error.code) }
        }
        if status != .done { Console.write(report(status, tail)) }
        ping?.finish(status == .done ? .success : .failure)
        return final
    }

    private func report(_ status: ExitStatus, _ tail: OutputCapture.Tail?) -> String {
        let seconds = (ContinuousClock.now - startedAt).components.seconds
        var lines = ["paylink: job \(start.job) failed: \(JobText.ending(status.rawValue)), after \(seconds) s"]
        lines.append("  run   \(id) (paylink runs show \(id))")
        if let slot = start.slotText { lines.append("  slot  \(slot)") }
        if start.missed > 0 { lines.append("  missed before it: \(start.missed)") }
        if let tail { lines += JobText.shownTail(tail.text, id: id, dropped: tail.dropped) }
        return lines.joined(separator: "\n") + "\n"
    }
}
