// The ports below a creation: what it is recorded in, and who makes the link. Each has a live side here; a dry run
// brings two of its own (DryRun.swift).

package import Ledger
package import NIOCore
package import OneShotPay

/// Where a creation is claimed and recorded. Callbacks come later, never within the call.
package protocol CreationLedger: AnyObject {
    func claim(_ claim: LinkClaim, _ done: @escaping (Result<LinkClaimAnswer, LedgerError>) -> Void)
    /// A request leaves once this is durable. `possibleOrphans` counts all earlier ones of the row.
    func commit(_ row: LinkRow, possibleOrphans: Int, _ done: @escaping (Result<Bool, LedgerError>) -> Void)
    func record(_ row: LinkRow, _ outcome: LinkOutcome, _ done: @escaping (Result<Bool, LedgerError>) -> Void)
    /// This is the link that was in doubt under the key.
    func adopt(_ link: PayLink, key: String, _ done: @escaping (Result<Bool, LedgerError>) -> Void)
}

/// Who makes links.
package protocol CreationService: AnyObject {
    /// A request for a link, held back until it is told to leave; its events come from ``HeldRequest/begin()`` on.
    func prepare(
        _ order: LinkOrder, deadline: NIODeadline, _ events: @escaping (CreateEvent) -> Void
    ) -> any HeldRequest
    /// Fetches a link.
    /// - Parameter known: what is recorded of it.
    func look(
        at id: PayLinkID, known: PayLink?, for order: LinkOrder, deadline: NIODeadline,
        _ done: @escaping (Result<PayLink, OneShotPayError>) -> Void
    ) -> RecordedCall
}

/// A request that leaves when it is told to.
package protocol HeldRequest: AnyObject {
    func begin()
    func send()
    func withhold()
    func cancel()
}

extension HeldCreate: HeldRequest {}

extension LedgerWriter: CreationLedger {
    package func claim(_ claim: LinkClaim, _ done: @escaping (Result<LinkClaimAnswer, LedgerError>) -> Void) {
        submit(.claim(claim)) { result in
            switch result {
            case .success(.claim(let answer)): done(.success(answer))
            case .success: done(.failure(LedgerError(.failed, "the ledger gave no answer to a claim")))
            case .failure(let error): done(.failure(error))
            }
        }
    }

    package func commit(
        _ row: LinkRow, possibleOrphans: Int, _ done: @escaping (Result<Bool, LedgerError>) -> Void
    ) {
        change(.sending(row, possibleOrphans: possibleOrphans), done)
    }

    package func record(
        _ row: LinkRow, _ outcome: LinkOutcome, _ done: @escaping (Result<Bool, LedgerError>) -> Void
    ) {
        change(.finish(row, outcome), done)
    }

    package func adopt(_ link: PayLink, key: String, _ done: @escaping (Result<Bool, LedgerError>) -> Void) {
        change(.resolve(key: key, .link(link)), done)
    }

    private func change(_ operation: LedgerOperation, _ done: @escaping (Result<Bool, LedgerError>) -> Void) {
        submit(operation) { result in done(result.map { $0 == .changed(true) }) }
    }
}

/// The service itself.
final class LiveService: CreationService {
    private let engine: PayLinkEngine
    /// Whose the keys are for the service's idempotency.
    private let keyOwner: String

    init(_ engine: PayLinkEngine, keyOwner: String) {
        self.engine = engine
        self.keyOwner = keyOwner
    }

    func prepare(
        _ order: LinkOrder, deadline: NIODeadline, _ events: @escaping (CreateEvent) -> Void
    ) -> any HeldRequest {
        let key = order.key.map { IdempotencyKey.make(account: keyOwner, key: $0) }
        return engine.prepare(
            order.request(idempotencyKey: key), expiresIn: order.delay, deadline: deadline, events)
    }

    func look(
        at id: PayLinkID, known: PayLink?, for order: LinkOrder, deadline: NIODeadline,
        _ done: @escaping (Result<PayLink, OneShotPayError>) -> Void
    ) -> RecordedCall {
        let page = engine.page(for: order.readyRequest(idempotencyKey: nil))
        return RecordedCall(engine.get(id, page: page, deadline: deadline, done))
    }
}

extension CreationStateMachine.View {
    /// What there is to know of the service and of the time at this moment.
    init(_ engine: PayLinkEngine, until deadline: NIODeadline) {
        self.init(
            hasToken: engine.hasToken, timeLeft: { .nanoseconds((deadline - engine.eventLoop.now).nanoseconds) },
            clock: {
                Clock(
                    serviceTime: engine.serviceTime, isTimeKnown: engine.clock.isKnown,
                    difference: engine.clockDifference)
            })
    }
}
