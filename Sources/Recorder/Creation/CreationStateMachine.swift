// The life of one recorded link's creation, as a pure value: event in, action out. No clock, no ledger, no service of
// its own. A link that must never be published twice is claimed before its request leaves, and recorded before anybody
// hears of it; what may have made one is counted.

package import Advice
import Console
import Ledger
import OneShotPay

/// Decides, step by step, how the creation of a link goes on.
package struct CreationStateMachine {
    private enum State {
        case idle, claiming, pausing
        case lookingAgain
        indirect case lookingForDoubt(LinkRecord)
        indirect case adopting(PayLink, LinkRecord)
        case preparing(LinkRow)
        case committing(LinkRow)
        case sending(LinkRow)
        case recording(LinkRow, LinkOutcome, Result<PayLink, LinkFailure>)
        case ended
    }

    package let order: LinkOrder
    /// ``LinkOrder/terms(_:)``.
    package let terms: String
    private let words: AdviceWords
    /// Whether a key that another run is at is waited for.
    private let waitsForOthers: Bool
    private var state = State.idle
    private var isCancelled = false
    private var isResumed = false
    private var pause = Duration.milliseconds(10)
    /// Possible orphans of earlier claims of the row.
    private var orphansBefore = 0
    /// Recorded with the claim, for the first request.
    private var isRecordedAsSent = false
    /// Before its request left, the row was no longer this run's.
    private var isTakenOver = false
    /// Why a request was held back from this side.
    private var obstacle: LinkFailure?

    package init(_ order: LinkOrder, terms: String, waitsForOthers: Bool = true, words: AdviceWords = .neutral) {
        self.order = order
        self.terms = terms
        self.waitsForOthers = waitsForOthers
        self.words = words
    }

    package var isEnded: Bool { if case .ended = state { true } else { false } }

    /// A creation that begins with a link that was made before and could not be recorded: only that is left to do.
    package mutating func resume(_ left: UnrecordedLink) -> Action {
        isResumed = true
        return record(left.row, left.outcome, .success(left.link))
    }

    /// Advances the creation.
    /// - Parameter limits: what this run may make; taken from before a request leaves.
    package mutating func handle(
        _ event: Event, _ view: @autoclosure () -> View, limits: inout CreationLimits
    ) -> Action {
        switch (state, event) {
        case (.ended, _): return .wait
        case (_, .cancelled): return cancel()
        case (.idle, .asked):
            do throws(OneShotPayError) { try order.validate() } catch { return fail(LinkFailure(error)) }
            return claim(view(), limits)
        case (.pausing, .pauseEnded): return claim(view(), limits)
        case (.claiming, .claimed(.failure(let error))): return fail(LinkFailure(error))
        case (.claiming, .claimed(.success(let answer))): return receive(answer, view, &limits)
        case (.lookingAgain, .seen(let result)):
            if isCancelled { return fail(.cancelled) }
            // Without an answer nobody knows whether it was paid, and its address is not to be published as if it were.
            return answer(result.mapError { LinkFailure($0) })
        case (.lookingForDoubt(let record), .seen(let result)):
            guard case .success(let link) = result, order.firstDifference(from: link) == nil else {
                return fail(.inDoubt(record, words))
            }
            state = .adopting(link, record)
            return .adopt(link)
        case (.adopting(let link, _), .adopted(.success(true))): return answer(.success(link))
        case (.adopting(_, let record), .adopted): return fail(.inDoubt(record, words))
        case (.preparing(let row), .ready(let orphans)), (.sending(let row), .ready(let orphans)):
            return ready(row, orphans, view)
        case (.committing(let row), .committed(let result)): return committed(row, result)
        case (.preparing(let row), .replied(let result)), (.committing(let row), .replied(let result)),
            (.sending(let row), .replied(let result)):
            return replied(row, result, &limits)
        case (.recording(let row, let outcome, let result), .recorded(let recorded)):
            return self.recorded(row, outcome, result, recorded)
        default: return .wait
        }
    }

    // MARK: Claim

    private mutating func claim(_ view: View, _ limits: CreationLimits) -> Action {
        state = .claiming
        // Where a limit may still stop it, it is recorded as sent only when it is.
        isRecordedAsSent = view.hasToken && !limits.isCapped
        return .claim(isSending: isRecordedAsSent)
    }

    private mutating func receive(
        _ claim: LinkClaimAnswer, _ view: () -> View, _ limits: inout CreationLimits
    ) -> Action {
        let key = order.key ?? ""
        switch claim {
        case .granted(let row, let orphans):
            orphansBefore = orphans
            return granted(row, view, &limits)
        case .recorded(let record):
            guard let link = record.link else {
                return fail(
                    LinkFailure(LedgerError(.corrupt, "the ledger holds no link for key \"\(ShownText.short(key))\"")))
            }
            // Somebody may have paid since: whoever hears that a link has expired makes another one.
            guard isOver(link, view) else { return answer(.success(link)) }
            state = .lookingAgain
            return .look(link.id, known: link)
        case .busy(let run):
            if isCancelled { return fail(.cancelled) }
            guard waitsForOthers, pause < view().timeLeft() else { return fail(.busy(key, run: run)) }
            state = .pausing
            defer { pause = min(pause * 2, .milliseconds(500)) }
            return .pause(pause)
        case .otherTerms(let record): return fail(.otherTerms(key, recorded: record.terms, asked: terms))
        case .inDoubt(let record):
            // An earlier request left the id of a link behind: if that is the one, nothing has to be sent.
            guard let id = record.knownID else { return fail(.inDoubt(record, words)) }
            state = .lookingForDoubt(record)
            return .look(id, known: nil)
        case .abandoned: return fail(.abandoned(key, words))
        }
    }

    private mutating func granted(_ row: LinkRow, _ view: () -> View, _ limits: inout CreationLimits) -> Action {
        if isCancelled { return release(row, .cancelled) }
        if let past = pastExpiry(view, isDoubtful: true) { return release(row, past) }
        do throws(LinkFailure) { try limits.take(order.request.amount, words) } catch { return release(row, error) }
        state = .preparing(row)
        return .prepare
    }

    /// Gives a claim back of which no byte was sent.
    private mutating func release(_ row: LinkRow, _ failure: LinkFailure) -> Action {
        record(row, .notSent(problem: failure.message, possibleOrphans: orphansBefore), .failure(failure))
    }

    // MARK: Expiry

    /// Whether its time has passed although it was active when it was seen last.
    private func isOver(_ link: PayLink, _ view: () -> View) -> Bool {
        guard link.status == .active, let expiry = link.expiresAt else { return false }
        return expiry <= view().clock().serviceTime
    }

    /// Before the service's time is known, this machine's clock is believed to be ahead of it by a week at most.
    private static let clockDoubt: Int64 = 7 * 86_400

    /// Why an expiry that was given as a moment is of no use, by the service's clock where it is known to differ.
    /// - Parameter isDoubtful: whether this machine's clock decides where the service has not told its own.
    private func pastExpiry(_ view: () -> View, isDoubtful: Bool = false) -> LinkFailure? {
        guard case .at(let moment)? = order.expiry else { return nil }
        let time = view().clock()
        let slack = isDoubtful && !time.isTimeKnown ? Self.clockDoubt : 0
        guard moment <= time.serviceTime - slack else { return nil }
        let clock = time.difference.map { " (\($0))" } ?? ""
        let advice = "give Unix seconds, such as os.time() + 900, or expires_in"
        return LinkFailure(.invalid("expires_at", "expires_at \(moment) is in the past\(clock): \(advice)"))
    }

    // MARK: Request

    private mutating func ready(_ row: LinkRow, _ orphans: Int, _ view: () -> View) -> Action {
        // The first look that is taken with the service's time in hand: the reply with the token told it.
        if orphans == 0, let past = pastExpiry(view) {
            obstacle = past
            return .withhold
        }
        if isRecordedAsSent {
            isRecordedAsSent = false
            state = .sending(row)
            return .send
        }
        state = .committing(row)
        return .commit(row, possibleOrphans: orphansBefore + orphans)
    }

    private mutating func committed(_ row: LinkRow, _ result: Result<Bool, LedgerError>) -> Action {
        switch result {
        case .success(true):
            state = .sending(row)
            return .send
        case .success(false):
            isTakenOver = true
            obstacle = LinkFailure(
                LedgerError(.failed, "the ledger's entry was settled or taken over by somebody else meanwhile"))
        case .failure(let error): obstacle = LinkFailure(error)
        }
        return .withhold
    }

    private mutating func replied(
        _ row: LinkRow, _ result: Result<PayLink, OneShotPayError>, _ limits: inout CreationLimits
    ) -> Action {
        switch result {
        case .success(let link):
            return record(row, .done(link, possibleOrphans: orphansBefore + link.possibleOrphans), .success(link))
        case .failure(let error):
            // What may have been made counts against the caps.
            if error.possibleOrphans == 0, error.link == nil { limits.giveBack(order.request.amount) }
            let outcome = LinkOutcome(error, orphansBefore: orphansBefore, obstacle: obstacle)
            return record(row, outcome, .failure(obstacle ?? LinkFailure(error)))
        }
    }

    // MARK: Record

    private mutating func record(
        _ row: LinkRow, _ outcome: LinkOutcome, _ result: Result<PayLink, LinkFailure>
    ) -> Action {
        state = .recording(row, outcome, result)
        return .record(row, outcome)
    }

    private mutating func recorded(
        _ row: LinkRow, _ outcome: LinkOutcome, _ result: Result<PayLink, LinkFailure>,
        _ recorded: Result<Bool, LedgerError>
    ) -> Action {
        // Of anything but a link its caller hears the reason, and the ledger its best: in doubt is what it says already.
        guard case .done(let link, _) = outcome else {
            guard isTakenOver, case .success(false) = recorded, order.key != nil, !isCancelled else {
                return answer(result)
            }
            // Whoever has the key now is asked: this run may have been stopped for as long as it takes to make the link.
            (isTakenOver, obstacle) = (false, nil)
            state = .claiming
            return .claim(isSending: false)
        }
        switch recorded {
        case .success(true): return answer(result)
        case .success(false) where isResumed || order.key != nil:
            // It was taken over meanwhile, or settled by a person: the ledger knows whose link the key's is. Whoever took it
            // over has counted this one as a possible orphan.
            isResumed = false
            state = .claiming
            return .claim(isSending: false)
        case .success(false):
            let problem = LedgerError(.failed, "its entry was settled or taken over by somebody else meanwhile")
            return fail(.unrecorded(link, order, problem, words))
        case .failure(let error):
            state = .ended
            let left = UnrecordedLink(row: row, outcome: outcome, link: link, terms: terms)
            return .answer(Answer(result: .failure(.unrecorded(link, order, error, words)), unrecorded: left))
        }
    }

    // MARK: Ends

    private mutating func cancel() -> Action {
        guard !isCancelled else { return .wait }
        isCancelled = true
        switch state {
        case .idle, .pausing: return fail(.cancelled)
        case .lookingAgain, .lookingForDoubt, .preparing, .committing, .sending: return .cancelRequest
        case .claiming, .adopting, .recording, .ended: return .wait  // the ledger answers soon
        }
    }

    private mutating func fail(_ failure: LinkFailure) -> Action { answer(.failure(failure)) }

    private mutating func answer(_ result: Result<PayLink, LinkFailure>) -> Action {
        state = .ended
        return .answer(Answer(result: result))
    }
}
