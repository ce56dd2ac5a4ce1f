// What `ledger list` shows by default and with --all, within 80 columns; `ledger export --totals`.

import Foundation
import TestSupport
import Testing

@Suite struct LedgerListTests {
    /// Two sandboxes, that is two addresses, on one ledger.
    private struct Shops {
        let own: WatchTests.Fixture
        let other: SandboxProcess

        static func open() async throws -> Shops {
            Shops(own: try await WatchTests.Fixture.make(), other: try await SandboxProcess.start())
        }

        func list(_ arguments: String..., more: [String: String] = [:]) async throws -> Outcome {
            try await own.sandbox.run(["ledger", "list"] + arguments, own.environment.merging(more) { $1 })
        }

        func createElsewhere(_ key: String) async throws {
            let outcome = try await other.run(
                ["create", "--key", key, "--amount", "7", "--description", key], own.environment)
            #expect(outcome.status == 0, "\(outcome)")
        }
    }

    @Test func showsThisAccountAndAddressUnlessAllAreAskedFor() async throws {
        let shops = try await Shops.open()
        _ = try await shops.own.create("mine-1")
        try await shops.createElsewhere("theirs")
        _ = try await shops.own.create("mine-2")
        let own = try await shops.list()
        #expect(own.lines.map { $0.prefix { $0 != " " } } == ["mine-1", "mine-2"], "\(own)")
        #expect(own.errors.contains("1 other account(s) or address(es), which --all shows"), "\(own)")
        #expect(try await shops.list("--json").lines.count == 2)

        let all = try await shops.list("--all")
        #expect(all.errors == "", "\(all)")
        #expect(
            all.lines.prefix(3).map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
                == ["mine-1 #1", "theirs #2", "mine-2 #1"], "\(all)")
        #expect(all.lines.suffix(2).map { $0.prefix(3) } == ["#1:", "#2:"])
        #expect(all.lines.last?.hasSuffix("at http://127.0.0.1:\(shops.other.port)") == true, "\(all)")

        let address = try await shops.list("--base-url", "http://127.0.0.1:\(shops.other.port)")
        #expect(address.lines.count == 1 && address.output.hasPrefix("theirs "), "\(address)")
        let nobody = try await shops.list("--account", "somebody-else")
        #expect(nobody.output == "", "\(nobody)")
    }

    @Test func withoutAnAccountAllAreShownAndItIsSaid() async throws {
        let shops = try await Shops.open()
        _ = try await shops.own.create("mine")
        try await shops.createElsewhere("theirs")
        let outcome = try await PaylinkProcess.run(["ledger", "list"], environment: shops.own.environment)
        #expect(outcome.output.contains("mine ") && outcome.output.contains("theirs "), "\(outcome)")
        #expect(outcome.errors.contains("no account is set"), "\(outcome)")
    }

    @Test func limitsHowManyAreShown() async throws {
        let shops = try await Shops.open()
        for key in ["a-1", "b-1", "a-2", "a-3"] { _ = try await shops.own.create(key) }
        #expect(try await shops.list("--limit", "2").lines.map { $0.prefix(3) } == ["a-1", "b-1"])
        #expect(
            try await shops.list("--limit", "2", "--key-prefix", "a-").lines.map { $0.prefix(3) } == ["a-1", "a-2"])
        #expect(try await shops.list("--limit", "1", "--json").lines.count == 1)
        #expect(try await shops.list("--limit", "0").output == "")
        #expect(try await shops.list("--limit", "-1").status == 64)
    }

    @Test(arguments: [[String](), ["--all"]])
    func everyLineFitsEightyColumnsAndMoneyIsNeverShortened(_ more: [String]) async throws {
        let shops = try await Shops.open()
        let long = "order-2026-11-28-with-a-key-that-nobody-would-type-by-hand-0001"
        let id = try await shops.own.create(long)
        try await shops.own.sandbox.pay(id, "1234567.123456")
        _ = try await shops.own.sandbox.run(["wait", id], shops.own.environment)
        _ = try await shops.own.create("кофе-и-чай-на-двоих-с-собой-в-парк")
        let keyless = try await shops.own.sandbox.run(
            ["create", "--amount", "999999999.999999", "--description", "no key", "--json"], shops.own.environment)
        let other = try #require(try JSON(parsing: keyless.output)["id"]?.string)
        let outcome = try await shops.own.sandbox.run(["ledger", "list"] + more, shops.own.environment)
        #expect(outcome.lines.count >= 3)
        for line in outcome.lines where !line.hasPrefix("#") { #expect(line.count <= 80, "\(line.count): \(line)") }
        #expect(outcome.output.contains("received 1234567.123456") && outcome.output.contains("999999999.999999 USD"))
        #expect(outcome.output.contains("order-2") && outcome.output.contains("…"))
        #expect(outcome.output.contains(String(other.suffix(4))), "a link without a key is told by the end of its id")
        let json = try await shops.list("--json").lines.map { try JSON(parsing: $0) }
        #expect(json.first?["key"]?.string == long, "whole where a program reads it")
    }

    @Test(arguments: [[String](), ["--all"]])
    func aKeyOfWideLettersFitsEightyColumnsAsATerminalCountsThem(_ more: [String]) async throws {
        let shops = try await Shops.open()
        _ = try await shops.own.create(String(repeating: "柿", count: 30))
        _ = try await shops.own.create("plain")
        let outcome = try await shops.own.sandbox.run(["ledger", "list"] + more, shops.own.environment)
        func columns(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + ($1 == "柿" ? 2 : 1) } }
        let lines = outcome.lines.prefix(2)
        #expect(lines.first?.hasPrefix("柿") == true && lines.last?.hasPrefix("plain") == true, "\(outcome)")
        for line in lines { #expect(columns(line) <= 80, "\(line)") }
        // Both states stand in the same column.
        let places = lines.compactMap { line in line.range(of: " active ").map { columns(line[..<$0.lowerBound]) } }
        #expect(places.count == 2 && Set(places).count == 1, "\(outcome)")
    }

    // MARK: Totals

    @Test func totalsSumWhatWasAskedAndWhatCame() async throws {
        let shops = try await Shops.open()
        let sandbox = shops.own.sandbox
        for (key, received) in [
            ("full", "5"), ("over", "5.000001"), ("short", "0.1"), ("short-2", "0.2"), ("open", nil),
        ] {
            let id = try await shops.own.create(key)
            if let received { try await sandbox.pay(id, received) }
        }
        #expect(try await sandbox.run(["ledger", "sync"], shops.own.environment).status == 0)
        try await shops.createElsewhere("theirs")
        let csv = try await sandbox.run(["ledger", "export", "--totals"], shops.own.environment)
        let account = sandbox.variables["ONESHOT_USER_ID"] ?? ""
        let own = "\(account),http://127.0.0.1:\(sandbox.port)",
            other = "\(account),http://127.0.0.1:\(shops.other.port)"
        #expect(
            csv.lines == [
                "account,base_url,status,currency,count,asked,received,missing,overpaid,unseen_payments",
                "\(own),paid,USD,2,10.00,10.000001,0.00,0.000001,0",
                "\(own),underpaid,USD,2,10.00,0.30,9.70,0.00,0", "\(own),active,USD,1,5.00,0.00,0.00,0.00,0",
                "\(other),active,USD,1,7.00,0.00,0.00,0.00,0",
            ], "\(csv)")
        let json = try JSON(
            parsing: try await sandbox.run(
                ["ledger", "export", "--totals", "--json", "--paid-since", "1h"], shops.own.environment
            ).output)
        #expect(json.list.map { $0["status"]?.string } == ["paid", "underpaid"])
        #expect(json.list[1]["missing"]?.string == "9.70" && json.list[1]["count"]?.integer == 2)
    }

    @Test func aSumThatDoesNotFitIsRefused() async throws {
        let shops = try await Shops.open()
        _ = try await shops.own.create("a")
        let file = shops.own.folder.path + "/ledger.db"
        let python = try ChildProcess(
            "/usr/bin/python3",
            [
                "-c",
                """
                import sqlite3, sys
                c = sqlite3.connect(sys.argv[1])
                c.execute("UPDATE links SET amount_micro = 9223372036854775807")
                c.execute("INSERT INTO links (scope_id, key, state, run_id, is_held, attempts, possible_orphans, amount_micro, "
                    "created_at, updated_at, description, terms) SELECT scope_id, 'b', 'prepared', run_id, 0, 0, 0, amount_micro, "
                    "created_at, updated_at, description, terms FROM links")
                c.execute("UPDATE links SET state = 'prepared', link_id = NULL, link = NULL")
                c.commit()
                """, file,
            ], environment: [:], input: nil, directory: "/", output: .pipe, errors: .pipe, limit: .seconds(60))
        #expect(try await python.finish().status == 0)
        let outcome = try await shops.own.sandbox.run(["ledger", "export", "--totals"], shops.own.environment)
        #expect(outcome.status == 65 && outcome.errors.contains("the sum is too large"), "\(outcome)")
        #expect(outcome.output == "")
    }
}
