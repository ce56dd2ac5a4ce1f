// The contract of every engine: possible orphans that a person dismisses.

import OneShotPay
import Testing

@testable import Ledger

@Suite struct LedgerContractDismissalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var state: LinkState
        var hasKey = true
        var orphans: Int
        /// The state and how many were dismissed; `nil`: nothing changes.
        var result: (state: LinkState, dismissed: Int)?

        var testDescription: String { "\(state.rawValue) \(hasKey ? "with" : "without") a key, \(orphans)" }
    }

    static let cases: [Case] = [
        Case(state: .done, orphans: 2, result: (.done, 2)), Case(state: .done, orphans: 0, result: nil),
        Case(state: .done, hasKey: false, orphans: 1, result: (.done, 1)),
        Case(state: .rejected, orphans: 1, result: (.rejected, 1)),
        Case(state: .abandoned, orphans: 3, result: (.abandoned, 3)),
        Case(state: .prepared, orphans: 1, result: nil), Case(state: .inDoubt, orphans: 1, result: nil),
        Case(state: .sent, orphans: 1, result: nil),
        Case(state: .inDoubt, hasKey: false, orphans: 1, result: (.abandoned, 1)),
        Case(state: .sent, hasKey: false, orphans: 0, result: (.abandoned, 1)),
    ]

    /// Brings a row to a state with so many possible orphans, by a run that is gone.
    private func bring(_ fixture: LedgerFixture, _ example: Case) throws -> LinkRow {
        let store = try fixture.open()
        let row = try store.grant(Sample.claim(example.hasKey ? "order-1" : nil, isSending: false))
        if example.state != .prepared || example.orphans > 0 {
            #expect(try store.change(.sending(row, possibleOrphans: example.orphans)))
        }
        switch example.state {
        case .sent: break
        case .prepared: #expect(try store.finish(row, .notSent(problem: "cut", possibleOrphans: example.orphans)))
        case .done: #expect(try store.finish(row, .done(try Sample.link(), possibleOrphans: example.orphans)))
        case .rejected: #expect(try store.finish(row, .rejected(problem: "no", possibleOrphans: example.orphans)))
        case .inDoubt, .abandoned:
            #expect(
                try store.finish(row, .inDoubt(problem: "cut", known: nil, possibleOrphans: example.orphans)))
            if example.state == .abandoned { #expect(try store.change(.resolve(key: "order-1", .abandon))) }
        }
        fixture.kill(store)
        return row
    }

    @Test(arguments: Engine.allCases, cases)
    func dismissesWhatIsSettled(engine: Engine, example: Case) throws {
        let fixture = LedgerFixture(engine)
        let row = try bring(fixture, example)
        let store = try fixture.open()
        let before = try #require(try store.links(rows: [row]).first)
        fixture.clock.now += 500
        #expect(try store.change(.dismiss(row, by: "anna@till")) == (example.result != nil))
        let after = try #require(try store.links(rows: [row]).first)
        guard let result = example.result else {
            #expect(after == before)
            #expect(try store.dismissals(of: row).isEmpty)
            return
        }
        #expect((after.state, after.possibleOrphans) == (result.state, 0))
        #expect(after.link == before.link)
        #expect(
            try store.dismissals(of: row) == [
                Dismissal(orphans: result.dismissed, by: "anna@till", at: fixture.clock.now)
            ])
        #expect(try store.doubtful().isEmpty)
        #expect(try !store.change(.dismiss(row, by: "anna@till")), "there is nothing left to dismiss")
    }

    @Test(arguments: Engine.allCases)
    func refusesWhatIsUnderWayOrBelongsToOthers(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let maker = try fixture.open()
        let row = try maker.grant(Sample.claim(nil))
        #expect(try !fixture.open().change(.dismiss(row, by: "anna")), "its run lives")
        let settled = try bring(fixture, Case(state: .done, orphans: 1))
        #expect(try !fixture.open(LedgerFixture.neighbour).change(.dismiss(settled, by: "anna")))
        #expect(try !fixture.open().change(.dismiss(99, by: "anna")))
    }

    /// A doubt that comes after a dismissal is counted anew.
    @Test(arguments: Engine.allCases)
    func whatComesLaterIsCountedAnew(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let row = try bring(fixture, Case(state: .abandoned, orphans: 2))
        let store = try fixture.open()
        #expect(try store.change(.dismiss(row, by: "anna")))
        #expect(try store.change(.resolve(key: "order-1", .retry)))
        try store.grant(Sample.claim(isSending: true), orphans: 0)
        #expect(try store.finish(row, .inDoubt(problem: "cut", known: nil, possibleOrphans: 1)))
        #expect(try store.change(.resolve(key: "order-1", .abandon)))
        #expect(try store.change(.dismiss(row, by: "ben")))
        #expect(try store.dismissals(of: row).map(\.by) == ["anna", "ben"])
    }
}
