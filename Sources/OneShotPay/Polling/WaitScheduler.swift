// All waits of an engine: WaitSchedule with a clock, one timer, and requests.

import NIOCore

/// Follows any number of links within one request budget.
final class WaitScheduler {
    /// How long after its wait's deadline a look may still take.
    private static let lastLookLimit = TimeAmount.seconds(5)
    /// How often a token that is missing is looked for.
    private static let tokenPace = TimeAmount.milliseconds(100)

    private unowned let engine: PayLinkEngine
    private var schedule: WaitSchedule<WaitCall>
    private var timer: Scheduled<Void>?
    private var timerDue = NIODeadline.distantFuture
    private var isShutDown = false
    private var counts = WaitFigures()
    /// Looks under way. No more than there are connections: a service that is slower than the rate gets no backlog.
    private var looks: [LookTicket: PayLinkCall] = [:]
    /// Told of every look. Nothing is computed for them while nobody listens.
    var observers: [(WaitReport) -> Void] = []

    init(engine: PayLinkEngine) {
        self.engine = engine
        schedule = WaitSchedule(requestsPerSecond: engine.configuration.pollingRate, now: engine.eventLoop.now)
    }

    func start(
        _ id: PayLinkID, known: PayLink?, page: CheckoutPage?, paymentBefore: PaymentMark?, timeout: Duration?,
        settled: Bool, looksOnce: Bool, isKnown: Bool, isLate: Bool, expiresAt: Int64?, persists: Bool,
        resting: WaitResting?,
        _ done: @escaping (Result<PayLink, OneShotPayError>) -> Void
    ) -> PayLinkCall {
        let now = engine.eventLoop.now
        let deadline = timeout.map { now + TimeAmount(max($0, .zero)) } ?? .distantFuture
        let known = known?.id == id ? known : resting?.known
        let machine = WaitStateMachine(
            id: id, known: known, paymentBefore: paymentBefore, startedAt: now, deadline: deadline, settled: settled,
            looksOnce: looksOnce, isKnown: isKnown, isLate: isLate, expiresAt: expiresAt, persists: persists,
            madeAt: resting?.madeAt, memory: resting?.memory ?? WaitMemory())
        let wait = WaitCall(engine: engine, id: id, page: page ?? known?.page ?? engine.defaultPage, done)
        let ticket = schedule.add(machine, wait)
        wait.ticket = ticket
        wait.rest = resting?.rest
        if let known, machine.isAlreadyPaid(known) {
            engine.eventLoop.assumeIsolated().execute { wait.finish(.success(known)) }
        } else if isShutDown {
            engine.eventLoop.assumeIsolated().execute { wait.end(.shutDown, "the client was shut down") }
        } else {
            // Not before this call has returned.
            schedule.begin(ticket, now: now, unixTime: engine.serviceTime)
            countLinks()
            if isLate { counts.hasLate = true }
            setTimer(now)
        }
        return wait
    }

    /// A wait is over.
    func remove(_ ticket: WaitTicket) {
        guard let left = schedule.remove(ticket), let look = looks[left] else { return }
        look.cancel()
    }

    /// What the service last said of a wait's link.
    func lastSeen(_ ticket: WaitTicket) -> PayLink? {
        schedule.lastSeen(ticket)
    }

    /// What the waits have cost so far.
    var figures: WaitFigures {
        var figures = counts
        figures.waits = schedule.count + schedule.resting.count
        figures.fullRate = schedule.budget.fullRate
        figures.nextLook = schedule.nextDue
        return figures
    }

    /// What the waits would take of an account's polls, if they were alone.
    var load: Double { schedule.wholeLoad }

    /// These are looked at by turns, and are not among the waits meanwhile.
    var resting: RestingLinks {
        get { schedule.resting }
        set {
            schedule.resting = newValue
            countLinks()
        }
    }

    private func countLinks() {
        counts.mostLinks = max(counts.mostLinks, schedule.openLinks + schedule.resting.count)
    }

    /// What others leave of the account's polls, in 0...1.
    func divide(_ part: Double) {
        schedule.divide(part, now: engine.eventLoop.now)
        if let due = schedule.nextDue { setTimer(due) }
    }

    func slowDown(pause: Duration) { schedule.slowDown(pause: pause, now: engine.eventLoop.now) }

    /// Looks at a link now, if anybody waits for it: something is known to have happened.
    func hurry(_ id: PayLinkID) {
        let now = engine.eventLoop.now
        if schedule.hurry(id, now: now) { setTimer(now) }
    }

    func shutdown() {
        isShutDown = true
        timer?.cancel()
        timer = nil
        for wait in schedule.begun { wait.end(.shutDown, "the client was shut down") }
    }

    /// Forgets every wait.
    func discard() {
        isShutDown = true
        timer?.cancel()
        timer = nil
        schedule = WaitSchedule(requestsPerSecond: engine.configuration.pollingRate, now: engine.eventLoop.now)
        looks = [:]
        observers = []
    }

    // MARK: Looking

    private func run() {
        timer = nil
        timerDue = .distantFuture
        let now = engine.eventLoop.now
        while looks.count < engine.configuration.maximumConnections {
            // Looks that wait for a token would all leave at the same moment: one fetches it, the others wait here.
            let held = engine.hasToken || looks.isEmpty ? nil : now + Self.tokenPace
            switch schedule.next(now: now, heldUntil: held) {
            case .look(let ticket, let id, let deadline): look(id, ticket, deadline: deadline, now: now)
            case .end(_, let wait, let error): wait.finish(.failure(error))
            case .sleep(let until): return setTimer(until)
            case .idle: return
            }
        }
    }

    private func look(_ id: PayLinkID, _ ticket: LookTicket, deadline: NIODeadline, now: NIODeadline) {
        let changes = engine.changes
        // A wait that ends soon does not hang on a server that says nothing.
        let longest = now + TimeAmount(engine.configuration.timeouts.request)
        let last = deadline < longest ? max(deadline, now) + Self.lastLookLimit : longest
        // The scheduler paces the looks and repeats what fails: a look itself is not retried.
        let call = GetCall(
            engine: engine, id: id, page: engine.defaultPage, policy: .never, deadline: min(longest, last)
        ) { result in
            self.looked(id, ticket, result, changes: changes)
        }
        call.whenRepeated = { [weak self] in self?.schedule.payForRepeat() }
        looks[ticket] = call
        call.begin()
    }

    /// - Parameter changes: how many there had been when the look left.
    private func looked(
        _ id: PayLinkID, _ ticket: LookTicket, _ result: Result<PayLink, OneShotPayError>, changes: UInt64
    ) {
        if looks.count == engine.configuration.maximumConnections { setTimer(engine.eventLoop.now) }
        looks[ticket] = nil
        let now = engine.eventLoop.now
        let observation: WaitStateMachine.Observation =
            switch result {
            case .success(let link): .link(link)
            case .failure(let error): .failure(error)
            }
        let verdicts = schedule.looked(
            ticket, observation, now: now, unixTime: engine.serviceTime,
            random: engine.environment.random(), quietUntil: engine.quietUntil(since: changes))
        // The next look may be for waits that began while this one was under way.
        if let due = schedule.nextDue { setTimer(due) }
        guard !verdicts.isEmpty else { return }
        count(result, now: now)
        report(id, result, verdicts, now: now)
        for verdict in verdicts {
            let wait = verdict.subject
            switch verdict.action {
            case .look(let due, _):
                guard wait.rest != nil else { break }
                let rest = schedule.rest(verdict.ticket, until: due, now: now, unixTime: engine.serviceTime)
                if let rest { wait.goToRest(rest) }
            case .succeed(let link): wait.finish(.success(link))
            case .fail(let error): wait.finish(.failure(error))
            }
        }
    }

    private func count(_ result: Result<PayLink, OneShotPayError>, now: NIODeadline) {
        counts.looks += 1
        switch result {
        case .success: counts.lastSuccess = now
        case .failure(let error):
            counts.failedLooks += 1
            if error.code == .rateLimited { counts.refusals += 1 }
        }
    }

    private func report(
        _ id: PayLinkID, _ result: Result<PayLink, OneShotPayError>,
        _ verdicts: [WaitSchedule<WaitCall>.Verdict], now: NIODeadline
    ) {
        guard !observers.isEmpty else { return }
        let isLate = verdicts.allSatisfy(\.isLate)
        var report = WaitReport(
            id: id, seen: result, next: nil, links: schedule.openLinks + schedule.resting.count, isLate: isLate)
        var first = NIODeadline.distantFuture
        for case .look(let due, let reason) in verdicts.lazy.map(\.action) where due < first {
            first = due
            report.next = (.nanoseconds((due - now).nanoseconds), reason)
        }
        for observer in observers { observer(report) }
    }

    private func setTimer(_ due: NIODeadline) {
        guard due < timerDue else { return }
        timer?.cancel()
        timerDue = due
        timer = engine.scheduleLook(due) { [weak self] in self?.run() }
    }
}
