// Runs a CallStateMachine against the world: the token source, the transport, the timer.
// What is sent, and what a reply means, is for the subclasses to say.

import HTTPTransport
import NIOCore

/// One call of the service, retries included. Subclasses give it its request and its result.
class ServiceCall: PayLinkCall {
    let engine: PayLinkEngine
    private(set) var machine: CallStateMachine
    /// The last attempt's failure, as it would be reported.
    var lastError: OneShotPayError?
    private var exchange: (any ServiceExchange)?
    private var timer: Scheduled<Void>?
    private var token: AccessToken?
    /// When the last request left.
    private(set) var sentAt = ContinuousClock.now
    private var isParked = false
    private var isStarting = false
    /// Holds requests back: called when one could leave, instead of sending it.
    var whenReady: (() -> Void)?

    init(engine: PayLinkEngine, machine: CallStateMachine) {
        self.engine = engine
        self.machine = machine
    }

    // MARK: For subclasses

    /// What the call does, for messages: "creating a link".
    var subject: String { "the request" }
    var usesToken: Bool { true }
    func request(token: AccessToken?) -> ByteBuffer { ByteBuffer() }
    /// What a 2xx reply means. Sets `lastError` unless it is a success.
    func read(_ response: HTTPResponse) -> AttemptOutcome { .success }
    /// What a 2xx reply that broke off still tells.
    func salvage(_ body: ByteBuffer) -> PayLinkID? { nil }
    func adopt(_ id: PayLinkID) {}
    func succeed() {}
    func fail(_ error: OneShotPayError) {}
    /// The last attempt failed, and another one follows.
    func willRetry() {}

    /// Whether its caller repeats what fails.
    var isSingleAttempt: Bool { machine.policy.maximumAttempts == 1 }

    // MARK: Progress

    func begin() {
        isStarting = true
        handle(.started)
        isStarting = false
    }

    override func cancel() {
        handle(.cancelled(requestLeft: exchange?.hasLeft == true))
    }

    /// The token that the call waited for.
    func receive(_ token: AccessToken) {
        unpark()
        self.token = token
        handle(.tokenReady)
    }

    /// There is no token to be had.
    func tokenFailed(_ error: OneShotPayError) {
        unpark()
        lastError = error
        handle(.tokenFailed)
    }

    func handle(_ event: CallStateMachine.Event) {
        let orphansBefore = machine.possibleOrphans
        let retriesBefore = machine.retries
        let action = machine.handle(
            event, now: engine.eventLoop.now, quota: &engine.quota, random: engine.environment.random)
        engine.statistics.possibleOrphans += machine.possibleOrphans - orphansBefore
        engine.statistics.retries += machine.retries - retriesBefore
        perform(action)
    }

    private func perform(_ action: CallStateMachine.Action) {
        switch action {
        case .getToken: getToken(refused: nil)
        case .replaceToken: getToken(refused: token?.generation)
        case .send: if let whenReady { whenReady() } else { send() }
        case .pause(let duration):
            willRetry()
            park(until: engine.eventLoop.now + TimeAmount(duration), then: .pauseEnded)
        case .adopt(let id):
            adopt(id)
        case .succeed:
            succeed()
        case .fail(let failure):
            finish(failure)
        case .ignore:
            break
        }
    }

    private func getToken(refused: Int?) {
        guard usesToken else { return handle(.tokenReady) }
        if isSingleAttempt, let error = engine.tokens.failing { return tokenFailed(error) }
        if let token = engine.tokens.token(for: self, refused: refused) {
            self.token = token
            handle(.tokenReady)
        } else {
            park(until: machine.deadline, then: .deadlinePassed)
        }
    }

    func send() {
        engine.statistics.requests += 1
        let wire = request(token: token)
        sentAt = engine.environment.instant()
        exchange = engine.connection.send(wire, deadline: machine.deadline) { result in
            self.exchange = nil
            self.handle(.outcome(self.outcome(of: result)))
        }
    }

    private func outcome(of result: Result<HTTPResponse, HTTPFailure>) -> AttemptOutcome {
        switch result {
        case .success(let response):
            if response.status / 100 == 2 {
                let outcome = read(response)
                // Whatever else may have answered in the service's place tells nothing of its clock.
                if case .success = outcome { engine.readClock(response, sentAt: sentAt) }
                return outcome
            }
            let wait = response.header("retry-after").flatMap {
                RetryAfter.parse($0, now: response.date ?? engine.serviceTime)
            }
            lastError = engine.error(for: response, subject: subject, retryAfter: wait)
            if response.status == 429 { engine.refusalObserver?(wait) }
            return .status(response.status, retryAfter: wait)
        case .failure(let failure):
            lastError = engine.error(for: failure, subject: subject)
            if let partial = failure.partial, partial.status / 100 == 2 {
                // Given up from this side: the service itself did not break it off.
                if failure.code == .replyTooLarge, machine.kind == .create {
                    return .unreadableReply(salvaged: salvage(partial.body))
                }
                if let id = salvage(partial.body) { return .damagedReply(salvaged: id) }
            }
            return .failure(OneShotPayError.Code(failure.code), bytesSent: failure.bytesSent)
        }
    }

    // MARK: Waiting

    private func park(until time: NIODeadline, then event: CallStateMachine.Event) {
        isParked = true
        engine.parked[ObjectIdentifier(self)] = self
        timer?.cancel()
        timer = engine.eventLoop.assumeIsolated().scheduleTask(deadline: time) { [weak self] in
            guard let self, isParked else { return }
            unpark()
            handle(event)
        }
    }

    private func unpark() {
        guard isParked else { return }
        isParked = false
        engine.parked[ObjectIdentifier(self)] = nil
        timer?.cancel()
        timer = nil
    }

    // MARK: End

    private func finish(_ failure: CallStateMachine.Failure) {
        if isParked {
            unpark()
            if usesToken { engine.tokens.forget(self) }
        }
        let wasSent = exchange?.hasLeft == true
        exchange?.cancel()
        exchange = nil
        var error = engine.error(for: failure, subject: subject, last: lastError)
        error.possibleOrphans = machine.possibleOrphans
        error.bytesSent = error.bytesSent || wasSent || machine.possibleOrphans > 0
        guard isStarting else { return fail(error) }
        // A callback never runs before the call that it belongs to has returned.
        engine.eventLoop.assumeIsolated().execute { self.fail(error) }
    }
}
