// `paylink batch` where all goes well: links for rows, results beside them, and the same again without a request.

import Foundation
import TestSupport
import Testing

@Suite struct BatchTests {
    @Test func makesALinkForEveryRow() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.folder.write(
            "orders.csv",
            "customer,order_id,amount,media_url\nAda,1001,12.5,https://example.com/a.png\n\"Ben, Co\",1002,3,\n=x,1003,0.000001,\n"
        )
        let outcome = try await fixture.batch(["orders.csv", "--description", "Order {order_id}", "--expires-in", "7d"])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output == "")
        #expect(outcome.errors.contains("orders.csv: 3 rows: 3 made (15.500001 USD)"), "\(outcome.errors)")
        #expect(outcome.errors.contains("results: orders.links.csv"))

        let links = try await fixture.sandbox.links()
        #expect(Set(links.compactMap { $0["description"]?.string }) == ["Order 1001", "Order 1002", "Order 1003"])
        let lines = try #require(fixture.read("orders.links.csv")).split(separator: "\n").map(String.init)
        #expect(lines[0] == "customer,order_id,amount,media_url,paylink_id,paylink_url,paylink_amount")
        let url = "http://127\\.0\\.0\\.1:\(fixture.sandbox.port)/en/link/"
        #expect(
            lines[1].isWhole("Ada,1001,12\\.5,https://example\\.com/a\\.png,\(Pattern.id),\(url)\(Pattern.id),12\\.50"))
        #expect(lines[2].isWhole("\"Ben, Co\",1002,3,,\(Pattern.id),\(url)\(Pattern.id),3\\.00"))
        #expect(lines[3].isWhole("'=x,1003,0\\.000001,,\(Pattern.id),\(url)\(Pattern.id),0\\.000001"))
        #expect(lines.count == 4)
        #expect(fixture.read("orders.rejected.csv") == nil)
    }

    @Test func aSecondRunGivesTheSameBytesWithoutARequest() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(40)
        #expect(try await fixture.batch(["orders.csv"]).status == 0)
        let first = try #require(fixture.read("orders.links.csv"))
        let requests = try await fixture.sandbox.requests().count
        let again = try await fixture.batch(["orders.csv"])
        #expect(again.status == 0)
        #expect(again.errors.contains("0 made (0.00 USD), 40 recorded before"), "\(again.errors)")
        #expect(fixture.read("orders.links.csv") == first)
        #expect(try await fixture.sandbox.requests().count == requests)
    }

    @Test func makesOnlyRowsThatWereAdded() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(5)
        #expect(try await fixture.batch(["orders.csv"]).status == 0)
        let before = fixture.rows("orders.links.csv")
        try fixture.writeOrders(8)
        let outcome = try await fixture.batch(["orders.csv", "--json"])
        #expect(outcome.status == 0, "\(outcome)")
        let summary = try JSON(parsing: outcome.output)
        #expect(summary["made"]?.integer == 3)
        #expect(summary["recorded"]?.integer == 5)
        #expect(Array(fixture.rows("orders.links.csv").prefix(5)) == before)
        #expect(try await fixture.creations() == 8)
    }

    @Test func printsASummaryAsJSON() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.folder.write("orders.csv", "id,amount,description\na,1,Mug\nb,x,Mug\n")
        let outcome = try await fixture.batch(["orders.csv", "--skip-invalid", "--json"])
        #expect(outcome.status == 65)
        let summary = try JSON(parsing: outcome.output)
        #expect(summary["result"]?.string == "rejected_rows")
        #expect(summary["rows"]?.integer == 2)
        #expect(summary["made"]?.integer == 1)
        #expect(summary["rejected"]?.integer == 1)
        #expect(summary["unfinished"]?.integer == 0)
        #expect(summary["total"]?.string == "1.00")
        #expect(summary["possible_orphans"]?.integer == 0)
        #expect(summary["seconds"]?.number != nil)
        #expect(summary["out"]?.string == "orders.links.csv")
        #expect(summary["rejected_file"]?.string == "orders.rejected.csv")
        #expect(summary["reason"]?.isNull == true)
        #expect(summary["problems"]?[0]?["line"]?.integer == 3)
        #expect(summary["problems"]?[0]?["place"]?.string == "column \"amount\"")
    }

    @Test func writesResultsToStandardOutput() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(3)
        for _ in 0..<2 {
            let outcome = try await fixture.batch(["orders.csv", "--out", "-"])
            #expect(outcome.status == 0)
            #expect(outcome.lines.count == 4)
            #expect(outcome.lines.first == "order_id,amount,description,paylink_id,paylink_url,paylink_amount")
        }
        #expect(fixture.read("orders.links.csv") == nil)
    }

    @Test func readsWhatSpreadsheetsWrite() async throws {
        let fixture = try await BatchFixture.start()
        let text = "Nummer;Betrag;Text\r\nR-1;12,50;Gr\u{FC}ne Tasse\r\nR-2;1234;Krug\r\n"
        let utf16: [UInt8] = [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        try fixture.folder.write("utf16.csv", utf16)
        try fixture.folder.write("latin.csv", text.unicodeScalars.map { UInt8($0.value) })
        let options = ["--key", "Nummer", "--amount", "Betrag", "--description", "{Text}", "--decimal-comma"]
        #expect(try await fixture.batch(["utf16.csv"] + options).status == 0)
        let results = try #require(fixture.read("utf16.links.csv")?.split(separator: "\r\n"))
        #expect(results[0] == "\u{FEFF}Nummer;Betrag;Text;paylink_id;paylink_url;paylink_amount")
        #expect(results[1].hasPrefix("R-1;12,50;Gr\u{FC}ne Tasse;") && results[1].hasSuffix(";12,50"))
        // The same rows, encoded otherwise: nothing is left to make.
        let again = try await fixture.batch(["latin.csv", "--encoding", "windows-1252", "--json"] + options)
        #expect(try JSON(parsing: again.output)["recorded"]?.integer == 2, "\(again)")
        #expect(fixture.read("latin.links.csv") == fixture.read("utf16.links.csv"))
    }

    @Test func dryRunSendsAndWritesNothing() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(7)
        let outcome = try await fixture.batch(["orders.csv", "--dry-run"])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errors.contains("7 rows: 7 to make (10.50 USD)"), "\(outcome.errors)")
        #expect(outcome.errors.contains("  order-5: 1.50 USD, Mug 5\n  … and 2 more"))
        let files = try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path)
        #expect(files == ["orders.csv"])
        #expect(try await fixture.sandbox.requests().isEmpty)
    }

    @Test func worksWithASandboxOfItsOwn() async throws {
        let folder = try TemporaryFolder()
        try folder.write("orders.csv", "id,amount,description\na,1,Mug\n")
        let outcome = try await PaylinkProcess.run(
            ["batch", "orders.csv", "--sandbox", "--quiet"], environment: ["HOME": folder.path], directory: folder.path)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errors == "")
        #expect(FileManager.default.fileExists(atPath: folder.path + "/orders.sandbox.links.csv"))
    }

    @Test func keepsToTheRate() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(6)
        let outcome = try await fixture.batch(["orders.csv", "--rate", "5/s"])
        #expect(outcome.status == 0)
        // Five intervals of 200 ms lie between six beginnings.
        #expect(outcome.elapsed >= .milliseconds(950), "\(outcome.elapsed)")
        #expect(try await fixture.creations() == 6)
    }

    @Test func neverHasMoreConnectionsThanAskedFor() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(30)
        try await fixture.sandbox.addFault(#"{"endpoint": "create", "action": "latency", "seconds": 0.1}"#)
        let outcome = try await fixture.batch(["orders.csv", "--concurrency", "3"])
        #expect(outcome.status == 0)
        // Thirty requests of 100 ms, three at a time.
        #expect(outcome.elapsed >= .seconds(1), "\(outcome.elapsed)")
    }

    @Test func drawsItsProgressOnATerminalAndTakesItAway() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(30)
        try await fixture.sandbox.addFault(#"{"endpoint": "create", "action": "latency", "seconds": 0.2}"#)
        let process = try fixture.start(
            ["orders.csv", "--concurrency", "2"], ["TERM": "xterm", "NO_COLOR": "1"], errors: .terminal)
        let outcome = try await process.finish()
        #expect(outcome.status == 0)
        #expect(outcome.errors.has("\r\u{1B}\\[Kmaking .*/30  [0-9]+%"), "\(outcome.errors)")
        #expect(outcome.errors.has("\r\u{1B}\\[Korders\\.csv: 30 rows: 30 made"), "\(outcome.errors)")
        #expect(!outcome.errors.contains("\u{1B}[36m"))
    }
}
