// A failed call that is a statement is told at the end of the run; one whose results went anywhere is not.

import Console
import LuaRuntime
import Testing

@testable import Scripting

@Suite struct IgnoredFailureTests {
    /// BAD stands for a call that fails.
    private static let bad = "paylink.create{ amount = 'abc', description = 'x' }"

    private static func warnings(_ script: String) async throws -> [String] {
        let run = try await ScriptHarness.run(script.replacing("BAD", with: bad)) { $0.options.isDryRun = false }
        #expect(run.result == .finished(status: 0), "\(run.result)")
        return run.messages.filter { $0.level == .warn }.map(\.text)
    }

    @Test(arguments: [
        "BAD", "do BAD end", "if true then BAD end", "local function f() BAD end f()",
        // What is returned unseen goes to whoever called, and nobody takes it there.
        "local function f() return BAD end f()",
        "local function f() return BAD end local function g() return f() end g()",
        "local ok = pcall(function() BAD end)", "task.spawn(function() BAD end):join()",
        "coroutine.wrap(function() BAD end)()",
        "local create = paylink.create create{ amount = 'abc', description = 'x' }",
        "BAD local link = paylink.usd(1)", "local _ = pcall(error, 'x') BAD",
        "json.decode('{')", "local t = setmetatable({}, { __index = function() BAD return 1 end }) local _ = t.x",
        "csv.rows('/nowhere.csv')", "secret('NONE')", "http.get('https://shop.example/')",
    ])
    func aStatementIsTold(_ script: String) async throws {
        let warnings = try await Self.warnings(script)
        #expect(
            warnings.count == 1 && warnings.first?.hasPrefix("a call failed, and nobody looked") == true, "\(warnings)")
        #expect(warnings.first?.contains(" at test.lua:1: ") == true, "\(warnings)")
    }

    @Test(arguments: [
        "local link = BAD if not link then return end", "local link, err = BAD", "local _ = BAD", "if not BAD then end",
        "print(BAD)", "print((BAD))", "local t = { BAD }", "local t = {} t.x = BAD",
        "pcall(paylink.create, { amount = 'abc', description = 'x' })",
        "local x = select('#', BAD)", "while BAD do end", "return BAD",
        "local function f() return BAD end local link = f()",
        "local function f() return (BAD) end f()", "pcall(assert, BAD)",
        "local h = task.spawn(function() return BAD end) h:join()",
        "assert(paylink.usd(1))", "for _ in pairs{ BAD } do end", "local x = BAD == nil", "local x = not BAD and 1",
        "log.info('x')", "task.map({ 1 }, {}, function() return BAD end)", "json.encode({})",
    ])
    func whatWentAnywhereIsNot(_ script: String) async throws {
        #expect(try await Self.warnings(script).isEmpty)
    }

    @Test func severalAreOneWarning() async throws {
        let script = "for i = 1, 3 do BAD end\nBAD\n" + String(repeating: "BAD\n", count: 5)
        let warnings = try await Self.warnings(script)
        #expect(warnings.count == 1)
        let text = try #require(warnings.first)
        #expect(
            text.hasPrefix("9 calls failed, and nobody looked at the results: paylink.create at test.lua:1: "),
            "\(text)")
        #expect(text.contains("(3 times); paylink.create at test.lua:2: invalid_request: "), "\(text)")
        #expect(text.contains("; … and 2 more; check"), "\(text)")
        #expect(text.contains("test.lua:5") && !text.contains("test.lua:6"), "\(text)")
    }

    /// The status is the script's own, and a failure of its own is told as well.
    @Test func theEndStaysWhatItIs() async throws {
        let chosen = try await ScriptHarness.run(Self.bad + " os.exit(3)")
        #expect(chosen.result == .finished(status: 3) && chosen.messages.count == 1)
        let failed = try await ScriptHarness.run(Self.bad + "\nerror('died')")
        #expect(failed.failure?.message == "test.lua:2: died" && failed.messages.count == 1)
    }

    /// In a dry run nothing is done, and nobody has to look.
    @Test func aDryRunTellsNothing() async throws {
        let run = try await ScriptHarness.run("http.post('http://127.0.0.1:1/', { json = { 1 } })") {
            $0.options.isDryRun = true
            try? $0.options.network.allow("127.0.0.1")
        }
        #expect(run.result == .finished(status: 0) && run.messages.isEmpty, "\(run)")
    }
}
