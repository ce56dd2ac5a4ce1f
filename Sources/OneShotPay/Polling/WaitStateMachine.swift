// The life of one wait, as a pure value: what was seen goes in, what to do next comes out.
// The server's status decides; local clocks only say when to look.

import NIOCore

/// Judges what was seen of a link, and says when to look again.
struct WaitStateMachine {
    /// What one look brought.
    enum Observation {
        case link(PayLink)
        case failure(OneShotPayError)
    }

    enum Action {
        case look(at: NIODeadline, because: LookReason)
        case succeed(PayLink)
        case fail(OneShotPayError)
    }

    /// What a judgement depends on besides the link.
    struct Circumstances {
        var now: NIODeadline
        var unixTime: Int64
        var rule: PollingRule
        /// The sum of all links' weights.
        var load: Double
        /// How many links are waited for.
        var waits: Int
        var random: Double
        /// Before when nothing changes that a look could see; `nil` where that is unknown.
        var quietUntil: NIODeadline?
    }

    // A schedule may hold a million of them: what is small stands together.
    let id: PayLinkID
    let startedAt: NIODeadline
    let deadline: NIODeadline
    /// The payment that was known before; only a newer one counts for a reusable link.
    @Apart private var baseline: PaymentMark?
    /// The last state seen.
    private(set) var last: PayLink?
    /// When the link was made, of a wait that leaves the schedule between its looks: its own beginning says nothing then.
    @KnownTime private var madeAt: Int64?
    /// When the link expires, as it was known before the wait.
    @KnownTime private var knownExpiry: Int64?
    /// When the first of the looks failed that have failed one after the other. Unix seconds.
    private var failingSince: Int64 = 0
    private var failures: Int32 = 0
    /// How often it was seen as paid without a payment.
    private var unseenPayments: Int32 = 0
    let settled: Bool
    /// Whether one look is all: the wait ends with whatever it shows. A few failed looks are repeated.
    let looksOnce: Bool
    /// Whether the link had ended before, and is only looked at for a late payment: others come first.
    let isLate: Bool
    /// Whether no failure ends it, for whoever follows a link all the time and sees for himself that looks fail.
    private let persists: Bool
    /// Whether any look of this wait brought a link.
    private var hasSeen = false
    /// Whether a link of this id is known to exist: what a gateway answers for a while then says nothing of it.
    private var isKnown: Bool
    private static let patienceOfOneLook = 3
    /// How many looks in a row must have failed, and for how long since the expiry, before a wait without a deadline ends.
    private static let failuresAfterExpiry = 3
    private static let patienceAfterExpiry: Int64 = 120
    /// Looks after which a link that is paid without showing a payment is paid on the service's word.
    private static let patienceForPayment = 3

    /// - Parameters:
    ///   - known: the last state seen before the wait.
    ///   - isKnown: whether the link is known to exist although no state of it is given.
    ///   - expiresAt: when it expires, as far as that is known without a state of it.
    ///   - persists: whether no failure ends it.
    ///   - madeAt: when the link was made, for one that rests between its looks.
    ///   - memory: what is left of it from before its last rest.
    init(
        id: PayLinkID, known: PayLink?, paymentBefore: PaymentMark? = nil, startedAt: NIODeadline,
        deadline: NIODeadline,
        settled: Bool, looksOnce: Bool = false, isKnown: Bool = false, isLate: Bool = false, expiresAt: Int64? = nil,
        persists: Bool = false, madeAt: Int64? = nil, memory: WaitMemory = WaitMemory()
    ) {
        self.persists = persists
        self.madeAt = madeAt
        failures = Int32(clamping: memory.failures)
        unseenPayments = Int32(clamping: memory.unseenPayments)
        knownExpiry = expiresAt
        self.isLate = isLate
        self.isKnown = isKnown || known != nil || paymentBefore != nil
        self.id = id
        self.startedAt = startedAt
        self.deadline = deadline
        self.settled = settled
        self.looksOnce = looksOnce
        baseline = known?.payment.map { PaymentMark(id: $0.id, createdAt: $0.createdAt) } ?? paymentBefore
        last = known
    }

    mutating func observe(_ observation: Observation, _ now: Circumstances) -> Action {
        switch observation {
        case .link(let link):
            last = link
            hasSeen = true
            isKnown = true
            failures = 0
            if let verdict = judge(link) { return verdict }
            if link.settlement == .unseen, !settled {
                unseenPayments += 1
                if unseenPayments > Self.patienceForPayment || now.now >= deadline { return .succeed(link) }
                return nextLook(after: PollingRule.shortest * Double(unseenPayments), .payment, now)
            }
            if now.now >= deadline || looksOnce { return .fail(timeout(cause: nil)) }
            let pause = TimeAmount.nanoseconds(Int64(min(interval(now), 1e9) * 1e9))
            let next = pause.stretched(from: now.now, to: now.quietUntil)
            return nextLook(after: Double(next.nanoseconds) / 1e9, .age, now)
        case .failure(let error):
            guard mayPass(error) else { return .fail(attachLink(error)) }
            if now.now >= deadline { return .fail(timeout(cause: error)) }
            if failures == 0 { failingSince = now.unixTime }
            failures &+= 1
            if hasOutlivedExpiry(now) { return .fail(unreachableSinceExpiry(error)) }
            if looksOnce, failures >= Self.patienceOfOneLook { return .fail(attachLink(error)) }
            let backoff = Backoff(base: .seconds(1), maximum: .seconds(30))
            let pause = backoff.pause(failures: Int(failures), random: now.random, floor: error.retryAfter)
            let seconds = max(interval(now), Double(TimeAmount(pause).nanoseconds) / 1e9)
            return nextLook(after: seconds, .failure, now)
        }
    }

    /// Whether the state known beforehand already ends the wait, without a request.
    func isAlreadyPaid(_ link: PayLink) -> Bool {
        !link.reusable && link.settlement == .full && isSettledEnough(link)
    }

    /// The link's age in seconds. A reusable link is as old as the wait, or as its last payment where that rests in between:
    /// each of its payments is a new beginning.
    func age(_ now: NIODeadline, unixTime: Int64) -> Double {
        var begunAt = last?.createdAt.flatMap { $0 > 0 ? $0 : nil } ?? madeAt
        if let last, last.reusable { begunAt = madeAt.map { max(begunAt ?? $0, last.payment?.createdAt ?? 0) } }
        guard let begunAt else { return max(Double((now - startedAt).nanoseconds) / 1e9, 0) }
        return max(Double(unixTime) - Double(begunAt), 0)
    }

    /// What it has to remember until its next look.
    func rest(until due: NIODeadline, _ now: NIODeadline, unixTime: Int64) -> WaitRest {
        WaitRest(
            until: due, load: PollingRule.weight(age: age(now, unixTime: unixTime)),
            memory: WaitMemory(failures: Int(failures), unseenPayments: Int(unseenPayments)))
    }

    /// The error for a wait whose time is over.
    func timeout(cause: OneShotPayError?) -> OneShotPayError {
        if let cause, !hasSeen { return unreachable(cause) }
        let state = last.map { link in
            link.status == .paid && !link.reusable ? "paid but not settled" : "\(link.status.name)"
        }
        let newer = baseline.flatMap { last?.reusable == true ? " by a payment newer than \($0.id)" : nil }
        let message =
            "link \(id) was not \(settled ? "paid and settled" : "paid")\(newer ?? "") in time"
            + (state.map { "; last seen \($0)" } ?? "; its state was never seen")
        var error = OneShotPayError(
            .timeout, message, status: cause?.status, retryable: true, retryAfter: cause?.retryAfter,
            cause: cause?.message)
        error.link = last
        return error
    }

    /// Whether nobody can see any more how the link ended: its expiry is over, and the looks since then have failed.
    private func hasOutlivedExpiry(_ now: Circumstances) -> Bool {
        guard !persists, !looksOnce, deadline == .distantFuture, failures >= Self.failuresAfterExpiry, let expiresAt
        else { return false }
        return now.unixTime - Self.patienceAfterExpiry >= max(expiresAt, failingSince)
    }

    private var expiresAt: Int64? { last?.expiresAt ?? knownExpiry }

    private func unreachableSinceExpiry(_ cause: OneShotPayError) -> OneShotPayError {
        attachLink(
            OneShotPayError(
                .unreachable,
                "link \(id): its time is over, and the service gives no usable answer, so nobody knows whether it was paid; "
                    + "wait again. \(cause.message)",
                status: cause.status, retryable: true, retryAfter: cause.retryAfter, cause: cause.message))
    }

    /// The error for a wait in whose whole time the service was never seen.
    private func unreachable(_ cause: OneShotPayError) -> OneShotPayError {
        var error = OneShotPayError(
            .unreachable,
            "link \(id): the service gave no usable answer for the whole of the wait, which says nothing of the customer; "
                + "wait again. \(cause.message)",
            status: cause.status, retryable: true, retryAfter: cause.retryAfter, cause: cause.message)
        error.link = last
        return error
    }

    // MARK: Judgement

    private func judge(_ link: PayLink) -> Action? {
        if link.reusable {
            if let payment = link.payment, isNewer(payment) {
                if let short = short(link) { return .fail(short) }
                if isSettledEnough(link) { return .succeed(link) }
            }
        } else if link.status == .paid {
            if let short = short(link) { return .fail(short) }
            return link.settlement == .full && isSettledEnough(link) ? .succeed(link) : nil
        }
        if link.status == .expired { return .fail(ended(.expired, "expired unpaid", link)) }
        if link.archived { return .fail(ended(.archived, "was archived unpaid", link)) }
        if link.ignoredByPayer { return .fail(ended(.ignored, "was dismissed by its payer", link)) }
        return nil
    }

    private func short(_ link: PayLink) -> OneShotPayError? {
        OneShotPayError.underpaid(link).map(attachLink)
    }

    private func isSettledEnough(_ link: PayLink) -> Bool {
        !settled || link.payment?.isSettled == true
    }

    private func isNewer(_ payment: Payment) -> Bool {
        guard let baseline else { return true }
        return payment.id != baseline.id && (payment.createdAt ?? .max) >= (baseline.createdAt ?? .min)
    }

    private func ended(_ code: OneShotPayError.Code, _ what: String, _ link: PayLink) -> OneShotPayError {
        attachLink(OneShotPayError(code, "link \(id) \(what); create another one if it is still wanted"))
    }

    private func attachLink(_ error: OneShotPayError) -> OneShotPayError {
        var error = error
        error.link = last
        return error
    }

    /// Whether the same look may well succeed later. For a link that is known to exist, a gateway's 403, redirect or 401
    /// and a deploy's 404 end nothing; credentials that are refused from the first look on and our own end do.
    private func mayPass(_ error: OneShotPayError) -> Bool {
        switch error.code {
        case .cancelled, .shutDown: false
        case _ where persists: true
        case .notFound, .rejected, .redirectRefused: isKnown
        case .unauthorized: isKnown && hasSeen
        case .timeout, .connectFailed, .resolveFailed, .tlsFailed, .connectionLost, .serverError, .rateLimited,
            .badReply, .replyTooLarge:
            true
        default: error.retryable
        }
    }

    // MARK: Schedule

    private func interval(_ now: Circumstances) -> Double {
        now.rule.interval(
            age: age(now.now, unixTime: now.unixTime), load: now.load, waits: now.waits, random: now.random)
    }

    /// The next look after `seconds`, but no later than a check of the expiry or the deadline.
    private func nextLook(after seconds: Double, _ reason: LookReason, _ now: Circumstances) -> Action {
        var seconds = min(seconds, 1e9)
        var reason = reason
        if let expiresAt {
            for delay in [2.0, 60.0] {
                let left = Double(expiresAt) - Double(now.unixTime) + delay
                let check = max(left, PollingRule.shortest)
                if left > 0, check < seconds { (seconds, reason) = (check, .expiry) }
            }
        }
        let due = now.now + .nanoseconds(Int64(seconds * 1e9))
        return due < deadline ? .look(at: due, because: reason) : .look(at: deadline, because: .deadline)
    }
}
