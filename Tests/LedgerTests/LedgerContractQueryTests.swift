// The contract of every engine: what can be read, and that reading leaves no trace.

import OneShotPay
import Testing

@testable import Ledger

@Suite struct LedgerContractQueryTests {
    /// One row of every state, in the order of LinkState.allCases; then one whose run lives.
    private func fixture(_ engine: Engine) throws -> LedgerFixture {
        let fixture = LedgerFixture(engine)
        for state in LinkState.allCases {
            try fixture.bring("order-\(state.rawValue)", to: state)
            fixture.clock.now += 100
        }
        return fixture
    }

    private func keys(_ store: any LedgerStore, _ change: (inout LinkQuery) -> Void) throws -> [String] {
        var query = LinkQuery()
        change(&query)
        return try store.links(query).map { $0.key ?? "" }
    }

    @Test(arguments: Engine.allCases)
    func filtersRows(engine: Engine) throws {
        let fixture = try fixture(engine)
        let start: Int64 = 1_800_000_000
        let all = LinkState.allCases.map { "order-\($0.rawValue)" }
        let store = try fixture.open()
        #expect(try keys(store) { _ in } == all)
        #expect(try keys(store) { $0.states = [.done, .inDoubt] } == ["order-done", "order-in_doubt"])
        #expect(try keys(store) { $0.status = "active" } == ["order-done"])
        #expect(try keys(store) { $0.status = "paid" } == [])
        #expect(try keys(store) { $0.keyPrefix = "order-s" } == ["order-sent"])
        #expect(try keys(store) { $0.keyPrefix = "ORDER" } == [])
        #expect(try keys(store) { $0.keyPrefix = "" } == all)
        #expect(try keys(store) { $0.keyPrefix = "%" } == [])
        #expect(try keys(store) { $0.createdSince = start + 100 } == Array(all.dropFirst()))
        #expect(try keys(store) { $0.isDoubtful = true } == ["order-sent", "order-in_doubt", "order-abandoned"])
        #expect(
            try keys(store) {
                $0.isDoubtful = true; $0.states = [.sent]
            } == ["order-sent"])
        #expect(try keys(store) { $0.scope = LedgerFixture.scope } == all)
        #expect(try keys(store) { $0.scope = LedgerFixture.neighbour } == [])
        #expect(try keys(try fixture.open(nil)) { _ in } == all)
    }

    @Test(arguments: Engine.allCases)
    func givesTheNewestFirstAndFindsByText(engine: Engine) throws {
        let store = try fixture(engine).open()
        let all = LinkState.allCases.map { "order-\($0.rawValue)" }
        let newest = Array(all.reversed())
        for limit in [1, 2, 500] {
            var query = LinkQuery(), found: [String] = []
            query.before = .max
            query.limit = limit
            while let last = try store.links(query).map({
                found.append($0.key ?? ""); return $0.row
            }).last {
                query.before = last
            }
            #expect(found == newest)
        }
        let rows = try store.links(LinkQuery()).map(\.row)
        #expect(
            try keys(store) {
                $0.before = rows[3]; $0.after = rows[0]
            } == [all[2], all[1]])
        #expect(
            try keys(store) {
                $0.before = .max; $0.isDoubtful = true; $0.limit = 2
            } == ["order-abandoned", "order-in_doubt"])
        #expect(
            try keys(store) {
                $0.before = .max; $0.keyPrefix = "order-s"; $0.scope = LedgerFixture.scope
            } == ["order-sent"])
        func search(_ text: String, _ amount: Money? = nil) throws -> [String] {
            try keys(store) {
                $0.before = .max; $0.search = LinkSearch(text, amount: amount)
            }
        }
        #expect(try search("ORDER-done") == ["order-done"])
        #expect(try search("") == newest)
        #expect(try search("%") == [] && search("_") == ["order-in_doubt"])
        #expect(try search("nothing has this", Money(microUSDC: 12_500_000)) == newest)
        #expect(try search("nothing has this", Money(microUSDC: 12_500_001)) == [])
        #expect(try search(Sample.ids[0].description) == ["order-done"])
    }

    @Test(arguments: Engine.allCases)
    func givesEffectsInTheOrderOfTheirKeys(engine: Engine) throws {
        let fixture = LedgerFixture(engine), store = try fixture.open()
        for key in ["watch:b:paid:1", "watch:a:paid:2", "watch:a:paid:1:9", "watch:a:paid:1", "wax", "ä"] {
            _ = try store.perform([.claimEffect(EffectClaim(key: key, mode: .atMost))])
        }
        func keys(_ first: String, _ end: String, _ limit: Int = 9) throws -> [String] {
            try store.effects(from: first, before: end, limit: limit).map(\.key)
        }
        #expect(
            try keys("watch:", "watch;") == ["watch:a:paid:1", "watch:a:paid:1:9", "watch:a:paid:2", "watch:b:paid:1"])
        #expect(try keys("watch:a:paid:1", "watch:a:paid:1;") == ["watch:a:paid:1", "watch:a:paid:1:9"])
        #expect(try keys("watch:a:paid;", "watch;", 1) == ["watch:b:paid:1"])
        #expect(try keys("x", "z") == [])
        #expect(try keys("wax", "ÿ") == ["wax", "ä"])
        #expect(try keys("wax", "wax") == [])
    }

    @Test(arguments: Engine.allCases, [1, 2, 5, 6, 7])
    func pagesThroughRowsInTheirOrder(engine: Engine, limit: Int) throws {
        let store = try fixture(engine).open()
        for isDoubtful in [false, true] {
            var query = LinkQuery()
            query.isDoubtful = isDoubtful
            let all = try store.links(query)
            query.limit = limit
            var paged: [LinkRecord] = []
            while true {
                let page = try store.links(query)
                #expect(page.count <= limit)
                paged += page
                guard page.count == limit, let last = page.last else { break }
                query.after = last.row
            }
            #expect(paged == all)
        }
    }

    @Test(arguments: Engine.allCases)
    func fillsAPageThoughLivingRunsHoldRowsBetween(engine: Engine) throws {
        let fixture = LedgerFixture(engine)
        let living = try fixture.open()
        for index in 0..<10 {
            try fixture.bring("dead-\(index)", to: .sent)
            try living.grant(Sample.claim("living-\(index)"))
        }
        var query = LinkQuery()
        query.isDoubtful = true
        query.limit = 8
        let page = try fixture.open().links(query)
        #expect(page.map(\.key) == (0..<8).map { "dead-\($0)" })
    }

    @Test(arguments: Engine.allCases)
    func findsKeysInTheOrderAsked(engine: Engine) throws {
        let store = try fixture(engine).open()
        let records = try store.links(keys: ["order-done", "none", "order-sent", "order-done"])
        #expect(records.map { $0?.state } == [.done, nil, .sent, .done])
        #expect(try store.links(keys: []).isEmpty)
    }

    @Test(arguments: Engine.allCases)
    func findsKeysOfOtherAccountsThatMayHaveALink(engine: Engine) throws {
        let fixture = try fixture(engine)
        let all = LinkState.allCases.map { "order-\($0.rawValue)" }
        let found = try fixture.open(LedgerFixture.neighbour).keysOfOtherAccounts(among: ["none"] + all)
        #expect(found.map(\.key) == ["order-sent", "order-done", "order-in_doubt"])
        #expect(Set(found.map(\.account)) == [LedgerFixture.scope.account])
        #expect(try fixture.open().keysOfOtherAccounts(among: all).isEmpty)
        #expect(try fixture.open(LedgerFixture.sandbox).keysOfOtherAccounts(among: all).isEmpty)
    }

    @Test(arguments: Engine.allCases)
    func readsNothingFromAnEmptyLedger(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        #expect(try store.links(LinkQuery()).isEmpty)
        #expect(try store.links(keys: ["a"]) == [nil])
        #expect(try store.keysOfOtherAccounts(among: ["a"]).isEmpty)
        #expect(try store.effect(key: "a") == nil)
        #expect(try store.effectsInDoubt(nil).isEmpty)
        #expect(try !store.change(.observe(try Sample.link())))
        #expect(try !store.change(.endRun(exitStatus: 0)))
    }

    @Test(arguments: Engine.allCases)
    func refusesToWriteWithoutAScope(engine: Engine) throws {
        let store = try LedgerFixture(engine).open(nil)
        let error = #expect(throws: LedgerError.self) { try store.perform([.claim(Sample.claim())]) }
        #expect(error?.code == .failed)
        #expect(throws: LedgerError.self) { try store.links(keys: ["a"]) }
        #expect(throws: LedgerError.self) { try store.effect(key: "a") }
        #expect(throws: LedgerError.self) { try store.keysOfOtherAccounts(among: ["a"]) }
    }

    @Test(arguments: Engine.allCases)
    func refusesToWorkOnceClosed(engine: Engine) throws {
        let store = try LedgerFixture(engine).open()
        store.close()
        store.close()
        #expect(throws: LedgerError.self) { try store.perform([.claim(Sample.claim())]) }
        #expect(throws: LedgerError.self) { try store.links(LinkQuery()) }
    }
}
