// One wait as its caller holds it. Its state is in WaitSchedule.

import NIOCore

/// A wait that the scheduler keeps.
final class WaitCall: PayLinkCall {
    /// Holds the engine, and with it the scheduler, for as long as the wait lasts.
    private let engine: PayLinkEngine
    let id: PayLinkID
    let page: CheckoutPage
    /// Its place in the schedule.
    var ticket: WaitTicket?
    /// Told in place of a further look, where its owner keeps it between looks.
    var rest: ((WaitRest) -> Void)?
    private var done: ((Result<PayLink, OneShotPayError>) -> Void)?

    init(
        engine: PayLinkEngine, id: PayLinkID, page: CheckoutPage,
        _ done: @escaping (Result<PayLink, OneShotPayError>) -> Void
    ) {
        self.engine = engine
        self.id = id
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
        var error = OneShotPayError(code, "waiting for link \(id): \(what)")
        error.link = ticket.flatMap(engine.waits.lastSeen)
        finish(.failure(error))
    }

    /// The next look is for the owner to begin.
    func goToRest(_ rest: WaitRest) {
        guard !isFinished, let tell = self.rest else { return }
        done = nil
        self.rest = nil
        if let ticket { engine.waits.remove(ticket) }
        tell(rest)
    }

    func finish(_ result: Result<PayLink, OneShotPayError>) {
        guard let done else { return }
        self.done = nil
        rest = nil
        if let ticket { engine.waits.remove(ticket) }
        // Waits for one link share their looks, and may each have a checkout page of their own.
        switch result {
        case .success(var link):
            link.page = page
            done(.success(link))
        case .failure(var error):
            error.link?.page = page
            done(.failure(error))
        }
    }
}
