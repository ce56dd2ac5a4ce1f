// A batch while the service fails: rows that come to nothing, rows that are refused, and when it gives up.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct BatchFailureTests {
    @Test func retriesUntilEveryRowHasItsLink() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(30)
        try await fixture.sandbox.addFault(
            #"{"endpoint": "create", "action": "status", "status": 429, "headers": {"Retry-After": "1"}, "times": 5}"#)
        try await fixture.sandbox.addFault(#"{"endpoint": "create", "action": "reset_before_commit", "times": 5}"#)
        let outcome = try await fixture.batch(["orders.csv"])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try await fixture.linksByDescription().values.allSatisfy { $0 == 1 })
        #expect(fixture.rows("orders.links.csv").count == 30)
    }

    @Test func countsAnAnswerThatNeverCameAsAPossibleOrphan() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(10)
        try await fixture.sandbox.addFault(#"{"endpoint": "create", "action": "reset_after_commit", "times": 2}"#)
        let outcome = try await fixture.batch(["orders.csv", "--json"])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try JSON(parsing: outcome.output)["possible_orphans"]?.integer == 2)
        #expect(fixture.rows("orders.links.csv").count == 10)
        #expect(try await fixture.sandbox.links().count == 12)
    }

    /// Rows to make that are too many for the memory wait in a file without a name.
    @Test func aFullDiskEndsItBeforeAnythingIsSent() async throws {
        let fixture = try await BatchFixture.start()
        let text = String(repeating: "x", count: 16_000)
        let rows = (1...300).map { "order-\($0),1.50,\(text)\n" }.joined()
        try fixture.folder.write("orders.csv", "order_id,amount,description\n" + rows)
        // A file may grow to so many blocks of 512 bytes: that is how a disk that is nearly full looks.
        let full = try await ChildProcess(
            "/bin/sh", ["-c", "ulimit -f 1000; exec \"$0\" batch orders.csv", PaylinkProcess.located.get()],
            environment: fixture.sandbox.variables.merging(fixture.environment) { $1 }, directory: fixture.folder.path
        ).finish()
        #expect(full.status == 74, "\(full)")
        #expect(full.errors.contains("a temporary file in . cannot be written: File too large; nothing was sent"))
        #expect(try await fixture.sandbox.requests().isEmpty)
        let files = try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path)
        #expect(Set(files).isSubset(of: ["orders.csv", "ledger.db", "ledger.db.runs"]), "\(files)")
    }

    @Test func rejectsRowsThatTheServiceRefuses() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(6)
        try await fixture.sandbox.addFault(
            #"{"endpoint": "create", "action": "status", "status": 422, "body": "no such currency", "times": 1}"#)
        let outcome = try await fixture.batch(["orders.csv", "--concurrency", "1"])
        #expect(outcome.status == 65, "\(outcome)")
        let rejected = fixture.rows("orders.rejected.csv")
        #expect(rejected.count == 1)
        #expect(rejected.first?.last?.contains("status 422") == true, "\(rejected)")
        #expect(fixture.rows("orders.links.csv").count == 5)
        #expect(outcome.errors.contains("1 rejected"))
        // Refused for good only this once: the next run makes it.
        #expect(try await fixture.batch(["orders.csv"]).status == 0)
        #expect(fixture.rows("orders.links.csv").count == 6)
        #expect(fixture.read("orders.rejected.csv") == nil)
    }

    /// A link was made, and nobody knows which: neither this run nor a later one makes another.
    @Test func haltsWhatWasAnsweredWithASuccessThatCannotBeRead() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(6)
        try await fixture.sandbox.addFault(#"{"endpoint": "create", "action": "garbage_body", "times": 1}"#)
        for _ in 0..<2 {
            let outcome = try await fixture.batch(["orders.csv", "--concurrency", "1"])
            #expect(outcome.status == 75, "\(outcome)")
            #expect(outcome.errors.contains("paylink ledger doubt resolve"), "\(outcome.errors)")
            #expect(try await fixture.sandbox.links().count == 6)
            #expect(fixture.rows("orders.links.csv").count == 5)
        }
    }

    /// A proxy between this machine and the service spoils every reply: no row after the second is worth its link.
    @Test(arguments: [
        ("garbage_body", "it is text that begins as JSON"), ("gzip_body", "its Content-Encoding is gzip"),
    ])
    func stopsAtTheSecondReplyThatCannotBeRead(action: String, says: String) async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(40)
        try await fixture.sandbox.addFault(#"{"endpoint": "create", "action": "\#(action)"}"#)
        let outcome = try await fixture.batch(["orders.csv", "--json"])
        #expect(outcome.status == 75, "\(outcome)")
        #expect(try await fixture.sandbox.links().count == 2)
        let summary = try JSON(parsing: outcome.output)
        #expect(summary["result"]?.string == "unfinished" && summary["in_doubt"]?.integer == 2)
        #expect(summary["made"]?.integer == 0 && summary["unfinished"]?.integer == 40)
        let reason = try #require(summary["reason"]?.string)
        #expect(reason.hasPrefix("2 replies that said a link was made could not be read"))
        #expect(reason.contains(says), "\(reason)")
        #expect(outcome.errors.contains("paylink ledger doubt list shows them"), "\(outcome.errors)")
        let doubts = try await fixture.sandbox.run(["ledger", "doubt", "list"], fixture.environment)
        #expect(doubts.output.contains("order-1") && doubts.output.contains("order-2"), "\(doubts)")
        #expect(!doubts.output.contains("order-3"))

        // Once the replies are whole, all others are made.
        try await fixture.sandbox.control("DELETE", "faults")
        #expect(try await fixture.batch(["orders.csv"]).status == 75)
        #expect(try await fixture.sandbox.links().count == 40)
        #expect(fixture.rows("orders.links.csv").count == 38)
    }

    /// A reply in which an id can be found is no loss: the link is looked up.
    @Test func goesOnWhereTheLinkCanBeLookedUp() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(10)
        try await fixture.sandbox.addFault(#"{"endpoint": "create", "action": "truncate", "at": 300}"#)
        #expect(try await fixture.batch(["orders.csv"]).status == 0)
        #expect(try await fixture.sandbox.links().count == 10)
        #expect(fixture.rows("orders.links.csv").count == 10)
    }

    /// One such reply among good ones ends nothing; the second does, and what was under way by then is kept.
    @Test func keepsWhatWasMadeBeforeTheSecondReplyThatCannotBeRead() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(60)
        for skip in [10, 20] {
            try await fixture.sandbox.addFault(
                #"{"endpoint": "create", "action": "garbage_body", "skip": \#(skip), "times": 1}"#)
        }
        let outcome = try await fixture.batch(["orders.csv", "--concurrency", "4", "--json"])
        #expect(outcome.status == 75, "\(outcome)")
        let made = try #require(JSON(parsing: outcome.output)["made"]?.integer)
        #expect((18...30).contains(made), "\(made)")
        #expect(try await fixture.sandbox.links().count == Int(made) + 2)
    }

    @Test func haltsWhatIsInDoubtWithAPayer() async throws {
        let fixture = try await BatchFixture.start()
        let header = "id,amount,description,payer\n"
        try fixture.folder.write("orders.csv", header + "b,1,Cup,\n")
        #expect(try await fixture.batch(["orders.csv"]).status == 0)
        try fixture.folder.write("orders.csv", header + "a,1,Mug,123e4567-e89b-12d3-a456-426614174000\nb,1,Cup,\n")
        try await fixture.sandbox.addFault(
            #"{"endpoint": "create", "action": "reset_after_commit", "times": 1}"#)
        let outcome = try await fixture.batch(["orders.csv"])
        #expect(outcome.status == 75, "\(outcome)")
        #expect(outcome.errors.contains("line 2: in_doubt"), "\(outcome.errors)")
        #expect(outcome.errors.contains("1 unfinished"))
        #expect(outcome.errors.contains("1 row(s) are in doubt") && outcome.errors.contains("ledger doubt resolve"))
        #expect(fixture.rows("orders.links.csv").map { $0[0] } == ["b"])
        // The rest of the batch need not wait for that person.
        try fixture.append("orders.csv", "c,1,Jug,\n")
        let again = try await fixture.batch(["orders.csv", "--json"])
        #expect(again.status == 75, "\(again)")
        #expect(again.errors.contains("orders.csv: line 2: in_doubt: "), "\(again.errors)")
        #expect(again.errors.contains("paylink ledger doubt resolve a --link ID, --retry or --abandon"))
        let summary = try JSON(parsing: again.output)
        #expect(summary["in_doubt"]?.integer == 1 && summary["unfinished"]?.integer == 1)
        #expect(summary["made"]?.integer == 1 && summary["rejected"]?.integer == 0)
        #expect(fixture.rows("orders.links.csv").map { $0[0] } == ["b", "c"])
        #expect(fixture.read("orders.rejected.csv") == nil)
        #expect(try await fixture.sandbox.links().count == 3)
        // Nothing left to make, and still in doubt.
        #expect(try await fixture.batch(["orders.csv"]).status == 75)
        #expect(fixture.rows("orders.links.csv").map { $0[0] } == ["b", "c"])
    }

    @Test func goesOnWithoutWhatAPersonGaveUp() async throws {
        let fixture = try await BatchFixture.start()
        let header = "id,amount,description,payer\n"
        let payer = "123e4567-e89b-12d3-a456-426614174000"
        try fixture.folder.write("orders.csv", header + "a,1,Mug,\(payer)\n")
        try await fixture.sandbox.addFault(#"{"endpoint": "create", "action": "reset_after_commit", "times": 1}"#)
        let lost = try await fixture.batch(["orders.csv"])
        #expect(lost.status == 75, "\(lost)")
        #expect(lost.errors.contains("; then: paylink ledger doubt resolve a --link ID"), "\(lost.errors)")
        let settled = try await fixture.sandbox.run(
            ["ledger", "doubt", "resolve", "a", "--abandon"], fixture.environment)
        #expect(settled.status == 0, "\(settled)")

        try fixture.append("orders.csv", "b,1,Cup,\n")
        for made in [1, 0] {
            let outcome = try await fixture.batch(["orders.csv", "--json"])
            #expect(outcome.status == 0, "\(outcome)")
            let summary = try JSON(parsing: outcome.output)
            #expect(summary["result"]?.string == "done")
            #expect(summary["abandoned"]?.integer == 1 && summary["made"]?.integer == made)
            #expect(summary["rejected"]?.integer == 0 && summary["unfinished"]?.integer == 0)
            #expect(fixture.rows("orders.links.csv").map { $0[0] } == ["b"])
            #expect(fixture.rows("orders.rejected.csv").map { $0[0] } == ["a"])
            #expect(fixture.read("orders.rejected.csv")?.contains("given up by hand") == true)
        }
        let words = try await fixture.batch(["orders.csv"])
        #expect(words.errors.contains("1 recorded before, 1 abandoned;"), "\(words.errors)")
        // With other terms the row is wrong, whatever became of its key.
        try fixture.folder.write("orders.csv", header + "a,2,Mug,\(payer)\nb,1,Cup,\n")
        #expect(try await fixture.batch(["orders.csv"]).status == 65)
    }

    @Test func stopsWhenTheCredentialsAreRefused() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(100)
        let outcome = try await fixture.batch(["orders.csv"], ["ONESHOT_API_TOKEN": "wrong-token-1"])
        #expect(outcome.status == 77, "\(outcome)")
        #expect(outcome.errors.contains("refused the credentials"))
        #expect(try await fixture.creations() == 0)
        #expect(fixture.read("orders.links.csv") == nil)
    }

    @Test func givesUpOnAServiceThatIsNotThere() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(200)
        let outcome = try await fixture.batch(
            ["orders.csv", "--patience", "2s", "--json"], ["PAYLINK_BASE_URL": "http://127.0.0.1:1"])
        #expect(outcome.status == 69, "\(outcome)")
        let summary = try JSON(parsing: outcome.output)
        #expect(summary["result"]?.string == "unreachable")
        #expect(summary["unfinished"]?.integer == 200)
        #expect(summary["reason"]?.string?.contains("127.0.0.1:1") == true)
        #expect(outcome.errors.contains("run the same command again"))
        #expect(outcome.elapsed < .seconds(30), "\(outcome.elapsed)")
        let ledger = try await fixture.sandbox.run(["ledger", "list"], fixture.environment)
        #expect(!ledger.output.contains("order-1"), "nothing was claimed: \(ledger)")
    }

    @Test func waitsForAServiceThatIsLate() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(5)
        try await fixture.sandbox.addFault(#"{"endpoint": "token", "action": "status", "status": 503, "times": 3}"#)
        let outcome = try await fixture.batch(["orders.csv"])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try await fixture.creations() == 5)
    }

    @Test func endsAtOnceWhenInterruptedBetweenAttempts() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(40)
        try await fixture.sandbox.addFault(#"{"endpoint": "create", "action": "status", "status": 500}"#)
        let process = try fixture.start(["orders.csv"])
        while try await fixture.creations() < 60 { try await Task.sleep(for: .milliseconds(20)) }
        let sent = ContinuousClock.now
        process.send(SIGINT)
        let outcome = try await process.finish()
        #expect(outcome.status == 130, "\(outcome)")
        #expect(ContinuousClock.now - sent < .seconds(10))
    }

    @Test func isUnfinishedWhenTheServiceGoesAwayMidway() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(60)
        try await fixture.sandbox.addFault(#"{"endpoint": "create", "skip": 20, "action": "status", "status": 404}"#)
        let outcome = try await fixture.batch(["orders.csv", "--concurrency", "4", "--json"])
        #expect(outcome.status == 75, "\(outcome)")
        let summary = try JSON(parsing: outcome.output)
        #expect(summary["made"]?.integer == 20)
        #expect(summary["unfinished"]?.integer == 40)
        #expect(fixture.read("orders.links.csv") == nil)
        try await fixture.sandbox.control("DELETE", "faults")
        #expect(try await fixture.batch(["orders.csv"]).status == 0)
        #expect(try await fixture.linksByDescription().values.allSatisfy { $0 == 1 })
        #expect(fixture.rows("orders.links.csv").count == 60)
    }

    @Test func needsCredentials() async throws {
        let folder = try TemporaryFolder()
        try folder.write("orders.csv", "id,amount,description\na,1,Mug\n")
        let outcome = try await PaylinkProcess.run(
            ["batch", "orders.csv"], environment: ["HOME": folder.path], directory: folder.path)
        #expect(outcome.status == 78)
        #expect(outcome.errors.contains("ONESHOT_USER_ID"))
    }

    @Test(arguments: [
        ["orders.csv", "--out", "ledger.db", "--force"], ["orders.csv", "--rejected", "ledger.db.runs"], ["ledger.db"],
    ])
    func keepsOffTheLedgersFiles(arguments: [String]) async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(3)
        let path = fixture.folder.path + "/ledger.db"
        #expect(try await fixture.batch(["orders.csv", "--ledger", path]).status == 0)
        let outcome = try await fixture.batch(arguments + ["--ledger", path])
        #expect([64, 65].contains(outcome.status), "\(outcome)")
        #expect(try await fixture.batch(["orders.csv", "--ledger", path]).status == 0)
        #expect(try await fixture.creations() == 3)
    }
}
