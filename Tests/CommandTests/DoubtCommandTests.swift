// Doubts that end: many at once, by a filter, with the order in the list; possible orphans dismissed, and by whom.

import Foundation
import Testing

@Suite struct DoubtCommandTests {
    private static let payer = "123e4567-e89b-12d3-a456-426614174000"

    private func run(_ fixture: WatchTests.Fixture, _ arguments: String...) async throws -> Outcome {
        try await fixture.sandbox.run(arguments, fixture.environment)
    }

    private func doubt(_ fixture: WatchTests.Fixture, _ arguments: String...) async throws -> Outcome {
        try await fixture.sandbox.run(["ledger", "doubt"] + arguments, fixture.environment)
    }

    /// Keys whose creates were cut off, with a payer, so that they halt.
    private func halt(_ fixture: WatchTests.Fixture, _ keys: [String]) async throws {
        for key in keys {
            try await fixture.sandbox.addFault(#"{"endpoint": "create", "action": "reset_after_commit", "times": 1}"#)
            let outcome = try await run(
                fixture, "create", "--key", key, "--amount", "5", "--description", key, "--payer", Self.payer)
            #expect(outcome.status == 75, "\(outcome)")
        }
    }

    /// A key that was made at the second attempt: one possible orphan is on the way.
    private func orphan(_ fixture: WatchTests.Fixture, _ key: String) async throws {
        try await fixture.sandbox.addFault(#"{"endpoint": "create", "action": "reset_after_commit", "times": 1}"#)
        _ = try await fixture.create(key)
    }

    @Test func manyKeysAreResolvedAtOnceAndEachIsTold() async throws {
        let fixture = try await WatchTests.Fixture.make()
        try await halt(fixture, ["a-1", "a-2", "a-3"])
        let outcome = try await doubt(fixture, "resolve", "a-1", "none", "a-2", "--retry")
        #expect(outcome.status == 65, "\(outcome)")
        for text in ["key \"a-1\": open again", "key \"a-2\": open again", "no key \"none\" in doubt"] {
            #expect(outcome.errors.contains(text), "\(text): \(outcome.errors)")
        }
        #expect(try await doubt(fixture, "list").errors.contains("1 link(s) and 0 effect(s) in doubt"))
        let link = "01890a5d-ac96-774b-bcce-b302099a8057"
        #expect(try await doubt(fixture, "resolve", "a-3", "a-1", "--link", link).status == 64)
        #expect(try await doubt(fixture, "resolve", "--all", "--links", "--link", link).status == 64)
    }

    @Test func allResolvesWhatTheFilterLeavesAndNeedsOne() async throws {
        let fixture = try await WatchTests.Fixture.make()
        try await halt(fixture, ["a-1", "a-2", "b-1"])
        _ = try await run(fixture, "run", "-e", "paylink.once('a-ship', error)")
        #expect(try await doubt(fixture, "resolve", "--all", "--abandon").status == 64)
        #expect(try await doubt(fixture, "resolve", "a-1", "--all", "--links", "--abandon").status == 64)
        #expect(try await doubt(fixture, "resolve", "--abandon").status == 64)
        #expect(try await doubt(fixture, "resolve", "--all", "--links", "--happened").status == 64)

        let old = try await doubt(fixture, "resolve", "--all", "--older-than", "1h", "--abandon")
        #expect(old.status == 0 && old.errors.contains("nothing in doubt matches"), "\(old)")
        let links = try await doubt(fixture, "resolve", "--all", "--links", "--key-prefix", "a-", "--abandon")
        #expect(links.status == 0, "\(links)")
        #expect(links.errors == "paylink: key \"a-1\": settled\npaylink: key \"a-2\": settled\n", "\(links)")
        let effects = try await doubt(fixture, "resolve", "--all", "--effects", "--happened")
        #expect(effects.errors == "paylink: key \"a-ship\": settled\n", "\(effects)")
        #expect(try await run(fixture, "run", "-e", "print(paylink.once('a-ship', error))").output == "true\ttrue\n")
        let left = try await doubt(fixture, "list", "--json").lines.map { try JSON(parsing: $0) }
        #expect(left.filter { $0["state"]?.string == "in_doubt" }.map { $0["key"]?.string } == ["b-1"], "\(left)")
    }

    @Test func possibleOrphansAreDismissedAndItIsRecordedByWhom() async throws {
        let fixture = try await WatchTests.Fixture.make()
        try await orphan(fixture, "order-1")
        try await orphan(fixture, "order-2")
        _ = try await fixture.create("fine")
        let listed = try await doubt(fixture, "list")
        #expect(
            listed.lines.count == 2
                && listed.errors.contains("0 link(s) and 0 effect(s) in doubt; 2 possible orphan(s)"))
        let dismissed = try await doubt(fixture, "dismiss", "order-1", "fine", "--by", "Anna, till 3")
        #expect(dismissed.status == 65, "\(dismissed)")
        #expect(dismissed.errors.contains("key \"order-1\": dismissed by Anna, till 3"))
        #expect(dismissed.errors.contains("key \"fine\" has no possible orphans"))
        #expect(try await doubt(fixture, "list").lines.count == 1)
        let shown = try await run(fixture, "ledger", "show", "order-1")
        #expect(shown.output.contains("dismissed        1 possible orphan(s), by Anna, till 3, 20"), "\(shown)")
        let json = try JSON(parsing: try await run(fixture, "ledger", "show", "order-1", "--json").output)
        #expect(json["dismissals"]?.list.first?["by"]?.string == "Anna, till 3")
        #expect(json["dismissals"]?.list.first?["at"]?.integer != nil && json["possible_orphans"]?.integer == 0)

        // By default the login name and the machine say who it was.
        let rest = try await doubt(fixture, "dismiss", "--all", "--links")
        #expect(rest.status == 0 && rest.errors.contains("key \"order-2\": dismissed by "), "\(rest)")
        #expect(rest.errors.contains("@"), "\(rest)")
        #expect(try await doubt(fixture).errors == "paylink: nothing is in doubt\n")
        #expect(try await doubt(fixture, "list", "--effects").errors == "paylink: nothing in doubt matches\n")
        #expect(try await doubt(fixture, "dismiss", "--all").status == 64)
        #expect(try await doubt(fixture, "dismiss", "--all", "--links").errors.contains("no settled link"))
    }

    @Test func whatIsInDoubtIsResolvedBeforeItIsDismissed() async throws {
        let fixture = try await WatchTests.Fixture.make()
        try await halt(fixture, ["order-1"])
        let early = try await doubt(fixture, "dismiss", "order-1")
        #expect(early.status == 65 && early.errors.contains("paylink ledger doubt resolve comes first"), "\(early)")
        #expect(try await doubt(fixture, "resolve", "order-1", "--abandon").status == 0)
        #expect(try await doubt(fixture, "dismiss", "order-1").status == 0)
        #expect(try await doubt(fixture, "list").errors == "paylink: nothing is in doubt\n")
    }

    /// Without a key nothing can ask for a link again: it is called by its row, and given up.
    @Test func aLinkWithoutAKeyIsToldByItsOrderAndEnds() async throws {
        let fixture = try await WatchTests.Fixture.make()
        try await fixture.sandbox.addFault(#"{"endpoint": "create", "action": "reset_after_commit", "times": 1}"#)
        _ = try await run(
            fixture, "create", "--amount", "5", "--description", "Two mugs", "--payer", Self.payer)
        let listed = try await doubt(fixture, "list")
        #expect(
            listed.lines.count == 1 && listed.output.hasPrefix("#1 ") && listed.output.contains("\"Two mugs\""),
            "\(listed)")
        let resolved = try await doubt(fixture, "resolve", "--all", "--links", "--retry")
        #expect(resolved.status == 65 && resolved.errors.contains("paylink ledger doubt dismiss '#1'"), "\(resolved)")
        #expect(try await doubt(fixture, "dismiss", "#7").status == 65)
        #expect(try await doubt(fixture, "dismiss", "#1").status == 0)
        #expect(try await doubt(fixture, "list").errors == "paylink: nothing is in doubt\n")
    }

    @Test func anEffectOfAWatchIsListedWithItsOrder() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let script = try fixture.script(#"paylink.on("paid", function() error("no stock") end)"#)
        _ = try await fixture.sweep([script])
        let id = try await fixture.create("order-1001")
        try await fixture.sandbox.pay(id)
        #expect(try await fixture.sweep([script]).status == 75)
        let listed = try await doubt(fixture, "list")
        #expect(listed.lines.count == 1, "\(listed)")
        #expect(
            listed.output.contains("watch:fulfil:paid:\(id)") && listed.output.contains("order order-1001: "),
            "\(listed)")
        let json = try JSON(parsing: try await doubt(fixture, "list", "--json").output)
        #expect(json["order"]?.string == "order-1001" && json["link_id"]?.string == id, "\(json)")
    }
}
