// One run of a job, from its record's first line to its last: capture, record, pings, and the report of a failure.

import Ledger
import Synchronization

/// A run under way. It ends once, from whichever thread comes first.
final class RunningJob: Sendable {
    let id: Int64
    private let start: JobStart
    private let book: any JobBook
    private let capture: OutputCapture?
    private let ping: JobPing?
    private let surroundings: JobSurroundings
    private let startedAt = ContinuousClock.now
    private let hasEnded = Mutex(false)

    /// Begins to capture, unless somebody watches at a terminal.
    init(_ start: JobStart, id: Int64, in book: any JobBook, ping: JobPing?, _ surroundings: JobSurroundings) {
        self.start = start
        self.id = id
        self.book = book
        self.ping = ping
        self.surroundings = surroundings
        capture = surroundings.isWatched ? nil : surroundings.output.flatMap { OutputCapture($0) }
        ping?.send(.start)
    }

    /// Records the end, tells the monitor, and reports a failure on standard error.
    /// - Returns: how the run ended, or that its record failed where only that did.
    @discardableResult
    func end(_ status: Int32) -> JobEnd {
        let isFirst = hasEnded.withLock { hasEnded in
            defer { hasEnded = true }
            return !hasEnded
        }
        guard isFirst else { return .ran(exitStatus: status) }
        let tail = capture?.end()
        var end = JobEnd.ran(exitStatus: status)
        do throws(LedgerError) {
            try book.end(id, exitStatus: status, logTail: tail?.text)
        } catch {
            surroundings.tell(
                "the end of run \(id) of job \(start.job) could not be recorded: \(error.message)")
            if status == 0 { end = .failed(error) }
        }
        if status != 0 {
            surroundings.write(
                JobReport.text(
                    start, id: id, ending: surroundings.meaning(status), after: ContinuousClock.now - startedAt, tail))
        }
        ping?.finish(status == 0 ? .success : .failure)
        return end
    }
}
