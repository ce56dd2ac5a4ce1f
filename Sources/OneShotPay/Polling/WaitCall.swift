// One wait: its state, and the look that is under way.

import NIOCore

/// A wait that the scheduler keeps.
final class WaitCall: PayLinkCall {
    private unowned let scheduler: WaitScheduler
    var machine: WaitStateMachine
    let page: CheckoutPage
    /// What this wait adds to the load at present.
    var weight = 0.0
    var look: PayLinkCall?
    private var done: ((Result<PayLink, OneShotPayError>) -> Void)?

    init(
        scheduler: WaitScheduler, machine: WaitStateMachine, page: CheckoutPage,
        _ done: @escaping (Result<PayLink, OneShotPayError>) -> Void
    ) {
        self.scheduler = scheduler
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
        scheduler.remove(self)
        look?.cancel()
        done(result)
    }
}
