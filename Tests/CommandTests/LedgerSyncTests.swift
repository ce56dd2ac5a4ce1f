// `paylink ledger sync`: every open link is looked at, what was seen is recorded and counted, nothing is followed up.

import Foundation
import Glibc
import Testing

@Suite struct LedgerSyncTests {
    private func sync(_ fixture: WatchTests.Fixture, _ arguments: String...) async throws -> Outcome {
        try await fixture.sandbox.run(["ledger", "sync"] + arguments, fixture.environment)
    }

    private func counts(_ outcome: Outcome) throws -> [String: Int] {
        let json = try JSON(parsing: outcome.output)
        var counts: [String: Int] = [:]
        for name in ["links", "paid", "underpaid", "expired", "archived", "ignored", "open", "unseen"] {
            counts[name] = json[name]?.integer
        }
        return counts
    }

    @Test func everyOpenLinkIsSeenRecordedAndCounted() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let paid = try await fixture.create("paid"), short = try await fixture.create("short")
        _ = try await fixture.create("expired", ["--expires-in", "60s"])
        _ = try await fixture.create("open")
        let tips = try await fixture.create("tips", ["--reusable"])
        try await fixture.sandbox.pay(paid)
        try await fixture.sandbox.pay(short, "0.01")
        try await fixture.sandbox.pay(tips)
        try await fixture.sandbox.advance(seconds: 120)
        let first = try await sync(fixture, "--json")
        #expect(first.status == 0, "\(first)")
        #expect(
            try counts(first) == [
                "links": 5, "paid": 2, "underpaid": 1, "expired": 1, "archived": 0, "ignored": 0, "open": 1,
                "unseen": 0,
            ])
        let list = try await fixture.sandbox.run(["ledger", "list"], fixture.environment)
        let statuses = list.lines.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
        #expect(
            statuses == ["paid paid", "short underpaid", "expired expired", "open active", "tips active"], "\(list)")
        // What has ended is asked for no more; a reusable link is, and its old payment is no news.
        let second = try await sync(fixture)
        #expect(second.output == "2 open links: 0 paid, 0 underpaid, 0 expired, 2 still open, 0 not seen\n")
        #expect(second.status == 0)
        // Nothing is said but that the sandbox's clock was moved on.
        for outcome in [first, second] {
            let lines = outcome.errors.split(separator: "\n")
            #expect(lines.allSatisfy { $0.contains("clock") }, "\(outcome)")
        }
    }

    @Test func aWatchFollowsUpWhatASyncHasSeen() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let script = try fixture.script(WatchTests.plain)
        _ = try await fixture.sweep([script])
        try await fixture.sandbox.pay(try await fixture.create("order-1"))
        let seen = try await sync(fixture)
        #expect(seen.status == 0 && seen.errors.contains("nothing was followed up: paylink watch does that"), "\(seen)")
        #expect(try await fixture.sweep([script]).output == "paid order-1 5.00\n")
    }

    @Test func aServiceThatIsNotThereIsStatus69AndChangesNothing() async throws {
        let fixture = try await WatchTests.Fixture.make()
        for number in 1...5 { _ = try await fixture.create("order-\(number)") }
        fixture.sandbox.process.kill()
        _ = try? await fixture.sandbox.process.finish()
        let outcome = try await sync(fixture, "--json")
        #expect(outcome.status == 69, "\(outcome)")
        #expect(try counts(outcome)["unseen"] == 5 && counts(outcome)["links"] == 5)
        #expect(outcome.errors.contains("5 not seen: connect_failed"), "\(outcome)")
    }

    @Test func linksThatWereNotSeenAreCountedAndStatus75() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let id = try await fixture.create("order-1")
        _ = try await fixture.create("order-2")
        try await fixture.sandbox.addFault(
            #"{"endpoint": "get", "action": "status", "status": 404, "times": 9, "link": "\#(id)"}"#)
        let outcome = try await sync(fixture)
        #expect(outcome.status == 75, "\(outcome)")
        #expect(outcome.output == "2 open links: 0 paid, 0 underpaid, 0 expired, 1 still open, 1 not seen\n")
        #expect(outcome.errors.contains("1 not seen: not_found"), "\(outcome)")
    }

    @Test func refusedCredentialsEndItAtOnce() async throws {
        let fixture = try await WatchTests.Fixture.make()
        for number in 1...3 { _ = try await fixture.create("order-\(number)") }
        let outcome = try await fixture.sandbox.run(
            ["ledger", "sync"], fixture.environment.merging(["ONESHOT_API_TOKEN": "wrong"]) { $1 })
        #expect(outcome.status == 77 && outcome.output == "", "\(outcome)")
    }

    @Test func aSignalEndsItAndWhatWasSeenIsKept() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let paid = try await fixture.create("paid"), slow = try await fixture.create("slow")
        try await fixture.sandbox.pay(paid)
        try await fixture.sandbox.addFault(
            #"{"endpoint": "get", "action": "latency", "seconds": 60, "link": "\#(slow)"}"#)
        let process = try fixture.sandbox.start(["ledger", "sync", "--json"], fixture.environment)
        try await fixture.sandbox.untilAskedFor(paid)
        try await fixture.sandbox.untilAskedFor(slow)
        // The answer for the first has come when the ledger says so.
        for _ in 0..<200 {
            let row = try await fixture.sandbox.run(["ledger", "show", "paid", "--json"], fixture.environment)
            if row.output.contains(#""received":"5.00""#) { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        process.send(SIGINT)
        let outcome = try await process.finish()
        #expect(outcome.status == 130, "\(outcome)")
        #expect(try counts(outcome)["paid"] == 1 && counts(outcome)["unseen"] == 1)
    }

    @Test func anEmptyLedgerIsNoFailure() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let outcome = try await sync(fixture)
        #expect(outcome.status == 0 && outcome.output.hasPrefix("0 open links: "), "\(outcome)")
    }
}
