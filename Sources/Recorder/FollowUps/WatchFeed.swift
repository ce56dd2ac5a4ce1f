// Follows every open link of the ledger, and gives the events that are to be followed up to whoever runs follow-ups.
// The ledger is the one source of events: a look only records what it saw, and what is recorded, by whichever process,
// is found there. Which links are looked at is decided in FollowedLinks, what waits and what rests in FollowUpBook.
// Looking is in WatchFeed+Looks.swift, reading in WatchFeed+Ledger.swift.

import Advice
package import Console
import Ledger
import NIOCore
import OneShotPay

/// The events of one watch. Belongs to the event loop of its links.
package final class WatchFeed {
    /// Given the next event, or nothing at the end.
    package typealias Take = (FollowUpBook.Event?) -> Void

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
    /// Looks under way at open links, and at those that have ended.
    var follows: [LinkRow: RecordedCall] = [:]
    var lateLooks: [LinkRow: RecordedCall] = [:]
    /// Open links that rest after a look that failed.
    var failing: [LinkRow: PayLinkID] = [:]
    var followed: FollowedLinks
    var trouble = LookTrouble()
    private var timer: Scheduled<Void>?
    private var turnTimer: Scheduled<Void>?
    private var turnAt = NIODeadline.distantFuture
    private var wakeAt = NIODeadline.distantFuture
    private var isReading = false
    private var changesWhenRead: UInt64 = 0
    /// Open links whose turn has come are being fetched from the ledger.
    var isWaking = false
    /// Late looks that are due are being fetched from the ledger.
    var isFetching = false
    private var mustReadAgain = false
    private(set) var isEnding = false
    /// Whether any look has succeeded: what refuses us from the beginning on will go on to, and what does so later may pass.
    var hasReached = false
    /// A sweep found that the service cannot be reached: nothing more is looked at.
    var hasGivenUp = false
    private(set) var isOver = false

    package init(
        _ links: RecordedLinks, _ specs: [FollowUpSpec], _ options: WatchOptions, log: @escaping (LogMessage) -> Void,
        fail: @escaping (LinkFailure) -> Void
    ) {
        self.links = links
        self.options = options
        self.log = log
        self.fail = fail
        book = FollowUpBook(
            specs, isSweep: options.isSweep, patience: FollowUpPatience(retryFor: options.retryFor))
        followed = FollowedLinks(LateLooks(grace: links.engine.configuration.lateGrace))
    }

    package func begin() {
        if !options.isSweep {
            links.engine.observeWaits { [weak self] in self?.noticed($0) }
            links.budget.heard = { [weak self] in self?.read() }
            links.budget.hear()
        }
        read()
    }

    /// Gives the next event to a task, now or when there is one.
    package func next(for task: UInt32, _ take: @escaping Take) {
        takers.append((task, take))
        serve()
    }

    package func forget(_ task: UInt32) { takers.removeAll { $0.task == task } }

    /// A follow-up has ended.
    package func ended(_ key: String, _ outcome: FollowUpOutcome, problem: String?) {
        let random = links.engine.random()
        guard let (event, again) = book.ended(key, outcome, at: moment, random: random) else { return }
        if outcome != .done || problem != nil { tell(event, outcome, problem, again) }
        if again != nil, !options.isSweep { wake(by: book.nextDue ?? .distantFuture) }
        changed()
        serve()
    }

    var moment: FollowUpBook.Moment { FollowUpBook.Moment(now: links.eventLoop.now, unixTime: links.engine.localTime) }

    /// No more events: follow-ups under way may finish.
    package func finish() {
        isEnding = true
        stopLooking()
        serve()
    }

    package func close() {
        isOver = true
        stopLooking()
    }

    func stopLooking() {
        timer?.cancel()
        timer = nil
        wakeAt = .distantFuture
        turnTimer?.cancel()
        turnTimer = nil
        turnAt = .distantFuture
        let calls = Array(follows.values) + Array(lateLooks.values)
        (follows, lateLooks, failing) = ([:], [:], [:])
        for call in calls { call.cancel() }
        _ = followed.open.endAll()
        links.engine.restingLinks = RestingLinks()
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
            guard let event = book.next(at: moment) else { break }
            takers.removeFirst().take(event)
            changed()
        }
        endSweepIfDone()
    }

    /// A sweep is over when everything was looked at, and nothing is left to run.
    func endSweepIfDone() {
        guard options.isSweep, !isEnding, since != nil, follows.isEmpty, lateLooks.isEmpty, followed.open.count == 0,
            !isReading,
            !isWaking, !isFetching, !mustReadAgain,
            book.queued == 0,
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
        case (.done, _):
            log(LogMessage(level: .warn, text: "\(what) is done\(problem)", fields: fields))
        case (.inDoubt, _):
            log(LogMessage(level: .warn, text: "\(what) is in doubt\(problem)", fields: fields))
        case (.notBegun, let again?):
            let seconds = Int((again / .seconds(1)).rounded())
            log(
                LogMessage(
                    level: .warn, text: "\(what) could not begin, again in \(seconds) s\(problem)", fields: fields))
        case (_, let again?):
            let seconds = Int((again / .seconds(1)).rounded())
            let later =
                options.isSweep ? "the first watch after \(seconds) s tries again" : "again in \(seconds) s"
            log(LogMessage(level: .error, text: "\(what) failed, \(later)\(problem)", fields: fields))
        case (_, nil):
            log(
                LogMessage(
                    level: .error,
                    text: "\(what) failed and is left to you (\(links.words(.doubtList)))\(problem)", fields: fields))
        }
    }

    // MARK: Reading the ledger

    /// Reads the ledger now, or once more after the reading that is under way.
    func read() {
        guard !isOver, !isEnding else { return }
        guard !isReading else { return mustReadAgain = true }
        isReading = true
        changesWhenRead = links.engine.changes
        readLedger { [weak self] in self?.haveRead() }
    }

    private func haveRead() {
        isReading = false
        guard !isOver else { return }
        if mustReadAgain {
            mustReadAgain = false
            return read()
        }
        lookLate()
        changed()
        serve()
        guard !isEnding else { return }
        let (now, pace) = (links.eventLoop.now, TimeAmount(options.pace))
        // Late looks have times of their own.
        let quiet = followed.ended > 0 ? nil : links.engine.quietUntil(since: changesWhenRead)
        wake(by: now + pace.stretched(from: now, to: quiet))
    }

    func wake(by due: NIODeadline) {
        guard due < wakeAt, !isEnding, !isOver else { return }
        timer?.cancel()
        wakeAt = due
        timer = links.engine.scheduleLook(due) { [weak self] in
            guard let self else { return }
            wakeAt = .distantFuture
            serve()
            read()
        }
    }

    /// Comes back for the open link whose turn is next.
    func wakeOpen() {
        guard let due = followed.open.nextDue, due < turnAt else { return }
        turnTimer?.cancel()
        turnAt = due
        turnTimer = links.engine.scheduleLook(due) { [weak self] in
            guard let self else { return }
            turnAt = .distantFuture
            lookOpen()
        }
    }

    func changed() {
        guard let report = options.report else { return }
        state.following = followed.open.count
        state.done = book.done
        state.failures = book.failures
        state.running = book.running
        state.queued = book.queued
        state.waiting = book.waiting
        state.parked = book.parked
        state.waits = links.engine.waitFigures
        state.ended = followed.ended
        state.notSeen = trouble.links
        let patience = state.waits.bound + .seconds(60)
        state.reachesService = trouble.longestUnseen(now: links.eventLoop.now).map { $0 < patience } ?? true
        report(state)
    }
}
