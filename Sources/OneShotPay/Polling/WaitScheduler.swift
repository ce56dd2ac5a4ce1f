// All waits of an engine: one queue by due time, one timer, one budget of requests.

import NIOCore

/// Follows any number of links within one request budget.
final class WaitScheduler {
    /// A wait that is this much past its deadline, because the budget was spent on others, ends without a last look.
    private static let grace = TimeAmount.seconds(10)

    private unowned let engine: PayLinkEngine
    private var queue = DueQueue<WaitCall>()
    private var budget: PollingBudget
    /// Waits that are not finished, in the queue or with a look under way.
    private var count = 0
    private var load = 0.0
    private var finishedInQueue = 0
    private var underWay: [ObjectIdentifier: WaitCall] = [:]
    private var timer: Scheduled<Void>?
    private var timerDue = NIODeadline.distantFuture
    private var isShutDown = false

    init(engine: PayLinkEngine) {
        self.engine = engine
        budget = PollingBudget(requestsPerSecond: engine.configuration.pollingRate, now: .now())
    }

    func start(
        _ id: PayLinkID, known: PayLink?, page: CheckoutPage?, paymentBefore: PaymentMark?, timeout: Duration?,
        settled: Bool,
        _ done: @escaping (Result<PayLink, OneShotPayError>) -> Void
    ) -> PayLinkCall {
        let now = NIODeadline.now()
        let deadline = timeout.map { now + TimeAmount(clamping: max($0, .zero)) } ?? .distantFuture
        let known = known?.id == id ? known : nil
        let machine = WaitStateMachine(
            id: id, known: known, paymentBefore: paymentBefore, startedAt: now, deadline: deadline, settled: settled)
        let wait = WaitCall(engine: engine, machine: machine, page: page ?? known?.page ?? engine.defaultPage, done)
        count += 1
        if let known, machine.isAlreadyPaid(known) {
            engine.eventLoop.assumeIsolated().execute { wait.finish(.success(known)) }
        } else if isShutDown {
            engine.eventLoop.assumeIsolated().execute { wait.end(.shutDown, "the client was shut down") }
        } else {
            // Fetch first, judge afterwards; not before this call has returned.
            weigh(wait, now: now)
            queue.add(wait, due: now)
            setTimer(now)
        }
        return wait
    }

    /// A wait is over.
    func remove(_ wait: WaitCall) {
        count -= 1
        load = count == 0 ? 0 : max(0, load - wait.weight)
        wait.weight = 0
        if underWay.removeValue(forKey: ObjectIdentifier(wait)) == nil {
            finishedInQueue += 1
            // Finished waits leave the queue when they are due; many of them leave at once.
            if finishedInQueue > 64, finishedInQueue > queue.count / 2 {
                queue.keep { !$0.isFinished }
                finishedInQueue = 0
            }
        }
    }

    func shutdown() {
        isShutDown = true
        timer?.cancel()
        timer = nil
        for wait in Array(underWay.values) { wait.end(.shutDown, "the client was shut down") }
        while let wait = queue.popFirst() { wait.end(.shutDown, "the client was shut down") }
    }

    // MARK: Looking

    private func run() {
        timer = nil
        timerDue = .distantFuture
        let now = NIODeadline.now()
        while let (due, wait) = queue.first {
            if wait.isFinished {
                _ = queue.popFirst()
                finishedInQueue = max(0, finishedInQueue - 1)
                continue
            }
            if due > now { return setTimer(due) }
            if wait.machine.deadline < now - Self.grace {
                takeFirst(wait)
                wait.finish(.failure(wait.machine.timeout(cause: nil)))
                continue
            }
            if let later = budget.take(now: now) { return setTimer(later) }
            takeFirst(wait)
            look(wait, now: now)
        }
    }

    private func takeFirst(_ wait: WaitCall) {
        _ = queue.popFirst()
        underWay[ObjectIdentifier(wait)] = wait
    }

    private func look(_ wait: WaitCall, now: NIODeadline) {
        // The scheduler paces the looks and repeats what fails: a look itself is not retried.
        let call = GetCall(
            engine: engine, id: wait.machine.id, page: wait.page, policy: .never,
            deadline: now + TimeAmount(clamping: engine.configuration.timeouts.request)
        ) { result in
            self.looked(wait, result)
        }
        wait.look = call
        call.begin()
    }

    private func looked(_ wait: WaitCall, _ result: Result<PayLink, OneShotPayError>) {
        guard !wait.isFinished else { return }
        wait.look = nil
        let now = NIODeadline.now()
        let observation: WaitStateMachine.Observation
        switch result {
        case .success(let link):
            observation = .link(link)
        case .failure(let error):
            if error.code == .rateLimited { budget.slowDown(retryAfter: error.retryAfter, now: now) }
            observation = .failure(error)
        }
        weigh(wait, now: now)
        let action = wait.machine.observe(
            observation,
            WaitStateMachine.Circumstances(
                now: now, unixTime: engine.environment.unixTime(), rule: PollingRule(rate: budget.rate), load: load,
                waits: count, random: engine.environment.random()))
        switch action {
        case .look(let due):
            underWay[ObjectIdentifier(wait)] = nil
            queue.add(wait, due: due)
            setTimer(due)
        case .succeed(let link):
            wait.finish(.success(link))
        case .fail(let error):
            wait.finish(.failure(error))
        }
    }

    /// Updates what `wait` adds to the load; between its looks the load is slightly overestimated.
    private func weigh(_ wait: WaitCall, now: NIODeadline) {
        let age = wait.machine.age(now, unixTime: engine.environment.unixTime())
        let weight = PollingRule.weight(age: age)
        load += weight - wait.weight
        wait.weight = weight
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
