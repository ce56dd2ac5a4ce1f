// An error that is a table without a message shows its scalar fields, wherever it ends a script or an effect.

import LuaRuntime
import Testing

@testable import Scripting

@Suite struct ErrorTableTests {
    @Test(arguments: [
        ("{ code = 'late', order = 7 }", "{ code = \"late\", order = 7 }"),
        (
            "{ order = 7, code = 'late', of = { 1 }, f = print, paid = false, rate = 1.5 }",
            "{ code = \"late\", order = 7, paid = false, rate = 1.5 }"
        ),
        ("{ 'first', 'second' }", "{ [1] = \"first\", [2] = \"second\" }"),
        ("{ message = 'said', code = 'late' }", "said"), ("{ message = 7 }", "{ message = 7 }"),
        ("{ missing = paylink.usd('1.5') }", "{ missing = 1.50 }"), ("{ text = 'a\\nb' }", "{ text = \"a\\nb\" }"),
        ("{ text = ('x'):rep(101) }", "{ text = \"\(String(repeating: "x", count: 100))…\" }"),
        ("{ text = ('x'):rep(99) .. 'éé' }", "{ text = \"\(String(repeating: "x", count: 99))…\" }"),
        ("{}", "the error value is a table"), ("{ of = {} }", "the error value is a table"),
        ("setmetatable({ code = 'x' }, { __index = function() error('asked') end })", "{ code = \"x\" }"),
        ("setmetatable({ code = 'x' }, { __tostring = function() return 'as it says' end })", "as it says"),
        ("nil", "the error value is nil"), ("print", "the error value is a function"),
    ])
    func aScriptThatDiesOfOneShowsIt(_ value: String, _ shown: String) async throws {
        var scripts = ["error(VALUE)", "task.spawn(function() error(VALUE) end) sleep('1h')"]
        // What is no table becomes an error of the API where tasks are joined.
        if !["nil", "print"].contains(value) { scripts.append("task.all{ function() error(VALUE) end }") }
        for script in scripts {
            let run = try await ScriptHarness.run(script.replacing("VALUE", with: value))
            let message = try #require(run.failure?.message)
            #expect(message == "test.lua:1: " + shown || message == shown, "\(script): \(message)")
        }
    }

    @Test func manyFieldsAreCut() async throws {
        let run = try await ScriptHarness.run("local t = {} for i = 1, 2000 do t['k' .. i] = i end error(t)")
        #expect(run.failure?.message.hasSuffix(", … }") == true)
        #expect((run.failure?.message.count ?? 0) < 600)
    }

    @Test(arguments: ["error({ code = 'late', order = 7 })", "return nil, { code = 'late', order = 7 }"])
    func anEffectThatFailedSaysSo(_ body: String) async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let run = try await ScriptHarness.run(
                """
                pcall(paylink.once, 'ship:1', function() \(body) end)
                local _, err = paylink.once('ship:1', function() end)
                assert(err.code == 'in_doubt' and err.message:find('{ code = "late", order = 7 }', 1, true), err.message)
                """, sandbox: sandbox)
            #expect(run.result == .finished(status: 0), "\(run.result)")
        }
    }
}
