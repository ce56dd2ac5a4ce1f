// `paylink test` and `paylink check` as a user runs them: what they print, and how they end.

import Foundation
import FoundationXML
import TestSupport
import Testing

@Suite struct TestCommandTests {
    private static let tests = """
        describe("sums <&> '#1'", function()
          it("hold #quick", function() assert.equal(2, 1 + 1) end)
          it("fail", function() assert.equal("a", "b<") end)
          it("err #slow", function() error("boom") end)
          pending("later")
        end)
        """

    private func run(_ arguments: String..., script: String = tests) async throws -> Outcome {
        let folder = try TemporaryFolder()
        try folder.write("sums_test.lua", script)
        try folder.write("sums.lua", "print('not a test')")
        return try await PaylinkProcess.run(["test"] + arguments, directory: folder.path)
    }

    @Test func linesSayWhatFailedAndWhy() async throws {
        let outcome = try await run("--seed", "7")
        #expect(outcome.status == 1 && outcome.errors.isEmpty, "\(outcome)")
        #expect(outcome.output.contains("  ok      sums <&> '#1' hold #quick  ("))
        #expect(
            outcome.output.contains("FAILED sums <&> '#1' fail\n  at sums_test.lua:3\n  expected \"a\", got \"b<\""))
        #expect(outcome.output.contains("ERROR sums <&> '#1' err #slow\n  at sums_test.lua:4\n  sums_test.lua:4: boom"))
        #expect(outcome.output.contains("1 passed, 1 failed, 1 with errors, 1 pending in "))
        #expect(outcome.output.hasSuffix(", seed 7\n"))
    }

    @Test func machinesGetTheirForms() async throws {
        let tap = try await run("--format", "tap")
        #expect(tap.output.hasPrefix("TAP version 14\n1..4\nok 1 - "))
        #expect(tap.output.contains("\nnot ok 2 - ") && tap.output.contains("# SKIP pending\n"))
        let junit = try await run("--format", "junit")
        let parser = XMLParser(data: Data(junit.output.utf8))
        #expect(parser.parse(), "\(junit.output)")
        #expect(junit.output.contains("<testsuites tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\""))
        #expect(junit.output.contains("name=\"sums &lt;&amp;&gt; '#1' fail\""))
        let json = try await run("--format", "json")
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(object?["passed"] as? Int == 1 && (object?["tests"] as? [Any])?.count == 4)
        let dots = try await run("--format", "dots")
        #expect(dots.output.hasPrefix(".FE-\n"))
    }

    @Test func someAreChosen() async throws {
        #expect(try await run("--filter", "hold").status == 0)
        #expect(try await run("--tags", "quick").status == 0)
        let without = try await run("--exclude-tags", "slow,quick")
        #expect(without.output.contains("0 passed, 1 failed, 1 pending"), "\(without)")
        let none = try await run("--filter", "nothing of the kind")
        #expect(none.status == 65 && none.errors.contains("no test that is wanted was found"), "\(none)")
    }

    @Test func whereThereIsNoTest() async throws {
        let folder = try TemporaryFolder()
        let empty = try await PaylinkProcess.run(["test"], directory: folder.path)
        #expect(empty.status == 65 && empty.errors.contains("_test.lua"), "\(empty)")
        let absent = try await PaylinkProcess.run(["test", "none"], directory: folder.path)
        #expect(absent.status == 64 && absent.errors.contains("none: there is no such file or folder"), "\(absent)")
        let broken = try await run(script: "it('x', function() x = = 1 end)")
        #expect(broken.status == 1 && broken.output.contains("sums_test.lua:1:"), "\(broken)")
    }

    @Test func aTestThatComputesForEverIsEnded() async throws {
        let outcome = try await run("--timeout", "1s", script: "it('spins', function() while true do end end)")
        #expect(outcome.status == 1 && outcome.output.contains("spins"), "\(outcome)")
    }

    private static var examples: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/examples").path
    }

    /// From wherever they are run.
    @Test(arguments: [true, false])
    func theExamplesPassTheirTests(_ isInside: Bool) async throws {
        let outcome = try await PaylinkProcess.run(
            ["test"] + (isInside ? [] : [Self.examples]), directory: isInside ? Self.examples : "/")
        #expect(outcome.status == 0, "\(outcome.output)")
        let scripts = try FileManager.default.contentsOfDirectory(atPath: Self.examples).filter { $0.hasSuffix(".lua") }
        for script in scripts where !script.hasSuffix("_test.lua") {
            #expect(scripts.contains(script.replacing(".lua", with: "_test.lua")), "\(script) has no test")
        }
    }

    @Test func theExamplesHaveNoMistakes() async throws {
        let outcome = try await PaylinkProcess.run(["check", Self.examples])
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
    }

    @Test func checkSaysFileLineAndColumn() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "bad.lua", "#!/usr/bin/env paylink\nlocal x = 1\npaylink.create{ amout = 1, description = 'x' }\n")
        try folder.write("lib_test.lua", "describe('x', function() it('y', function() assert.equal(1, 1) end) end)\n")
        let outcome = try await PaylinkProcess.run(["check", "."], directory: folder.path)
        #expect(outcome.status == 65 && outcome.output.isEmpty, "\(outcome)")
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.first == "bad.lua:2:7: warning: the local variable 'x' is never used", "\(outcome.errors)")
        #expect(lines.contains("bad.lua:3:17: error: paylink.create: unknown option 'amout' (did you mean 'amount'?)"))
        #expect(!outcome.errors.contains("lib_test.lua"))
        let json = try await PaylinkProcess.run(["check", "--json", "bad.lua"], directory: folder.path)
        let list = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
        #expect(list?.contains { $0["code"] as? String == "unknown_option" && $0["line"] as? Int == 3 } == true)
        let missing = try await PaylinkProcess.run(["check", "none.lua"], directory: folder.path)
        #expect(missing.status == 64, "\(missing)")
    }

    @Test func linesThatRanAreTold() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "shop.lua",
            """
            local lib = require("lib")
            local function unused()
              print("never")
            end
            if arg[1] == "a" then
              print(lib.twice(2))
            elseif arg[1] == "b" then
              print("b")
            else
              print("c")
            end
            local n = 0
            while true do
              n = n + 1
              if n == 3 then
                break
              end
            end

            """)
        try folder.write("lib.lua", "return {\n  twice = function(n)\n    return 2 * n\n  end,\n}\n")
        try folder.write("idle.lua", "print('idle')\n")
        try folder.write(
            "shop_test.lua",
            "it('sells', function() world.run('shop.lua', 'a') end)\nit('sells more', function() world.run('shop.lua', 'b') end)\n"
        )
        let outcome = try await PaylinkProcess.run(
            ["test", "--coverage", "--lcov", "out.info"], directory: folder.path)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        #expect(
            outcome.output.hasSuffix(
                """

                scripts        lines run   share  not run
                idle.lua             0/1     0 %  1
                lib.lua              2/2   100 %
                shop.lua            9/11    81 %  3, 10
                all scripts        11/14    78 %

                """), "\(outcome.output)")
        let file = try String(contentsOfFile: folder.path + "/out.info", encoding: .utf8)
        #expect(file.hasPrefix("TN:\nSF:\(folder.path)/idle.lua\nDA:1,0\nLF:1\nLH:0\nend_of_record\n"), "\(file)")
        #expect(file.contains("DA:2,2\nDA:3,0\nDA:5,2\nDA:6,1\nDA:7,1\nDA:8,1\nDA:10,0\nDA:12,2\nDA:14,6\nDA:15,6\n"))
        let machine = try await PaylinkProcess.run(
            ["test", "--coverage", "--format", "tap"], directory: folder.path)
        #expect(machine.output.hasPrefix("TAP") && !machine.output.contains("lines run"))
        #expect(machine.errors.contains("lines run"))
        let nowhere = try await PaylinkProcess.run(["test", "--lcov", "none/out.info"], directory: folder.path)
        #expect(nowhere.status == 74 && nowhere.errors.contains("--lcov"), "\(nowhere)")
    }

    @Test func checkKnowsTheWordsOfTests() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "shop_test.lua",
            """
            describe("a shop", function()
              it("sells", function()
                world.pay("order-1", { afer = "3d" })
                world.watch("shop.lua", {})
                world.advanec("3d")
                assert.has.errors(function() paylink.create{ amout = 1 } end)
                world.batch("orders.csv", { descripton = "x" })
                print(world.outbox[1], world.ledger[1])
              end)
            end)

            """)
        let outcome = try await PaylinkProcess.run(["check", "."], directory: folder.path)
        let errors = outcome.errors.split(separator: "\n").filter { $0.contains(": error: ") }
        #expect(
            errors == [
                "shop_test.lua:3:28: error: world.pay: unknown option 'afer' (did you mean 'after'?)",
                "shop_test.lua:4:16: error: world.watch: option 'for_' is missing",
                "shop_test.lua:5:11: error: world.advanec does not exist (did you mean 'advance'?)",
                "shop_test.lua:7:33: error: world.batch: unknown option 'descripton' (did you mean 'description'?)",
            ], "\(outcome)")
    }

    @Test func cronTakesNoScriptWithMistakes() async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("bad.lua", "if arg[1] == 'yearly' then prnit('x') end\n")
        try fixture.folder.write("follow.lua", "paylink.on('paid', function(link) print(link.id) end)\n")
        let bad = try await fixture.run(
            ["cron", "add", "bad", "--schedule", "0 6 * * *", "bad.lua"], now: JobFixture.noon)
        #expect(bad.status == 65 && bad.errors.contains("bad.lua:1:28: error: undeclared variable 'prnit'"), "\(bad)")
        let follow = try await fixture.run(
            ["cron", "add", "follow", "--schedule", "0 6 * * *", "follow.lua"], now: JobFixture.noon)
        #expect(follow.status == 65 && follow.errors.contains("follow.lua:1 calls paylink.on"), "\(follow)")
        let watch = try await fixture.run(
            ["cron", "add", "follow", "--schedule", "0 6 * * *", "--watch", "follow.lua"], now: JobFixture.noon)
        #expect(watch.status == 0, "\(watch)")
    }
}
