// The engine's access token: fetches it for whoever asks first, and hands it to all who asked meanwhile.

import NIOCore

/// Gets and keeps the access token of one engine.
final class TokenSource {
    private unowned let engine: PayLinkEngine
    private var machine = TokenStateMachine<ServiceCall>()
    private var fetch: TokenCall?
    /// Why the last attempt of the fetch under way failed: it will be tried again.
    private(set) var failing: OneShotPayError?

    init(engine: PayLinkEngine) {
        self.engine = engine
    }

    /// Whether anyone waits for the fetch under way.
    var hasWaiters: Bool { !machine.waiters.isEmpty }

    /// Whether a token is there and good.
    var isReady: Bool { machine.isReady(now: engine.eventLoop.now) }

    /// Returns a token at once, or `nil` and tells `call` later.
    func token(for call: ServiceCall, refused: Int?) -> AccessToken? {
        let answer = machine.get(call, refused: refused, now: engine.eventLoop.now)
        if answer.startsFetch { startFetch() }
        return answer.token
    }

    /// Forgets who waits.
    func discard() {
        machine = TokenStateMachine()
        fetch = nil
    }

    /// A call no longer waits.
    func forget(_ call: ServiceCall) {
        machine.remove(call)
    }

    /// Fetches a token once, with no retries, to see whether the credentials are good.
    func check(_ done: @escaping (Result<AccessToken, OneShotPayError>) -> Void) -> PayLinkCall {
        let call = TokenCall(engine: engine, policy: .never) { result in
            if case .success(let token) = result { self.hand(token) }
            done(result)
        }
        call.begin()
        return call
    }

    /// An attempt failed, and another one follows: whoever repeats by itself what fails does not wait for it.
    func attemptFailed(_ error: OneShotPayError) {
        guard fetch != nil else { return }
        failing = error
        for waiter in machine.giveUp(where: \.isSingleAttempt) { waiter.tokenFailed(error) }
    }

    private func startFetch() {
        failing = nil
        let call = TokenCall(engine: engine, policy: engine.configuration.retry) { result in
            self.fetch = nil
            self.failing = nil
            switch result {
            case .success(let token):
                self.hand(token)
            case .failure(let error):
                for waiter in self.machine.fetchFailed(now: self.engine.eventLoop.now) { waiter.tokenFailed(error) }
            }
        }
        fetch = call
        call.begin()
    }

    private func hand(_ token: AccessToken) {
        for waiter in machine.fetched(token) { waiter.receive(token) }
    }
}
