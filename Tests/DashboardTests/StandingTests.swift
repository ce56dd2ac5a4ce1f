// What the dashboard reads of a ledger, and when it reads it again.

import Ledger
import OneShotPay
import Testing

@testable import Dashboard

@Suite struct StandingTests {
    @Test func whatTakesLongIsDoneSeldom() {
        var refresh = Refresh(rest: 9)
        let start = ContinuousClock.now
        #expect(refresh.isDue(1, start), "at first, at once")
        refresh.note(1, from: start, to: start + .seconds(1))
        let end = start + .seconds(1)
        #expect(
            !refresh.isDue(2, end + .seconds(8)) && refresh.isDue(2, end + .seconds(9)), "a tenth of the time at most")
        #expect(
            !refresh.isDue(1, end + .seconds(59)) && refresh.isDue(1, end + .seconds(60)), "unchanged, once a minute")
        refresh.note(2, from: start, to: start + .milliseconds(1))
        #expect(refresh.isDue(3, start + .milliseconds(10)), "what is quick is done at once")
    }

    /// Links of an account among those of another one, in the order of their making.
    private func store(_ count: Int, _ others: Int = 0) throws -> (MemoryLedger, LedgerScope) {
        let scope = LedgerScope(account: "a", baseURL: "https://pay.example")
        let store = MemoryLedger(scope: scope)
        for index in 0..<count {
            _ = try store.perform([
                .claim(
                    LinkClaim(
                        key: "order-\(index)", terms: "{}", amount: Money(microUSDC: Int64(index + 1) * 1_000_000),
                        description: index % 2 == 0 ? "Even" : "Odd", resendsInDoubt: true, isSending: true))
            ])
        }
        return (store, scope)
    }

    private func find(_ query: String, _ store: MemoryLedger, _ scope: LedgerScope) throws -> LinkFinder.Found {
        try LinkFinder(FormFields(query)).find(in: store, scope)
    }

    @Test func aPageIsFollowedByTheNext() throws {
        let (store, scope) = try store(120)
        var keys: [String] = [], query = "", pages = 0
        while true {
            let found = try find(query, store, scope)
            keys += found.records.compactMap(\.key)
            pages += 1
            guard let older = found.older else { break }
            query = "before=\(older)"
        }
        #expect(keys == (0..<120).reversed().map { "order-\($0)" } && pages == 3)
    }

    @Test func whatItsKeySaysComesFirst() throws {
        let (store, scope) = try store(120)
        let found = try find("q=order-1", store, scope)
        #expect(found.records.count == 31 && Set(found.records.map(\.row)).count == 31)
        #expect(try find("q=even", store, scope).records.count == 50)
        #expect(try find("q=%2417.00", store, scope).records.map(\.key) == ["order-16"])
        #expect(try find("q=17%2C00", store, scope).records.map(\.key) == ["order-16"])
        #expect(try find("q=nothing", store, scope).records.isEmpty)
        #expect(try find("state=rejected", store, scope).records.isEmpty)
        #expect(try find("state=nonsense", store, scope).records.count == 50)
    }

    @Test func nothingLooksThroughMoreThanItsWindow() throws {
        let (store, scope) = try store(20_050)
        let found = try find("q=order-7x", store, scope)
        #expect(found.records.isEmpty && found.lookedThrough == 20_000 && found.older == 51)
        let rest = try find("q=even&before=51", store, scope)
        #expect(rest.records.count == 25 && rest.older == nil && rest.lookedThrough == nil)
    }

    @Test func whatCannotBeSentAgainIsOnlyDismissed() throws {
        let (store, _) = try store(1)
        var record = try #require(try store.links(rows: [1]).first)
        #expect(DoubtAction.of(record).isEmpty, "it is under way")
        record.isRunAlive = false
        #expect(DoubtAction.of(record) == [.retry, .abandon])
        record.key = nil
        #expect(DoubtAction.of(record) == [.dismiss])
        record.state = .done
        #expect(DoubtAction.of(record).isEmpty)
        record.possibleOrphans = 1
        #expect(DoubtAction.of(record) == [.dismiss])
    }

    @Test(arguments: [
        ("", false), ("action=retry&subject=1", true), ("action=retry&subject=k", false),
        ("action=happened&subject=k", true),
        ("action=erase&subject=1", false), ("subject=1", false), ("action=dismiss", false),
    ])
    func aDecisionNamesWhatItIsAbout(_ form: String, _ isOne: Bool) {
        #expect((DoubtDecision(FormFields(form)) != nil) == isOne)
    }
}
