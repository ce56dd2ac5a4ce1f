// `paylink ledger`, `create --key` and the caps of `run`, as a person uses them.

import Foundation
import TestSupport
import Testing

@Suite struct LedgerCommandTests {
    /// A sandbox and a ledger of the test's own.
    private struct Shop {
        let sandbox: SandboxProcess
        let folder: TemporaryFolder

        static func open() async throws -> Shop {
            Shop(sandbox: try await SandboxProcess.start(), folder: try TemporaryFolder())
        }

        func run(_ arguments: String..., more: [String: String] = [:]) async throws -> Outcome {
            try await sandbox.run(
                arguments, ["PAYLINK_LEDGER": folder.path + "/ledger.db"].merging(more) { $1 })
        }

        func create(_ key: String, _ amount: String = "12.50") async throws -> JSON {
            let outcome = try await run(
                "create", "--key=\(key)", "--amount", amount, "--description", "Order \(key)", "--json")
            guard outcome.status == 0 else { throw ChildProcessFailure(description: "\(outcome)") }
            return try JSON(parsing: outcome.output)
        }
    }

    @Test func theSameKeyShowsTheSameLinkAndOtherTermsAreRefused() async throws {
        let shop = try await Shop.open()
        let first = try await shop.create("order-1"), second = try await shop.create("order-1")
        #expect(first["id"]?.string == second["id"]?.string && first["key"]?.string == "order-1")
        let other = try await shop.run("create", "--key", "order-1", "--amount", "13", "--description", "Order order-1")
        #expect(other.status == 65)
        #expect(other.errors.contains("key_reused") && other.errors.contains("12.50") && other.errors.contains("13.00"))
        #expect(try await shop.sandbox.creations().count == 1)
    }

    /// What looks like a formula is guarded in an export, and what reads it again has the keys as they were.
    @Test func anExportReadsBackAsTheSameOrders() async throws {
        let shop = try await Shop.open()
        let keys = ["-A1", "=1", "@b", "'c", "+x", "-5", "''d"]
        for key in keys { _ = try await shop.create(key) }
        let refused = try await shop.run("create", "--key", "'-A1", "--amount", "1", "--description", "x")
        #expect(refused.status == 65 && refused.errors.contains("remove the apostrophe"), "\(refused)")
        let table = try await shop.run("ledger", "export")
        #expect(table.lines.contains { $0.hasPrefix("'-A1,done,") && $0.contains(",Order -A1,") })
        try shop.folder.write("links.csv", table.output)
        let script = try shop.folder.write(
            "read.lua",
            """
            for row, err in assert(csv.rows("\(shop.folder.path)/links.csv")) do
              assert(row, err)
              assert(paylink.find(row.key), row.key)
              print(row.key)
            end
            """)
        let outcome = try await shop.run("run", script)
        #expect(outcome.lines.sorted() == keys.sorted(), "\(outcome)")
    }

    @Test func listShowAndExportTellWhatIsRecorded() async throws {
        let shop = try await Shop.open()
        for key in ["a-1", "a-2", "b-1"] { _ = try await shop.create(key) }
        let all = try await shop.run("ledger", "list")
        #expect(all.lines.count == 3 && all.lines[0].hasPrefix("a-1 ") && all.lines[0].contains("12.50 USD"))
        #expect(try await shop.run("ledger", "list", "--key-prefix", "a-", "--since", "1h").lines.count == 2)
        #expect(try await shop.run("ledger", "list", "--status", "paid").lines.isEmpty)
        #expect(try await shop.run("ledger", "list", "--state", "nonsense").status == 64)
        let json = try await shop.run("ledger", "list", "--json").lines.map { try JSON(parsing: $0) }
        #expect(json.map { $0["key"]?.string } == ["a-1", "a-2", "b-1"])
        #expect(json[0]["link"]?["status"]?.string == "active" && json[0]["amount"]?.string == "12.50")

        let shown = try await shop.run("ledger", "show", "a-2")
        #expect(shown.output.contains("state            done") && shown.output.contains("terms"))
        #expect(try await shop.run("ledger", "show", "a-").status == 1)

        let table = try await shop.run("ledger", "export", "--csv")
        #expect(table.lines.count == 4 && table.lines[0].hasPrefix("key,state,status,amount"))
        #expect(table.lines[3].hasPrefix("b-1,done,active,12.50,,,,0,,0,Order b-1,"))
        let document = try JSON(parsing: try await shop.run("ledger", "export", "--json").output)
        #expect(document.list.count == 3)
    }

    @Test func aBackupIsALedger() async throws {
        let shop = try await Shop.open()
        _ = try await shop.create("a")
        let copy = shop.folder.path + "/copy.db"
        #expect(try await shop.run("ledger", "backup", copy).status == 0)
        #expect(try await shop.run("ledger", "list", "--ledger", copy).lines.count == 1)
        let again = try await shop.run("ledger", "backup", copy)
        #expect(again.status == 74 && again.errors.contains(copy))
    }

    @Test func aLedgerThatIsNotThereIsNamedNotMade() async throws {
        let shop = try await Shop.open()
        let outcome = try await shop.run("ledger", "list")
        #expect(outcome.status == 74 && outcome.errors.contains("ledger.db"))
        #expect(!FileManager.default.fileExists(atPath: shop.folder.path + "/ledger.db"))
    }

    @Test func aLinkInDoubtIsListedAndResolvedByItsId() async throws {
        let shop = try await Shop.open()
        try await shop.sandbox.addFault(#"{"endpoint": "create", "action": "reset_after_commit", "times": 1}"#)
        let doubtful = try await shop.run(
            "create", "--key", "k", "--amount", "5", "--description", "For you", "--payer",
            "123e4567-e89b-12d3-a456-426614174000")
        #expect(doubtful.status == 75)
        let list = try await shop.run("ledger", "doubt", "list")
        #expect(list.lines.count == 1 && list.lines[0].contains("in_doubt"))
        #expect(list.errors.contains("1 link(s) and 0 effect(s) in doubt; 1 possible orphan(s)"))
        let other = try await shop.create("other")["id"]?.string ?? ""
        let wrong = try await shop.run("ledger", "doubt", "resolve", "k", "--link", other)
        #expect(wrong.status == 65 && wrong.errors.contains("is another one"))
        let id = try await shop.sandbox.links().first { $0["description"]?.string == "For you" }?["id"]?.string ?? ""
        #expect(try await shop.run("ledger", "doubt", "resolve", "k", "--link", id).status == 0)
        let again = try await shop.run(
            "create", "--key", "k", "--amount", "5", "--description", "For you", "--payer",
            "123e4567-e89b-12d3-a456-426614174000", "--json")
        #expect(try JSON(parsing: again.output)["id"]?.string == id)
        let empty = try await shop.run("ledger", "doubt", "list")
        #expect(empty.output == "" && empty.errors == "paylink: nothing is in doubt\n", "\(empty)")
        #expect(try await shop.run("ledger", "doubt", "resolve", "k", "--retry").status == 65)
    }

    /// The service says that it made a link, in bytes that cannot be read: no run makes another one by itself.
    @Test func aLinkThatCannotBeReadIsNeverMadeAgain() async throws {
        let shop = try await Shop.open()
        try await shop.sandbox.addFault(#"{"endpoint": "create", "action": "garbage_body", "times": 1}"#)
        let mug = { try await shop.run("create", "--key", "k", "--amount", "5", "--description", "Mug") }
        let first = try await mug()
        #expect(first.status == 75 && first.errors.contains("unreadable_reply: "), "\(first)")
        for _ in 0..<2 {
            let again = try await mug()
            #expect(again.status == 75 && again.errors.contains("would be made again"), "\(again)")
            #expect(again.errors.contains("paylink ledger doubt resolve k"))
        }
        let links = try await shop.sandbox.links()
        #expect(links.count == 1)
        let list = try await shop.run("ledger", "doubt", "list")
        #expect(list.errors.contains("1 link(s) and 0 effect(s) in doubt; 1 possible orphan(s)"))
        let id = try #require(links.first?["id"]?.string)
        #expect(try await shop.run("ledger", "doubt", "resolve", "k", "--link", id).status == 0)
        #expect(try await mug().status == 0)
        #expect(try await shop.sandbox.links().count == 1)
    }

    @Test func anEffectInDoubtIsListedAndResolved() async throws {
        let shop = try await Shop.open()
        let script =
            "print(paylink.once('ship', function() if arg[1] == 'fail' then error('no') end return 'sent' end))"
        #expect(try await shop.run("run", "-e", script, "fail").status == 1)
        #expect(try await shop.run("run", "-e", script).output.contains("in_doubt"))
        #expect(try await shop.run("ledger", "doubt").output.contains("ship"))
        #expect(
            try await shop.run("ledger", "doubt", "resolve", "ship", "--link", "01890a5d-ac96-774b-bcce-b302099a8057")
                .status == 65)
        #expect(try await shop.run("ledger", "doubt", "resolve", "ship", "--retry").status == 0)
        #expect(try await shop.run("run", "-e", script).output == "sent\tfalse\n")
        #expect(try await shop.run("run", "-e", script).output == "sent\ttrue\n")
    }

    @Test func onlyTheVeryLinkSettlesAKeyAndNoLinkSettlesTwo() async throws {
        let shop = try await Shop.open()
        let payer = "123e4567-e89b-12d3-a456-426614174000"
        try await shop.sandbox.addFault(#"{"endpoint": "create", "action": "reset_after_commit", "times": 2}"#)
        for key in ["d1", "d2"] {
            let outcome = try await shop.run(
                "create", "--key", key, "--amount", "5", "--description", "For you", "--payer", payer,
                "--close-on-complete")
            #expect(outcome.status == 75)
        }
        let ids = try await shop.sandbox.links().compactMap { $0["id"]?.string }
        let openToAll = try await shop.run("create", "--amount", "5", "--description", "For you", "--json")
        let wrong = try JSON(parsing: openToAll.output)["id"]?.string ?? ""
        let refused = try await shop.run("ledger", "doubt", "resolve", "d1", "--link", wrong)
        #expect(refused.status == 65 && refused.errors.contains("another payer"))
        #expect(try await shop.run("ledger", "doubt", "resolve", "d1", "--link", ids[0]).status == 0)
        #expect(try await shop.run("ledger", "doubt", "resolve", "d2", "--link", ids[0]).status == 65)
        #expect(try await shop.run("ledger", "doubt", "resolve", "d2", "--link", ids[1]).status == 0)
        #expect(try await shop.run("ledger", "show", "d1").output.contains("?closeOnComplete=true"))
    }

    @Test func aLinkAndAnEffectMayHaveTheSameKey() async throws {
        let shop = try await Shop.open()
        _ = try await shop.create("o1")
        #expect(try await shop.run("run", "-e", "paylink.once('o1', error)").status == 1)
        #expect(try await shop.run("ledger", "doubt", "resolve", "o1", "--abandon").status == 0)
        #expect(try await shop.run("ledger", "doubt", "resolve", "o1", "--retry").status == 0, "the effect, again")
        #expect(
            try await shop.run("run", "-e", "print(paylink.once('o1', function() return 'x' end))").output
                == "x\tfalse\n")
    }

    @Test func abandonedIsNeitherSentNorForgotten() async throws {
        let shop = try await Shop.open()
        try await shop.sandbox.addFault(#"{"endpoint": "create", "action": "status", "status": 400, "times": 1}"#)
        let create =
            "local l, e = paylink.create{ key = 'k', amount = 1, description = 'Tea' } print(l and l.key or e.code)"
        #expect(try await shop.run("run", "-e", create).output == "rejected\n")
        #expect(try await shop.run("ledger", "doubt", "resolve", "k", "--abandon").status == 0)
        #expect(try await shop.run("run", "-e", create).output == "abandoned\n")
        #expect(try await shop.run("ledger", "doubt", "resolve", "k", "--retry").status == 0)
        #expect(try await shop.run("run", "-e", create).output == "k\n")
    }

    @Test func resolvingTakesExactlyOneWord() async throws {
        let shop = try await Shop.open()
        #expect(try await shop.run("ledger", "doubt", "resolve", "k").status == 64)
        #expect(try await shop.run("ledger", "doubt", "resolve", "k", "--retry", "--abandon").status == 64)
        _ = try await shop.create("a")
        #expect(try await shop.run("ledger", "doubt", "resolve", "none", "--retry").status == 65)
        #expect(try await shop.run("ledger", "doubt", "resolve", "a", "--retry").status == 65)
    }

    // MARK: Caps and plans

    private static let three =
        "for i = 1, 3 do local l, e = paylink.create{ key = 'k' .. i, amount = i, description = 'D' .. i } print(l and 'made' or e.code) end"

    @Test func capsStopWhatWouldGoBeyondThem() async throws {
        let shop = try await Shop.open()
        let few = try await shop.run("run", "--max-links", "2", "-e", Self.three)
        #expect(few.output == "made\nmade\nlimit_reached\n")
        let recorded = try await shop.run("run", "--max-links", "1", "-e", Self.three)
        #expect(recorded.output == "made\nmade\nmade\n", "what is recorded costs nothing")
        #expect(try await shop.sandbox.creations().count == 3)
        let total = try await shop.run("run", "--max-total", "3", "-e", Self.three.replacing("'k'", with: "'t'"))
        #expect(total.output == "made\nmade\nlimit_reached\n")
        #expect(try await shop.run("run", "--max-total", "abc", "-e", "").status == 64)
        #expect(try await shop.run("run", "--max-total", "-1", "-e", "").status == 64)
        #expect(try await shop.run("run", "--max-links", "-1", "-e", "").status == 64)
    }

    @Test func aDryRunCountsAndSendsNothing() async throws {
        let shop = try await Shop.open()
        _ = try await shop.run("run", "--max-links", "1", "-e", Self.three)
        let before = try await shop.sandbox.requests().count
        let outcome = try await shop.run(
            "run", "--dry-run", "-e",
            Self.three
                + " local _, e = paylink.create{ amount = 9, description = 'x' }:wait() print(e.code, (paylink.once('o', error)))"
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == "made\nmade\nmade\ndry_run\ttrue\n")
        #expect(outcome.errors.contains("dry run: 3 link(s) of 14.00 USD in all would be made; nothing was sent"))
        #expect(outcome.errors.contains("key=k2"))
        #expect(try await shop.sandbox.requests().count == before)
    }

    @Test func filesOutsideAreReachedOnlyWhenAllowed() async throws {
        let shop = try await Shop.open()
        _ = try shop.folder.write("in.csv", "a\n1\n".utf8)
        let script = "for row in assert(csv.rows('\(shop.folder.path)/in.csv')) do print(row.a) end"
        let beside = try TemporaryFolder()
        let outside = try await PaylinkProcess.run(["run", "-e", script], directory: beside.path)
        #expect(outside.status == 1 && outside.errors.contains("--allow-read=DIR"), "\(outside)")
        let allowed = try await PaylinkProcess.run(
            ["run", "--allow-read", shop.folder.path, "-e", script], directory: beside.path)
        #expect(allowed.output == "1\n")
        let write = "assert(csv.writer('\(shop.folder.path)/out.csv', { 'a' }))"
        #expect(
            try await PaylinkProcess.run(
                ["run", "--allow-read", shop.folder.path, "-e", write], directory: beside.path
            ).status == 1)
        #expect(
            try await PaylinkProcess.run(
                ["run", "--allow-write", shop.folder.path, "-e", write], directory: beside.path
            ).status == 0)
        #expect(
            try await PaylinkProcess.run(["run", "--allow-read", "/none", "-e", ""], directory: beside.path).status
                == 64)
    }
}
