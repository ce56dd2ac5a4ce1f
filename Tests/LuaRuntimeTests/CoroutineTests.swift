// Coroutines and message handlers at their end, where stock Lua is the measure, and tasks' own ones out of reach.

import LuaRuntime
import Testing

@Suite struct CoroutineTests {
    @Test func aWrappedCoroutineIsDeadAfterAnErrorAndTheLastErrorWins() throws {
        let script = """
            local inner
            local f = coroutine.wrap(function()
              inner = coroutine.running()
              local x <close> = setmetatable({}, {__close = function() error("closing", 0) end})
              error("first", 0)
            end)
            local ok, err = pcall(f)
            assert(not ok and err == "closing", err)
            assert(coroutine.status(inner) == "dead")
            ok, err = pcall(f)
            assert(not ok and err:find("cannot resume dead coroutine", 1, true), err)
            """
        #expect(try ScriptRunner().run(script) == .finished)
    }

    @Test func aHandlerIsNotAskedOnceItsCoroutineIsClosed() throws {
        let script = """
            local asked = 0
            local co = coroutine.create(function()
              local x <close> = setmetatable({}, {__close = function() error("closing", 0) end})
              xpcall(coroutine.yield, function() asked = asked + 1 return "handled" end)
            end)
            coroutine.resume(co)
            local ok, err = coroutine.close(co)
            assert(not ok and err == "closing" and asked == 0, err)
            """
        #expect(try ScriptRunner().run(script) == .finished)
    }

    @Test func aHandlerThatFailsIsAskedAFewTimes() throws {
        let script = """
            local asked = 0
            local ok, err = xpcall(error, function(m) asked = asked + 1 error(m, 0) end, "x")
            assert(not ok and err == "error in error handling" and asked == 10, asked)
            asked = 0
            ok, err = xpcall(error, function(m) asked = asked + 1 if asked < 3 then error("again") end return m end, "x")
            assert(not ok and err:find("again") and asked == 3)
            ok, err = xpcall(error, function(m) return select(2, xpcall(error, function(n) return n .. "c" end, m .. "b")) end, "a")
            assert(err == "abc", err)
            """
        #expect(try ScriptRunner().run(script) == .finished)
    }

    @Test func aHandlerSeesTheStackOfItsError() throws {
        let script = """
            local function thrower() error("x") end
            local function middle() host.wait(1) thrower() end
            local ok, trace = xpcall(middle, debug.traceback)
            assert(trace:find("test.lua:1: in upvalue 'thrower'", 1, true), trace)
            assert(trace:find("test.lua:2: in function", 1, true), trace)
            """
        #expect(try ScriptRunner().run(script) == .finished)
    }

    @Test func tracebacksBeginAtTheirLevel() throws {
        let script = """
            local function inner(level) return debug.traceback("m", level) end
            local function outer(level) local t = inner(level) return t end
            local zero, one, two = outer(0), outer(1), outer(2)
            assert(zero:find("traceback") and zero:find("test.lua:1:"), zero)
            assert(not one:find("traceback") and one:find("test.lua:1:"), one)
            assert(not two:find("test.lua:1:") and two:find("test.lua:2:"), two)
            assert(debug.traceback("m", 1 << 40) == "m\\n")
            assert(debug.traceback({}) ~= nil and debug.traceback("m"):find("^m\\n"))
            """
        #expect(try ScriptRunner().run(script) == .finished)
    }

    @Test func aFailedTasksOwnCoroutineIsOutOfReach() throws {
        let runner = try ScriptRunner()
        let script = """
            local T
            local h = host.spawn(function() T = coroutine.running() host.wait(1) error({code = "gone"}) end)
            local ok, err = host.join(h)
            assert(err.code == "gone")
            assert(coroutine.status(T) == "normal")
            assert(not coroutine.resume(T))
            local closed, why = pcall(coroutine.close, T)
            assert(not closed and why:find("cannot close a normal coroutine"), why)
            assert(debug.traceback(T, "m") == "m\\n")
            ok, err = host.join(h)
            assert(err.code == "gone")
            """
        #expect(runner.run(script) == .finished)
    }

    @Test func theMainStatesOwnThreadIsOutOfReach() throws {
        let runner = try ScriptRunner()
        let script = """
            host.spawn(function()
              error(setmetatable({}, {__tostring = function()
                leaked = coroutine.running()
                return "shown"
              end}))
            end)
            for i = 1, 5 do host.wait() end
            assert(type(leaked) == "thread")
            assert(not coroutine.resume(leaked) and not pcall(coroutine.close, leaked))
            assert(coroutine.status(leaked) == "normal")
            """
        #expect(runner.run(script) == .finished)
    }

    @Test func anExitThatClosesRunsWhatIsToBeClosed() throws {
        let runner = try ScriptRunner()
        let script = """
            local function closing(name) return setmetatable({}, {__close = function() host.record(name) end}) end
            local a <close> = closing("main")
            host.spawn(function()
              local b <close> = closing("task")
              coroutine.wrap(function()
                local c <close> = closing("coroutine")
                pcall(function() host.exit(true) end)
                host.record("went on")
              end)()
            end)
            host.wait() host.wait() host.wait()
            host.record("went on")
            """
        #expect(runner.run(script).failure?.stop == .exit)
        #expect(runner.records == [.string("coroutine"), .string("task"), .string("main")])
    }

    @Test func anExitThatDoesNotCloseRunsNothing() throws {
        let runner = try ScriptRunner()
        let script = "local a <close> = setmetatable({}, {__close = function() host.record(1) end}) host.exit()"
        #expect(runner.run(script).failure?.stop == .exit)
        #expect(runner.records.isEmpty)
    }
}
