// The course of one create through the ledger: claim, send, record.

import Ledger
import NIOCore
import OneShotPay

/// One create: claimed before its first byte leaves, recorded before its caller hears of it.
final class RecordedCreate {
    private enum Stage { case waiting, claiming, sending, recording, ended }

    let links: RecordedLinks
    let order: LinkOrder
    let terms: String
    private let deadline: NIODeadline
    private let done: (Result<PayLink, LinkFailure>) -> Void
    private var stage = Stage.waiting
    private var isCancelled = false
    private var request: PayLinkCall?
    private var timer: Scheduled<Void>?
    private var pause = Duration.milliseconds(10)
    /// Creates with the same key that wait for this one.
    private var followers: [RecordedCreate] = []
    private weak var leader: RecordedCreate?
    // Of the claim that was granted:
    private var orphansBefore = 0
    private var isRecordedAsSent = false
    /// Why the request was held back.
    private var obstacle: LinkFailure?

    init(
        _ links: RecordedLinks, _ order: LinkOrder, deadline: NIODeadline?,
        _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
    ) {
        self.links = links
        self.order = order
        self.done = done
        self.deadline = deadline ?? .now() + TimeAmount(clamping: links.engine.configuration.timeouts.call)
        terms = order.terms(links.json)
    }

    func begin() {
        guard !isCancelled, !links.isClosing else { return end(.failure(Self.cancelled)) }
        do throws(OneShotPayError) { try order.validate() } catch { return end(.failure(LinkFailure(error))) }
        links.active[ObjectIdentifier(self)] = self
        guard !links.limits.isDryRun else { return plan() }
        if let key = order.key, let bytes = keyBytes {
            if let other = links.making[bytes] {
                guard isSame(other.terms) else {
                    return end(.failure(.otherTerms(key, recorded: other.terms, asked: terms)))
                }
                leader = other
                other.followers.append(self)
                return
            }
            links.making[bytes] = self
            if let left = links.unrecorded[bytes] {
                guard isSame(left.terms) else {
                    return end(.failure(.otherTerms(key, recorded: left.terms, asked: terms)))
                }
                return finish(left.row, left.outcome, .success(left.link))
            }
        }
        claim()
    }

    var keyBytes: [UInt8]? { order.key.map { Array($0.utf8) } }

    /// Compared as the ledger does: byte by byte.
    func isSame(_ other: String) -> Bool { other.utf8.elementsEqual(terms.utf8) }

    func cancel() {
        guard !isCancelled, stage != .ended else { return }
        isCancelled = true
        switch stage {
        case .waiting:
            timer?.cancel()
            leader?.followers.removeAll { $0 === self }
            end(.failure(Self.cancelled))
        case .sending: request?.cancel()
        case .claiming, .recording, .ended: break  // the ledger answers soon
        }
    }

    // MARK: Claim

    private func claim() {
        stage = .claiming
        // Where a limit may still stop it, it is recorded as sent only when it is.
        isRecordedAsSent = links.engine.hasToken && !links.limits.isCapped
        let claim = LinkClaim(
            key: order.key, terms: terms, amount: order.request.amount, description: order.request.description,
            resendsInDoubt: order.request.payer == nil && links.engine.configuration.retry.resendsCreatesInDoubt,
            isSending: isRecordedAsSent)
        links.ledger.submit(.claim(claim)) { result in
            switch result {
            case .success(.claim(let answer)): self.receive(answer)
            case .success: self.end(.failure(LinkFailure(LedgerError(.failed, "the ledger gave no answer to a claim"))))
            case .failure(let error): self.end(.failure(LinkFailure(error)))
            }
        }
    }

    private func receive(_ answer: LinkClaimAnswer) {
        let key = order.key ?? ""
        switch answer {
        case .granted(let row, let orphans):
            orphansBefore = orphans
            CrashPoint.afterClaim.reached()
            granted(row)
        case .recorded(let record):
            guard let link = record.link else {
                let problem = LedgerError(.corrupt, "the ledger holds no link for key \"\(ShownText.short(key))\"")
                return end(.failure(LinkFailure(problem)))
            }
            isOver(link) ? lookAgain(at: link) : end(.success(link))
        case .busy(let run): askAgain(key, run)
        case .otherTerms(let record): end(.failure(.otherTerms(key, recorded: record.terms, asked: terms)))
        case .inDoubt(let record):
            if let id = record.knownID { adopt(id, record) } else { end(.failure(.inDoubt(record))) }
        case .abandoned: end(.failure(.abandoned(key)))
        }
    }

    /// Whether its time has passed although it was active when it was seen last.
    private func isOver(_ link: PayLink) -> Bool {
        guard link.status == .active, let expiry = link.expiresAt else { return false }
        return expiry <= Expiry.unixSeconds(after: .zero)
    }

    /// Somebody may have paid since: whoever hears that a link has expired makes another one.
    private func lookAgain(at link: PayLink) {
        stage = .sending
        let page = links.engine.page(for: order.readyRequest(idempotencyKey: nil))
        let deadline = min(deadline, .now() + .seconds(10))
        request = links.engine.get(link.id, page: page, deadline: deadline) { [self] result in
            request = nil
            guard !isCancelled else { return end(.failure(Self.cancelled)) }
            links.observe(result)
            // Without an answer nobody knows whether it was paid, and its address is not to be published as if it were.
            end(result.mapError { LinkFailure($0) })
        }
    }

    private func askAgain(_ key: String, _ run: Int64) {
        stage = .waiting
        guard !isCancelled else { return end(.failure(Self.cancelled)) }
        guard .now() + TimeAmount(clamping: pause) < deadline else { return end(.failure(.busy(key, run: run))) }
        timer = links.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(clamping: pause)) { self.claim() }
        pause = min(pause * 2, .milliseconds(500))
    }

    private func granted(_ row: LinkRow) {
        if isCancelled || links.isClosing { return release(row, Self.cancelled) }
        if let past = pastExpiry(slack: links.engine.clock.isKnown ? 0 : Self.clockDoubt) { return release(row, past) }
        do throws(LinkFailure) { try links.limits.take(order.request.amount) } catch { return release(row, error) }
        send(row)
    }

    /// Before the service's time is known, this machine's clock is believed to be ahead of it by a week at most.
    private static let clockDoubt: Int64 = 7 * 86_400

    /// Why an expiry that was given as a moment is of no use, by the service's clock where it is known to differ.
    private func pastExpiry(slack: Int64 = 0) -> LinkFailure? {
        guard case .at(let moment)? = order.expiry, moment <= links.engine.serviceTime - slack else { return nil }
        let clock = links.engine.clockDifference.map { " (\($0))" } ?? ""
        let advice = "give Unix seconds, such as os.time() + 900, or expires_in"
        return LinkFailure(.invalid("expires_at", "expires_at \(moment) is in the past\(clock): \(advice)"))
    }

    /// Gives a claim back of which no byte was sent.
    private func release(_ row: LinkRow, _ failure: LinkFailure) {
        finish(row, .notSent(problem: failure.message, possibleOrphans: orphansBefore), .failure(failure))
    }

    /// An earlier request left the id of a link behind: if that is the one, nothing has to be sent.
    private func adopt(_ id: PayLinkID, _ record: LinkRecord) {
        stage = .sending
        let terms = order.readyRequest(idempotencyKey: nil)
        request = links.engine.get(id, page: links.engine.page(for: terms), deadline: deadline) { [self] result in
            request = nil
            guard case .success(let link) = result, order.firstDifference(from: link) == nil else {
                return end(.failure(.inDoubt(record)))
            }
            stage = .recording
            links.ledger.submit(.resolve(key: record.key ?? "", .link(link))) { [self] recorded in
                if case .success(.changed(true)) = recorded { return end(.success(link)) }
                end(.failure(.inDoubt(record)))
            }
        }
    }

    // MARK: Request

    private func send(_ row: LinkRow) {
        stage = .sending
        let key = order.key.map { IdempotencyKey.make(account: links.keyOwner, key: $0) }
        request = links.engine.create(
            order.request(idempotencyKey: key), expiresIn: order.delay, deadline: deadline,
            gate: { [self] orphans, proceed in passGate(row, orphans, proceed) }
        ) { [self] result in
            request = nil
            CrashPoint.afterReply.reached()
            received(result, row)
        }
    }

    /// Records that a request is about to leave; that of the first may have been recorded with the claim.
    private func passGate(_ row: LinkRow, _ orphans: Int, _ proceed: @escaping (Bool) -> Void) {
        // The first look that is taken with the service's time in hand: the reply with the token told it.
        if orphans == 0, let past = pastExpiry() {
            obstacle = past
            return proceed(false)
        }
        if isRecordedAsSent {
            isRecordedAsSent = false
            return pass(proceed)
        }
        links.ledger.submit(.sending(row, possibleOrphans: orphansBefore + orphans)) { [self] result in
            switch result {
            case .success(.changed(true)): pass(proceed)
            case .success:
                obstacle = LinkFailure(LedgerError(.failed, "the ledger's entry was settled by hand meanwhile"))
                proceed(false)
            case .failure(let error):
                obstacle = LinkFailure(error)
                proceed(false)
            }
        }
    }

    private func pass(_ proceed: (Bool) -> Void) {
        proceed(true)
        #if DEBUG
            links.soon { CrashPoint.afterSend.reached() }
        #endif
    }

    private func received(_ result: Result<PayLink, OneShotPayError>, _ row: LinkRow) {
        switch result {
        case .success(let link):
            finish(row, .done(link, possibleOrphans: orphansBefore + link.possibleOrphans), .success(link))
        case .failure(let error):
            // What may have been made counts against the caps.
            if error.possibleOrphans == 0, error.link == nil { links.limits.giveBack(order.request.amount) }
            let outcome = LinkOutcome(error, orphansBefore: orphansBefore, obstacle: obstacle)
            finish(row, outcome, .failure(obstacle ?? LinkFailure(error)))
        }
    }

    // MARK: Record

    private func finish(_ row: LinkRow, _ outcome: LinkOutcome, _ result: Result<PayLink, LinkFailure>) {
        stage = .recording
        links.ledger.submit(.finish(row, outcome)) { [self] recorded in
            guard case .done(let link, _) = outcome else { return end(result) }
            switch recorded {
            case .success(.changed(true)):
                if let keyBytes { links.unrecorded[keyBytes] = nil }
                end(result)
            case .success:
                let problem = LedgerError(.failed, "its entry was settled or taken over by somebody else meanwhile")
                end(.failure(unrecorded(link, problem)))
            case .failure(let error):
                let left = UnrecordedLink(row: row, outcome: outcome, link: link, terms: terms)
                if let keyBytes { links.unrecorded[keyBytes] = left } else { links.unrecordedWithoutKey.append(left) }
                end(.failure(unrecorded(link, error)))
            }
        }
    }

    private func unrecorded(_ link: PayLink, _ error: LedgerError) -> LinkFailure {
        var failure = LinkFailure(error, link: link)
        let key = order.key.map { ShownText.short($0) }
        let advice =
            key.map { "; once the ledger works: paylink ledger doubt resolve \($0) --link \(link.id)" } ?? ""
        failure.message =
            "link \(link.id) was made (\(link.url)), but could not be recorded: \(error.message)\(advice)"
        return failure
    }

    // MARK: End

    func end(_ result: Result<PayLink, LinkFailure>) {
        guard stage != .ended else { return }
        stage = .ended
        if let keyBytes, links.making[keyBytes] === self { links.making[keyBytes] = nil }
        let followers = followers
        self.followers = []
        done(result)
        // Cancelled is this caller's own end; anything else is as true for the others.
        for follower in followers {
            if isCancelled { follower.begin() } else { follower.end(result) }
        }
        links.ended(self)
    }

    private static var cancelled: LinkFailure {
        LinkFailure(OneShotPayError(.cancelled, "creating a link: cancelled"))
    }
}
