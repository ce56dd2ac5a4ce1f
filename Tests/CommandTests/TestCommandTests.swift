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
