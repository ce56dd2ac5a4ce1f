// All waits of an engine: WaitSchedule with a clock, one timer, and requests.

import NIOCore

/// Follows any number of links within one request budget.
final class WaitScheduler {
    /// How long after its wait's deadline a look may still take.
    private static let lastLookLimit = TimeAmount.seconds(5)

    private unowned let engine: PayLinkEngine
    private var schedule: WaitSchedule<WaitCall>
    private var timer: Scheduled<Void>?
    private var timerDue = NIODeadline.distantFuture
    private var isShutDown = false
    private var counts = WaitFigures()
    /// Looks under way. No more than there are connections: a service that is slower than the rate gets no backlog.
    private var looking = 0
    /// Told of every look. Nothing is computed for it while nobody listens.
    var observer: ((WaitReport) -> Void)?

    init(engine: PayLinkEngine) {
        self.engine = engine
        schedule = WaitSchedule(requestsPerSecond: engine.configuration.pollingRate, now: .now())
    }

    func start(
        _ id: PayLinkID, known: PayLink?, page: CheckoutPage?, paymentBefore: PaymentMark?, timeout: Duration?,
        settled: Bool, looksOnce: Bool, isKnown: Bool,
        _ done: @escaping (Result<PayLink, OneShotPayError>) -> Void
    ) -> PayLinkCall {
        let now = NIODeadline.now()
        let deadline = timeout.map { now + TimeAmount(clamping: max($0, .zero)) } ?? .distantFuture
        let known = known?.id == id ? known : nil
        let machine = WaitStateMachine(
            id: id, known: known, paymentBefore: paymentBefore, startedAt: now, deadline: deadline, settled: settled,
            looksOnce: looksOnce, isKnown: isKnown)
        let wait = WaitCall(
            engine: engine, id: id, page: page ?? known?.page ?? engine.defaultPage, deadline: deadline, done)
        let ticket = schedule.add(machine, wait)
        wait.ticket = ticket
        counts.mostWaits = max(counts.mostWaits, schedule.count)
        if let known, machine.isAlreadyPaid(known) {
            engine.eventLoop.assumeIsolated().execute { wait.finish(.success(known)) }
        } else if isShutDown {
            engine.eventLoop.assumeIsolated().execute { wait.end(.shutDown, "the client was shut down") }
        } else {
            // Not before this call has returned.
            schedule.begin(ticket, now: now, unixTime: engine.environment.unixTime())
            setTimer(now)
        }
        return wait
    }

    /// A wait is over.
    func remove(_ ticket: WaitTicket) {
        schedule.remove(ticket)
    }

    /// What the service last said of a wait's link.
    func lastSeen(_ ticket: WaitTicket) -> PayLink? {
        schedule.lastSeen(ticket)
    }

    /// What the waits have cost so far.
    var figures: WaitFigures {
        var figures = counts
        figures.waits = schedule.count
        figures.fullRate = schedule.budget.fullRate
        figures.nextLook = schedule.nextDue
        return figures
    }

    func shutdown() {
        isShutDown = true
        timer?.cancel()
        timer = nil
        for wait in schedule.begun { wait.end(.shutDown, "the client was shut down") }
    }

    // MARK: Looking

    private func run() {
        timer = nil
        timerDue = .distantFuture
        let now = NIODeadline.now()
        while looking < engine.configuration.maximumConnections {
            switch schedule.next(now: now) {
            case .look(let ticket, let wait): look(wait, ticket, now: now)
            case .end(_, let wait, let error): wait.finish(.failure(error))
            case .sleep(let until): return setTimer(until)
            case .idle: return
            }
        }
    }

    private func look(_ wait: WaitCall, _ ticket: WaitTicket, now: NIODeadline) {
        // A wait that ends soon does not hang on a server that says nothing.
        let longest = now + TimeAmount(clamping: engine.configuration.timeouts.request)
        let last = wait.deadline < longest ? max(wait.deadline, now) + Self.lastLookLimit : longest
        // The scheduler paces the looks and repeats what fails: a look itself is not retried.
        let call = GetCall(
            engine: engine, id: wait.id, page: wait.page, policy: .never,
            deadline: min(longest, last)
        ) { result in
            self.looked(wait, ticket, result)
        }
        wait.look = call
        looking += 1
        call.begin()
    }

    private func looked(_ wait: WaitCall, _ ticket: WaitTicket, _ result: Result<PayLink, OneShotPayError>) {
        looking -= 1
        if looking == engine.configuration.maximumConnections - 1 { setTimer(.now()) }
        guard !wait.isFinished else { return }
        wait.look = nil
        let now = NIODeadline.now()
        count(result, now: now)
        let observation: WaitStateMachine.Observation =
            switch result {
            case .success(let link): .link(link)
            case .failure(let error): .failure(error)
            }
        let action = schedule.looked(
            ticket, observation, now: now, unixTime: engine.environment.unixTime(),
            random: engine.environment.random())
        report(wait, result, action, now: now)
        switch action {
        case .look(let due, _): setTimer(due)
        case .succeed(let link): wait.finish(.success(link))
        case .fail(let error): wait.finish(.failure(error))
        case nil: break
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
        _ wait: WaitCall, _ result: Result<PayLink, OneShotPayError>, _ action: WaitStateMachine.Action?,
        now: NIODeadline
    ) {
        guard let observer else { return }
        var report = WaitReport(id: wait.id, seen: result, next: nil, waits: schedule.count)
        if case .look(let due, let reason)? = action {
            report.next = (.nanoseconds((due - now).nanoseconds), reason)
        }
        observer(report)
    }

    private func setTimer(_ due: NIODeadline) {
        guard due < timerDue else { return }
        timer?.cancel()
        timerDue = due
        timer = engine.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
            self?.run()
        }
    }
}
