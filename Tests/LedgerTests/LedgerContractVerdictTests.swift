// The contract of every engine: what a person may say of a link in doubt.

import OneShotPay
import Testing

@testable import Ledger

@Suite struct LedgerContractVerdictTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var state: LinkState
        var verdict: String
        /// The state and the possible orphans afterwards; `nil`: nothing changes.
        var result: (state: LinkState, orphans: Int)?

        var testDescription: String { "\(verdict) on \(state.rawValue)" }

        func word() throws -> LinkVerdict {
            switch verdict {
            case "link": .link(try Sample.link(2))
            case "retry": .retry
            default: .abandon
            }
        }
    }

    static let cases: [Case] = [
        Case(state: .prepared, verdict: "link", result: nil), Case(state: .prepared, verdict: "retry", result: nil),
        Case(state: .prepared, verdict: "abandon", result: (.abandoned, 0)),
        Case(state: .sent, verdict: "link", result: (.done, 0)),
        Case(state: .sent, verdict: "retry", result: (.prepared, 1)),
        Case(state: .sent, verdict: "abandon", result: (.abandoned, 1)),
        Case(state: .inDoubt, verdict: "link", result: (.done, 0)),
        Case(state: .inDoubt, verdict: "retry", result: (.prepared, 1)),
        Case(state: .inDoubt, verdict: "abandon", result: (.abandoned, 1)),
        Case(state: .rejected, verdict: "link", result: nil), Case(state: .rejected, verdict: "retry", result: nil),
        Case(state: .rejected, verdict: "abandon", result: (.abandoned, 0)),
        Case(state: .abandoned, verdict: "link", result: nil),
        Case(state: .abandoned, verdict: "retry", result: (.prepared, 1)),
        Case(state: .abandoned, verdict: "abandon", result: nil),
        Case(state: .done, verdict: "link", result: nil), Case(state: .done, verdict: "retry", result: nil),
        Case(state: .done, verdict: "abandon", result: nil),
    ]

    @Test(arguments: Engine.allCases, cases)
    func obeysAVerdictWhereItHasAPlace(engine: Engine, example: Case) throws {
        let fixture = LedgerFixture(engine)
        try fixture.bring("order-1", to: example.state)
        let store = try fixture.open()
        let before = try store.record()
        let hasChanged = try store.change(.resolve(key: "order-1", try example.word()))
        #expect(hasChanged == (example.result != nil))
        let after = try store.record()
        guard let result = example.result else {
            #expect(after == before)
            return
        }
        #expect(after.state == result.state)
        #expect(after.possibleOrphans == result.orphans)
        if result.state == .done { #expect(after.link == (try Sample.link(2))) }
        // A row that may be tried again is free at once, though the run that resolved it lives.
        if result.state == .prepared { try fixture.open().grant(orphans: result.orphans) }
    }

    @Test(arguments: Engine.allCases, [LinkState.prepared, .sent])
    func refusesAWordAboutALinkUnderWay(engine: Engine, state: LinkState) throws {
        let fixture = LedgerFixture(engine)
        let maker = try fixture.open()
        try maker.grant(Sample.claim(isSending: state == .sent))
        let person = try fixture.open()
        for verdict: LinkVerdict in [.link(try Sample.link()), .retry, .abandon] {
            #expect(try !person.change(.resolve(key: "order-1", verdict)))
        }
        #expect(try maker.record().state == state)
    }

    @Test(arguments: Engine.allCases)
    func knowsNoKeyOfAnotherScope(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        try fixture.bring("order-1", to: .inDoubt)
        #expect(try !fixture.open(LedgerFixture.neighbour).change(.resolve(key: "order-1", .abandon)))
        #expect(try !fixture.open().change(.resolve(key: "order-2", .abandon)))
    }
}
