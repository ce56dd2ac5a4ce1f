// Makes what is still to be made, so many at once, at most so fast.
// How it begins with a service that may not be there is in BatchMaker+Opening.swift.

import Advice
import Console
import NIOCore
package import OneShotPay
package import Recorder

/// What became of the rows that were to be made.
package struct MakeReport: Sendable {
    /// Rows that have their link now, made by this run or meanwhile by another one.
    package var done = 0
    /// What those links ask for together.
    package var total = Money.zero
    package var rejected: [Int: String] = [:]
    /// Rows whose key a person gave up since the check.
    package var abandoned: [Int: String] = [:]
    package var unfinished = 0
    /// Of the unfinished ones: those that a person must look into, as their payer might see a link.
    package var inDoubt = 0
    /// Whether any request went out whose outcome is unknown.
    package var mayHaveMade = false
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
        /// How long a service is tried that has not answered once.
        package var patience: Duration = .seconds(60)

        package init(concurrency: Int = 16, pacer: Pacer? = nil) {
            self.concurrency = concurrency
            self.pacer = pacer
        }

        /// Makes a configuration fit: a batch outlives failures of the service of some minutes, in which each row
        /// under way may use up its attempts.
        package func apply(to configuration: inout OneShotPayConfiguration) {
            configuration.maximumConnections = concurrency
            configuration.timeouts.call = .seconds(600)
            configuration.retry.maximumAttempts = 20
            configuration.retry.quota = max(100, configuration.retry.maximumAttempts * rowsUnderWay)
        }

        var rowsUnderWay: Int { concurrency + concurrency / 4 + 1 }
        /// So many rows on end without success, each after all its attempts, and the service counts as gone.
        var troubleLimit: Int { max(concurrency, 3) }
    }

    private static let shownMessages = 20
    /// What is under way when the batch stops may end by itself for so long: longer than one request may take.
    private static let grace: TimeAmount = .seconds(35)
    /// The same when a person waits for the end.
    private static let interruptionGrace: TimeAmount = .seconds(2)

    let links: RecordedLinks
    let settings: Settings
    private let feed: RowFeed
    private let total: Int
    private let progress: (BatchProgress) -> Void
    private var completion: ((MakeReport) -> Void)?

    private(set) var report = MakeReport()
    private var pacer: Pacer?
    private var going: [Int: RecordedCall] = [:]
    /// A row whose turn has not come yet.
    private var held: RowFeed.Row?
    /// Rows that another run was at, perhaps on another host: they come again when it may be through with them.
    private var left = CircularBuffer<RowFeed.Row>()
    private var mayWait: Set<Int> = []
    /// Rows that have their link now, or that another run is at; and turns that were given back for those of them for which no
    /// request of this run left.
    private var answered = 0
    private var givenBack = 0
    var timer: Scheduled<Void>?
    private var ending: Scheduled<Void>?
    private var isExhausted = false
    var trust = ReplyTrust()
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
        links.budget.isCreating = true
        links.engine.hasToken ? beginFilling() : open()
    }

    /// Takes no further rows, lets those under way be answered, and calls off what is left after a moment: a request
    /// that is cut off may leave a link that nobody knows of. How they ended is recorded.
    package func interrupt() {
        stop(.interrupted)
        _ = links.engine.eventLoop.assumeIsolated().scheduleTask(in: Self.interruptionGrace) { self.callOff() }
        finishIfIdle()
    }

    /// Lets go of what is under way, as when a simulated process is killed.
    func discard() {
        timer?.cancel()
        ending?.cancel()
        going = [:]
        completion = nil
    }

    // MARK: Rows

    func fill() {
        timer?.cancel()
        timer = nil
        while report.stop == nil, !isExhausted || !left.isEmpty || held != nil,
            going.count < trust.width(of: settings.rowsUnderWay)
        {
            guard held == nil else {
                guard begin() else { return }
                continue
            }
            do throws(BatchError) { held = try next() } catch { stop(.input(error)) }
        }
        finishIfIdle()
    }

    /// The next row of the file, or one that was left to another run, which is waited for now.
    private func next() throws(BatchError) -> RowFeed.Row? {
        if !isExhausted, left.count < 2 * settings.rowsUnderWay {
            if let row = try feed.next() { return row }
            isExhausted = true
        }
        guard let row = left.popFirst() else { return nil }
        mayWait.insert(row.index)
        return row
    }

    /// Sends the row that is held on its way; false when its time has not come.
    private func begin() -> Bool {
        guard let row = held else { return true }
        let now = links.engine.eventLoop.now
        pacer?.divide(by: links.budget.creators)
        let paused = links.budget.pausedUntil
        if let later = paused > now ? paused : pacer?.take(now: now) {
            timer = links.engine.eventLoop.assumeIsolated().scheduleTask(deadline: later) { self.fill() }
            return false
        }
        held = nil
        let waits = mayWait.contains(row.index)
        going[row.index] = links.create(row.order, terms: row.terms, waitsForOthers: waits) { self.ended(row, $0) }
        return true
    }

    private func ended(_ row: RowFeed.Row, _ result: Result<PayLink, LinkFailure>) {
        going[row.index] = nil
        let hasWaited = mayWait.remove(row.index) != nil
        switch result {
        case .success: giveBackTurns()
        case .failure(let failure) where failure.code == .recording(.busy):
            giveBackTurns()
            guard report.stop == nil, !hasWaited else { break }
            left.append(row)
            return fill()
        case .failure: break  // its request may have left, and has used its turn
        }
        trust.take(result)
        switch RowOutcome.of(result) {
        case .done:
            report.done += 1
            report.total = (try? report.total.adding(row.order.request.amount)) ?? report.total
            troubleOnEnd = 0
            lastTrouble = nil
        case .rejected(let message):
            report.rejected[row.index] = message
            troubleOnEnd = 0
            note(row, message)
        case .abandoned(let message):
            report.abandoned[row.index] = message
        case .unfinished(let message, let showsTrouble):
            report.unfinished += 1
            note(row, message + (takeDoubt(row, result) ?? ""))
            if let problem = trust.problem {
                stop(.unreadable(problem))
                break
            }
            guard showsTrouble else { break }
            lastTrouble = message
            troubleOnEnd += 1
            if troubleOnEnd >= settings.troubleLimit { stop(.unreachable(message)) }
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

    /// What another run has made, or is at, takes no turn of this one's pace.
    private func giveBackTurns() {
        answered += 1
        while answered - links.limits.links > givenBack {
            givenBack += 1
            pacer?.giveBack()
        }
    }

    /// Counts a row whose request may have made a link.
    /// - Returns: what a person is to do about it, where it will not be sent again.
    private func takeDoubt(_ row: RowFeed.Row, _ result: Result<PayLink, LinkFailure>) -> String? {
        guard case .failure(let failure) = result else { return nil }
        let isMade = failure.isUnreadable
        guard isMade || failure.code.isDoubt else { return nil }
        report.mayHaveMade = true
        guard isMade || row.order.request.payer != nil || !links.engine.configuration.retry.resendsCreatesInDoubt else {
            return nil
        }
        report.inDoubt += 1
        guard failure.service != nil, let key = row.order.key else { return nil }
        return "; then: \(links.words(.settle(key: ShownText.short(key), .anyOfLink)))"
    }

    private func note(_ row: RowFeed.Row, _ message: String, always: Bool = false) {
        guard always || report.messages.count < Self.shownMessages else { return }
        report.messages.append("line \(row.line): \(message)")
    }

    // MARK: End

    func stop(_ reason: BatchStop) {
        if report.stop == nil || reason == .interrupted { report.stop = reason }
        timer?.cancel()
        timer = nil
        guard ending == nil, !going.isEmpty else { return }
        ending = links.engine.eventLoop.assumeIsolated().scheduleTask(in: Self.grace) { self.callOff() }
    }

    private func callOff() {
        for call in Array(going.values) { call.cancel() }
    }

    func finishIfIdle() {
        guard going.isEmpty, isExhausted && held == nil && left.isEmpty || report.stop != nil, let completion else {
            return
        }
        self.completion = nil
        links.budget.isCreating = false
        ending?.cancel()
        // Also where there are too few rows to lose patience with.
        if report.stop == nil, report.done == 0, !report.mayHaveMade, report.rejected.isEmpty, report.abandoned.isEmpty,
            let lastTrouble
        {
            report.stop = .unreachable(lastTrouble)
        }
        completion(report)
    }
}
