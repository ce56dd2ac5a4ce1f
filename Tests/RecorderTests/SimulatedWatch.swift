// The parts of a watch, joined as WatchFeed joins them, without an event loop: what is open and ended, the schedule of
// looks, the book of follow-ups, the ledger.

import Ledger
import NIOCore

@testable import OneShotPay
@testable import Recorder

/// One process of `paylink watch`.
struct SimulatedWatch {
    enum Step {
        case look(LookTicket, PayLinkID)
        /// Run the follow-up of this key.
        case follow(String)
        /// Nothing until then, unless something happens.
        case sleep(NIODeadline?)
    }

    typealias Moment = FollowUpBook.Moment

    private struct Wait {
        let row: LinkRow
        let isLate: Bool
    }

    static let specs = LinkEvent.allCases.map { event in
        FollowUpSpec(
            event: event, name: event.rawValue, mode: .atMost, keyPrefix: nil, attempts: 1, pause: .seconds(60))
    }

    let store: MemoryLedger
    private var schedule: WaitSchedule<Wait>
    private var followed = FollowedLinks(LateLooks(grace: OneShotPayConfiguration().lateGrace))
    private var book = FollowUpBook(specs, isSweep: false)
    private var reach = LedgerReach()
    private var tickets: [LinkRow: WaitTicket] = [:]
    private let since: Int64
    private var newest: Int64
    private(set) var running: Set<String> = []

    init(_ store: MemoryLedger, at moment: Moment) throws {
        self.store = store
        schedule = WaitSchedule(requestsPerSecond: 10, now: moment.now)
        guard
            case .follower(let since) = try store.perform([.follow(name: "watch", since: moment.unixTime - 7 * 86_400)]
            )[0]
        else { throw LedgerError(.failed, "no follower") }
        (self.since, newest) = (since, since)
    }

    static func prefix(_ event: LinkEvent) -> String { "watch:watch:\(event.rawValue):" }

    mutating func step(at moment: Moment) throws -> Step {
        try lookOpen(at: moment)
        if let event = book.next(at: moment) { return .follow(event.followUp.key) }
        switch schedule.next(now: moment.now) {
        case .look(let ticket, let id, _): return .look(ticket, id)
        case .end: return .sleep(moment.now)
        case .sleep(let until): return .sleep(min(until, followed.open.nextDue ?? until))
        case .idle: return .sleep(followed.open.nextDue)
        }
    }

    /// - Returns: seconds until the next reading.
    mutating func read(at moment: Moment) throws -> Double {
        let (now, unixTime) = (moment.now, moment.unixTime)
        let mark = try store.changeMark()
        let extent = reach.extent(mark: mark, now: now)
        if extent != .nothing {
            for (number, spec) in Self.specs.enumerated() {
                var query = FollowUpQuery(spec.event, prefix: Self.prefix(spec.event), since: since)
                query.step = 1...3
                if extent == .everything { _ = try store.perform([.passOver(query)]) }
                if extent == .recent { query.since = max(since, newest - 10) }
                for followUp in try store.followUps(query) {
                    newest = max(newest, followUp.at)
                    _ = book.found(followUp, spec: number, at: moment)
                }
            }
            followed.open.beginReading()
            followed.open.list(try store.openLinks(before: .max, limit: .max), now: now)
            let ended = try store.endedLinks(since: followed.looks.since(now: unixTime))
            let stop = followed.take(ended: ended, now: now, unixTime: unixTime)
            for row in stop.open + stop.ended + followed.open.endReading() {
                if let ticket = tickets.removeValue(forKey: row) { schedule.remove(ticket) }
            }
            reach.didRead(extent, mark: mark, now: now)
        }
        for record in try store.links(rows: followed.dueLooks(now: now, unixTime: unixTime)) {
            wait(record, isLate: true, moment)
        }
        return extent == .nothing ? 30 : 2
    }

    private mutating func lookOpen(at moment: Moment) throws {
        let rows = followed.open.wake(now: moment.now)
        let records = try store.links(rows: rows)
        for row in rows {
            guard let record = records.first(where: { $0.row == row }), record.link?.isOpen == true else {
                followed.open.remove(row)
                continue
            }
            wait(record, isLate: false, moment)
        }
        schedule.resting = followed.open.resting
    }

    private mutating func wait(_ record: LinkRecord, isLate: Bool, _ moment: Moment) {
        guard let link = record.link else { return }
        let before = link.reusable ? link.payment.map { PaymentMark(id: $0.id, createdAt: $0.createdAt) } : nil
        let machine = WaitStateMachine(
            id: link.id, known: isLate ? nil : link, paymentBefore: before, startedAt: moment.now,
            deadline: .distantFuture,
            settled: false,
            looksOnce: isLate, isKnown: true, isLate: isLate, persists: !isLate,
            madeAt: isLate ? nil : record.createdAt,
            memory: followed.open.memory(record.row) ?? WaitMemory())
        let ticket = schedule.add(machine, Wait(row: record.row, isLate: isLate))
        tickets[record.row] = ticket
        schedule.begin(ticket, now: moment.now, unixTime: moment.unixTime)
    }

    /// - Returns: whether anybody still waited for the look, so that what it brought is known.
    mutating func looked(
        _ ticket: LookTicket, _ observation: WaitStateMachine.Observation, at moment: Moment, random: Double
    ) throws -> Bool {
        let (now, unixTime) = (moment.now, moment.unixTime)
        let verdicts = schedule.looked(ticket, observation, now: now, unixTime: unixTime, random: random)
        for verdict in verdicts {
            let row = verdict.subject.row
            let seen: PayLink?
            switch verdict.action {
            case .look(let due, _):
                guard !verdict.isLate,
                    let rest = schedule.rest(verdict.ticket, until: due, now: now, unixTime: unixTime)
                else { continue }
                schedule.remove(verdict.ticket)
                tickets[row] = nil
                followed.open.rest(row, rest)
                continue
            case .succeed(let link): seen = link
            case .fail(let error):
                seen = [.underpaid, .expired, .archived, .ignored, .timeout].contains(error.code) ? error.link : nil
            }
            schedule.remove(verdict.ticket)
            tickets[row] = nil
            if let seen { _ = try store.perform([.observe(seen)]) }
            if verdict.subject.isLate {
                if seen != nil { _ = try store.perform([.lookedLate(row)]) }
                followed.looked(late: row, isSeen: seen != nil, now: now, unixTime: unixTime)
            } else {
                followed.open.end(row)
                if let seen, seen.reusable, !seen.hasEnded {
                    followed.open.rest(row, .unseen(now + .seconds(1)))
                }
            }
        }
        return !verdicts.isEmpty
    }

    /// Begins a follow-up, unless an earlier one was cut off.
    mutating func claim(_ key: String, at moment: Moment) throws -> EffectRow? {
        switch try store.perform([.claimEffect(EffectClaim(key: key, mode: .atMost))])[0] {
        case .effect(.run(let row, _, _)):
            running.insert(key)
            return row
        case .effect(.ran): _ = book.ended(key, .done, at: moment, random: 0)
        default: _ = book.ended(key, .inDoubt, at: moment, random: 0)
        }
        return nil
    }

    mutating func ended(_ key: String, _ row: EffectRow, at moment: Moment) throws {
        running.remove(key)
        _ = try store.perform([.finishEffect(row, .done(result: nil))])
        _ = book.ended(key, .done, at: moment, random: 0)
    }
}
