// Every way through the creation of a link, without a ledger, a service or a clock.

import Ledger
import OneShotPay
import Testing

@testable import Recorder

/// A creation, and the world that it is shown.
struct Walk {
    var machine: CreationStateMachine
    var limits = CreationLimits()
    var clock = CreationStateMachine.View.Clock(serviceTime: 1_000_000, isTimeKnown: true, difference: nil)
    var hasToken = true
    var timeLeft = Duration.seconds(30)
    private var view: CreationStateMachine.View {
        .init(hasToken: hasToken, timeLeft: { [timeLeft] in timeLeft }, clock: { [clock] in clock })
    }

    init(_ order: LinkOrder = order()) { machine = CreationStateMachine(order, terms: "{}") }

    mutating func callAsFunction(_ event: CreationStateMachine.Event) -> String {
        let view = view
        return Self.shown(machine.handle(event, view, limits: &limits))
    }

    static func order(key: String? = "A1", expiry: LinkOrder.Expiry? = nil) -> LinkOrder {
        LinkOrder(
            CreatePayLink(amount: Money(microUSDC: 12_500_000), description: "Tea"), key: key, expiry: expiry)
    }

    static let link: PayLink = {
        var request = CreatePayLink(amount: Money(microUSDC: 12_500_000), description: "Tea")
        request.expiresAt = 2_000_000
        return PayLink(
            planned: request, id: PayLinkID(high: 1, low: 1),
            page: CheckoutPage(baseURL: "https://pay.example", locale: .english))
    }()

    static func record(_ state: LinkState, link: PayLink? = nil, known: PayLinkID? = nil, orphans: Int = 0)
        -> LinkRecord
    {
        LinkRecord(
            row: 7, scope: LedgerScope(account: "a", baseURL: "https://pay.example"), key: "A1", state: state,
            isRunAlive: false, terms: "{}", amount: Money(microUSDC: 12_500_000), description: "Tea", attempts: 1,
            possibleOrphans: orphans, link: link, knownID: known, problem: nil, run: 1, createdAt: 0, updatedAt: 0)
    }

    static func error(_ code: OneShotPayError.Code, orphans: Int = 0, link: PayLink? = nil) -> OneShotPayError {
        var error = OneShotPayError(code, "failed")
        error.possibleOrphans = orphans
        error.link = link
        return error
    }

    /// An action in a word or two.
    private static func shown(_ action: CreationStateMachine.Action) -> String {
        switch action {
        case .claim(let isSending): isSending ? "claim as sent" : "claim"
        case .pause(let pause): "pause \(pause / .milliseconds(1))"
        case .look(_, let known): known == nil ? "look for it" : "look again"
        case .adopt: "adopt"
        case .prepare: "prepare"
        case .commit(let row, let orphans): "commit \(row) after \(orphans)"
        case .send: "send"
        case .withhold: "withhold"
        case .record(let row, .done(_, let orphans)): "record \(row) done, orphans \(orphans)"
        case .record(let row, .rejected(_, let orphans)): "record \(row) rejected, orphans \(orphans)"
        case .record(let row, .notSent(_, let orphans)): "record \(row) not sent, orphans \(orphans)"
        case .record(let row, .inDoubt(_, let known, let orphans, let isMade)):
            "record \(row) in doubt\(known == nil ? "" : " known")\(isMade ? " made" : ""), orphans \(orphans)"
        case .cancelRequest: "cancel request"
        case .answer(let answer):
            switch answer.result {
            case .success: "answer link"
            case .failure(let failure): "answer \(failure.code)" + (answer.unrecorded == nil ? "" : ", unrecorded")
            }
        case .wait: "wait"
        }
    }
}

private typealias Event = CreationStateMachine.Event

@Suite struct CreationStateMachineTests {
    private let granted = Event.claimed(.success(.granted(7, possibleOrphans: 0)))

    @Test func whatIsClaimedAsSentLeavesAtOnce() {
        var walk = Walk()
        #expect(walk(.asked) == "claim as sent")
        #expect(walk(granted) == "prepare")
        #expect(walk(.ready(possibleOrphans: 0)) == "send")
        #expect(walk(.replied(.success(Walk.link))) == "record 7 done, orphans 0")
        #expect(walk(.recorded(.success(true))) == "answer link")
        #expect(walk.limits.links == 1)
    }

    @Test(arguments: [true, false]) func withoutATokenOrUnderACapTheRequestIsCommittedByItself(hasToken: Bool) {
        var walk = Walk()
        walk.hasToken = hasToken
        if hasToken { walk.limits = CreationLimits(maximumLinks: 5) }
        #expect(walk(.asked) == "claim")
        #expect(walk(granted) == "prepare")
        #expect(walk(.ready(possibleOrphans: 0)) == "commit 7 after 0")
        #expect(walk(.committed(.success(true))) == "send")
    }

    /// Each further request is committed before it leaves, with the ones before it counted.
    @Test func aRetryIsCommittedToo() {
        var walk = Walk()
        _ = walk(.asked)
        #expect(walk(.claimed(.success(.granted(7, possibleOrphans: 2)))) == "prepare")
        #expect(walk(.ready(possibleOrphans: 0)) == "send")
        #expect(walk(.ready(possibleOrphans: 1)) == "commit 7 after 3")
        #expect(walk(.committed(.success(true))) == "send")
        #expect(walk(.replied(.failure(Walk.error(.inDoubt, orphans: 2)))) == "record 7 in doubt, orphans 4")
        #expect(walk(.recorded(.success(true))) == "answer in_doubt")
        #expect(walk.limits.links == 1, "what may have been made counts")
    }

    @Test func nothingLeavesThatCouldNotBeCommitted() {
        for (result, code) in [
            (Result<Bool, LedgerError>.success(false), "ledger_failed"),
            (.failure(LedgerError(.full, "full")), "ledger_full"),
        ] {
            var walk = Walk()
            walk.hasToken = false
            _ = walk(.asked)
            _ = walk(granted)
            _ = walk(.ready(possibleOrphans: 0))
            #expect(walk(.committed(result)) == "withhold")
            #expect(walk(.replied(.failure(Walk.error(.cancelled)))) == "record 7 not sent, orphans 0")
            #expect(walk(.recorded(.failure(LedgerError(.full, "full")))) == "answer \(code)")
            #expect(walk.limits.links == 0, "what was not sent is given back")
        }
    }

    @Test(arguments: [
        (Walk.error(.rejected), "record 7 rejected, orphans 0", 0),
        (Walk.error(.connectFailed), "record 7 not sent, orphans 0", 0),
        (Walk.error(.inDoubt, orphans: 1), "record 7 in doubt, orphans 1", 1),
        (Walk.error(.unreadableReply, orphans: 1), "record 7 in doubt made, orphans 1", 1),
        (Walk.error(.badReply, link: Walk.link), "record 7 in doubt known, orphans 1", 1),
        (Walk.error(.expiredOnArrival, link: Walk.link), "record 7 done, orphans 0", 1),
    ])
    func everyEndIsRecorded(_ error: OneShotPayError, recorded: String, counted: Int) {
        var walk = Walk()
        _ = walk(.asked)
        _ = walk(granted)
        _ = walk(.ready(possibleOrphans: 0))
        #expect(walk(.replied(.failure(error))) == recorded)
        #expect(walk(.recorded(.success(true))) == "answer \(error.code.rawValue)")
        #expect(walk.limits.links == counted)
    }

    /// A link that was made is never lost with the ledger: its caller is told, and it is kept to be recorded later.
    @Test func aLinkThatCannotBeRecordedIsKept() {
        var walk = Walk()
        _ = walk(.asked)
        _ = walk(granted)
        _ = walk(.ready(possibleOrphans: 0))
        _ = walk(.replied(.success(Walk.link)))
        #expect(walk(.recorded(.failure(LedgerError(.full, "full")))) == "answer ledger_full, unrecorded")
        var later = Walk()
        let left = UnrecordedLink(row: 7, outcome: .done(Walk.link, possibleOrphans: 0), link: Walk.link, terms: "{}")
        guard case .record(7, _) = later.machine.resume(left) else { return #expect(Bool(false), "not recorded") }
        #expect(later(.recorded(.success(true))) == "answer link")
    }

    @Test func whatIsRecordedIsGivenWithoutARequest() {
        var walk = Walk()
        _ = walk(.asked)
        #expect(walk(.claimed(.success(.recorded(Walk.record(.done, link: Walk.link))))) == "answer link")
    }

    @Test func aRecordedLinkWhoseTimeIsOverIsLookedAtFirst() {
        for (reply, answer) in [
            (Result<PayLink, OneShotPayError>.success(Walk.link), "answer link"),
            (.failure(Walk.error(.timeout)), "answer timeout"),
        ] {
            var walk = Walk()
            walk.clock.serviceTime = 2_000_000
            _ = walk(.asked)
            #expect(walk(.claimed(.success(.recorded(Walk.record(.done, link: Walk.link))))) == "look again")
            #expect(walk(.seen(reply)) == answer)
        }
    }

    @Test func anotherRunIsWaitedForUntilTheTimeIsUp() {
        var walk = Walk()
        _ = walk(.asked)
        let busy = Event.claimed(.success(.busy(run: 3)))
        #expect(walk(busy) == "pause 10.0")
        #expect(walk(.pauseEnded) == "claim as sent")
        #expect(walk(busy) == "pause 20.0")
        #expect(walk(.pauseEnded) == "claim as sent")
        walk.timeLeft = .milliseconds(40)
        #expect(walk(busy) == "answer busy")
    }

    @Test(arguments: [
        (LinkClaimAnswer.otherTerms(Walk.record(.done, link: Walk.link)), "answer key_reused"),
        (.abandoned(Walk.record(.abandoned)), "answer abandoned"),
        (.inDoubt(Walk.record(.inDoubt, orphans: 1)), "answer in_doubt"),
        (.recorded(Walk.record(.done)), "answer ledger_corrupt"),
    ])
    func aRefusedClaimEndsIt(_ claim: LinkClaimAnswer, answer: String) {
        var walk = Walk()
        _ = walk(.asked)
        #expect(walk(.claimed(.success(claim))) == answer)
        #expect(walk(.claimed(.success(claim))) == "wait", "it is over")
    }

    /// An id that an earlier request left behind is looked up; nothing is sent.
    @Test func aKnownLinkIsAdopted() {
        let record = Walk.record(.inDoubt, known: Walk.link.id, orphans: 1)
        let other = PayLink(
            planned: CreatePayLink(amount: Money(microUSDC: 1), description: "Tea"), id: Walk.link.id,
            page: Walk.link.page)
        for (seen, action) in [
            (Result<PayLink, OneShotPayError>.success(Walk.link), "adopt"), (.success(other), "answer in_doubt"),
            (.failure(Walk.error(.notFound)), "answer in_doubt"),
        ] {
            var walk = Walk()
            _ = walk(.asked)
            #expect(walk(.claimed(.success(.inDoubt(record)))) == "look for it")
            #expect(walk(.seen(seen)) == action)
            guard action == "adopt" else { continue }
            #expect(walk(.adopted(.success(true))) == "answer link")
        }
        var taken = Walk()
        _ = taken(.asked)
        _ = taken(.claimed(.success(.inDoubt(record))))
        _ = taken(.seen(.success(Walk.link)))
        #expect(taken(.adopted(.success(false))) == "answer in_doubt")
    }

    @Test func aMomentThatIsOverStopsItBeforeAnythingLeaves() {
        var known = Walk(Walk.order(expiry: .at(1_000_000)))
        _ = known(.asked)
        #expect(known(granted) == "record 7 not sent, orphans 0")
        #expect(known(.recorded(.success(true))) == "answer invalid_request")
        // By a clock that may be wrong it may well be good; the reply with the token tells.
        var unknown = Walk(Walk.order(expiry: .at(1_000_000)))
        unknown.clock.isTimeKnown = false
        unknown.hasToken = false
        _ = unknown(.asked)
        #expect(unknown(granted) == "prepare")
        unknown.clock.isTimeKnown = true
        #expect(unknown(.ready(possibleOrphans: 0)) == "withhold")
        #expect(unknown(.replied(.failure(Walk.error(.cancelled)))) == "record 7 not sent, orphans 0")
        #expect(unknown(.recorded(.success(true))) == "answer invalid_request")
    }

    @Test func aCapStopsItBeforeAnythingLeaves() {
        var walk = Walk()
        walk.limits = CreationLimits(maximumLinks: 0)
        _ = walk(.asked)
        #expect(walk(granted) == "record 7 not sent, orphans 0")
        #expect(walk(.recorded(.success(true))) == "answer limit_reached")
    }

    /// Cancelled at each step: whatever was claimed is recorded before the answer.
    @Test func cancellingIsRecordedWhereverItComes() {
        let steps: [Event] = [
            .asked, granted, .ready(possibleOrphans: 0), .committed(.success(true)),
        ]
        for count in 0...steps.count {
            var walk = Walk()
            walk.hasToken = false
            for step in steps.prefix(count) { _ = walk(step) }
            let action = walk(.cancelled)
            switch count {
            case 0: #expect(action == "answer cancelled")
            case 1:
                #expect(action == "wait")
                #expect(walk(granted) == "record 7 not sent, orphans 0")
            default:
                #expect(action == "cancel request")
                let orphans = count == 4 ? 1 : 0
                let recorded = orphans > 0 ? "record 7 in doubt, orphans 1" : "record 7 not sent, orphans 0"
                #expect(walk(.replied(.failure(Walk.error(.cancelled, orphans: orphans)))) == recorded)
            }
            #expect(walk(.cancelled) == "wait", "once is enough")
            if count > 0 { #expect(walk(.recorded(.success(true))) == "answer cancelled") }
        }
    }

    @Test func badTermsAreRefusedBeforeTheClaim() {
        var walk = Walk(Walk.order(key: ""))
        #expect(walk(.asked) == "answer invalid_request")
    }
}
