// Drives a CreationStateMachine over its ports: the ledger, the service, a timer.

import Ledger
import NIOCore
import OneShotPay

/// One create: claimed before its first byte leaves, recorded before its caller hears of it.
final class CreationCall {
    private let links: RecordedLinks
    private var machine: CreationStateMachine
    private let deadline: NIODeadline
    private let done: (Result<PayLink, LinkFailure>) -> Void
    let keyBytes: [UInt8]?
    private var request: (any HeldRequest)?
    private var look: RecordedCall?
    private var timer: Scheduled<Void>?
    private var isFollower = false
    private var wasCancelled = false
    private var isOver = false

    init(
        _ links: RecordedLinks, _ order: LinkOrder, terms: String?, deadline: NIODeadline?, waitsForOthers: Bool,
        _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
    ) {
        self.links = links
        self.done = done
        self.deadline = deadline ?? links.eventLoop.now + TimeAmount(links.engine.configuration.timeouts.call)
        keyBytes = order.key.map { Array($0.utf8) }
        machine = CreationStateMachine(
            order, terms: terms ?? order.terms(links.json), waitsForOthers: waitsForOthers, words: links.words)
    }

    private var order: LinkOrder { machine.order }
    var terms: String { machine.terms }
    /// Whether anything is asked of the service for it at this moment.
    var isAtService: Bool { request != nil || look != nil }

    private var subject: UnrecordedEnds.Subject { keyBytes.map { .link($0) } ?? .keyless }

    /// Of a link that could not be recorded the caller hears, and it is kept then; any other end is kept here.
    private func keepUnlessRecorded(_ result: Result<Bool, LedgerError>, _ row: LinkRow, _ outcome: LinkOutcome) {
        // The rows of a dry run are not the ledger's.
        guard case .failure = result, !links.limits.isDryRun else { return }
        if case .done = outcome { return }
        links.ends.keep(.finish(row, outcome), of: subject)
    }

    func hasTerms(_ other: String) -> Bool { other.utf8.elementsEqual(terms.utf8) }

    func begin() {
        isFollower = false
        guard !wasCancelled, !links.isClosing else { return finish(.failure(.cancelled)) }
        do throws(OneShotPayError) { try order.validate() } catch { return finish(.failure(LinkFailure(error))) }
        switch links.register.enter(self) {
        case .follows: isFollower = true
        case .otherTerms(let recorded):
            finish(.failure(.otherTerms(order.key ?? "", recorded: recorded, asked: terms)))
        case .own(let left?, let end):
            links.active[ObjectIdentifier(self)] = self
            if let end { links.ends.takeBack(end) }
            perform(machine.resume(left))
        case .own(nil, _):
            links.active[ObjectIdentifier(self)] = self
            handle(.asked)
        }
    }

    func cancel() {
        guard !wasCancelled, !machine.isEnded else { return }
        wasCancelled = true
        guard isFollower else { return handle(.cancelled) }
        links.register.forget(follower: self)
        finish(.failure(.cancelled))
    }

    /// Lets go of what is under way, which holds the call.
    func discard() {
        (request, look) = (nil, nil)
        timer?.cancel()
        timer = nil
    }

    private func handle(_ event: CreationStateMachine.Event) {
        let engine = links.engine
        perform(machine.handle(event, .init(engine, until: deadline), limits: &links.limits))
    }

    private func perform(_ action: CreationStateMachine.Action) {
        switch action {
        case .claim(let isSending):
            links.ends.willClaim(subject)
            links.creations.claim(claim(isSending: isSending)) { result in
                var isGranted = false
                if case .success(.granted) = result { isGranted = true }
                self.links.ends.didClaim(self.subject, isGranted: isGranted)
                if isGranted { CrashPoint.afterClaim.reached() }
                self.handle(.claimed(result))
            }
        case .pause(let pause):
            timer = links.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(pause)) {
                self.handle(.pauseEnded)
            }
        case .look(let id, let known): begin(lookAt: id, known)
        case .adopt(let link):
            links.creations.adopt(link, key: order.key ?? "") { self.handle(.adopted($0)) }
        case .prepare:
            let request = links.service.prepare(order, deadline: deadline) { event in self.receive(event) }
            self.request = request
            request.begin()
        case .commit(let row, let orphans):
            links.creations.commit(row, possibleOrphans: orphans) { self.handle(.committed($0)) }
        case .send:
            request?.send()
            #if DEBUG
                links.soon { CrashPoint.afterSend.reached() }
            #endif
        case .withhold: request?.withhold()
        case .record(let row, let outcome):
            links.creations.record(row, outcome) { result in
                self.keepUnlessRecorded(result, row, outcome)
                self.handle(.recorded(result))
            }
        case .cancelRequest:
            request?.cancel()
            look?.cancel()
        case .answer(let answer): finish(answer.result, unrecorded: answer.unrecorded)
        case .wait: break
        }
    }

    private func claim(isSending: Bool) -> LinkClaim {
        LinkClaim(
            key: order.key, terms: terms, amount: order.request.amount, description: order.request.description,
            resendsInDoubt: order.request.payer == nil && links.engine.configuration.retry.resendsCreatesInDoubt,
            isSending: isSending)
    }

    private func receive(_ event: CreateEvent) {
        switch event {
        case .ready(let orphans): handle(.ready(possibleOrphans: orphans))
        case .ended(let result):
            request = nil
            CrashPoint.afterReply.reached()
            handle(.replied(result))
        }
    }

    /// What is recorded is looked at for its state only, and not for long.
    private func begin(lookAt id: PayLinkID, _ known: PayLink?) {
        let deadline = known == nil ? deadline : min(deadline, links.eventLoop.now + .seconds(10))
        look = links.service.look(at: id, known: known, for: order, deadline: deadline) { [self] result in
            look = nil
            if known != nil { links.observe(result) }
            handle(.seen(result))
        }
    }

    private func finish(_ result: Result<PayLink, LinkFailure>, unrecorded: UnrecordedLink? = nil) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        let end =
            links.limits.isDryRun
            ? nil
            : unrecorded.map { left in
                links.ends.keep(.finish(left.row, left.outcome), of: subject) { [links, keyBytes] in
                    if let keyBytes { links.register.forgetUnrecorded(keyBytes) }
                }
            }
        let followers = links.register.leave(self, unrecorded: unrecorded, end: end)
        done(result)
        // Cancelled is this caller's own end; anything else is as true for the others.
        for follower in followers {
            if wasCancelled { follower.begin() } else { follower.finish(result) }
        }
        links.ended(self)
    }
}
