// A create whose requests leave only when they are told to: for whoever keeps a record of what leaves.

import NIOCore

/// What becomes of a ``HeldCreate``.
package enum CreateEvent {
    /// A request could leave: ``HeldCreate/send()`` lets it. So many earlier ones may each have made a link.
    case ready(possibleOrphans: Int)
    case ended(Result<PayLink, OneShotPayError>)
}

/// A create that stops before each of its requests, retries included.
///
/// Belongs to its engine's event loop. Events come from ``begin()`` on; the last one is ``CreateEvent/ended(_:)``.
package final class HeldCreate {
    private let call: CreateCall
    private let problem: OneShotPayError?
    private let events: (CreateEvent) -> Void
    private var isReady = false

    init(_ call: CreateCall, problem: OneShotPayError?, _ events: @escaping (CreateEvent) -> Void) {
        self.call = call
        self.problem = problem
        self.events = events
        call.whenReady = { [weak self] in self?.becomeReady() }
    }

    package func begin() {
        if let problem {
            call.engine.eventLoop.assumeIsolated().execute { self.events(.ended(.failure(problem))) }
        } else {
            call.begin()
        }
    }

    private func becomeReady() {
        isReady = true
        events(.ready(possibleOrphans: call.machine.possibleOrphans))
    }

    /// Lets the request that is ready leave.
    package func send() {
        guard isReady, !call.machine.isFinished else { return }
        isReady = false
        call.send()
    }

    /// Ends it in place of the request that is ready, of which no byte leaves; code `cancelled`.
    package func withhold() {
        isReady = false
        call.handle(.cancelled(requestLeft: false))
    }

    /// Ends it with code `cancelled`, and closes the connection of a request under way.
    package func cancel() { call.cancel() }
}
