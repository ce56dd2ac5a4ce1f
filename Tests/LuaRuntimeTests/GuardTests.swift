// What Lua 5.4.4 cannot leave to a script is guarded as a kind, whichever way a script takes to it.

import Foundation
import LuaRuntime
import Testing

@Suite struct GuardTests {
    /// What a host's metatables are set on, as the runtime makes it.
    static let hostValues = [
        ("box_metatable", "host.box(1)"), ("null_metatable", "host.echo(host.null)"),
        ("handle_metatable", "host.spawn(function() end)"), ("array_metatable", "host.echo({{}})[1]"),
        ("error_metatable", "setmetatable({}, host.error_metatable)"), ("secret_metatable", "host.make_secret({})"),
    ]

    @Test(
        arguments: hostValues, ["m.__gc = f", "rawset(m, '__gc', f)", "for k, v in next, {__gc = f} do m[k] = v end"])
    func noMetatableOfTheHostTakesAFinalizer(_ value: (table: String, made: String), _ setter: String) throws {
        let runner = try ScriptRunner()
        let script = """
            local called, m = false, host.\(value.table)
            local function f() called = true end
            \(setter)
            for i = 1, 10 do pcall(function() local made = \(value.made) end) end
            collectgarbage()
            collectgarbage()
            assert(not called)
            """
        #expect(runner.run(script) == .finished)
    }

    @Test(arguments: [
        "m.__gc = f", "rawset(m, '__gc', f)", "local n = {__gc = f} for k, v in pairs(n) do m[k] = v end",
    ])
    func noMetatableOfAScriptTakesAFinalizerLater(_ setter: String) throws {
        let script = """
            local called, m = false, {}
            local function f() called = true end
            setmetatable({}, m)
            \(setter)
            assert(not pcall(setmetatable, {}, m))
            collectgarbage()
            assert(not called and rawget(m, "__gc") == f)
            """
        #expect(try ScriptRunner().run(script) == .finished)
    }

    @Test func theRuntimesOwnFinalizersStillRun() throws {
        let runner = try ScriptRunner()
        #expect(
            runner.run("local h = host.spawn(function() end) host.join(h) h = nil host.wait() collectgarbage()")
                == .finished)
        #expect(runner.collectedTasks.count == 1)
    }

    @Test func whatTheHostPutsIntoMetatablesIsNotSeen() throws {
        let script = """
            local m = {__index = {}, __mode = "k"}
            setmetatable({}, m)
            local seen = {}
            for k in pairs(m) do seen[#seen + 1] = k end
            table.sort(seen)
            assert(table.concat(seen, " ") == "__index __mode")
            assert(getmetatable("") == false)
            """
        #expect(try ScriptRunner().run(script) == .finished)
    }

    @Test(arguments: [
        ("setmetatable({}, setmetatable({}, {__mode = 'k'}))", "a weak table (__mode) cannot be a metatable"),
        (
            "local m = {} setmetatable({}, m) setmetatable(m, {__mode = 'v'})",
            "a weak table (__mode) cannot be a metatable"
        ),
        ("local m = {__mode = 'v'} setmetatable(m, m)", "a weak table (__mode) cannot be a metatable"),
        ("setmetatable(host.error_metatable, {__mode = 'v'})", "a weak table (__mode) cannot be a metatable"),
        ("local m = {} setmetatable({}, m) m.__mode = 'k' setmetatable({}, m)", "must be there when it is first set"),
        ("local m = {__mode = 'k'} setmetatable({}, m) m.__mode = 'v' setmetatable({}, m)", "and stay as it is"),
    ])
    func noMetatableIsWeak(_ script: String, _ message: String) throws {
        let end = try ScriptRunner().run(script)
        #expect(end.message?.contains(message) == true, "\(end)")
    }

    @Test(arguments: ["k", "v", "kv"])
    func weakTablesWorkAsEver(_ mode: String) throws {
        let script = """
            local t = setmetatable({}, {__mode = "\(mode)"})
            t[{}], t[1] = 1, {}
            collectgarbage()
            assert((next(t) == nil) == ("\(mode)" == "kv"))
            local shared = {__mode = "k"}
            for i = 1, 3 do setmetatable({}, shared) end
            """
        #expect(try ScriptRunner().run(script) == .finished)
    }

    @Test func aLoopLeftByBreakClosesItsFourthValue() throws {
        let script = """
            local closed = 0
            local last = setmetatable({}, {__close = function() closed = closed + 1 end})
            local function through(stop)
              for k in next, {1, 2}, nil, last do
                local function shown() return k end
                if stop then break end
                for j in next, {1}, nil, last do local function both() return j, k end break end
              end
              assert(closed == (stop and 1 or 4), closed)
            end
            through(true)
            closed = 1
            through(false)
            """
        #expect(try ScriptRunner().run(script) == .finished)
    }

    @Test func anExpressionOfTooManyStepsIsRefused() throws {
        let script = """
            local function chain(n) return load("local t = ... return t" .. (".a"):rep(n)) end
            local t = {}
            t.a = t
            assert(chain(150)(t) == t)
            local f, problem = chain(201)
            assert(not f and problem:find("more than 200 fields or indices in a row", 1, true), problem)
            assert(load("local t = ... return " .. ("t.a.a + "):rep(500) .. "1"))
            assert(load("local t = ... " .. ("t.a.b = t.a.c.d(t.a) "):rep(500)))
            """
        #expect(try ScriptRunner().run(script) == .finished)
        let end = try ScriptRunner().run(
            "\nlocal function f(t) return t" + String(repeating: "['a']", count: 300) + " end")
        #expect(end.message?.hasPrefix("test.lua:2: an expression in the function that begins here") == true, "\(end)")
    }

    @Test func textIsBounded() throws {
        let runner = try ScriptRunner(LuaLimits(memory: 256 << 20, stretch: .seconds(60)))
        let script = """
            local f, problem = load((" "):rep((4 << 20) + 1))
            assert(not f and problem:find("larger than 4 MB", 1, true), problem)
            local n = 0
            f, problem = load(function() n = n + 1 return (" "):rep(1 << 16) end)
            assert(not f and n == 65 and problem:find("larger than 4 MB", 1, true), problem)
            assert(load((" "):rep(4 << 20)))
            """
        #expect(runner.run(script) == .finished)
        #expect(
            runner.run(String(repeating: " ", count: (16 << 20) + 1)).message?.contains("larger than 16 MB") == true)
    }

    /// Whole, the text takes 21 MB before anything of it runs, where the next hook would fire.
    @Test(.timeLimit(.minutes(1))) func aParserCanBeStopped() throws {
        let runner = try ScriptRunner(LuaLimits(memory: 256 << 20, stretch: .milliseconds(5)))
        let end = runner.run(String(repeating: "x = 1\n", count: (16 << 20) / 6))
        #expect(end.failure?.stop == .stretch, "\(end)")
        #expect(runner.state.memory.peak < 8 << 20, "\(runner.state.memory.peak)")
    }

    @Test func nestedCallsOfCFitIntoASmallStack() async throws {
        let script = """
            local s = ("x"):rep(300)
            local function r() return (s:gsub("x", r)) end
            local ok, message = pcall(r)
            assert(not ok and message:find("C stack overflow"), message)
            """
        let end = await withCheckedContinuation { continuation in
            let thread = Thread {
                continuation.resume(returning: Result { try ScriptRunner().run(script) })
            }
            thread.stackSize = 1 << 20
            thread.start()
        }
        #expect(try end.get() == .finished)
    }
}
