// The contract of every engine: what the holder of a row may record, and what it may not undo.

import OneShotPay
import Testing

@testable import Ledger

@Suite struct LedgerContractOutcomeTests {
    @Test(arguments: Engine.allCases)
    func countsEveryRequestThatLeaves(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let row = try store.grant(Sample.claim(isSending: false))
        #expect(try store.change(.sending(row, possibleOrphans: 0)))
        #expect(try store.record().state == .sent)
        #expect(try store.change(.sending(row, possibleOrphans: 1)))
        let record = try store.record()
        #expect(record.attempts == 2)
        #expect(record.possibleOrphans == 1)
    }

    @Test(arguments: Engine.allCases)
    func recordsEveryOutcome(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        let cases: [(LinkOutcome, LinkState, String?)] = [
            (.done(try Sample.link(), possibleOrphans: 2), .done, nil),
            (.rejected(problem: "400", possibleOrphans: 2), .rejected, "400"),
            (.inDoubt(problem: "cut off", known: Sample.ids[3], possibleOrphans: 2), .inDoubt, "cut off"),
            (.notSent(problem: "refused", possibleOrphans: 2), .prepared, "refused"),
        ]
        for (index, (outcome, state, problem)) in cases.enumerated() {
            let row = try store.grant(Sample.claim("k\(index)"))
            fixture.clock.now += 5
            #expect(try store.finish(row, outcome))
            let record = try store.record("k\(index)")
            #expect(record.state == state)
            #expect(record.problem == problem)
            #expect(record.possibleOrphans == 2)
            #expect(record.updatedAt == record.createdAt + 5)
            #expect(record.link?.id == (state == .done ? Sample.ids[0] : nil))
            #expect(record.knownID == (state == .inDoubt ? Sample.ids[3] : nil))
        }
    }

    @Test(arguments: Engine.allCases)
    func settlesLaterWhatItLeftInDoubt(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let row = try store.grant()
        #expect(try store.finish(row, .inDoubt(problem: "damaged", known: Sample.ids[0], possibleOrphans: 1)))
        #expect(try store.finish(row, .done(try Sample.link(), possibleOrphans: 0)))
        #expect(try store.record().state == .done)
        #expect(try store.record().knownID == nil)
    }

    @Test(arguments: Engine.allCases)
    func keepsTheKnownIdOfAnotherLink(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let row = try store.grant()
        #expect(try store.finish(row, .inDoubt(problem: "damaged", known: Sample.ids[1], possibleOrphans: 1)))
        // There is a link to look at: nothing is sent again before somebody has.
        guard case .inDoubt(let record) = try store.claim() else { throw UnexpectedAnswer() }
        #expect(record.knownID == Sample.ids[1])
        #expect(try store.change(.resolve(key: "order-1", .retry)))
        #expect(try store.finish(try store.grant(orphans: 1), .done(try Sample.link(0), possibleOrphans: 1)))
        #expect(try store.record().knownID == Sample.ids[1])
    }

    /// A reply said that a link was made, and not which: sent again, it would be made again.
    @Test(arguments: Engine.allCases)
    func neverSendsAgainWhatWasMade(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let row = try store.grant()
        let outcome = LinkOutcome.inDoubt(problem: "gzip data", known: nil, possibleOrphans: 1, isMade: true)
        #expect(try store.finish(row, outcome))
        for _ in 0..<2 {
            guard case .inDoubt(let record) = try store.claim() else { throw UnexpectedAnswer() }
            #expect(record.knownID == nil && record.isMade && record.possibleOrphans == 1)
            #expect(record.state == .inDoubt && record.problem == "gzip data")
        }
        // An operator's decision lets it be sent, and a doubt of another kind is then one like any other.
        #expect(try store.change(.resolve(key: "order-1", .retry)))
        let again = try store.grant(orphans: 1)
        #expect(try store.finish(again, .inDoubt(problem: "cut off", known: nil, possibleOrphans: 2)))
        #expect(try !store.record().isMade)
        #expect(try store.finish(try store.grant(orphans: 2), .done(try Sample.link(0), possibleOrphans: 2)))
        #expect(try store.record().link?.id == Sample.ids[0])
    }

    /// Neither knowledge drives out the other.
    @Test(arguments: Engine.allCases)
    func keepsAKnownIdBesideAnUnreadableReply(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let row = try store.grant()
        #expect(try store.finish(row, .inDoubt(problem: "cut", known: Sample.ids[1], possibleOrphans: 1, isMade: true)))
        #expect(try store.change(.resolve(key: "order-1", .retry)))
        let again = try store.grant(orphans: 1)
        #expect(try store.finish(again, .inDoubt(problem: "gzip", known: nil, possibleOrphans: 2, isMade: true)))
        let record = try store.record()
        #expect(record.knownID == Sample.ids[1] && record.isMade)
    }

    @Test(arguments: Engine.allCases)
    func neverOverwritesALinkThatIsDone(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let row = try store.grant()
        #expect(try store.finish(row, .done(try Sample.link(0), possibleOrphans: 0)))
        for outcome: LinkOutcome in [
            .done(try Sample.link(1), possibleOrphans: 0), .rejected(problem: "x", possibleOrphans: 0),
            .inDoubt(problem: "x", known: nil, possibleOrphans: 1), .notSent(problem: "x", possibleOrphans: 0),
        ] { #expect(try !store.finish(row, outcome)) }
        #expect(try !store.change(.sending(row, possibleOrphans: 0)))
        let record = try store.record()
        #expect(record.link?.id == Sample.ids[0])
        #expect(record.attempts == 1)
    }

    @Test(arguments: Engine.allCases)
    func letsOnlyTheHolderRecord(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let first = try fixture.open()
        let row = try first.grant()
        #expect(try first.finish(row, .inDoubt(problem: "cut off", known: nil, possibleOrphans: 1)))
        let second = try fixture.open()
        #expect(try second.grant(orphans: 1) == row)
        #expect(try !first.change(.sending(row, possibleOrphans: 1)))
        #expect(try !first.finish(row, .done(try Sample.link(), possibleOrphans: 0)))
        #expect(try !first.finish(row, .notSent(problem: "x", possibleOrphans: 0)))
        #expect(try second.record().state == .sent)
        #expect(try second.finish(row, .done(try Sample.link(1), possibleOrphans: 1)))
        #expect(try first.record().link?.id == Sample.ids[1])
    }

    @Test(arguments: Engine.allCases)
    func leavesAPersonsWordStanding(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        let row = try store.grant()
        #expect(try store.finish(row, .inDoubt(problem: "cut off", known: nil, possibleOrphans: 1)))
        #expect(try fixture.open().change(.resolve(key: "order-1", .abandon)))
        #expect(try !store.finish(row, .done(try Sample.link(), possibleOrphans: 0)))
        #expect(try store.record().state == .abandoned)
    }

    @Test(arguments: Engine.allCases)
    func refusesRowsThatAreNotThere(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        #expect(try !store.finish(1, .notSent(problem: "x", possibleOrphans: 0)))
        let row = try store.grant()
        for row in [0, -1, row + 1, .max, .min] as [LinkRow] {
            #expect(try !store.finish(row, .done(try Sample.link(), possibleOrphans: 0)))
            #expect(try !store.change(.sending(row, possibleOrphans: 0)))
            #expect(try !store.change(.finishEffect(row, .done(result: nil))))
        }
        let neighbour = try fixture.open(LedgerFixture.neighbour)
        try neighbour.grant()
        #expect(try !neighbour.finish(row, .done(try Sample.link(), possibleOrphans: 0)))
    }

    @Test(arguments: Engine.allCases)
    func observesOnlyWhatHasChanged(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let maker = try fixture.open()
        let spanish = CheckoutPage(baseURL: LedgerFixture.scope.baseURL, locale: .spanish, closeOnComplete: true)
        #expect(try maker.finish(try maker.grant(), .done(try Sample.link(page: spanish), possibleOrphans: 0)))
        fixture.clock.now += 60
        let store = try fixture.open()
        #expect(try !store.change(.observe(try Sample.link(0))))
        #expect(try !store.change(.observe(try Sample.link(1))))
        #expect(try store.record().updatedAt == fixture.clock.now - 60)
        #expect(try store.change(.observe(try Sample.link(0, status: 1))))
        let record = try store.record()
        #expect(record.link?.status == .paid)
        #expect(record.link?.page == spanish)
        #expect(record.updatedAt == fixture.clock.now)
        #expect(try !fixture.open(LedgerFixture.neighbour).change(.observe(try Sample.link(0, status: 2))))
        #expect(try store.record().link?.status == .paid)
    }
}
