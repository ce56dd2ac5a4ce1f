// The third look at the file: makes what is still to be made, so many at once, at most so fast.

import NIOCore
import OneShotPay
package import Scripting

/// What became of the rows that were to be made.
package struct MakeReport: Sendable {
    /// Rows that have their link now, made by this run or meanwhile by another one.
    package var done = 0
    package var rejected: [Int: String] = [:]
    package var unfinished = 0
    /// Of the unfinished ones: those that a person must look into, as their payer might see a link.
    package var inDoubt = 0
    /// The first messages about rejected and unfinished rows.
    package var messages: [String] = []
    package var stop: BatchStop?

    package init() {}
}

/// Makes links through the ledger. Belongs to the event loop of its links.
package final class BatchMaker {
    package struct Settings: Sendable {
        /// Requests on the wire at once: the transport's business. More rows are under way, so that commits overlap
        /// with requests.
        package var concurrency = 16
        package var pacer: Pacer?

        package init(concurrency: Int = 16, pacer: Pacer? = nil) {
            self.concurrency = concurrency
            self.pacer = pacer
        }

        var rowsUnderWay: Int { concurrency + concurrency / 4 + 1 }
        /// So many rows on end without success, and the service counts as gone.
        var patience: Int { max(concurrency, 3) }
    }

    private static let shownMessages = 20

    private let links: RecordedLinks
    private let feed: RowFeed
    private let settings: Settings
    private let total: Int
    private let progress: (BatchProgress) -> Void
    private var completion: ((MakeReport) -> Void)?

    private var report = MakeReport()
    private var pacer: Pacer?
    private var going: [Int: RecordedCall] = [:]
    /// A row whose turn has not come yet.
    private var held: RowFeed.Row?
    private var timer: Scheduled<Void>?
    private var isExhausted = false
    private var troubleOnEnd = 0
    private var lastTrouble: String?

    /// - Parameter total: how many rows the feed has.
    package init(
        links: RecordedLinks, feed: RowFeed, total: Int, settings: Settings,
        progress: @escaping (BatchProgress) -> Void
    ) {
        self.links = links
        self.feed = feed
        self.total = total
        self.settings = settings
        self.progress = progress
        pacer = settings.pacer
    }

    /// Begins. `done` is called once, on the loop, when nothing is under way any more.
    package func start(_ done: @escaping (MakeReport) -> Void) {
        completion = done
        fill()
    }

    /// Takes no further rows, and calls off those under way; how they ended is recorded.
    package func interrupt() {
        stop(.interrupted)
        for call in Array(going.values) { call.cancel() }
        finishIfIdle()
    }

    // MARK: Rows

    private func fill() {
        timer?.cancel()
        timer = nil
        while report.stop == nil, !isExhausted, going.count < settings.rowsUnderWay {
            guard held == nil else {
                guard begin() else { return }
                continue
            }
            do throws(BatchError) {
                switch try feed.step() {
                case .row(let row): held = row
                case .end: isExhausted = true
                case .pause: return links.engine.eventLoop.assumeIsolated().execute { self.fill() }
                }
            } catch {
                stop(.input(error))
            }
        }
        finishIfIdle()
    }

    /// Sends the row that is held on its way; false when its time has not come.
    private func begin() -> Bool {
        guard let row = held else { return true }
        if let later = pacer?.take(now: .now()) {
            timer = links.engine.eventLoop.assumeIsolated().scheduleTask(deadline: later) { self.fill() }
            return false
        }
        held = nil
        going[row.index] = links.create(row.order) { self.ended(row, $0) }
        return true
    }

    private func ended(_ row: RowFeed.Row, _ result: Result<PayLink, LinkFailure>) {
        going[row.index] = nil
        switch RowOutcome.of(result) {
        case .done:
            report.done += 1
            troubleOnEnd = 0
            lastTrouble = nil
        case .rejected(let message):
            report.rejected[row.index] = message
            troubleOnEnd = 0
            note(row, message)
        case .unfinished(let message, let showsTrouble):
            report.unfinished += 1
            if case .failure(let failure) = result, failure.code == LinkFailure.Code.inDoubt.rawValue {
                report.inDoubt += 1
            } else if showsTrouble {
                lastTrouble = message
            }
            note(row, message)
            if showsTrouble { troubleOnEnd += 1 }
            if troubleOnEnd >= settings.patience { stop(.unreachable(message)) }
        case .stop(let reason):
            report.unfinished += 1
            // A link that was made but could not be recorded must be heard of, every one.
            if case .failure(let failure) = result, failure.link != nil { note(row, failure.message, always: true) }
            stop(reason)
        case .cancelled:
            report.unfinished += 1
        }
        progress(
            BatchProgress(
                .making, done: report.done, total: total, failures: report.rejected.count + report.unfinished))
        fill()
    }

    private func note(_ row: RowFeed.Row, _ message: String, always: Bool = false) {
        guard always || report.messages.count < Self.shownMessages else { return }
        report.messages.append("line \(row.line): \(message)")
    }

    // MARK: End

    private func stop(_ reason: BatchStop) {
        if report.stop == nil || reason == .interrupted { report.stop = reason }
        timer?.cancel()
        timer = nil
    }

    private func finishIfIdle() {
        guard going.isEmpty, isExhausted && held == nil || report.stop != nil, let completion else { return }
        self.completion = nil
        // Also where there are too few rows to lose patience with.
        if report.stop == nil, report.done == 0, report.inDoubt == 0, report.rejected.isEmpty, let lastTrouble {
            report.stop = .unreachable(lastTrouble)
        }
        completion(report)
    }
}
