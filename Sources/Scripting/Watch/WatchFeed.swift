// Follows every open link of the ledger, and gives the events that are to be followed up to whoever runs follow-ups.
// The ledger is the one source of events: a look only records what it saw, and what is recorded, by whichever process,
// is found there. What waits and what rests is in FollowUpBook.

import Ledger
import NIOCore
import OneShotPay

/// The events of one watch. Belongs to the event loop of its links.
final class WatchFeed {
    /// Given the next event, or nothing at the end.
    typealias Take = (FollowUpBook.Event?) -> Void

    let links: RecordedLinks
    let options: WatchOptions
    let log: (LogMessage) -> Void
    /// Ends the watch with a failure.
    let fail: (LinkFailure) -> Void
    var book: FollowUpBook
    var state = WatchState()
    /// Since when events count, once the ledger has said so.
    var since: Int64?
    var reach = LedgerReach()
    /// The latest event seen, for a cheap look at the ledger.
    var newest: Int64 = 0
    private var takers: [(task: UInt32, take: Take)] = []
    private var follows: [LinkRow: RecordedCall] = [:]
    /// Rows that are open and have been taken up, followed or not.
    private var known: Set<LinkRow> = []
    private var timer: Scheduled<Void>?
    private var wakeAt = NIODeadline.distantFuture
    private var isReading = false
    private var mustReadAgain = false
    private var isEnding = false
    /// A sweep found that the service cannot be reached: nothing more is looked at.
    private var hasGivenUp = false
    private(set) var isOver = false

    init(
        _ links: RecordedLinks, _ specs: [FollowUpSpec], _ options: WatchOptions, log: @escaping (LogMessage) -> Void,
        fail: @escaping (LinkFailure) -> Void
    ) {
        self.links = links
        self.options = options
        self.log = log
        self.fail = fail
        book = FollowUpBook(specs, isSweep: options.isSweep)
    }

    func begin() { read() }

    /// Gives the next event to a task, now or when there is one.
    func next(for task: UInt32, _ take: @escaping Take) {
        takers.append((task, take))
        serve()
    }

    func forget(_ task: UInt32) { takers.removeAll { $0.task == task } }

    /// A follow-up has ended.
    func ended(_ key: String, _ outcome: FollowUpOutcome, problem: String?) {
        let random = Double.random(in: 0..<1)
        guard let (event, again) = book.ended(key, outcome, now: .now(), random: random) else { return }
        if outcome != .done { tell(event, outcome, problem, again) }
        if again != nil, !options.isSweep { wake(by: book.nextDue ?? .distantFuture) }
        changed()
        serve()
    }

    /// No more events: follow-ups under way may finish.
    func finish() {
        isEnding = true
        stopLooking()
        serve()
    }

    func close() {
        isOver = true
        stopLooking()
    }

    private func stopLooking() {
        timer?.cancel()
        timer = nil
        wakeAt = .distantFuture
        let open = follows.values
        follows = [:]
        for call in open { call.cancel() }
    }

    // MARK: Serving

    private func serve() {
        while !takers.isEmpty {
            if isEnding || isOver {
                let all = takers
                takers = []
                for taker in all { taker.take(nil) }
                return
            }
            guard let event = book.next(now: .now()) else { break }
            takers.removeFirst().take(event)
            changed()
        }
        endSweepIfDone()
    }

    /// A sweep is over when everything was looked at, and nothing is left to run.
    private func endSweepIfDone() {
        guard options.isSweep, !isEnding, since != nil, follows.isEmpty, !isReading, !mustReadAgain, book.queued == 0,
            book.running == 0
        else { return }
        finish()
    }

    private func tell(
        _ event: FollowUpBook.Event, _ outcome: FollowUpOutcome, _ problem: String?, _ again: Duration?
    ) {
        let record = event.followUp.record
        var fields = [(name: "link", value: record.link?.id.description ?? "")]
        if let key = record.key { fields.append((name: "key", value: key)) }
        fields.append((name: "attempt", value: String(event.attempts)))
        let what = "follow-up \"\(book.specs[event.spec].name)\""
        let problem = problem.map { ": \($0)" } ?? ""
        switch (outcome, again) {
        case (.inDoubt, _):
            log(LogMessage(level: .warn, text: "\(what) is in doubt\(problem)", fields: fields))
        case (_, let again?):
            let later =
                options.isSweep ? "the next watch tries again" : "again in \(Int((again / .seconds(1)).rounded())) s"
            log(LogMessage(level: .error, text: "\(what) failed, \(later)\(problem)", fields: fields))
        case (_, nil):
            log(
                LogMessage(
                    level: .error,
                    text: "\(what) failed and is left to you (paylink ledger doubt list)\(problem)", fields: fields))
        }
    }

    // MARK: Following

    /// What the ledger shows as open now.
    func take(open rows: [LinkRow]) { known.formIntersection(rows) }

    func unknown(among rows: [LinkRow]) -> [LinkRow] { rows.filter { !known.contains($0) } }

    func follow(_ record: LinkRecord) {
        guard let link = record.link, known.insert(record.row).inserted, !isEnding, !isOver else { return }
        follow(record.row, link)
    }

    private func follow(_ row: LinkRow, _ link: PayLink) {
        guard !hasGivenUp else { return state.unseen += 1 }
        let before = link.reusable ? link.payment.map { PaymentMark(id: $0.id, createdAt: $0.createdAt) } : nil
        follows[row] = links.wait(link.id, page: link.page, paymentBefore: before, looksOnce: options.isSweep, isKnown: true) {
            // Not the whole link: there may be very many.
            [weak self, id = link.id] result in self?.looked(row, id, result)
        }
    }

    /// One link was looked at in vain several times: the others would only make the sweep long and its report longer.
    private func giveUp(_ failure: LinkFailure) {
        hasGivenUp = true
        let left = follows.count + 1
        state.unseen += left
        let what = left == 1 ? "1 link was" : "\(left) links were"
        log(LogMessage(level: .warn, text: "\(failure.message); \(what) not seen", fields: []))
        stopLooking()
        changed()
        endSweepIfDone()
    }

    private func looked(_ row: LinkRow, _ id: PayLinkID, _ result: Result<PayLink, LinkFailure>) {
        guard !isEnding, !isOver, !hasGivenUp else { return }
        follows[row] = nil
        switch result {
        case .success(let seen):
            // A reusable link goes on; its payment is recorded by now, or will be before the ledger is read again.
            if seen.reusable, !options.isSweep { follow(row, seen) }
            read()
        case .failure(let failure):
            switch failure.service?.code {
            case .underpaid?:
                // A reusable link goes on behind the short payment, which is recorded by now.
                if let seen = failure.link, seen.reusable, !options.isSweep { follow(row, seen) }
                read()
            case .expired?, .archived?, .ignored?, .timeout?: read()
            case .unauthorized?, .invalidConfiguration?, .redirectRefused?: return fail(failure)
            case .connectFailed?, .resolveFailed?, .tlsFailed?:
                if options.isSweep { return giveUp(failure) }
            default:
                state.unseen += 1
                log(LogMessage(level: .warn, text: failure.message, fields: [("link", id.description)]))
            }
        }
        changed()
        endSweepIfDone()
    }

    // MARK: Reading the ledger

    /// Reads the ledger now, or once more after the reading that is under way.
    func read() {
        guard !isOver, !isEnding else { return }
        guard !isReading else { return mustReadAgain = true }
        isReading = true
        readLedger { [weak self] in self?.haveRead() }
    }

    private func haveRead() {
        isReading = false
        guard !isOver else { return }
        if mustReadAgain {
            mustReadAgain = false
            return read()
        }
        changed()
        serve()
        if !isEnding { wake(by: .now() + TimeAmount(clamping: options.pace)) }
    }

    private func wake(by due: NIODeadline) {
        guard due < wakeAt, !isEnding, !isOver else { return }
        timer?.cancel()
        wakeAt = due
        timer = links.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
            guard let self else { return }
            wakeAt = .distantFuture
            serve()
            read()
        }
    }

    func changed() {
        guard let report = options.report else { return }
        state.following = follows.count
        state.done = book.done
        state.failures = book.failures
        state.running = book.running
        state.queued = book.queued
        state.waiting = book.waiting
        state.parked = book.parked
        state.waits = links.engine.waitFigures
        let silence = state.waits.lastSuccess.map { NIODeadline.now() - $0 }
        let patience = TimeAmount(clamping: state.waits.bound + .seconds(60))
        state.reachesService =
            follows.isEmpty || state.waits.failedLooks == 0 || (silence.map { $0 < patience } ?? false)
        report(state)
    }
}
