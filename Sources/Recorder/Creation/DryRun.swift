// A dry run: the same creation over two other ports. Nothing is sent and nothing is written; what is decided is decided
// by the rules of a real run, upon what is recorded and what this run has planned so far.

import Ledger
import NIOCore
import OneShotPay

/// A ledger whose changes are forgotten: they go into memory, above the real one, which is only read.
final class DryRunLedger: CreationLedger {
    private let ledger: LedgerWriter
    private let scope: LedgerScope
    private let eventLoop: any EventLoop
    private lazy var planned = MemoryLedger(scope: scope)

    init(above ledger: LedgerWriter, _ scope: LedgerScope, on eventLoop: any EventLoop) {
        self.ledger = ledger
        self.scope = scope
        self.eventLoop = eventLoop
    }

    private func soon(_ body: @escaping () -> Void) { eventLoop.assumeIsolated().execute(body) }

    func claim(_ claim: LinkClaim, _ done: @escaping (Result<LinkClaimAnswer, LedgerError>) -> Void) {
        guard let key = claim.key else { return soon { done(self.plan(claim)) } }
        // What is planned comes after all that was recorded before, and is found first.
        if let known = try? planned.links(keys: [key])[0], known.state == .done {
            return soon { done(self.plan(claim)) }
        }
        ledger.read { store throws(LedgerError) in
            try store.links(keys: [key])[0]
        } _: { [self] result in
            switch result {
            case .failure(let error): done(.failure(error))
            case .success(let record):
                let answer = record?.answer(toClaimOf: claim.terms, resendsInDoubt: claim.resendsInDoubt)
                if let answer, !answer.isGranted { done(.success(answer)) } else { done(plan(claim)) }
            }
        }
    }

    func commit(_ row: LinkRow, possibleOrphans: Int, _ done: @escaping (Result<Bool, LedgerError>) -> Void) {
        change(.sending(row, possibleOrphans: possibleOrphans), done)
    }

    func record(_ row: LinkRow, _ outcome: LinkOutcome, _ done: @escaping (Result<Bool, LedgerError>) -> Void) {
        change(.finish(row, outcome), done)
    }

    func adopt(_ link: PayLink, key: String, _ done: @escaping (Result<Bool, LedgerError>) -> Void) {
        soon { done(.success(true)) }
    }

    private func plan(_ claim: LinkClaim) -> Result<LinkClaimAnswer, LedgerError> {
        perform(.claim(claim)).flatMap { answer in
            if case .claim(let answer) = answer { return .success(answer) }
            return .failure(LedgerError(.failed, "the ledger gave no answer to a claim"))
        }
    }

    private func change(_ operation: LedgerOperation, _ done: @escaping (Result<Bool, LedgerError>) -> Void) {
        soon { [self] in done(perform(operation).map { $0 == .changed(true) }) }
    }

    private func perform(_ operation: LedgerOperation) -> Result<LedgerAnswer, LedgerError> {
        do throws(LedgerError) { return .success(try planned.perform([operation])[0]) } catch { return .failure(error) }
    }
}

extension LinkClaimAnswer {
    var isGranted: Bool { if case .granted = self { true } else { false } }
}

/// A service that pretends to have made what it is asked for.
final class DryRunService: CreationService {
    private let engine: PayLinkEngine
    private let plan: (LinkOrder) -> Void

    /// - Parameter plan: told of each link that would be made.
    init(_ engine: PayLinkEngine, plan: @escaping (LinkOrder) -> Void) {
        self.engine = engine
        self.plan = plan
    }

    func prepare(
        _ order: LinkOrder, deadline: NIODeadline, _ events: @escaping (CreateEvent) -> Void
    ) -> any HeldRequest {
        plan(order)
        let link = pretended(order)
        return PretendedRequest(link, on: engine.eventLoop, events)
    }

    func look(
        at id: PayLinkID, known: PayLink?, for order: LinkOrder, deadline: NIODeadline,
        _ done: @escaping (Result<PayLink, OneShotPayError>) -> Void
    ) -> RecordedCall {
        // Whether it is the one that was in doubt shows a real run; its terms are taken to be the row's.
        let link = known ?? pretended(order, id: id)
        engine.eventLoop.assumeIsolated().execute { done(.success(link)) }
        return RecordedCall {}
    }

    private func pretended(_ order: LinkOrder, id: PayLinkID = .planned) -> PayLink {
        PayLink(planned: order.readyRequest(idempotencyKey: nil), id: id, page: engine.defaultPage)
    }
}

/// A request that never leaves.
private final class PretendedRequest: HeldRequest {
    private let link: PayLink
    private let eventLoop: any EventLoop
    private let events: (CreateEvent) -> Void
    private var isEnded = false

    init(_ link: PayLink, on eventLoop: any EventLoop, _ events: @escaping (CreateEvent) -> Void) {
        self.link = link
        self.eventLoop = eventLoop
        self.events = events
    }

    private func soon(_ body: @escaping () -> Void) { eventLoop.assumeIsolated().execute(body) }

    func begin() { soon { [self] in if !isEnded { events(.ready(possibleOrphans: 0)) } } }

    func send() { end(.success(link)) }

    func withhold() { cancel() }

    func cancel() { end(.failure(OneShotPayError(.cancelled, "creating a link of \(link.amount) USD: cancelled"))) }

    private func end(_ result: Result<PayLink, OneShotPayError>) {
        guard !isEnded else { return }
        isEnded = true
        soon { self.events(.ended(result)) }
    }
}
