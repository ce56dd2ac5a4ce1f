// One call through its attempts: when it is sent again, how often, and how it ends. No clock, no network.

import Chance
import NIOCore
import Testing

@testable import OneShotPay

/// Drives a state machine through simulated time.
struct SimulatedCall {
    var machine: CallStateMachine
    var quota = RetryQuota(retries: 100, now: .uptimeNanoseconds(0))
    var now = NIODeadline.uptimeNanoseconds(0)
    var random = 0.5

    init(
        kind: FailureClassifier.Kind = .create, resends: Bool = true, attempts: Int = 4,
        deadline: TimeAmount = .seconds(60),
        usesToken: Bool = true
    ) {
        var policy = RetryPolicy()
        policy.maximumAttempts = attempts
        machine = CallStateMachine(
            kind: kind, policy: policy, resendsInDoubt: resends, usesToken: usesToken,
            deadline: .uptimeNanoseconds(0) + deadline)
    }

    mutating func handle(_ event: CallStateMachine.Event) -> CallStateMachine.Action {
        let drawn = random
        return machine.handle(event, now: now, quota: &quota, random: { drawn })
    }

    /// Up to the moment at which the request is on its way.
    mutating func send() {
        #expect(handle(.started) == .getToken)
        #expect(handle(.tokenReady) == .send)
    }

    /// Lets the pause pass, and sends again.
    mutating func resume(_ action: CallStateMachine.Action) {
        guard case .pause(let pause) = action else {
            Issue.record("expected a pause, not \(action)")
            return
        }
        now = now + TimeAmount(pause)
        #expect(handle(.pauseEnded) == .getToken)
        #expect(handle(.tokenReady) == .send)
    }
}

@Suite struct CallStateMachineTests {
    let lost = AttemptOutcome.failure(.connectionLost, bytesSent: true)
    let refused = AttemptOutcome.failure(.connectFailed, bytesSent: false)

    @Test func succeedsAtOnce() {
        var call = SimulatedCall()
        call.send()
        #expect(call.handle(.outcome(.success)) == .succeed)
        #expect(call.machine.possibleOrphans == 0 && call.machine.retries == 0)
        #expect(call.handle(.cancelled(requestLeft: true)) == .ignore)
    }

    @Test func doublesThePauseUpToACap() {
        var call = SimulatedCall(attempts: 20, deadline: .hours(1))
        call.send()
        for expected in [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000] as [Int64] {
            let action = call.handle(.outcome(refused))
            #expect(action == .pause(.milliseconds(expected)))
            call.resume(action)
        }
    }

    @Test func drawsThePauseFromZeroToItsBound() {
        let backoff = Backoff(base: .milliseconds(500), maximum: .seconds(20))
        #expect(backoff.pause(failures: 3, random: 0) == .zero)
        #expect(backoff.pause(failures: 3, random: 0.999) < .seconds(2))
        #expect(backoff.pause(failures: 1_000_000, random: 0.5) == .seconds(10))
        #expect(backoff.pause(failures: 1, random: 0.5, floor: .seconds(7)) == .seconds(7))
    }

    @Test func sendsACreateInDoubtAgainAndCountsIt() {
        var call = SimulatedCall()
        call.send()
        call.resume(call.handle(.outcome(lost)))
        call.resume(call.handle(.outcome(.status(500, retryAfter: nil))))
        #expect(call.handle(.outcome(.success)) == .succeed)
        #expect(call.machine.possibleOrphans == 2)
    }

    @Test func haltsInDoubtWhenItMayNotResend() {
        var call = SimulatedCall(resends: false)
        call.send()
        #expect(call.handle(.outcome(lost)) == .fail(.inDoubt(known: nil)))
        #expect(call.machine.possibleOrphans == 1)
    }

    @Test func retriesWhatWasNotSentEvenWithANamedPayer() {
        var call = SimulatedCall(resends: false)
        call.send()
        call.resume(call.handle(.outcome(refused)))
        #expect(call.handle(.outcome(.success)) == .succeed)
        #expect(call.machine.possibleOrphans == 0)
    }

    @Test func staysInDoubtWhenTheLastAttemptWasNot() {
        var call = SimulatedCall(attempts: 2)
        call.send()
        call.resume(call.handle(.outcome(lost)))
        #expect(call.handle(.outcome(refused)) == .fail(.inDoubt(known: nil)))
        #expect(call.machine.possibleOrphans == 1)
    }

    @Test func givesUpAfterItsAttempts() {
        var call = SimulatedCall(kind: .read, attempts: 3)
        call.send()
        call.resume(call.handle(.outcome(lost)))
        call.resume(call.handle(.outcome(lost)))
        #expect(call.handle(.outcome(lost)) == .fail(.asAttempted))
        #expect(call.machine.retries == 2 && call.machine.possibleOrphans == 0)
    }

    @Test func waitsAsLongAsToldWithoutSpendingAttempts() {
        var call = SimulatedCall(attempts: 2)
        call.send()
        for _ in 0..<5 {
            let action = call.handle(.outcome(.status(429, retryAfter: .seconds(5))))
            #expect(action == .pause(.seconds(5)))
            call.resume(action)
        }
        #expect(call.handle(.outcome(.success)) == .succeed)
    }

    @Test func doesNotWaitBeyondItsDeadline() {
        var call = SimulatedCall()
        call.send()
        #expect(call.handle(.outcome(.status(429, retryAfter: .seconds(61)))) == .fail(.asAttempted))
        var late = SimulatedCall()
        late.send()
        late.now = .uptimeNanoseconds(0) + .seconds(60)
        #expect(late.handle(.outcome(lost)) == .fail(.inDoubt(known: nil)))
    }

    @Test func aSingleAttemptIsNeverRepeated() {
        for outcome in [refused, lost, .status(429, retryAfter: nil), .status(500, retryAfter: nil)] {
            var call = SimulatedCall(kind: .read, attempts: 1)
            call.send()
            #expect(call.handle(.outcome(outcome)) == .fail(.asAttempted))
        }
    }

    @Test func replacesARefusedTokenOnce() {
        var call = SimulatedCall()
        call.send()
        let unauthorized = CallStateMachine.Event.outcome(.status(401, retryAfter: nil))
        #expect(call.handle(unauthorized) == .replaceToken)
        #expect(call.handle(.tokenReady) == .send)
        #expect(call.handle(unauthorized) == .fail(.asAttempted))
        var token = SimulatedCall(kind: .read, usesToken: false)
        token.send()
        #expect(token.handle(unauthorized) == .fail(.asAttempted))
    }

    @Test func adoptsALinkBehindADamagedReply() throws {
        let id = try #require(PayLinkID(Sample.id))
        for (event, action, orphans) in [
            (.adopted, .succeed, 0), (.adoptedOther, .fail(.otherTerms), 0),
            (.adoptionFailed, .fail(.inDoubt(known: id)), 1),
            (.deadlinePassed, .fail(.inDoubt(known: id)), 1), (.cancelled(requestLeft: false), .fail(.cancelled), 1),
        ] as [(CallStateMachine.Event, CallStateMachine.Action, Int)] {
            var call = SimulatedCall()
            call.send()
            #expect(call.handle(.outcome(.damagedReply(salvaged: id))) == .adopt(id))
            #expect(call.handle(event) == action)
            #expect(call.machine.possibleOrphans == orphans)
        }
        var call = SimulatedCall()
        call.send()
        _ = call.handle(.outcome(.damagedReply(salvaged: id)))
        call.resume(call.handle(.adoptedNone))
        #expect(call.machine.possibleOrphans == 1)
    }

    /// Whatever is allowed after a broken connection: a link was made, and another one would be one too many.
    @Test func isNeverSentAgainAfterACompleteSuccess() throws {
        let id = try #require(PayLinkID(Sample.id))
        for event in [.adoptionFailed, .adoptedNone, .deadlinePassed] as [CallStateMachine.Event] {
            var call = SimulatedCall()
            call.send()
            #expect(call.handle(.outcome(.unreadableReply(salvaged: id))) == .adopt(id))
            #expect(call.handle(event) == .fail(.unreadable(known: id)))
            #expect(call.machine.possibleOrphans == 1)
        }
        var call = SimulatedCall()
        call.send()
        call.resume(call.handle(.outcome(lost)))
        #expect(call.handle(.outcome(.unreadableReply(salvaged: nil))) == .fail(.unreadable(known: nil)))
        #expect(call.machine.possibleOrphans == 2)
        var adopted = SimulatedCall()
        adopted.send()
        _ = adopted.handle(.outcome(.unreadableReply(salvaged: id)))
        #expect(adopted.handle(.adopted) == .succeed)
        #expect(adopted.machine.possibleOrphans == 0)
        var read = SimulatedCall(kind: .read)
        read.send()
        read.resume(read.handle(.outcome(.unreadableReply(salvaged: nil))))
    }

    @Test func cancellationCountsWhatIsOnItsWay() {
        var call = SimulatedCall()
        call.send()
        #expect(call.handle(.cancelled(requestLeft: true)) == .fail(.cancelled))
        #expect(call.machine.possibleOrphans == 1)
        var early = SimulatedCall()
        #expect(early.handle(.started) == .getToken)
        #expect(early.handle(.cancelled(requestLeft: true)) == .fail(.cancelled))
        #expect(early.machine.possibleOrphans == 0)
        var queued = SimulatedCall()
        queued.send()
        #expect(queued.handle(.cancelled(requestLeft: false)) == .fail(.cancelled))
        #expect(queued.machine.possibleOrphans == 0)
        var shutDown = SimulatedCall()
        shutDown.send()
        #expect(shutDown.handle(.outcome(.failure(.shutDown, bytesSent: true))) == .fail(.asAttempted))
        #expect(shutDown.machine.possibleOrphans == 1)
    }

    @Test func deadlineWhileWaitingForATokenIsATimeout() {
        var call = SimulatedCall()
        #expect(call.handle(.started) == .getToken)
        #expect(call.handle(.deadlinePassed) == .fail(.deadline))
    }

    @Test func stopsRetryingWhenTheQuotaIsSpent() {
        var call = SimulatedCall(kind: .read)
        call.quota = RetryQuota(retries: 1, now: call.now)
        call.random = 0
        call.send()
        call.resume(call.handle(.outcome(lost)))
        #expect(call.handle(.outcome(lost)) == .fail(.asAttempted))
    }

    @Test func quotaRefillsWithSuccessAndTime() {
        var quota = RetryQuota(retries: 2, now: .uptimeNanoseconds(0))
        let start = NIODeadline.uptimeNanoseconds(0)
        #expect(quota.takeRetry(now: start) && quota.takeRetry(now: start) && !quota.takeRetry(now: start))
        for _ in 0..<5 { quota.recordSuccess() }
        #expect(quota.takeRetry(now: start) && !quota.takeRetry(now: start))
        #expect(quota.takeRetry(now: start + .seconds(1)) && !quota.takeRetry(now: start + .seconds(1)))
    }

    /// Any order of events ends in at most one end, and never sends a doubtful create again where it must not.
    @Test func survivesAnyOrderOfEvents() throws {
        let id = try #require(PayLinkID(Sample.id))
        let events: [CallStateMachine.Event] = [
            .started, .tokenReady, .tokenFailed, .pauseEnded, .adopted, .adoptedOther, .adoptedNone, .adoptionFailed,
            .deadlinePassed,
            .outcome(.success), .outcome(lost), .outcome(refused), .outcome(.damagedReply(salvaged: id)),
            .outcome(.damagedReply(salvaged: nil)), .outcome(.unreadableReply(salvaged: id)),
            .outcome(.unreadableReply(salvaged: nil)), .outcome(.status(408, retryAfter: nil)),
            .outcome(.status(401, retryAfter: nil)), .outcome(.status(429, retryAfter: nil)),
            .outcome(.status(500, retryAfter: nil)),
        ]
        var random = SplitMix(seed: 5)
        for _ in 0..<20_000 {
            var call = SimulatedCall(resends: false, attempts: 6)
            var ends = 0
            var doubtful = false
            for _ in 0..<30 {
                let event = events[Int(random.next() % UInt64(events.count))]
                call.random = Double(random.next() % 1_000) / 1_000
                switch call.handle(event) {
                case .succeed, .fail: ends += 1
                case .send: #expect(!doubtful)
                default: break
                }
                if call.machine.possibleOrphans > 0 { doubtful = true }
            }
            #expect(ends <= 1)
        }
    }
}
