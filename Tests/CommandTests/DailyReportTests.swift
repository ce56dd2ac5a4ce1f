// docs/examples/daily-report.lua as a shop runs it: a job in its zone, with payments of every kind, and with bad luck.

import Foundation
import TestSupport
import Testing

@Suite struct DailyReportTests {
    /// A shop whose midnight is far away, so that no test has two days.
    private struct Shop {
        let fixture: WatchTests.Fixture
        let zone: String
        /// The last midnight in the zone.
        let midnight: Int

        static func open() async throws -> Shop {
            let now = Int(Date().timeIntervalSince1970)
            // East is negative in these names, and reaches 14 hours.
            let east = 12 - now / 3600 % 24
            let shop = Shop(
                fixture: try await WatchTests.Fixture.make(), zone: "Etc/GMT\(east > 0 ? "-" : "+")\(abs(east))",
                midnight: (now + east * 3600) / 86_400 * 86_400 - east * 3600)
            let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("docs/examples/daily-report.lua")
            _ = try shop.fixture.script(try String(contentsOf: example, encoding: .utf8), "daily-report.lua")
            try shop.fixture.folder.write("sendmail", "#!/bin/sh\ncat >> mail.txt\n", mode: 0o755)
            return shop
        }

        /// The report of the job on the day that is so far away, at seven; what it printed.
        func report(daysLater: Int, _ more: [String: String] = [:]) async throws -> [String] {
            let now = midnight + daysLater * 86_400 + 7 * 3600 + 60
            let environment = fixture.environment.merging([
                "PAYLINK_TEST_NOW": String(now), "PAYLINK_MAIL_SERVER": fixture.folder.path + "/sendmail",
                "TZ": "Pacific/Kiritimati",
            ]) { $1 }.merging(more) { $1 }
            let outcome = try await fixture.sandbox.start(
                [
                    "run", "--job", "report", "--schedule", "0 7 * * *", "--zone", zone, "--allow-mail",
                    "owner@example.com",
                    "daily-report.lua",
                ], environment, directory: fixture.folder.path
            ).finish()
            #expect(outcome.status == 0, "\(outcome)")
            let run = try await fixture.sandbox.run(["runs", "--json", "--limit", "1"], environment).lines.first
            let id = try JSON(parsing: run ?? "")["run"]?.integer ?? 0
            let shown = try await fixture.sandbox.run(["runs", "show", "\(id)", "--json"], environment)
            return try JSON(parsing: shown.output)["log_tail"]?.string?.split(separator: "\n").map(String.init) ?? []
        }

        /// Words of the lines, as spaces are only for the eye.
        func words(_ lines: [String]) -> [String] {
            // That the sandbox's clock was moved on is told, and no matter of the report.
            lines.map { $0.split(separator: " ").joined(separator: " ") }.filter { !$0.contains("machine's clock") }
        }
    }

    @Test func itSumsWhatCameOnTheDayWhoeverMadeTheLinkWhenAndLookedLast() async throws {
        let shop = try await Shop.open()
        let fixture = shop.fixture
        let full = try await fixture.create("full"), over = try await fixture.create("over")
        let short = try await fixture.create("short"), late = try await fixture.create("late", ["--expires-in", "60s"])
        let tips = try await fixture.create("tips", ["--reusable"])
        _ = try await fixture.create("open")
        // Made ten days ago, as far as the ledger knows.
        let aged = try ChildProcess(
            "/usr/bin/python3",
            [
                "-c",
                "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('UPDATE links SET created_at = created_at - 864000'); c.commit()",
                fixture.folder.path + "/ledger.db",
            ])
        #expect(try await aged.finish().status == 0)
        try await fixture.sandbox.pay(full)
        try await fixture.sandbox.pay(over, "7")
        try await fixture.sandbox.pay(short, "1")
        try await fixture.sandbox.pay(tips, "5.50")
        try await fixture.sandbox.advance(seconds: 120)
        #expect(try await fixture.sandbox.run(["ledger", "sync"], fixture.environment).status == 0)
        try await fixture.sandbox.control("POST", "pay/\(late)", #"{"late": true}"#)
        // Two more tips, of which nobody sees the first.
        for _ in 1...2 { try await fixture.sandbox.pay(tips, "6") }

        let printed = shop.words(try await shop.report(daysLater: 1))
        #expect(
            printed == [
                "received 6 29.50 USD", "paid in full 5", "too much 3 3.50 USD", "after expiry 1",
                "paid short 1 4.00 USD missing",
                "never seen 1 earlier payments of reusable links: what they brought is not in here",
                "sent to owner@example.com",
            ], "\(printed)")
        let table = try String(contentsOfFile: fixture.folder.path + "/report.csv", encoding: .utf8)
        #expect(table.contains("short,5.00,1.00,4.00,,no,") && table.contains("over,5.00,7.00,,2.00,no,"), "\(table)")
        #expect(table.contains("late,5.00,5.00,,,yes,"), "\(table)")
        // The next day has none of them, and is another report.
        #expect(shop.words(try await shop.report(daysLater: 2)).first == "received 0 0.00 USD")
        let mail = try String(contentsOfFile: fixture.folder.path + "/mail.txt", encoding: .utf8)
        #expect(mail.components(separatedBy: "Subject: Received on ").count == 3, "\(mail)")
    }

    @Test func itSaysWhatItCouldNotLookAt() async throws {
        let shop = try await Shop.open()
        let id = try await shop.fixture.create("order-1")
        try await shop.fixture.sandbox.pay(id)
        try await shop.fixture.sandbox.addFault(#"{"endpoint": "get", "action": "status", "status": 404, "times": 1}"#)
        let printed = shop.words(try await shop.report(daysLater: 1))
        #expect(printed.contains("received 0 0.00 USD"), "\(printed)")
        #expect(printed.contains("not looked at 1 their payments are not in here"), "\(printed)")
    }
}
