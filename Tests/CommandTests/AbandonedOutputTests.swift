// Nobody reads standard output any more, as behind `| head`: the command ends quietly, and what it was doing is whole.

import TestSupport
import Testing

@Suite struct AbandonedOutputTests {
    /// Runs the command with its output in a pipe to `reader`; the command's own status is the last line.
    private func run(
        _ arguments: [String], into reader: String, _ variables: [String: String] = [:], directory: String = "/"
    ) async throws -> Outcome {
        let script = "\"$0\" \"$@\" | \(reader); echo ${PIPESTATUS[0]}"
        return try await ChildProcess(
            "/bin/bash", ["-c", script, PaylinkProcess.located.get()] + arguments, environment: variables,
            directory: directory
        ).finish()
    }

    @Test(arguments: [
        "while true do print('x') end", "while true do io.write('x\\n') end",
        "while true do print('x') sleep(0.001) end",
        "while true do pcall(print, 'x') end",
        "for i = 1, 3 do task.spawn(function() while true do print('x') sleep(0.001) end end) end sleep('1h')",
        "print(('x\\n'):rep(100000))",
    ])
    func endsAScriptQuietly(_ code: String) async throws {
        let outcome = try await run(["run", "-e", code], into: "head -n 1")
        #expect(outcome.output == "x\n141\n", "\(outcome)")
        #expect(outcome.errors == "", "\(outcome)")
    }

    @Test func keepsTheStatusOfAScriptThatFailedBefore() async throws {
        let outcome = try await run(["run", "-e", "print(('x'):rep(1e6)) "], into: "true")
        #expect(outcome.output == "141\n" && outcome.errors == "", "\(outcome)")
        let failed = try await run(["run", "-e", "sleep(0.2) io.stdout:write('x') error('no')"], into: "true")
        #expect(failed.output == "1\n" && failed.errors.contains("no"), "\(failed)")
    }

    @Test func leavesNoTableThatLooksComplete() async throws {
        let folder = try TemporaryFolder()
        let code = "local out = csv.writer('out.csv', { 'a' }) while true do out:write{ a = 1 } print('x') end"
        let outcome = try await run(["run", "-e", code], into: "head -n 1", directory: folder.path)
        #expect(outcome.output == "x\n141\n", "\(outcome)")
        let names = try await ChildProcess("/bin/ls", ["-A", folder.path]).finish()
        #expect(!names.output.contains("out.csv"), "\(names)")
    }

    /// The links that were being made are made and recorded; none is in doubt.
    @Test func losesNoLinkThatIsBeingMade() async throws {
        let fixture = try await BatchFixture.start()
        try await fixture.sandbox.addFault(#"{"endpoint": "create", "action": "latency", "seconds": 0.3}"#)
        let code = """
            for i = 1, 8 do
              task.spawn(function() paylink.create{ key = "k" .. i, amount = 1, description = "Mug" } end)
            end
            sleep(0.1) -- all of them are on their way
            while true do print("x") sleep(0.001) end
            """
        let outcome = try await run(
            ["run", "-e", code], into: "head -n 1",
            fixture.sandbox.variables.merging(fixture.environment) { $1 })
        #expect(outcome.output == "x\n141\n" && outcome.errors == "", "\(outcome)")
        let made = try await fixture.sandbox.links().count
        let list = try await fixture.sandbox.run(["ledger", "list", "--json"], fixture.environment)
        #expect(list.lines.count == made && !list.output.contains("in_doubt"), "\(made) \(list)")
        #expect(try await fixture.sandbox.run(["ledger", "doubt", "list"], fixture.environment).output == "")
    }

    @Test func endsListingsQuietly() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(400)
        #expect(try await fixture.batch(["orders.csv", "--quiet"]).status == 0)
        let variables = fixture.sandbox.variables.merging(fixture.environment) { $1 }
        for arguments in [
            ["ledger", "list"], ["ledger", "export", "--csv"], ["reference"], ["help", "run"],
            ["batch", fixture.folder.path + "/orders.csv", "--out", "-", "--quiet"],
        ] {
            let outcome = try await run(arguments, into: "true", variables)
            #expect(["141\n", "0\n"].contains(outcome.output), "\(arguments) \(outcome)")
            #expect(outcome.errors == "", "\(arguments) \(outcome)")
        }
    }
}
