// Which link is looked at when, as a pure value: waits, times and replies go in, looks and endings come out.
// All waits for one link share its looks. WaitScheduler gives it a clock, a timer and requests; the simulation in the
// tests gives it made-up ones.

import NIOCore

/// Names a wait in its schedule; stale once the wait is removed.
struct WaitTicket: Sendable, Hashable {
    let place: Int
    let number: UInt64
}

/// Names a link that is looked at; stale once no wait for it is left.
struct LookTicket: Sendable, Hashable {
    let place: Int
    let number: UInt64
}

/// All waits that share one budget of requests: the link that is due first is looked at first.
///
/// `Subject` is what the owner wants to be handed with each step.
struct WaitSchedule<Subject> {
    /// A wait that is this much past its deadline, because the budget was spent on others, ends without a last look.
    static var grace: TimeAmount { .seconds(10) }
    /// A step that comes this much later than asked for means that the process could not run.
    private static var tolerance: TimeAmount { .seconds(2) }

    /// What is to be done next.
    enum Step {
        /// Send one look at a link now, and tell what it brought (``looked(_:_:now:unixTime:random:)``). One of the waits
        /// for it ends at `deadline`.
        case look(LookTicket, PayLinkID, deadline: NIODeadline)
        /// End this wait, and remove it.
        case end(WaitTicket, Subject, OneShotPayError)
        /// Nothing until then, unless something changes.
        case sleep(until: NIODeadline)
        /// Nothing until something changes.
        case idle
    }

    /// What a look means for one of the waits.
    typealias Verdict = (ticket: WaitTicket, subject: Subject, isLate: Bool, action: WaitStateMachine.Action)

    struct Slot {
        let number: UInt64
        let subject: Subject
        var machine: WaitStateMachine
        /// The place of its link, and its neighbours among the waits for it.
        let link: Int
        @KnownPlace var previous: Int?
        @KnownPlace var next: Int?
        /// When it was begun: a look that left before is none of its own.
        @KnownDeadline var begunAt: NIODeadline?
        var due = NIODeadline.distantFuture
        var awaitsDeadline = false
    }

    struct Link {
        let number: UInt64
        let id: PayLinkID
        @KnownPlace var first: Int?
        /// What it adds to the load at present.
        var weight = 0.0
        /// Whether everybody who waits only wants to know of a late payment. Such a link is no load.
        var isLate = true
        /// Whether a wait for it has begun.
        var isCounted = false
        /// The number of its entry in the queue, and when that is due.
        var entry: UInt64?
        var due = NIODeadline.distantFuture
        /// When the look under way left.
        @KnownDeadline var lookSentAt: NIODeadline?
    }

    private(set) var budget: PollingBudget
    /// Waits that are not removed.
    private(set) var count = 0
    /// Links that are waited for and can be paid: each counts once, however many wait for it.
    var openLinks = 0
    /// Links that have ended, and are looked at for a late payment.
    var lateLinks = 0
    /// What the links that are waited for add to the load.
    var load = 0.0
    /// Links that others keep, between two looks.
    var resting = RestingLinks()
    var slots: [Slot?] = []
    var freePlaces: [Int] = []
    var links: [Link?] = []
    var freeLinks: [Int] = []
    var placeOfLink: [PayLinkID: Int] = [:]
    var nextNumber: UInt64 = 0
    // Entries that no longer count stay in both queues until they are due, or until they are the larger part.
    var queue = LookQueue()
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

    // MARK: Waits

    /// Takes in a wait. Its link is not looked at for it before ``begin(_:now:unixTime:)``.
    mutating func add(_ machine: WaitStateMachine, _ subject: Subject) -> WaitTicket {
        let link = placeOfLink[machine.id] ?? makeLink(machine.id)
        let number = newNumber()
        let slot = Slot(number: number, subject: subject, machine: machine, link: link, next: links[link]?.first)
        let place = Self.put(slot, in: &slots, &freePlaces)
        if let next = slot.next { slots[next]?.previous = place }
        links[link]?.first = place
        count += 1
        return WaitTicket(place: place, number: number)
    }

    /// Makes the first look for a wait due: fetch first, judge afterwards.
    mutating func begin(_ ticket: WaitTicket, now: NIODeadline, unixTime: Int64) {
        guard let slot = slot(ticket) else { return }
        slots[ticket.place]?.begunAt = now
        slots[ticket.place]?.due = now
        let age = slot.machine.age(now, unixTime: unixTime)
        change(slot.link) { link in
            if !slot.machine.isLate {
                (link.isLate, link.weight) = (false, max(link.weight, PollingRule.weight(age: age)))
            }
        }
        enqueue(slot.link, due: now)
        guard slot.machine.deadline < .distantFuture else { return }
        slots[ticket.place]?.awaitsDeadline = true
        awaitingDeadline += 1
        deadlines.add(ticket, due: slot.machine.deadline + Self.grace)
    }

    /// Forgets a wait, whatever its state.
    /// - Returns: the link whose look is now for nobody, if one is under way.
    @discardableResult
    mutating func remove(_ ticket: WaitTicket) -> LookTicket? {
        guard let slot = slot(ticket) else { return nil }
        if slot.awaitsDeadline { awaitingDeadline -= 1 }
        if let previous = slot.previous {
            slots[previous]?.next = slot.next
        } else {
            links[slot.link]?.first = slot.next
        }
        if let next = slot.next { slots[next]?.previous = slot.previous }
        slots[ticket.place] = nil
        freePlaces.append(ticket.place)
        count -= 1
        let left = links[slot.link]?.first == nil ? removeLink(slot.link) : nil
        compact()
        return left
    }

    /// What the service last said of this wait's link.
    func lastSeen(_ ticket: WaitTicket) -> PayLink? { slot(ticket)?.machine.last }

    /// The waits that have begun.
    var begun: [Subject] {
        slots.compactMap { slot in slot.flatMap { $0.begunAt == nil ? nil : $0.subject } }
    }

    /// When the next look is due, if one is.
    var nextDue: NIODeadline? { queue.nextDue }

    /// A look was sent a second time.
    mutating func payForRepeat() { budget.charge() }

    /// How much of the account's polls is left, in 0...1.
    mutating func divide(_ part: Double, now: NIODeadline) { budget.divide(part, now: now) }

    /// Somebody else was told "too many".
    mutating func slowDown(pause: Duration, now: NIODeadline) { budget.slowDown(retryAfter: pause, now: now) }

    /// Looks at a link now, if anybody waits for it.
    /// - Returns: whether anybody does.
    mutating func hurry(_ id: PayLinkID, now: NIODeadline) -> Bool {
        guard let place = placeOfLink[id] else { return false }
        enqueue(place, due: now)
        return true
    }

    /// What to do now. To be asked again until it says to sleep.
    /// - Parameter held: until when no look may leave, if none may.
    mutating func next(now: NIODeadline, heldUntil held: NIODeadline? = nil) -> Step {
        if now > wakeAt + Self.tolerance { awakeSince = now }
        wakeAt = .distantFuture
        if let (ticket, slot) = popOverdue(now: now) {
            return .end(ticket, slot.subject, slot.machine.timeout(cause: nil))
        }
        switch head(now: now) {
        case .empty: return .idle
        case .later(let due): return sleep(until: due)
        case .due(let entry):
            if let later = held ?? budget.take(now: now) {
                return sleep(until: min(later, deadlines.first?.due ?? .distantFuture))
            }
            queue.takeHead(now: now)
            guard let link = links[entry.place] else { return .idle }
            links[entry.place]?.entry = nil
            links[entry.place]?.lookSentAt = now
            var deadline = NIODeadline.distantFuture
            forEachWait(for: entry.place) { deadline = min(deadline, $1.machine.deadline) }
            return .look(LookTicket(place: entry.place, number: link.number), link.id, deadline: deadline)
        }
    }

    /// What a look has brought, and what follows for each wait that it was for; nothing when none is left. After
    /// ``succeed`` and ``fail`` the owner removes the wait.
    mutating func looked(
        _ ticket: LookTicket, _ observation: WaitStateMachine.Observation, now: NIODeadline, unixTime: Int64,
        random: Double, quietUntil: NIODeadline? = nil
    ) -> [Verdict] {
        guard links.indices.contains(ticket.place), let link = links[ticket.place], link.number == ticket.number,
            let sentAt = link.lookSentAt
        else { return [] }
        if case .failure(let error) = observation, error.code == .rateLimited {
            budget.slowDown(retryAfter: error.retryAfter, sentAt: sentAt, now: now)
        }
        links[ticket.place]?.lookSentAt = nil
        weigh(ticket.place, now: now, unixTime: unixTime)
        let rate = lateLinks > 0 ? budget.rate * (1 - PollingRule.lateShare) : budget.rate
        let circumstances = WaitStateMachine.Circumstances(
            now: now, unixTime: unixTime, rule: PollingRule(rate: rate, fullRate: budget.fullRate), load: wholeLoad,
            waits: openLinks + resting.count, random: random, quietUntil: quietUntil)
        var verdicts: [Verdict] = []
        var waits: [Int] = []
        forEachWait(for: ticket.place) { place, slot in
            if let begunAt = slot.begunAt, begunAt <= sentAt { waits.append(place) }
        }
        for place in waits {
            guard let slot = slots[place], let action = slots[place]?.machine.observe(observation, circumstances) else {
                continue
            }
            if case .look(let due, _) = action { slots[place]?.due = due } else { slots[place]?.due = .distantFuture }
            verdicts.append((WaitTicket(place: place, number: slot.number), slot.subject, slot.machine.isLate, action))
        }
        var due = NIODeadline.distantFuture
        forEachWait(for: ticket.place) { due = min(due, $1.due) }
        enqueue(ticket.place, due: due)
        return verdicts
    }

    func slot(_ ticket: WaitTicket) -> Slot? {
        guard slots.indices.contains(ticket.place), let slot = slots[ticket.place], slot.number == ticket.number else {
            return nil
        }
        return slot
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
            guard links[slot.link]?.lookSentAt == nil else { continue }
            return (ticket, slot)
        }
        return nil
    }

    // A function of its own: nothing holds on to the list of links when it is changed afterwards.
    private mutating func head(now: NIODeadline) -> LookQueue.Head {
        queue.head(now: now, counts: Self.counting(links))
    }

    private mutating func compact() {
        if count == 0 {
            (slots, freePlaces) = ([], [])
            (links, freeLinks) = ([], [])
            (queue, deadlines) = (LookQueue(), DueQueue())
            return
        }
        if queue.count > 64 + 2 * placeOfLink.count { queue.keep(Self.counting(links)) }
        let slots = slots
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
}
