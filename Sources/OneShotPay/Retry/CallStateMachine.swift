// The life of one create or get, as a pure value: event in, action out. No clock, no I/O, no randomness of its own.

import NIOCore

/// Decides, step by step, how a call goes on.
struct CallStateMachine {
    /// What happened.
    enum Event {
        case started
        case tokenReady
        /// No token could be had; the token source has already retried what it could.
        case tokenFailed
        case outcome(AttemptOutcome)
        case pauseEnded
        /// The link whose id was salvaged was fetched and is the one that was asked for.
        case adopted
        /// It was fetched and is another one.
        case adoptedOther
        /// It does not exist.
        case adoptedNone
        /// It could not be fetched.
        case adoptionFailed
        case deadlinePassed
        /// Whether the request under way may have left this machine.
        case cancelled(requestLeft: Bool)
    }

    /// What to do next.
    enum Action: Hashable {
        case getToken
        /// Get another token than the one just refused.
        case replaceToken
        case send
        case pause(Duration)
        case adopt(PayLinkID)
        case succeed
        case fail(Failure)
        case ignore
    }

    /// Why a call fails; the caller has the details of the last attempt.
    enum Failure: Hashable {
        /// As the last attempt says.
        case asAttempted
        /// As the token source says.
        case noToken
        /// A link may exist that nobody knows of, or whose id is all that is known.
        case inDoubt(known: PayLinkID?)
        /// A link was made, and at most its id is known.
        case unreadable(known: PayLinkID?)
        case otherTerms
        /// The deadline came before an attempt was made.
        case deadline
        case cancelled
    }

    private enum State: Hashable {
        case idle, waitingForToken, sending, pausing, finished
        /// - isMade: a complete success named the link, so nothing is sent again whatever the look finds.
        case adopting(PayLinkID, isMade: Bool)
    }

    let kind: FailureClassifier.Kind
    let policy: RetryPolicy
    /// Whether an attempt in doubt may be repeated.
    let resendsInDoubt: Bool
    let deadline: NIODeadline

    private var state = State.idle
    private var tokenWasRefreshed: Bool
    /// Attempts that count against the policy.
    private(set) var attempts = 0
    /// Requests sent after the first.
    private(set) var retries = 0
    private(set) var possibleOrphans = 0
    private(set) var lastReason = ""
    var isFinished: Bool { state == .finished }

    /// - Parameter usesToken: false for the token request itself, where a 401 is final.
    init(
        kind: FailureClassifier.Kind, policy: RetryPolicy, resendsInDoubt: Bool = false, usesToken: Bool = true,
        deadline: NIODeadline
    ) {
        tokenWasRefreshed = !usesToken
        self.kind = kind
        self.policy = policy
        self.resendsInDoubt = resendsInDoubt
        self.deadline = deadline
    }

    /// Advances the call.
    /// - Parameters:
    ///   - random: evenly distributed in 0..<1; drawn only when a pause is needed.
    mutating func handle(
        _ event: Event, now: @autoclosure () -> NIODeadline, quota: inout RetryQuota, random: () -> Double
    ) -> Action {
        switch (state, event) {
        case (.finished, _):
            return .ignore
        case (_, .cancelled(let requestLeft)):
            if kind == .create, isOutcomeOpen(requestLeft: requestLeft) { possibleOrphans += 1 }
            return fail(.cancelled)
        case (.idle, .started):
            state = .waitingForToken
            return .getToken
        case (.pausing, .pauseEnded):
            state = .waitingForToken
            return .getToken
        case (.waitingForToken, .tokenReady):
            state = .sending
            return .send
        case (.waitingForToken, .tokenFailed):
            return fail(.noToken)
        case (.sending, .outcome(let outcome)):
            return handle(outcome, now: now, quota: &quota, random: random)
        case (.adopting, .adopted):
            state = .finished
            return .succeed
        case (.adopting, .adoptedOther):
            return fail(.otherTerms)
        case (.adopting(_, isMade: false), .adoptedNone):
            return resend(floor: nil, now: now, quota: &quota, random: random)
        case (.adopting(let id, let isMade), .adoptionFailed), (.adopting(let id, let isMade), .adoptedNone),
            (.adopting(let id, let isMade), .deadlinePassed):
            possibleOrphans += 1
            return fail(isMade ? .unreadable(known: id) : .inDoubt(known: id))
        case (.idle, .deadlinePassed), (.waitingForToken, .deadlinePassed), (.pausing, .deadlinePassed):
            return fail(possibleOrphans > 0 ? .inDoubt(known: nil) : attempts > 0 ? .asAttempted : .deadline)
        default:
            return .ignore
        }
    }

    private mutating func handle(
        _ outcome: AttemptOutcome, now: () -> NIODeadline, quota: inout RetryQuota, random: () -> Double
    ) -> Action {
        let verdict = FailureClassifier.classify(outcome, kind: kind, tokenWasRefreshed: tokenWasRefreshed)
        lastReason = verdict.reason
        if outcome != .success, outcome.countsAsAttempt { attempts += 1 }
        switch verdict.disposition {
        case .success:
            state = .finished
            quota.recordSuccess()
            return .succeed
        case .final:
            // Ended from this side with the request on its way: what it does is not known.
            if kind == .create, case .failure(_, bytesSent: true) = outcome { possibleOrphans += 1 }
            return fail(outcome == .otherTerms ? .otherTerms : .asAttempted)
        case .refreshToken:
            tokenWasRefreshed = true
            retries += 1
            state = .waitingForToken
            return .replaceToken
        case .retry(let floor):
            return pause(floor: floor, countsAttempt: outcome.countsAsAttempt, now: now, quota: &quota, random: random)
                ?? fail(possibleOrphans > 0 ? .inDoubt(known: nil) : .asAttempted)
        case .inDoubt(let salvaged?, _):
            state = .adopting(salvaged, isMade: false)
            return .adopt(salvaged)
        case .made(let salvaged?):
            state = .adopting(salvaged, isMade: true)
            return .adopt(salvaged)
        case .made(nil):
            possibleOrphans += 1
            return fail(.unreadable(known: nil))
        case .inDoubt(nil, let floor):
            return resend(floor: floor, now: now, quota: &quota, random: random)
        }
    }

    /// An attempt stays in doubt: sends it again if that is allowed.
    private mutating func resend(
        floor: Duration?, now: () -> NIODeadline, quota: inout RetryQuota, random: () -> Double
    ) -> Action {
        possibleOrphans += 1
        guard resendsInDoubt else { return fail(.inDoubt(known: nil)) }
        return pause(floor: floor, countsAttempt: true, now: now, quota: &quota, random: random)
            ?? fail(.inDoubt(known: nil))
    }

    /// A pause before the next attempt, or `nil` when there is none: too many attempts, no quota, or no time left.
    private mutating func pause(
        floor: Duration?, countsAttempt: Bool, now: () -> NIODeadline, quota: inout RetryQuota, random: () -> Double
    ) -> Action? {
        guard policy.maximumAttempts > (countsAttempt ? attempts : 1) else { return nil }
        let backoff = Backoff(base: policy.baseDelay, maximum: policy.maximumDelay)
        let pause = backoff.pause(failures: retries + 1, random: random(), floor: floor)
        let now = now()
        guard now + TimeAmount(pause) < deadline else { return nil }
        // Being told to slow down is the server's own pacing and needs no brake of ours.
        if countsAttempt, !quota.takeRetry(now: now) { return nil }
        retries += 1
        state = .pausing
        return .pause(pause)
    }

    /// Whether it is open, at this moment, what became of a request.
    private func isOutcomeOpen(requestLeft: Bool) -> Bool {
        switch state {
        case .sending: requestLeft
        case .adopting: true
        default: false
        }
    }

    private mutating func fail(_ failure: Failure) -> Action {
        state = .finished
        return .fail(failure)
    }
}

extension AttemptOutcome {
    /// Being told to slow down is bounded by the deadline, not by the number of attempts. A 503 counts even where it
    /// says when to come back: the link may have been made.
    fileprivate var countsAsAttempt: Bool {
        if case .status(429, _) = self { return false }
        return true
    }
}
