// Scripts that try to run for ever, eat all memory, or survive being stopped. Each must end in a clear error,
// and the process must be able to run the next script. (No times are asserted: a hang is the failure.)

import Foundation
import LuaRuntime
import Testing

@Suite struct HostileScriptTests {
    static let endless: [String] = [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "while true do xpcall(function() while true do end end, function() while true do end end) end",
        "local co = coroutine.wrap(function() while true do end end) while true do pcall(co) end",
        "while true do local co = coroutine.create(function() while true do end end) coroutine.resume(co) end",
        "setmetatable({}, {__gc = function() while true do end end})",
        "do local x <close> = setmetatable({}, {__close = function() while true do end end}) end",
        "local x <close> = setmetatable({}, {__close = function() while true do end end}) error('x')",
        "local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() while true do end end}) coroutine.yield() end) coroutine.resume(co) coroutine.close(co)",
        "local co = coroutine.wrap(function() local x <close> = setmetatable({}, {__close = function() while true do end end}) error('x') end) co()",
        "local t = setmetatable({}, {__index = function() while true do end end}) return t.x",
        "error(setmetatable({}, {__tostring = function() while true do end end}))",
        "local s = ('a'):rep(40) .. 'b' while true do string.find(s, ('a*'):rep(20) .. 'c') end",
        "string.find(('a'):rep(100000), ('.-'):rep(50) .. 'b')",
        "string.find(('a'):rep(200000), '(.-)%1b') while true do end",
        "while true do string.gsub(('a'):rep(1000), ('a?'):rep(30) .. ('a'):rep(30), '') end",
        "local n = ('a'):rep(1000000) while true do n:find(('a'):rep(500000) .. 'b', 1, true) end",
        "table.insert(setmetatable({}, {__len = function() return 1 << 53 end}), 1, 1)",
        "table.move({}, 1, 1 << 53, 2)",
        "table.remove(setmetatable({}, {__len = function() return 1 << 53 end}), 1)",
        "table.concat(setmetatable({}, {__index = rawlen}), '', 1, 1 << 40)",
        "local t = {} for i = 1, 200000 do t[i] = -i end while true do table.sort(t) table.sort(t, function(a, b) return a > b end) end",
        "table.sort(setmetatable({}, {__len = function() return 1 << 30 end, __index = function(_, i) return i end, __newindex = function() end}))",
        "local function f() return f() end f()",
        "while true do load('x = 1') end",
        "while true do pcall(error) end",
        "while true do collectgarbage() end",
        "local t = setmetatable({}, {}) getmetatable(t).__eq = function() while true do end end return t == setmetatable({}, getmetatable(t))",
        "for _ in pairs(setmetatable({}, {__pairs = function() return function() return 1 end end})) do end",
        "('x'):rep(-1) ; ('') :rep(1 << 50) while true do end",
        "goto a ::a:: goto a",
        "local x <close> = setmetatable({}, {__close = function() while true do end end}) while true do end",
        "getmetatable(io.stderr).__gc = function() while true do end end",
        "while true do coroutine.wrap(function() coroutine.yield() end)() end",
        "local function spin() local ok = pcall(spin) while true do end end spin()",
    ]

    @Test(.timeLimit(.minutes(1)), arguments: endless)
    func endlessScriptsAreStopped(_ script: String) throws {
        for limits in [
            LuaLimits(memory: 64 << 20, stretch: .milliseconds(150)),
            LuaLimits(memory: 64 << 20, stretch: nil, total: .milliseconds(150)),
        ] {
            let runner = try ScriptRunner(limits)
            let end = runner.run(script)
            let failure = try #require(end.failure, "\(end)")
            let expected: [LuaStop?] = script.contains("__gc") ? [nil] : [.stretch, .total]
            let died = expected.contains(failure.stop) || failure.message.contains("__tostring raised")
            #expect(died, "\(failure)")
            #expect(try ScriptRunner().run("assert(1 + 1 == 2)") == .finished)
        }
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "while true do end", "while true do pcall(function() while true do end end) end",
            "coroutine.wrap(function() while true do end end)()",
        ])
    func instructionsAreBounded(_ script: String) throws {
        let runner = try ScriptRunner(LuaLimits(instructions: 1_000_000, stretch: nil))
        #expect(runner.run(script).failure?.stop == .instructions)
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            ("('x'):rep(1 << 30)", "not enough memory"),
            ("('x'):rep(1 << 62)", "resulting string too large"),
            ("local t = {} for i = 1, 1 << 40 do t[i] = i end", "not enough memory"),
            ("local s = 'x' while true do s = s .. s end", "not enough memory"),
            ("local t = {} while true do t = {t, ('y'):rep(1000)} end", "not enough memory"),
            ("local t = {'x'} for i = 1, 90 do t = {t, t} end host.echo(t)", "not enough memory"),
            ("string.format('%s', ('z'):rep(1 << 29))", "not enough memory"),
            ("local function f() return 1 + f() end f()", "stack overflow"),
            ("local t = {} for i = 1, 1e6 do t[i] = i end table.unpack(t)", "too many results to unpack"),
            ("load(('('):rep(100000))", ""),
            ("assert(load(('('):rep(100000)))", "overflow"),
            ("assert(load(('a='):rep(100000) .. '1'))", ""),
            ("local s = ('('):rep(200) string.find(s, s)", "too many captures"),
            ("string.rep('x', 1e9, 'y')", "not enough memory"),
            (
                "local f = function() end for i = 1, 300 do local g = f f = function() return pcall(g) end end f() error('deep')",
                "deep"
            ),
            (
                "local s = string.rep('x', 300) local function r(n) return (s:gsub('x', function() return r(n + 1) end)) end r(1)",
                "overflow"
            ),
            ("local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x", "'__index' chain too long"),
        ])
    func memoryAndStacksAreBounded(_ script: String, _ message: String) throws {
        let runner = try ScriptRunner(LuaLimits(memory: 128 << 20, stretch: .seconds(20)))
        let end = runner.run(script)
        if !message.isEmpty { #expect(end.message?.contains(message) == true, "\(end)") }
        #expect(runner.run("assert(host.echo(1) == 1)") == .finished)
        #expect(runner.state.memory.peak <= 129 << 20)
    }

    @Test func theLimitsAreThoseThatAreStated() {
        let limits = LuaLimits()
        #expect(limits.memory == 256 << 20 && limits.stretch == .seconds(30) && limits.total == nil)
    }

    @Test(.timeLimit(.minutes(1))) func anotherThreadCanStopABusyScript() throws {
        let runner = try ScriptRunner(LuaLimits(stretch: nil))
        let stopper = runner.state.stopper
        let thread = Thread { stopper.stop(.interrupt) }
        thread.start()
        #expect(runner.run("while true do pcall(function() while true do end end) end").failure?.stop == .interrupt)
    }

    @Test(.timeLimit(.minutes(1))) func stretchesAreCountedAnewAfterEachWait() throws {
        let runner = try ScriptRunner(LuaLimits(stretch: .milliseconds(400)))
        let script = """
            for _ = 1, 6 do
              local before = os.clock()
              while os.clock() - before < 0.1 do end
              host.wait(1)
            end
            """
        #expect(runner.run(script) == .finished)
    }

    @Test func theReplacedLibrariesBehaveAsTheStockOnes() throws {
        let runner = try ScriptRunner(LuaLimits(memory: 512 << 20, stretch: .seconds(60)))
        #expect(runner.run("stock = host.stock()") == .finished)
        for part in ["compare", "strings", "tables"] {
            let url = try #require(
                Bundle.module.url(forResource: part, withExtension: "lua", subdirectory: "Differential"))
            let source = try String(contentsOf: url, encoding: .utf8)
            #expect(runner.run(source, chunk: "@\(part).lua") == .finished)
        }
    }
}
