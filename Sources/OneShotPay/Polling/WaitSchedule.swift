// Which wait is looked at when, as a pure value: waits, times and replies go in, looks and endings come out.
// WaitScheduler gives it a clock, a timer and requests; the simulation in the tests gives it made-up ones.

import NIOCore

/// Names a wait in its schedule; stale once the wait is removed.
struct WaitTicket: Sendable, Hashable {
    fileprivate let place: Int
    fileprivate let number: UInt64
}

/// All waits that share one budget of requests: the one that is due first is looked at first.
///
/// `Subject` is what the owner wants to be handed with each step.
struct WaitSchedule<Subject> {
    /// A wait that is this much past its deadline, because the budget was spent on others, ends without a last look.
    static var grace: TimeAmount { .seconds(10) }
    /// A step that comes this much later than asked for means that the process could not run.
    private static var tolerance: TimeAmount { .seconds(2) }

    /// What is to be done next.
    enum Step {
        /// Send one look now, and tell what it brought (``looked(_:_:now:unixTime:random:)``).
        case look(WaitTicket, Subject)
        /// End this wait, and remove it.
        case end(WaitTicket, Subject, OneShotPayError)
        /// Nothing until then, unless something changes.
        case sleep(until: NIODeadline)
        /// Nothing until something changes.
        case idle
    }

    private struct Slot {
        let number: UInt64
        let subject: Subject
        var machine: WaitStateMachine
        /// What this wait adds to the load at present.
        var weight = 0.0
        var lookedAt = NIODeadline.uptimeNanoseconds(0)
        var isQueued = false
        var awaitsDeadline = false
    }

    private(set) var budget: PollingBudget
    /// Waits that are not removed, queued or with a look under way.
    private(set) var count = 0
    private var load = 0.0
    private var slots: [Slot?] = []
    private var freePlaces: [Int] = []
    private var nextNumber: UInt64 = 0
    // Entries of removed waits stay in both queues until they are due, or until they are the larger part.
    private var queue = DueQueue<WaitTicket>()
    private var queued = 0
    private var deadlines = DueQueue<WaitTicket>()
    private var awaitingDeadline = 0
    /// When the owner was asked to come back, and since when it has come back in time.
    private var wakeAt = NIODeadline.distantFuture
    private var awakeSince: NIODeadline

    /// - Parameter requestsPerSecond: the configured rate.
    init(requestsPerSecond: Double, now: NIODeadline) {
        budget = PollingBudget(requestsPerSecond: requestsPerSecond, now: now)
        awakeSince = now
    }

    /// Takes in a wait. It is not looked at before ``begin(_:now:unixTime:)``.
    mutating func add(_ machine: WaitStateMachine, _ subject: Subject) -> WaitTicket {
        let place: Int
        let number = nextNumber
        nextNumber += 1
        if let free = freePlaces.popLast() {
            place = free
        } else {
            place = slots.count
            slots.append(nil)
        }
        slots[place] = Slot(number: number, subject: subject, machine: machine)
        count += 1
        return WaitTicket(place: place, number: number)
    }

    /// Makes the first look at a wait due: fetch first, judge afterwards.
    mutating func begin(_ ticket: WaitTicket, now: NIODeadline, unixTime: Int64) {
        guard let slot = slot(ticket) else { return }
        weigh(ticket.place, now: now, unixTime: unixTime)
        enqueue(ticket, due: now)
        guard slot.machine.deadline < .distantFuture else { return }
        slots[ticket.place]?.awaitsDeadline = true
        awaitingDeadline += 1
        deadlines.add(ticket, due: slot.machine.deadline + Self.grace)
    }

    /// Forgets a wait, whatever its state.
    mutating func remove(_ ticket: WaitTicket) {
        guard let slot = slot(ticket) else { return }
        if slot.isQueued { queued -= 1 }
        if slot.awaitsDeadline { awaitingDeadline -= 1 }
        slots[ticket.place] = nil
        freePlaces.append(ticket.place)
        count -= 1
        load = count == 0 ? 0 : max(0, load - slot.weight)
        compact()
    }

    /// What the service last said of this wait's link.
    func lastSeen(_ ticket: WaitTicket) -> PayLink? { slot(ticket)?.machine.last }

    /// The waits that have begun.
    var begun: [Subject] {
        slots.compactMap { slot in slot.flatMap { $0.weight > 0 ? $0.subject : nil } }
    }

    /// When the next look is due, if one is.
    var nextDue: NIODeadline? { queue.first?.due }

    /// What to do now. To be asked again until it says to sleep.
    mutating func next(now: NIODeadline) -> Step {
        if now > wakeAt + Self.tolerance { awakeSince = now }
        wakeAt = .distantFuture
        if let (ticket, slot) = popOverdue(now: now) {
            return .end(ticket, slot.subject, slot.machine.timeout(cause: nil))
        }
        while let (due, ticket) = queue.first {
            guard let slot = slot(ticket), slot.isQueued else {
                _ = queue.popFirst()
                continue
            }
            if due > now { return sleep(until: due) }
            if let later = budget.take(now: now) {
                return sleep(until: min(later, deadlines.first?.due ?? .distantFuture))
            }
            dequeue(ticket)
            _ = queue.popFirst()
            slots[ticket.place]?.lookedAt = now
            return .look(ticket, slot.subject)
        }
        return .idle
    }

    /// What a look has brought, and what follows; `nil` when the wait is already removed. After ``succeed`` and
    /// ``fail`` the owner removes the wait.
    mutating func looked(
        _ ticket: WaitTicket, _ observation: WaitStateMachine.Observation, now: NIODeadline, unixTime: Int64,
        random: Double
    ) -> WaitStateMachine.Action? {
        guard let slot = slot(ticket) else { return nil }
        if case .failure(let error) = observation, error.code == .rateLimited {
            budget.slowDown(retryAfter: error.retryAfter, sentAt: slot.lookedAt, now: now)
        }
        weigh(ticket.place, now: now, unixTime: unixTime)
        let rule = PollingRule(rate: budget.rate, fullRate: budget.fullRate)
        let action = slots[ticket.place]?.machine.observe(
            observation,
            .init(now: now, unixTime: unixTime, rule: rule, load: load, waits: count, random: random))
        if case .look(let due, _) = action { enqueue(ticket, due: due) }
        return action
    }

    // MARK: Queues

    private func slot(_ ticket: WaitTicket) -> Slot? {
        guard slots.indices.contains(ticket.place), let slot = slots[ticket.place], slot.number == ticket.number else {
            return nil
        }
        return slot
    }

    private mutating func enqueue(_ ticket: WaitTicket, due: NIODeadline) {
        slots[ticket.place]?.isQueued = true
        queued += 1
        queue.add(ticket, due: due)
    }

    private mutating func dequeue(_ ticket: WaitTicket) {
        slots[ticket.place]?.isQueued = false
        queued -= 1
    }

    /// A wait whose time was over long ago and whose turn has not come. One with a look under way is judged by that.
    private mutating func popOverdue(now: NIODeadline) -> (WaitTicket, Slot)? {
        while let (due, ticket) = deadlines.first, due <= now {
            _ = deadlines.popFirst()
            guard let slot = slot(ticket), slot.awaitsDeadline else { continue }
            // A process that could not run looks first.
            if awakeSince + Self.grace > now {
                deadlines.add(ticket, due: awakeSince + Self.grace)
                continue
            }
            slots[ticket.place]?.awaitsDeadline = false
            awaitingDeadline -= 1
            guard slot.isQueued else { continue }
            dequeue(ticket)
            return (ticket, slot)
        }
        return nil
    }

    private mutating func compact() {
        if count == 0 {
            (slots, freePlaces) = ([], [])
            (queue, deadlines) = (DueQueue(), DueQueue())
            return
        }
        let slots = slots
        if queue.count > 64 + 2 * queued {
            queue.keep { ticket in slots[ticket.place].map { $0.number == ticket.number && $0.isQueued } ?? false }
        }
        if deadlines.count > 64 + 2 * awaitingDeadline {
            deadlines.keep { ticket in
                slots[ticket.place].map { $0.number == ticket.number && $0.awaitsDeadline } ?? false
            }
        }
    }

    private mutating func sleep(until due: NIODeadline) -> Step {
        wakeAt = due
        return .sleep(until: due)
    }

    /// Updates what a wait adds to the load; between its looks the load is slightly overestimated.
    private mutating func weigh(_ place: Int, now: NIODeadline, unixTime: Int64) {
        guard let slot = slots[place] else { return }
        let weight = PollingRule.weight(age: slot.machine.age(now, unixTime: unixTime))
        load += weight - slot.weight
        slots[place]?.weight = weight
    }
}
