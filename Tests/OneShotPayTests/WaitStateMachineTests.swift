// How a wait judges what was seen, and when it looks again. In simulated time.

import NIOCore
import Testing

@testable import OneShotPay

@Suite struct WaitStateMachineTests {
    static let paymentID = "01a3185c-ffc8-7a11-b7cb-c4a133c2d0f6"

    /// What came of one look, in words that compare.
    enum Seen: Equatable {
        case look(after: Double)
        case paid
        case failed(OneShotPayError.Code)
    }

    struct Wait {
        var machine: WaitStateMachine

        init(
            known: PayLink? = nil, timeout: Int64? = 900, settled: Bool = false, isKnown: Bool = false,
            expiresAt: Int64? = nil, persists: Bool = false
        ) throws {
            machine = WaitStateMachine(
                id: try #require(PayLinkID(Sample.id)), known: known, startedAt: 0.seconds,
                deadline: timeout.map(\.seconds) ?? .distantFuture, settled: settled, isKnown: isKnown,
                expiresAt: expiresAt, persists: persists)
        }

        mutating func see(_ observation: WaitStateMachine.Observation, at: Int64 = 0) -> Seen {
            let action = machine.observe(
                observation,
                .init(
                    now: at.seconds, unixTime: 1_800_000_000 + at, rule: PollingRule(rate: 8), load: 0.5, waits: 1,
                    random: 0.5))
            switch action {
            case .look(let due, _):
                return .look(after: (Double((due - at.seconds).nanoseconds) / 1e6).rounded() / 1_000)
            case .succeed: return .paid
            case .fail(let error): return .failed(error.code)
            }
        }
    }

    static func seen(_ json: String) throws -> WaitStateMachine.Observation { .link(try Sample.link(json)) }
    static func failure(_ code: OneShotPayError.Code, retryAfter: Duration? = nil) -> WaitStateMachine.Observation {
        .failure(OneShotPayError(code, "x", retryAfter: retryAfter))
    }

    @Test func onlyPaidEndsWell() throws {
        var wait = try Wait()
        #expect(wait.see(try Self.seen(Sample.json())) == .look(after: 1))
        #expect(wait.see(try Self.seen(Sample.json(status: "9")), at: 96) == .look(after: 5))
        #expect(wait.see(try Self.seen(Sample.paid()), at: 97) == .paid)
    }

    @Test(arguments: [
        ("2", "", OneShotPayError.Code.expired), ("0", #","archived":true"#, .archived),
        ("0", #","ignoredByRequestedPayer":true"#, .ignored),
    ])
    func endsWhenItCannotBePaidAnyMore(status: String, extra: String, code: OneShotPayError.Code) throws {
        var wait = try Wait()
        #expect(wait.see(try Self.seen(Sample.json(status: status, extra: extra))) == .failed(code))
    }

    @Test func paidCountsEvenIfArchived() throws {
        var wait = try Wait()
        #expect(wait.see(try Self.seen(Sample.paid(extra: #","archived":true"#))) == .paid)
    }

    @Test func looksFirstAndThenAtTheDeadline() throws {
        var none = try Wait(timeout: 0)
        #expect(none.see(try Self.seen(Sample.paid())) == .paid)
        none = try Wait(timeout: 0)
        #expect(none.see(try Self.seen(Sample.json())) == .failed(.timeout))
        var wait = try Wait(timeout: 100)
        #expect(wait.see(try Self.seen(Sample.json()), at: 98) == .look(after: 2))
        #expect(wait.see(try Self.seen(Sample.paid()), at: 100) == .paid)
        wait = try Wait(timeout: 100)
        #expect(wait.see(try Self.seen(Sample.json()), at: 100) == .failed(.timeout))
    }

    @Test func checksSoonAfterTheExpiryButLetsTheServerDecide() throws {
        let json = Sample.json(extra: #","expirationTimestamp":1800000400"#)
        var wait = try Wait(timeout: nil)
        #expect(wait.see(try Self.seen(json), at: 396) == .look(after: 6))
        #expect(wait.see(try Self.seen(json), at: 402) == .look(after: 10.075))
        #expect(wait.see(try Self.seen(json), at: 456) == .look(after: 4))
        #expect(wait.see(try Self.seen(json), at: 470) == .look(after: 10.886))
        #expect(wait.see(try Self.seen(Sample.json(status: "2")), at: 480) == .failed(.expired))
    }

    @Test(arguments: [
        OneShotPayError.Code.timeout, .connectFailed, .resolveFailed, .tlsFailed, .connectionLost, .serverError,
        .rateLimited, .badReply,
    ])
    func noTransientFailureRetiresAWait(code: OneShotPayError.Code) throws {
        var wait = try Wait()
        _ = wait.see(try Self.seen(Sample.json()))
        for at in 1...500 as ClosedRange<Int64> {
            guard case .look(let after) = wait.see(Self.failure(code), at: at) else {
                Issue.record("\(code) ended the wait")
                return
            }
            #expect(after >= 0.9 && after <= 33)
        }
        #expect(wait.see(Self.failure(code), at: 900) == .failed(.timeout))
    }

    @Test func aServiceThatIsAwayForTheWholeWaitIsNoUnpaidLink() throws {
        var wait = try Wait(timeout: 100)
        #expect(wait.see(Self.failure(.connectFailed), at: 1) != .failed(.unreachable))
        #expect(wait.see(Self.failure(.connectFailed), at: 100) == .failed(.unreachable))
        wait = try Wait(known: Sample.link(Sample.json()), timeout: 100)
        #expect(wait.see(Self.failure(.serverError), at: 100) == .failed(.unreachable))
        wait = try Wait(timeout: 100)
        _ = wait.see(try Self.seen(Sample.json()), at: 1)
        #expect(wait.see(Self.failure(.connectFailed), at: 100) == .failed(.timeout))
    }

    @Test(arguments: [OneShotPayError.Code.notFound, .rejected])
    func noRefusalEndsAWaitForALinkThatIsKnown(code: OneShotPayError.Code) throws {
        var known = try Wait(known: Sample.link(Sample.json()))
        var seen = try Wait()
        _ = seen.see(try Self.seen(Sample.json()))
        for at in 1...400 as ClosedRange<Int64> {
            guard case .look = known.see(Self.failure(code), at: at), case .look = seen.see(Self.failure(code), at: at)
            else {
                Issue.record("\(code) ended the wait")
                return
            }
        }
        #expect(known.see(try Self.seen(Sample.paid()), at: 401) == .paid)
        #expect(seen.see(try Self.seen(Sample.paid()), at: 401) == .paid)
    }

    @Test(arguments: [
        ("12500000", Seen.paid), ("12500001", .paid), ("99000000", .paid), ("12499999", .failed(.underpaid)),
        ("10000", .failed(.underpaid)), ("0", .failed(.underpaid)),
    ])
    func paidMeansPaidInFull(received: String, expected: Seen) throws {
        var wait = try Wait()
        #expect(wait.see(try Self.seen(Sample.paid(received))) == expected)
        var settled = try Wait(settled: true)
        let later: Seen = expected == .paid ? .look(after: 1) : expected
        #expect(settled.see(try Self.seen(Sample.paid(received))) == later)
        var known = try Wait(known: Sample.link(Sample.paid(received)))
        #expect(known.machine.isAlreadyPaid(try Sample.link(Sample.paid(received))) == (expected == .paid))
        #expect(known.see(try Self.seen(Sample.paid(received))) == expected)
    }

    @Test func aPayerWhoDefinesTheAmountPaysInFull() throws {
        var wait = try Wait()
        let json = Sample.paid("1").replacing(#""payerDefinedAmount":false"#, with: #""payerDefinedAmount":true"#)
        #expect(wait.see(try Self.seen(json)) == .paid)
    }

    @Test func aPaidLinkWithoutAPaymentIsLookedAtAgainBeforeItIsTakenAtItsWord() throws {
        var wait = try Wait()
        let unseen = Sample.json(status: "1")
        #expect(wait.see(try Self.seen(unseen)) == .look(after: 1))
        #expect(wait.see(try Self.seen(Sample.paid("10000")), at: 1) == .failed(.underpaid))
        wait = try Wait()
        for number in 1...3 as ClosedRange<Int64> {
            #expect(wait.see(try Self.seen(unseen), at: number) == .look(after: Double(number)))
        }
        #expect(wait.see(try Self.seen(unseen), at: 9) == .paid)
        #expect(try Wait().machine.isAlreadyPaid(Sample.link(unseen)) == false)
    }

    @Test func aShortPaymentOfAReusableLinkIsNoneInFull() throws {
        let short = Sample.json(
            extra: #","reuseable":true,"mostRecentPayment":"# + Sample.payment(id: Self.paymentID, amount: "12499999")
        ).replacing(#""reuseable":false,"#, with: "")
        var wait = try Wait()
        #expect(wait.see(try Self.seen(short)) == .failed(.underpaid))
        wait = try Wait(known: Sample.link(short))
        #expect(wait.see(try Self.seen(short)) == .look(after: 1))
    }

    @Test(arguments: [OneShotPayError.Code.unauthorized, .notFound, .rejected, .redirectRefused, .cancelled, .shutDown])
    func aFinalFailureEndsAWait(code: OneShotPayError.Code) throws {
        var wait = try Wait()
        #expect(wait.see(Self.failure(code)) == .failed(code))
    }

    /// A gateway's redirect says nothing of a link that is known; its 401 only counts until the link has been seen.
    @Test(arguments: [OneShotPayError.Code.notFound, .rejected, .redirectRefused, .unauthorized])
    func noStatusEndsAWaitForALinkThatIsKnown(code: OneShotPayError.Code) throws {
        var wait = try Wait(isKnown: true)
        let first = wait.see(Self.failure(code))
        if code == .unauthorized {
            #expect(first == .failed(code))
        } else {
            guard case .look = first else { throw UnexpectedEnd() }
        }
        var later = try Wait()
        _ = later.see(try Self.seen(Sample.json()))
        guard case .look = later.see(Self.failure(code), at: 1) else { throw UnexpectedEnd() }
        #expect(later.see(try Self.seen(Sample.paid()), at: 60) == .paid)
    }

    @Test(arguments: [OneShotPayError.Code.unauthorized, .notFound, .rejected, .redirectRefused, .serverError])
    func nothingEndsAWaitThatPersists(code: OneShotPayError.Code) throws {
        var wait = try Wait(timeout: nil, isKnown: true, expiresAt: 1_800_000_060, persists: true)
        for second in 0..<10 {
            guard case .look = wait.see(Self.failure(code), at: Int64(second) * 600) else { throw UnexpectedEnd() }
        }
        #expect(wait.see(Self.failure(.shutDown), at: 9_000) == .failed(.shutDown))
    }

    /// Without a time-out the expiry decides, also when nobody can see it any more.
    @Test func aWaitEndsWhenEveryLookSinceTheExpiryFails() throws {
        func isLook(_ seen: Seen) -> Bool { if case .look = seen { true } else { false } }
        var wait = try Wait(timeout: nil, isKnown: true, expiresAt: 1_800_000_060)
        for second in [0, 10, 100, 179] { #expect(isLook(wait.see(Self.failure(.serverError), at: Int64(second)))) }
        #expect(wait.see(Self.failure(.serverError), at: 180) == .failed(.unreachable))
        // A few failures long after it are none: the looks must have failed for two minutes.
        var late = try Wait(timeout: nil, isKnown: true, expiresAt: 1_800_000_060)
        for second in [500, 510, 560, 619] {
            #expect(isLook(late.see(Self.failure(.connectFailed), at: Int64(second))))
        }
        #expect(late.see(try Self.seen(Sample.paid()), at: 620) == .paid)
        // Where there is a time-out, that decides.
        var bounded = try Wait(timeout: 10_000, isKnown: true, expiresAt: 1_800_000_060)
        for second in [0, 100, 1_000, 9_000] {
            #expect(isLook(bounded.see(Self.failure(.serverError), at: Int64(second))))
        }
        // A moment that nobody can count to is none either.
        var strange = try Wait(timeout: nil, isKnown: true, expiresAt: .max)
        for second in 0..<5 { #expect(isLook(strange.see(Self.failure(.serverError), at: Int64(second) * 1_000))) }
        // Nor does anything end one for a link that does not expire.
        var endless = try Wait(timeout: nil, isKnown: true)
        for hour in 0..<100 { #expect(isLook(endless.see(Self.failure(.serverError), at: Int64(hour) * 3_600))) }
    }

    @Test func respectsRetryAfter() throws {
        var wait = try Wait()
        #expect(wait.see(Self.failure(.rateLimited, retryAfter: .seconds(77))) == .look(after: 77))
    }

    @Test func settledWaitsForTheHash() throws {
        var wait = try Wait(settled: true)
        let unsettled = Sample.json(status: "1", extra: #","mostRecentPayment":"# + Sample.payment(id: Self.paymentID))
        let settled = Sample.json(
            status: "1", extra: #","mostRecentPayment":"# + Sample.payment(id: Self.paymentID, hash: "0x1"))
        #expect(wait.see(try Self.seen(unsettled)) == .look(after: 1))
        #expect(wait.see(try Self.seen(settled), at: 1) == .paid)
    }

    @Test func aReusableLinkIsPaidByANewerPaymentOnly() throws {
        func reusable(_ payment: String?) -> String {
            Sample.json(extra: #","reuseable":true"# + (payment.map { #","mostRecentPayment":"# + $0 } ?? ""))
        }
        let old = Sample.payment(id: Self.paymentID)
        let newer = Sample.payment(id: "01a3185d-0000-7a11-b7cb-c4a133c2d0f6", createdAt: 1_800_000_100)
        var wait = try Wait(known: Sample.link(reusable(old)))
        #expect(wait.see(try Self.seen(reusable(old))) == .look(after: 1))
        #expect(wait.see(try Self.seen(reusable(newer)), at: 1) == .paid)
        var fresh = try Wait(known: Sample.link(reusable(nil)))
        #expect(fresh.see(try Self.seen(reusable(nil))) == .look(after: 1))
        #expect(fresh.see(try Self.seen(reusable(old)), at: 1) == .paid)
        var unknown = try Wait()
        #expect(unknown.see(try Self.seen(reusable(old))) == .paid)
    }

    @Test func reportsTheLastStateSeen() throws {
        var wait = try Wait(timeout: 0)
        let action = wait.machine.observe(
            try Self.seen(Sample.json()),
            .init(now: 0.seconds, unixTime: 0, rule: PollingRule(rate: 8), load: 0, waits: 1, random: 0))
        guard case .fail(let error) = action else {
            Issue.record("the wait should have timed out")
            return
        }
        #expect(error.link?.status == .active && error.message.contains(Sample.id) && error.retryable)
        _ = wait
    }
}

private struct UnexpectedEnd: Error {}
