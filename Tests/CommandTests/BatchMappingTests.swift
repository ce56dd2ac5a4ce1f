// `paylink batch --map`: a Lua function in place of the columns.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct BatchMappingTests {
    static let table = """
        order_id,customer,amount,note
        1001,Ada,12.50,
        1002,"Ben, Co",8.2,
        1003,Eve,3,

        """

    static let plain = """
        return function(row)
          return { key = row.order_id, amount = row.amount, description = "Order " .. row.order_id }
        end
        """

    private func fixture(_ script: String, table: String = Self.table) async throws -> BatchFixture {
        let fixture = try await BatchFixture.start()
        try fixture.folder.write("orders.csv", table)
        try fixture.folder.write("map.lua", script)
        return fixture
    }

    @Test func givesTheSameBytesAsColumnsAndATemplate() async throws {
        let fixture = try await fixture(Self.plain)
        let columns = try await fixture.batch(["orders.csv", "--description", "Order {order_id}"])
        #expect(columns.status == 0, "\(columns)")
        let results = try #require(fixture.read("orders.links.csv"))
        let requests = try await fixture.sandbox.requests().count
        // The same keys with the same terms: all of them recorded, and nothing to ask for.
        let mapped = try await fixture.batch(["orders.csv", "--map", "map.lua", "--json"])
        #expect(mapped.status == 0, "\(mapped)")
        #expect(try JSON(parsing: mapped.output)["recorded"]?.integer == 3)
        #expect(fixture.read("orders.links.csv") == results)
        #expect(try await fixture.sandbox.requests().count == requests)
    }

    @Test func makesWhatTheFunctionGivesAndResumes() async throws {
        let fixture = try await fixture(
            """
            #!/usr/bin/env -S paylink run
            local prices = require("prices")
            return function(row)
              return { key = "shop:" .. row.order_id, amount = paylink.usd(row.amount) * 2 + prices.fee,
                description = ("%s, line %d"):format(row.customer, row:line()), expires_in = "7d", reusable = true,
                media_url = row.note, locale = "tr" }
            end
            """)
        try fixture.folder.write("prices.lua", "return { fee = \"0.000001\" }")
        let first = try await fixture.batch(["orders.csv", "--map", "map.lua"])
        #expect(first.status == 0, "\(first)")
        let links = try await fixture.linksByDescription()
        #expect(links == ["Ada, line 2": 1, "Ben, Co, line 3": 1, "Eve, line 4": 1])
        let results = try #require(fixture.read("orders.links.csv"))
        #expect(results.contains("1001,Ada,12.50,,") && results.contains("/tr/link/"), "\(results)")
        #expect(results.contains(",25.000001\n") && results.contains(",16.400001\n"))
        let again = try await fixture.batch(["orders.csv", "--map", "map.lua"])
        #expect(again.errors.contains("0 made (0.00 USD), 3 recorded before"), "\(again)")
        #expect(fixture.read("orders.links.csv") == results)
        #expect(try await fixture.creations() == 3)
    }

    @Test func refusesAKeyWhoseMappedTermsHaveChanged() async throws {
        let fixture = try await fixture(Self.plain)
        #expect(try await fixture.batch(["orders.csv", "--map", "map.lua"]).status == 0)
        try fixture.folder.write("map.lua", Self.plain.replacingOccurrences(of: "Order ", with: "No. "))
        let outcome = try await fixture.batch(["orders.csv", "--map", "map.lua"])
        #expect(outcome.status == 65, "\(outcome)")
        #expect(outcome.errors.contains("line 2, option \"key\": key \"1001\" was used before with other terms"))
        #expect(try await fixture.creations() == 3)
    }

    @Test func leavesOutWhatItGivesNothingFor() async throws {
        let fixture = try await fixture(
            """
            return function(row)
              if row.customer == "Eve" then return nil end
              return { key = row.order_id, amount = row.amount, description = "Order" }
            end
            """)
        let outcome = try await fixture.batch(["orders.csv", "--map", "map.lua", "--json"])
        #expect(outcome.status == 0, "\(outcome)")
        let summary = try JSON(parsing: outcome.output)
        #expect(summary["skipped"]?.integer == 1)
        #expect(summary["made"]?.integer == 2)
        #expect(fixture.read("orders.links.csv")?.contains("Eve") == false)
        #expect(fixture.read("orders.rejected.csv") == nil)
        let again = try await fixture.batch(["orders.csv", "--map", "map.lua"])
        #expect(again.errors.contains("2 recorded before, 1 skipped"), "\(again.errors)")
    }

    static let bad: [(gives: String, says: String)] = [
        ("return nil, 'on hold'", "line 2: on hold"),
        ("local x\n return x.y", "line 2: map.lua:3: attempt to index a nil value (local 'x')"),
        ("error{ message = 'mine', code = 'x' }", "line 2: mine\n"),
        ("error({})", "line 2: the error value is a table\n"),
        ("return row.custmer", "line 2: map.lua:2: the file has no column 'custmer' (did you mean 'customer'?)"),
        ("return 7", "line 2: map.lua gave a number for this row, not a table of options or nil"),
        ("o.amuont = 1 return o", "line 2, option \"amuont\": unknown option 'amuont' (did you mean 'amount'?)"),
        ("o.reusable = 'yes' return o", "line 2, option \"reusable\": must be a boolean, not a string"),
        ("o.description = 5 return o", "line 2, option \"description\": must be a string, not a integer"),
        ("o.amount = 0.1 + 0.2 return o", "line 2, option \"amount\": the number 0.30000000000000004 is not exact"),
        ("o.amount = '12,50' return o", "line 2, option \"amount\": \"12,50\" has a comma"),
        ("o.amount = '12.500' return o", "line 2, option \"amount\": '12.500' may be 12500 or 12.500"),
        ("o.amount = -1 return o", "line 2, option \"amount\": amount is -1.00; a link needs more than 0"),
        ("o.amount = nil return o", "line 2, option \"amount\": the amount is empty"),
        ("o.key = nil return o", "line 2, option \"key\": the key is empty"),
        ("o.key = 'one' return o", "line 3, option \"key\": \"one\" is the key of line 2, too"),
        ("o.description = '\\xFF' return o", "line 2, option \"description\": is not valid UTF-8 text"),
        ("o.description = ('x'):rep(1e6) return o", "line 2, option \"description\": is longer than 64 KiB"),
        ("o.expires_in = 'soon' return o", "line 2, option \"expires_in\": \"soon\" is no duration"),
        ("o.expires_at = '5' return o", "line 2, option \"expires_at\": must be an integer, not a string"),
        ("o.expires_in, o.expires_at = 5, 5 return o", "line 2, option \"expires_at\": expires_in and expires_at"),
        ("o.payer = 'Ada' return o", "line 2, option \"payer\": \"Ada\" is no user id"),
        ("paylink.create(o)", "line 2: map.lua:2: paylink.create: a mapping makes no links"),
    ]

    @Test(arguments: bad) func rejectsTheRow(_ gives: String, _ says: String) async throws {
        let fixture = try await fixture(
            """
            return function(row) local o = { key = row.order_id, amount = 1, description = "Order" }
              \(gives)
            end
            """)
        let outcome = try await fixture.batch(["orders.csv", "--map", "map.lua"])
        #expect(outcome.status == 65, "\(outcome)")
        #expect(outcome.errors.contains("orders.csv: \(says)"), "\(outcome.errors)")
        #expect(try await fixture.sandbox.requests().isEmpty)
        #expect(fixture.rows("orders.rejected.csv").count >= 2)
    }

    @Test func goesOnWithTheRestWhenAsked() async throws {
        let fixture = try await fixture(
            """
            return function(row)
              assert(row.customer ~= "Eve", "not her")
              return { key = row.order_id, amount = row.amount, description = "Order" }
            end
            """)
        let outcome = try await fixture.batch(["orders.csv", "--map", "map.lua", "--skip-invalid"])
        #expect(outcome.status == 65, "\(outcome)")
        #expect(try await fixture.creations() == 2)
        let rejected = try #require(fixture.read("orders.rejected.csv"))
        #expect(rejected.hasSuffix("\n1003,Eve,3,,4,map.lua:2: not her\n"), "\(rejected)")
    }

    struct Broken: Sendable, CustomTestStringConvertible {
        var name: String
        var script: String
        var options: [String] = []
        var status: Int32
        var says: String
        var testDescription: String { name }
    }

    static let broken = [
        Broken(name: "not a function", script: "return 5", status: 1, says: "map.lua gives a number, not a function"),
        Broken(name: "nothing", script: "", status: 1, says: "map.lua gives nothing, not a function"),
        Broken(name: "a syntax error", script: "\nlocal x = = 2", status: 1, says: "map.lua:2: unexpected symbol"),
        Broken(name: "an error at the top", script: "error('no rates')", status: 1, says: "map.lua:1: no rates"),
        Broken(name: "an exit", script: "return function() os.exit(0) end", status: 1, says: "os.exit ended"),
        Broken(
            name: "an endless loop", script: "return function() while true do end end",
            options: ["--max-busy", "300ms"], status: 124, says: "--max-busy allows more"),
        Broken(
            name: "too much memory",
            script: "local t = {} return function() for i = 1, 1e9 do t[i] = ('x'):rep(1e5) .. i end end",
            options: ["--memory", "16M"], status: 1, says: "--memory allows more"),
        Broken(
            name: "a foreign file", script: "assert(csv.rows('/etc/passwd'))", status: 1,
            says: "is outside of the script's folder"),
    ]

    @Test(arguments: broken) func endsBeforeAnythingIsSent(_ broken: Broken) async throws {
        let fixture = try await fixture(broken.script)
        let outcome = try await fixture.batch(["orders.csv", "--map", "map.lua", "--skip-invalid"] + broken.options)
        #expect(outcome.status == broken.status, "\(outcome)")
        #expect(outcome.errors.contains(broken.says), "\(outcome.errors)")
        #expect(outcome.errors.contains("nothing was sent"))
        #expect(try await fixture.sandbox.requests().isEmpty)
        #expect(fixture.read("orders.links.csv") == nil)
    }

    @Test(arguments: [["--key", "order_id"], ["--amount", "amount"], ["--description", "x"], ["--decimal-comma"]])
    func standsInPlaceOfTheColumns(_ option: [String]) async throws {
        let fixture = try await fixture(Self.plain)
        let outcome = try await fixture.batch(["orders.csv", "--map", "map.lua"] + option)
        #expect(outcome.status == 64, "\(outcome)")
        #expect(outcome.errors.contains("--map and \(option[0])"))
    }

    @Test func saysWhichScriptIsNotThere() async throws {
        let fixture = try await fixture(Self.plain)
        let outcome = try await fixture.batch(["orders.csv", "--map", "nowhere.lua"])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("--map: cannot open nowhere.lua: No such file"), "\(outcome.errors)")
    }

    @Test func appliesTheExpiryToRowsThatNameNone() async throws {
        let fixture = try await fixture(
            """
            return function(row)
              local own = row.customer == "Ada" and 1900000000 or nil
              return { key = row.order_id, amount = 1, description = row.customer, expires_at = own }
            end
            """)
        let outcome = try await fixture.batch(["orders.csv", "--map", "map.lua", "--expires-in", "1h"])
        #expect(outcome.status == 0, "\(outcome)")
        let records = try await PaylinkProcess.run(["ledger", "list", "--json"], environment: fixture.environment)
        #expect(records.output.contains("1900000000"), "\(records.output)")
        let own = try await fixture.batch(["orders.csv", "--map", "map.lua", "--expires-in", "2h"])
        #expect(own.status == 65)
        #expect(!own.errors.contains("line 2") && own.errors.contains("\"expires_in\":\"7200s\""), "\(own.errors)")
    }

    @Test func keepsStandardOutputForTheSummary() async throws {
        let fixture = try await fixture("print('loaded')\n" + Self.plain)
        let outcome = try await fixture.batch(["orders.csv", "--map", "map.lua", "--json"])
        #expect(try JSON(parsing: outcome.output)["made"]?.integer == 3)
        #expect(outcome.errors.contains("loaded"))
    }

    @Test func keepsStepWithTheInputOverManyRows() async throws {
        let count = 3000
        let rows = (1...count).map { number in
            number % 7 == 0
                ? "bad,row\n" : "\(number),\(number % 50 == 0 ? "no" : "\"two\n\"\"lines\"\"\"")\n"
        }
        let fixture = try await fixture(
            """
            return function(row)
              if row.note == "no" then return nil end
              return { key = row.id, amount = row.id, description = "Number " .. row.id .. "\\n" .. row.note }
            end
            """, table: "id,note\n" + rows.map { $0 == "bad,row\n" ? "bad,row,3\n" : $0 }.joined())
        let outcome = try await fixture.batch(
            ["orders.csv", "--map", "map.lua", "--skip-invalid", "--json", "--concurrency", "64"])
        let summary = try JSON(parsing: outcome.output)
        let bad = count / 7, skipped = count / 50 - count / 350
        #expect(summary["rejected"]?.integer == bad)
        #expect(summary["skipped"]?.integer == skipped)
        #expect(summary["made"]?.integer == count - bad - skipped)
        let links = try await fixture.linksByDescription()
        #expect(links["Number 2999\ntwo\n\"lines\""] == 1)
        #expect(links.values.allSatisfy { $0 == 1 })
        // Ids in the results are those of the rows: their amounts are the ids themselves.
        let results = try #require(fixture.read("orders.links.csv"))
        #expect(results.contains("2999,\"two\n\"\"lines\"\"\",") && results.contains(",2999.00\n"))
    }

    /// The example of the documentation, as it stands there.
    @Test func theDocumentedExampleDoesWhatItSays() async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/batch.md"), encoding: .utf8)
        let block = try #require(page.split(separator: "```").first { $0.hasPrefix("lua\n-- orders.lua\n") })
        let fixture = try await fixture(
            String(block.dropFirst(4)),
            table: """
                number,customer,status,group,price,pieces,article
                1,Ada,open,retail,12.50,3,Mug
                2,Ben,cancelled,retail,5,1,Cup
                3,,open,retail,5,1,Cup
                4,Eve,open,wholesale,9.50,2,Jug

                """)
        let plan = try await fixture.batch(["orders.csv", "--map", "map.lua", "--dry-run"])
        let shown = try #require(page.split(separator: "\n").first { $0.contains("1 skipped, 1 rejected; 0.0 s") })
        #expect(plan.errors.contains(shown.dropLast("; 0.0 s".count)), "\(plan.errors)")
        let made = try await fixture.batch(["orders.csv", "--map", "map.lua", "--skip-invalid"])
        #expect(made.status == 65, "\(made)")
        #expect(try await fixture.linksByDescription() == ["Ada: 3 × Mug": 1, "Eve: 2 × Jug": 1])
        #expect(fixture.read("orders.rejected.csv")?.hasSuffix("who is this for?\n") == true)
    }

    @Test func leavesNoFileBehind() async throws {
        let fixture = try await fixture("return function(row) sleep(60) end")
        let process = try fixture.start(["orders.csv", "--map", "map.lua"])
        // The script is under way once its table is open: a file that has no name.
        let (folder, manager) = ("/proc/\(process.identifier)/fd", FileManager.default)
        while true {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            let places = files.map { (try? manager.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")) ?? "" }
            if places.contains(where: { $0.hasPrefix(fixture.folder.path) && $0.hasSuffix("(deleted)") }) { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        let before = try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path)
        #expect(before.sorted() == ["map.lua", "orders.csv"])
        process.send(SIGINT)
        let outcome = try await process.finish()
        #expect(outcome.status == 130, "\(outcome)")
    }
}
