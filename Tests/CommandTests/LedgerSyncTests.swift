// `paylink ledger sync`: every open link is looked at, what was seen is recorded and counted, nothing is followed up.

import Foundation
import Glibc
import Testing

@Suite struct LedgerSyncTests {
    private func sync(_ ground: WatchTests.Ground, _ arguments: String...) async throws -> Outcome {
        try await ground.sandbox.run(["ledger", "sync"] + arguments, ground.environment)
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
        let ground = try await WatchTests.Ground.make()
        let paid = try await ground.create("paid"), short = try await ground.create("short")
        _ = try await ground.create("expired", ["--expires-in", "60s"])
        _ = try await ground.create("open")
        let tips = try await ground.create("tips", ["--reusable"])
        try await ground.sandbox.pay(paid)
        try await ground.sandbox.pay(short, "0.01")
        try await ground.sandbox.pay(tips)
        try await ground.sandbox.advance(seconds: 120)
        let first = try await sync(ground, "--json")
        #expect(first.status == 0, "\(first)")
        #expect(
            try counts(first) == [
                "links": 5, "paid": 2, "underpaid": 1, "expired": 1, "archived": 0, "ignored": 0, "open": 1,
                "unseen": 0,
            ])
        let list = try await ground.sandbox.run(["ledger", "list"], ground.environment)
        let statuses = list.lines.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
        #expect(
            statuses == ["paid paid", "short underpaid", "expired expired", "open active", "tips active"], "\(list)")
        // What has ended is asked for no more; a reusable link is, and its old payment is no news.
        let second = try await sync(ground)
        #expect(second.output == "2 open links: 0 paid, 0 underpaid, 0 expired, 2 still open, 0 not seen\n")
        #expect(second.status == 0)
        // Nothing is said but that the sandbox's clock was moved on.
        for outcome in [first, second] {
            let lines = outcome.errors.split(separator: "\n")
            #expect(lines.allSatisfy { $0.contains("clock") }, "\(outcome)")
        }
    }

    @Test func aWatchFollowsUpWhatASyncHasSeen() async throws {
        let ground = try await WatchTests.Ground.make()
        let script = try ground.script(WatchTests.plain)
        _ = try await ground.sweep([script])
        try await ground.sandbox.pay(try await ground.create("order-1"))
        let seen = try await sync(ground)
        #expect(seen.status == 0 && seen.errors.contains("nothing was followed up: paylink watch does that"), "\(seen)")
        #expect(try await ground.sweep([script]).output == "paid order-1 5.00\n")
    }

    @Test func aServiceThatIsNotThereIsStatus69AndChangesNothing() async throws {
        let ground = try await WatchTests.Ground.make()
        for number in 1...5 { _ = try await ground.create("order-\(number)") }
        ground.sandbox.process.kill()
        _ = try? await ground.sandbox.process.finish()
        let outcome = try await sync(ground, "--json")
        #expect(outcome.status == 69, "\(outcome)")
        #expect(try counts(outcome)["unseen"] == 5 && counts(outcome)["links"] == 5)
        #expect(outcome.errors.contains("5 not seen: connect_failed"), "\(outcome)")
    }

    @Test func linksThatWereNotSeenAreCountedAndStatus75() async throws {
        let ground = try await WatchTests.Ground.make()
        let id = try await ground.create("order-1")
        _ = try await ground.create("order-2")
        try await ground.sandbox.addFault(
            #"{"endpoint": "get", "action": "status", "status": 404, "times": 9, "link": "\#(id)"}"#)
        let outcome = try await sync(ground)
        #expect(outcome.status == 75, "\(outcome)")
        #expect(outcome.output == "2 open links: 0 paid, 0 underpaid, 0 expired, 1 still open, 1 not seen\n")
        #expect(outcome.errors.contains("1 not seen: not_found"), "\(outcome)")
    }

    @Test func refusedCredentialsEndItAtOnce() async throws {
        let ground = try await WatchTests.Ground.make()
        for number in 1...3 { _ = try await ground.create("order-\(number)") }
        let outcome = try await ground.sandbox.run(
            ["ledger", "sync"], ground.environment.merging(["ONESHOT_API_TOKEN": "wrong"]) { $1 })
        #expect(outcome.status == 77 && outcome.output == "", "\(outcome)")
    }

    @Test func aSignalEndsItAndWhatWasSeenIsKept() async throws {
        let ground = try await WatchTests.Ground.make()
        let paid = try await ground.create("paid"), slow = try await ground.create("slow")
        try await ground.sandbox.pay(paid)
        try await ground.sandbox.addFault(
            #"{"endpoint": "get", "action": "latency", "seconds": 60, "link": "\#(slow)"}"#)
        let process = try ground.sandbox.start(["ledger", "sync", "--json"], ground.environment)
        try await ground.sandbox.untilAskedFor(paid)
        try await ground.sandbox.untilAskedFor(slow)
        // The answer for the first has come when the ledger says so.
        for _ in 0..<200 {
            let row = try await ground.sandbox.run(["ledger", "show", "paid", "--json"], ground.environment)
            if row.output.contains(#""received":"5.00""#) { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        process.send(SIGINT)
        let outcome = try await process.finish()
        #expect(outcome.status == 130, "\(outcome)")
        #expect(try counts(outcome)["paid"] == 1 && counts(outcome)["unseen"] == 1)
    }

    @Test func anEmptyLedgerIsNoFailure() async throws {
        let ground = try await WatchTests.Ground.make()
        let outcome = try await sync(ground)
        #expect(outcome.status == 0 && outcome.output.hasPrefix("0 open links: "), "\(outcome)")
    }
}
