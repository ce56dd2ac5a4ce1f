// A batch that is killed or interrupted, and run again: one link for each row, whatever happened between.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct BatchCrashTests {
    static let points = [
        "after_claim:20", "after_send:20", "after_reply:20", "before_commit:5", "before_commit:1", "before_rename:1",
    ]

    @Test(arguments: points) func resumesAfterAKillAtThisPoint(_ point: String) async throws {
        let fixture = try await BatchFixture.start()
        let count = 60
        try fixture.writeOrders(count)
        let killed = try await fixture.batch(["orders.csv", "--concurrency", "8"], ["PAYLINK_CRASH_AT": point])
        // A release build has no such points, and cannot be asked this.
        try #require(killed.ending == .signal(SIGKILL), "needs a debug build of paylink: \(killed)")
        #expect(fixture.read("orders.links.csv") == nil)
        let resumed = try await fixture.batch(["orders.csv", "--json"])
        #expect(resumed.status == 0, "\(resumed)")
        if point.hasPrefix("after_send") {
            // What the killed run may have left is told by the one that goes on.
            #expect(try JSON(parsing: resumed.output)["possible_orphans"]?.integer ?? 0 > 0, "\(resumed)")
        }

        // Every row's link exists, and is the one that its row names.
        let rows = fixture.rows("orders.links.csv")
        #expect(rows.map { $0[0] } == (1...count).map { "order-\($0)" })
        let published = Dictionary(
            uniqueKeysWithValues: try await fixture.sandbox.links().map {
                ($0["id"]?.string ?? "", $0["description"]?.string ?? "")
            })
        for row in rows { #expect(published[row[3]] == row[2]) }
        // Links that nobody has the address of: no more than were under way, and every one of them counted.
        let orphans = published.count - count
        #expect((0...11).contains(orphans), "\(orphans)")
        let doubts = try await fixture.sandbox.run(["ledger", "doubt", "list", "--json"], fixture.environment)
        let counted = try doubts.lines.reduce(0) { try $0 + (JSON(parsing: $1)["possible_orphans"]?.integer ?? 0) }
        #expect(counted >= orphans, "\(doubts)")

        let requests = try await fixture.sandbox.requests().count
        let bytes = fixture.read("orders.links.csv")
        #expect(try await fixture.batch(["orders.csv"]).status == 0)
        #expect(fixture.read("orders.links.csv") == bytes)
        #expect(try await fixture.sandbox.requests().count == requests)
        let left = try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path).filter {
            $0.contains(".paylink-")
        }
        #expect(left.count <= 1, "\(left)")
    }

    @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
    func stopsInOrderWhenInterruptedAndResumes(_ signal: Int32, _ status: Int32) async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(40)
        // Ten are answered at once; whatever comes after is held.
        try await fixture.sandbox.addFault(#"{"endpoint": "create", "skip": 10, "action": "latency", "seconds": 60}"#)
        let process = try fixture.start(["orders.csv", "--concurrency", "4"])
        while try await fixture.creations() < 14 { try await Task.sleep(for: .milliseconds(20)) }
        process.send(signal)
        let outcome = try await process.finish()
        #expect(outcome.status == status, "\(outcome)")
        #expect(outcome.errors.contains("10 of 40 link(s) were made; run the same command again"), "\(outcome.errors)")
        #expect(outcome.elapsed < .seconds(30))
        #expect(fixture.read("orders.links.csv") == nil)

        try await fixture.sandbox.control("DELETE", "faults")
        let resumed = try await fixture.batch(["orders.csv", "--json"])
        #expect(resumed.status == 0, "\(resumed)")
        #expect(try JSON(parsing: resumed.output)["recorded"]?.integer == 10)
        #expect(fixture.rows("orders.links.csv").count == 40)
        let twice = try await fixture.linksByDescription().filter { $0.value > 1 }
        #expect(twice.count <= 4, "\(twice)")
    }

    @Test func twoAtOnceMakeEveryLinkOnce() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(50)
        let first = try fixture.start(["orders.csv", "--out", "one.csv"])
        let second = try fixture.start(["orders.csv", "--out", "two.csv"])
        let outcomes = [try await first.finish(), try await second.finish()]
        #expect(outcomes.allSatisfy { $0.status == 0 }, "\(outcomes)")
        #expect(try await fixture.creations() == 50)
        #expect(fixture.read("one.csv") == fixture.read("two.csv"))
        #expect(fixture.rows("one.csv").count == 50)
    }
}
