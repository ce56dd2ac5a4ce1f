// The contract of every engine: what becomes of a claim of a link.

import OneShotPay
import Testing

@testable import Ledger

@Suite struct LedgerContractClaimTests {
    @Test(arguments: Engine.allCases)
    func grantsAKeyThatIsNew(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        let row = try store.grant(Sample.claim(isSending: false))
        var record = try store.record()
        #expect(record.row == row)
        #expect(record.state == .prepared)
        #expect(record.attempts == 0)
        #expect(record.scope == LedgerFixture.scope)
        #expect(record.terms == #"{"amount":"12.50"}"#)
        #expect(record.amount == Money(microUSDC: 12_500_000))
        #expect(record.description == "Order 1")
        #expect(record.isRunAlive)
        #expect(!record.isInDoubt)
        #expect((record.createdAt, record.updatedAt) == (fixture.clock.now, fixture.clock.now))

        try store.grant(Sample.claim("order-2"))
        record = try store.record("order-2")
        #expect(record.state == .sent)
        #expect(record.attempts == 1)
        #expect(!record.isInDoubt)
    }

    @Test(arguments: Engine.allCases)
    func recordsLinksWithoutAKeyEachOnItsOwn(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let first = try store.grant(Sample.claim(nil))
        let second = try store.grant(Sample.claim(nil))
        #expect(first != second)
        #expect(try store.links(LinkQuery()).map(\.row) == [first, second])
        #expect(try store.finish(first, .done(try Sample.link(), possibleOrphans: 0)))
        #expect(try store.links(LinkQuery()).map(\.link?.id) == [Sample.ids[0], nil])
    }

    @Test(arguments: Engine.allCases)
    func givesTheRecordedLinkForTheSameTerms(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let maker = try fixture.open()
        let page = CheckoutPage(baseURL: LedgerFixture.scope.baseURL, locale: .turkish, closeOnComplete: true)
        let link = try Sample.link(page: page)
        #expect(try maker.finish(try maker.grant(), .done(link, possibleOrphans: 0)))
        for store in [maker, try fixture.open()] {
            guard case .recorded(let record) = try store.claim() else { throw UnexpectedAnswer() }
            #expect(record.state == .done)
            #expect(record.link == link)
            #expect(record.link?.url == link.url)
            #expect(record.attempts == 1)
        }
    }

    @Test(arguments: Engine.allCases, LinkState.allCases.filter { $0 != .rejected && $0 != .prepared })
    func refusesAKeyOfOtherTerms(engine: Engine, state: LinkState) throws {
        let fixture = LedgerFixture(engine)
        try fixture.bring("order-1", to: state)
        let store = try fixture.open()
        guard case .otherTerms(let record) = try store.claim(Sample.claim(terms: #"{"amount":"12.5"}"#)) else {
            throw UnexpectedAnswer()
        }
        #expect(record.terms == #"{"amount":"12.50"}"#)
        #expect(record.state == state)
    }

    @Test(arguments: Engine.allCases)
    func aKeyOfWhichNothingWasSentTakesOtherTerms(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        try fixture.bring("order-1", to: .prepared)
        let store = try fixture.open()
        try store.grant(Sample.claim(terms: #"{"amount":"12.5"}"#))
        #expect(try store.record("order-1").terms == #"{"amount":"12.5"}"#)
    }

    @Test(arguments: Engine.allCases)
    func comparesTermsAndKeysByTheirBytes(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        // The same text for Swift, in one scalar and in two; and what C takes for the end of a text.
        for key in ["caf\u{E9}", "cafe\u{301}", "caf\u{E9}\u{0}", "CAF\u{E9}", ""] {
            // A server keeps none, and takes it for no other.
            if [.postgres, .stepwise].contains(engine), key.utf8.contains(0) {
                #expect(throws: LedgerError.self) { try store.claim(Sample.claim(key, terms: "nul")) }
                continue
            }
            try store.grant(Sample.claim(key, terms: key))
            #expect(try store.record(key).key.map { Array($0.utf8) } == Array(key.utf8))
        }
        guard case .otherTerms = try store.claim(Sample.claim("caf\u{E9}", terms: "cafe\u{301}")) else {
            throw UnexpectedAnswer()
        }
    }

    @Test(arguments: Engine.allCases, [true, false])
    func letsARejectedKeyBeClaimedAgainWithAnyTerms(engine: Engine, isSending: Bool) throws {
        let fixture = LedgerFixture(engine)
        try fixture.bring("order-1", to: .rejected)
        let store = try fixture.open()
        var claim = Sample.claim(terms: #"{"amount":"7"}"#, amount: 7_000_000, isSending: isSending)
        claim.description = "Order 1, corrected"
        try store.grant(claim)
        let record = try store.record()
        #expect(record.state == (isSending ? .sent : .prepared))
        #expect(record.terms == claim.terms)
        #expect(record.amount == claim.amount)
        #expect(record.description == "Order 1, corrected")
        #expect(record.problem == nil)
        #expect(record.attempts == (isSending ? 2 : 1))
    }

    @Test(arguments: Engine.allCases, [LinkState.prepared, .sent])
    func tellsOthersToWaitForALivingRun(engine: Engine, state: LinkState) throws {
        let fixture = LedgerFixture(engine)
        let maker = try fixture.open()
        try maker.grant(Sample.claim(isSending: state == .sent))
        let other = try fixture.open()
        #expect(try other.claim() == .busy(run: try maker.record().run))
        #expect(try other.record().isRunAlive)
        #expect(try other.doubtful().isEmpty)
    }

    @Test(arguments: Engine.allCases)
    func grantsWhatADeadRunPreparedAndDidNotSend(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let maker = try fixture.open()
        try maker.grant(Sample.claim(isSending: false))
        fixture.kill(maker)
        let next = try fixture.open()
        #expect(try next.record().isInDoubt == false)
        try next.grant(orphans: 0)
        #expect(try next.record().isRunAlive)
    }

    @Test(arguments: Engine.allCases)
    func grantsWhatALivingRunReportedAsNotSent(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let maker = try fixture.open()
        #expect(try maker.finish(try maker.grant(), .notSent(problem: "no route to host", possibleOrphans: 0)))
        #expect(try maker.record().state == .prepared)
        #expect(try maker.record().problem == "no route to host")
        try fixture.open().grant(orphans: 0)
    }

    @Test(arguments: Engine.allCases)
    func countsAnInterruptedRequestAndSendsAgain(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        for interruption in 0..<3 {
            let store = try fixture.open()
            if interruption > 0 { #expect(try store.record().isInDoubt) }
            try store.grant(orphans: interruption)
            fixture.kill(store)
        }
        let store = try fixture.open()
        let record = try store.record()
        #expect(record.attempts == 3)
        #expect(record.possibleOrphans == 2)
        #expect(try store.doubtful() == ["order-1"])
        #expect(try store.finish(try store.grant(orphans: 3), .done(try Sample.link(), possibleOrphans: 3)))
        #expect(try store.record().possibleOrphans == 3)
        #expect(try store.doubtful() == ["order-1"])
    }

    @Test(arguments: Engine.allCases)
    func haltsInDoubtWhatMustNotBeSentAgain(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let maker = try fixture.open()
        try maker.grant(Sample.claim(resends: false))
        fixture.kill(maker)
        let store = try fixture.open()
        for _ in 0..<2 {
            guard case .inDoubt(let record) = try store.claim(Sample.claim(resends: false)) else {
                throw UnexpectedAnswer()
            }
            #expect(record.state == .inDoubt)
            #expect(record.possibleOrphans == 1)
            #expect(record.problem?.contains("interrupted") == true)
        }
        try store.grant(Sample.claim(resends: true), orphans: 1)
        #expect(try store.record().problem == nil)
    }

    @Test(arguments: Engine.allCases)
    func takesItsOwnUnfinishedRowForInterrupted(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let row = try store.grant(Sample.claim(isSending: false))
        #expect(try store.grant(Sample.claim(isSending: false)) == row)
        try store.grant()
        try store.grant(orphans: 1)
        #expect(try store.record().isRunAlive)
    }

    @Test(arguments: Engine.allCases)
    func leavesAbandonedLinksAlone(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        try fixture.bring("order-1", to: .abandoned)
        guard case .abandoned(let record) = try fixture.open().claim() else { throw UnexpectedAnswer() }
        #expect(record.state == .abandoned)
    }

    @Test(arguments: Engine.allCases)
    func keepsAccountsAndAddressesApart(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        for scope in [LedgerFixture.scope, LedgerFixture.neighbour, LedgerFixture.sandbox] {
            let store = try fixture.open(scope)
            #expect(try store.links(keys: ["order-1"]) == [nil])
            try store.grant()
            #expect(try store.record().scope == scope)
        }
    }

    @Test(arguments: Engine.allCases)
    func decidesOneAfterTheOtherWithinOneCall(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let answers = try store.perform([
            .claim(Sample.claim("a")), .claim(Sample.claim("b")), .claim(Sample.claim("a", terms: "{}")),
            .endRun(exitStatus: 0),
        ])
        #expect(answers.count == 4)
        guard case .claim(.granted) = answers[0], case .claim(.granted) = answers[1],
            case .claim(.otherTerms) = answers[2], case .changed(true) = answers[3]
        else { throw UnexpectedAnswer() }
        #expect(try store.perform([]).isEmpty)
    }
}

extension LedgerFixture {
    /// Makes a row of a state, by runs that have ended.
    func bring(_ key: String, to state: LinkState) throws {
        let store = try open()
        let row = try store.grant(Sample.claim(key, isSending: state != .prepared))
        switch state {
        case .prepared, .sent: break
        case .done: #expect(try store.finish(row, .done(try Sample.link(), possibleOrphans: 0)))
        case .rejected: #expect(try store.finish(row, .rejected(problem: "400: no such payer", possibleOrphans: 0)))
        case .inDoubt: #expect(try store.finish(row, .inDoubt(problem: "cut off", known: nil, possibleOrphans: 1)))
        case .abandoned:
            #expect(try store.finish(row, .inDoubt(problem: "cut off", known: nil, possibleOrphans: 1)))
            #expect(try store.change(.resolve(key: key, .abandon)))
        }
        kill(store)
    }
}
