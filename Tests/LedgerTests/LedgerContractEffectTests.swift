// The contract of every engine: what must happen once.

import OneShotPay
import Testing

@testable import Ledger

@Suite struct LedgerContractEffectTests {
    @Test(arguments: Engine.allCases, EffectClaim.Mode.allCases)
    func runsWhatIsNewOnce(engine: Engine, mode: EffectClaim.Mode) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        guard case .run(let row, let token, 1) = try store.effect("ship", mode) else { throw UnexpectedAnswer() }
        #expect(PayLinkID(token)?.description == token)
        #expect(try store.effect(key: "ship")?.state == .running)
        #expect(try store.change(.finishEffect(row, .done(result: #"{"parcel":7}"#))))
        for other in [store, try fixture.open()] {
            #expect(try other.effect("ship", mode) == .ran(result: #"{"parcel":7}"#))
        }
        let record = try #require(try store.effect(key: "ship"))
        #expect(record.state == .done)
        #expect(record.result == #"{"parcel":7}"#)
        #expect((record.mode, record.attempts) == (mode, 1))
        #expect(record.token == token)
    }

    @Test(arguments: Engine.allCases)
    func givesEveryEffectATokenOfItsOwn(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        let tokens = try (0..<20).map { try store.runEffect("e\($0)").token }
        #expect(Set(tokens).count == 20)
        #expect(tokens.allSatisfy { $0.dropFirst(14).first == "4" })
    }

    @Test(arguments: Engine.allCases, EffectClaim.Mode.allCases)
    func tellsOthersToWaitForALivingRun(engine: Engine, mode: EffectClaim.Mode) throws {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        try store.runEffect("ship", mode)
        let run = try #require(try store.effect(key: "ship")).run
        #expect(try fixture.open().effect("ship", mode) == .busy(run: run))
        #expect(try fixture.open().effectsInDoubt(nil).isEmpty)
    }

    @Test(arguments: Engine.allCases, [true, false])
    func followsTheModeOfThePresentClaimAfterAnInterruption(engine: Engine, hasFailed: Bool) throws {
        let fixture = LedgerFixture(engine)
        let first = try fixture.open()
        // What the first claim asked for does not bind the next.
        let (row, token) = try first.runEffect("ship", .check)
        if hasFailed { #expect(try first.change(.finishEffect(row, .failed(problem: "exit 1")))) }
        fixture.kill(first)

        let second = try fixture.open()
        guard case .inDoubt(let record) = try second.effect("ship", .atMost) else { throw UnexpectedAnswer() }
        #expect(record.state == (hasFailed ? .failed : .running))
        #expect(record.isInDoubt)
        #expect(record.problem == (hasFailed ? "exit 1" : nil))
        #expect(record.mode == .check)
        #expect(try second.effectsInDoubt(LedgerFixture.scope).map(\.key) == ["ship"])
        #expect(try second.effect("ship", .atLeast) == .run(row, token: token, attempt: 2))
        #expect(try second.effect(key: "ship")?.mode == .atLeast)
        #expect(try second.effect(key: "ship")?.problem == nil)
        fixture.kill(second)

        let third = try fixture.open()
        #expect(try third.effect("ship", .check) == .check(row, token: token, attempt: 3))
        #expect(try third.change(.finishEffect(row, .done(result: nil))))
        #expect(try third.effect("ship", .atMost) == .ran(result: nil))
    }

    @Test(arguments: Engine.allCases)
    func letsOnlyTheHolderRecordTheEnd(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let first = try fixture.open()
        let (row, _) = try first.runEffect("ship")
        let second = try fixture.open()
        try second.grant()
        #expect(try !second.change(.finishEffect(row, .done(result: nil))))
        #expect(try first.change(.finishEffect(row, .done(result: "1"))))
        #expect(try !first.change(.finishEffect(row, .failed(problem: "late"))))
        #expect(try first.effect(key: "ship")?.state == .done)
    }

    @Test(arguments: Engine.allCases)
    func obeysAPersonsWord(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        for (key, verdict, state) in [
            ("a", EffectVerdict.happened, EffectState.done), ("b", .retry, .open), ("c", .abandon, .abandoned),
        ] {
            let store = try fixture.open()
            let (_, token) = try store.runEffect(key)
            let person = try fixture.open()
            #expect(try !person.change(.resolveEffect(key: key, verdict)), "it is under way")
            fixture.kill(store)
            #expect(try person.change(.resolveEffect(key: key, verdict)))
            #expect(try person.effect(key: key)?.state == state)
            let answer = try person.effect(key, .atMost)
            switch (state, answer) {
            case (.done, .ran(result: nil)): break
            case (.open, .run(_, token, 2)): break
            case (.abandoned, .abandoned): break
            default: Issue.record("\(state) answers \(answer)")
            }
        }
        let person = try fixture.open()
        #expect(try person.change(.resolveEffect(key: "c", .retry)))
        #expect(try !person.change(.resolveEffect(key: "a", .retry)), "what has happened stays so")
        #expect(try !person.change(.resolveEffect(key: "none", .retry)))
    }

    @Test(arguments: Engine.allCases)
    func keepsScopesApart(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let stores = [try fixture.open(), try fixture.open(LedgerFixture.neighbour)]
        for store in stores {
            #expect(try store.effect(key: "ship") == nil)
            try store.runEffect("ship")
        }
        stores.forEach(fixture.kill)
        let reader = try fixture.open(nil)
        #expect(try reader.effectsInDoubt(nil).map(\.scope) == [LedgerFixture.scope, LedgerFixture.neighbour])
        #expect(try reader.effectsInDoubt(LedgerFixture.neighbour).map(\.scope) == [LedgerFixture.neighbour])
        #expect(try reader.effectsInDoubt(LedgerFixture.sandbox).isEmpty)
    }
}
