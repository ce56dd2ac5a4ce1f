// The course of one create through the ledger: claim, send, record.

import Ledger
import NIOCore
import OneShotPay

/// One create: claimed before its first byte leaves, recorded before its caller hears of it.
final class RecordedCreate {
    private enum Stage { case waiting, claiming, sending, recording, ended }

    private let links: RecordedLinks
    private let order: LinkOrder
    private let terms: String
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
    private var ledgerProblem: LedgerError?

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
        if let key = order.key {
            if let other = links.making[key] {
                guard other.terms == terms else {
                    return end(.failure(.otherTerms(key, recorded: other.terms, asked: terms)))
                }
                leader = other
                other.followers.append(self)
                return
            }
            links.making[key] = self
        }
        claim()
    }

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
            end(.success(link))
        case .busy(let run): askAgain(key, run)
        case .otherTerms(let record): end(.failure(.otherTerms(key, recorded: record.terms, asked: terms)))
        case .inDoubt(let record): end(.failure(.inDoubt(record)))
        case .abandoned: end(.failure(.abandoned(key)))
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
        if case .at(let moment)? = order.expiry, moment <= Expiry.unixSeconds(after: .zero) {
            return release(
                row,
                LinkFailure(
                    .invalid(
                        "expires_at", "expires_at \(moment) is in the past: give Unix seconds, such as os.time() + 900")))
        }
        do throws(LinkFailure) { try links.limits.take(order.request.amount) } catch { return release(row, error) }
        send(row)
    }

    /// Gives a claim back of which no byte was sent.
    private func release(_ row: LinkRow, _ failure: LinkFailure) {
        finish(row, .notSent(problem: failure.message, possibleOrphans: orphansBefore), .failure(failure))
    }

    // MARK: Request

    private func send(_ row: LinkRow) {
        stage = .sending
        let key = order.key.map { IdempotencyKey.make(account: links.account, key: $0) }
        request = links.engine.create(
            order.readyRequest(idempotencyKey: key), deadline: deadline,
            gate: { [self] orphans, proceed in passGate(row, orphans, proceed) }
        ) { [self] result in
            request = nil
            CrashPoint.afterReply.reached()
            received(result, row)
        }
    }

    /// Records that a request is about to leave; that of the first may have been recorded with the claim.
    private func passGate(_ row: LinkRow, _ orphans: Int, _ proceed: @escaping (Bool) -> Void) {
        if isRecordedAsSent {
            isRecordedAsSent = false
            return pass(proceed)
        }
        links.ledger.submit(.sending(row, possibleOrphans: orphansBefore + orphans)) { [self] result in
            switch result {
            case .success(.changed(true)): pass(proceed)
            case .success:
                ledgerProblem = LedgerError(.failed, "the ledger's entry was settled by hand meanwhile")
                proceed(false)
            case .failure(let error):
                ledgerProblem = error
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
            links.limits.giveBack(order.request.amount)
            let failure = ledgerProblem.map { LinkFailure($0) } ?? LinkFailure(error)
            finish(row, outcome(of: error), .failure(failure))
        }
    }

    private func outcome(of error: OneShotPayError) -> LinkOutcome {
        let orphans = orphansBefore + error.possibleOrphans
        if error.code == .badReply, error.link != nil {
            // The service made a link with other terms: sending again would make another one.
            return .rejected(problem: error.message, possibleOrphans: orphans + 1)
        }
        if error.possibleOrphans > 0 {
            return .inDoubt(problem: error.message, known: error.knownID, possibleOrphans: orphans)
        }
        if error.code == .rejected { return .rejected(problem: error.message, possibleOrphans: orphans) }
        return .notSent(problem: error.message, possibleOrphans: orphans)
    }

    // MARK: Record

    private func finish(_ row: LinkRow, _ outcome: LinkOutcome, _ result: Result<PayLink, LinkFailure>) {
        stage = .recording
        links.ledger.submit(.finish(row, outcome)) { [self] recorded in
            guard case .failure(let error) = recorded, case .success(let link) = result else { return end(result) }
            var failure = LinkFailure(error, link: link)
            let advice =
                order.key.map { ". Once the ledger works: paylink ledger doubt resolve \(ShownText.short($0)) --link \(link.id)" }
                ?? ""
            failure.message =
                "link \(link.id) was made (\(link.url)), but could not be recorded: \(error.message)" + advice
            end(.failure(failure))
        }
    }

    // MARK: End

    private func end(_ result: Result<PayLink, LinkFailure>) {
        guard stage != .ended else { return }
        stage = .ended
        if let key = order.key, links.making[key] === self { links.making[key] = nil }
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

    // MARK: Dry run

    /// What is recorded is given as it is; what would be made is counted, and pretended to.
    private func plan() {
        guard let key = order.key else { return planNew() }
        links.find(key) { [self] result in
            switch result {
            case .failure(let error): end(.failure(LinkFailure(error)))
            case .success(let record?) where record.state == .done || record.terms != terms && record.state != .rejected:
                guard record.terms == terms, let link = record.link else {
                    return end(.failure(.otherTerms(key, recorded: record.terms, asked: terms)))
                }
                end(.success(link))
            case .success(let record?) where record.state == .abandoned: end(.failure(.abandoned(key)))
            case .success: planNew()
            }
        }
    }

    private func planNew() {
        do throws(LinkFailure) { try links.limits.take(order.request.amount) } catch { return end(.failure(error)) }
        if links.planned.count < 5 { links.planned.append(order) }
        end(.success(PayLink(planned: order.readyRequest(idempotencyKey: nil), page: links.engine.defaultPage)))
    }
}
