// One wait: its state, and the look that is under way.

import NIOCore

/// A wait that the scheduler keeps.
final class WaitCall: PayLinkCall {
    /// Holds the engine, and with it the scheduler, for as long as the wait lasts.
    private let engine: PayLinkEngine
    var machine: WaitStateMachine
    let page: CheckoutPage
    /// What this wait adds to the load at present.
    var weight = 0.0
    var look: PayLinkCall?
    private var done: ((Result<PayLink, OneShotPayError>) -> Void)?

    init(
        engine: PayLinkEngine, machine: WaitStateMachine, page: CheckoutPage,
        _ done: @escaping (Result<PayLink, OneShotPayError>) -> Void
    ) {
        self.engine = engine
        self.machine = machine
        self.page = page
        self.done = done
    }

    var isFinished: Bool { done == nil }

    override func cancel() {
        end(.cancelled, "cancelled")
    }

    /// Ends the wait from this side.
    func end(_ code: OneShotPayError.Code, _ what: String) {
        guard !isFinished else { return }
        var error = OneShotPayError(code, "waiting for link \(machine.id): \(what)")
        error.link = machine.last
        finish(.failure(error))
    }

    func finish(_ result: Result<PayLink, OneShotPayError>) {
        guard let done else { return }
        self.done = nil
        let look = self.look
        self.look = nil
        engine.waits.remove(self)
        look?.cancel()
        done(result)
    }
}
