// Values across the border, waits, tasks and coroutines.

import LuaRuntime
import Testing

@Suite struct HostCallTests {
    @Test(arguments: [
        "nil", "true", "false", "0", "math.mininteger", "math.maxinteger", "0.1", "-1/0", "''", "'a\\0b'",
        "('x'):rep(100000)", "{1,2,3}", "{a=1,b={c={}}}", "{[1]='x',[3]='y'}", "{{},{{}}}", "host.null", "'\\xff\\xfe'",
    ])
    func valuesComeBackAsTheyWent(_ expression: String) throws {
        let runner = try ScriptRunner()
        let script = """
            local function same(a, b)
              if type(a) ~= "table" then return a == b and math.type(a) == math.type(b) end
              for k, v in pairs(a) do if not same(v, b[k]) then return false end end
              for k in pairs(b) do if a[k] == nil then return false end end
              return true
            end
            local v = \(expression)
            assert(same(v, host.echo(v)), "echo")
            assert(same(v, host.wait(v)), "wait")
            """
        #expect(runner.run(script) == .finished)
    }

    @Test func boxesKeepTheirInteger() throws {
        let runner = try ScriptRunner()
        #expect(
            runner.run("assert(host.unbox(host.wait(host.box(-42))) == -42) assert(host.unbox({}) == nil)") == .finished
        )
    }

    @Test(arguments: [
        ("host.echo(print)", "a function cannot be passed to the host"),
        ("host.echo({x = coroutine.create(print)})", "a thread cannot be passed to the host"),
        ("host.echo(io.stdout)", "a userdata cannot be passed to the host"),
        ("local t = {} t.t = t host.echo(t)", "a table is nested more than 100 deep (or contains itself)"),
        ("host.fail('boom')", "boom"),
        ("coroutine.yield(1)", "coroutine.yield outside a coroutine (to wait, use sleep or task)"),
        ("table.sort({3,2,1}, function(a, b) host.wait(1) return a < b end)", "host.wait cannot wait inside"),
        ("string.gsub('x', 'x', function() host.wait(1) end)", "host.wait cannot wait inside"),
        (
            "local t = setmetatable({}, {__index = function() return host.wait(1) end}) table.concat(t, '', 1, 2)",
            "host.wait cannot wait inside"
        ),
        ("setmetatable({}, {__gc = print})", "__gc is not available to scripts"),
        ("error()", "the error value is nil"),
        ("error(setmetatable({}, {__tostring = function() error('x') end}))", "whose __tostring raised an error"),
        ("error({})", "the error value is a table"),
        ("error(io.stdout)", "file ("),
        ("local x <close> = setmetatable({}, {__close = function() error('from close') end}) error('first')", "first"),
        ("load('\\27Lua')()", "attempt to call a nil value"),
    ])
    func misuseIsAnErrorThatSaysWhat(_ script: String, _ message: String) throws {
        let runner = try ScriptRunner()
        let end = runner.run(script)
        #expect(end.message?.contains(message) == true, "\(end)")
        #expect(runner.run("assert(host.echo(1) == 1)") == .finished)
    }

    @Test func aSyntaxErrorNamesFileAndLine() throws {
        let end = try ScriptRunner().run("local a = 1\nlocal b = = 2")
        #expect(end.message == "test.lua:2: unexpected symbol near '='")
    }

    @Test func binaryChunksAreRefused() throws {
        let end = try ScriptRunner().run("\u{1B}Lua")
        #expect(end.message?.contains("attempt to load a binary chunk") == true)
    }

    @Test func metatablesOfPassedValuesAreNotConsulted() throws {
        let runner = try ScriptRunner()
        let script = """
            local t = setmetatable({a = 1}, {__index = error, __pairs = error, __len = error, __metatable = false})
            assert(host.echo(t).a == 1)
            assert(getmetatable(host.box(1)) ~= nil)
            """
        #expect(runner.run(script) == .finished)
    }

    @Test func waitsPassThroughCoroutines() throws {
        let runner = try ScriptRunner()
        let script = """
            local function gen()
              return coroutine.wrap(function()
                for i = 1, 3 do
                  local inner = coroutine.create(function(x) return host.wait(x) + host.wait(x) end)
                  local ok, v = coroutine.resume(inner, i)
                  assert(ok and v == 2 * i)
                  assert(coroutine.status(inner) == "dead")
                  coroutine.yield(host.wait(i))
                end
              end)
            end
            local seen = {}
            for v in gen() do seen[#seen + 1] = v end
            assert(table.concat(seen, ",") == "1,2,3")
            assert(select(2, pcall(function() host.wait(1) error("after") end)):find("after"))
            """
        #expect(runner.run(script) == .finished)
    }

    @Test func aCoroutineInAHostWaitCannotBeResumedByAnother() throws {
        let runner = try ScriptRunner()
        let script = """
            local co
            local a = host.spawn(function()
              co = coroutine.create(function() host.wait(1) return host.wait(2) end)
              return coroutine.resume(co)
            end)
            local b = host.spawn(function()
              while not co do host.wait() end
              local ok, err = coroutine.resume(co)
              assert(not ok and err == "cannot resume non-suspended coroutine", err)
              assert(coroutine.status(co) == "normal")
              assert(not pcall(coroutine.close, co))
            end)
            host.join(b)
            local ok, v = host.join(a)
            assert(ok and v == 2)
            """
        #expect(runner.run(script) == .finished)
    }

    @Test func aTasksOwnCoroutineIsOutOfReach() throws {
        let runner = try ScriptRunner()
        let script = """
            local T
            local h = host.spawn(function() T = coroutine.running() host.wait() return print, 1 end)
            host.wait() host.wait()
            assert(not coroutine.resume(T))
            host.join(h)
            assert(not coroutine.resume(T))
            assert(coroutine.status(T) == "normal")
            assert(select("#", host.join(h)) == 2)
            """
        #expect(runner.run(script) == .finished)
    }

    @Test func resultsAndErrorsOfTasksAreJoined() throws {
        let runner = try ScriptRunner()
        let script = """
            local h = host.spawn(function(a, b) return a + host.wait(b), {f = print} end, 1, 2)
            local sum, t = host.join(h)
            assert(sum == 3 and t.f == print)
            local bad = host.spawn(function() error({code = "x"}) end)
            local ok, err = host.join(bad)
            assert(ok == nil and err.code == "x")
            h, bad = nil, nil
            collectgarbage()
            """
        #expect(runner.run(script) == .finished)
        #expect(runner.collectedTasks.count == 2)
    }

    @Test func anEndedTaskRunsItsCloseHandlersAndCannotCatchIt() throws {
        let runner = try ScriptRunner()
        let script = """
            host.spawn(function()
              local a <close> = setmetatable({}, {__close = function() host.record("outer closed") end})
              pcall(function()
                local co = coroutine.wrap(function()
                  local b <close> = setmetatable({}, {__close = function()
                    host.record("inner closed")
                    local ok, err = pcall(host.wait, 1)
                    host.record(err)
                  end})
                  host.never()
                end)
                co()
              end)
              host.record("went on")
            end)
            host.wait() host.wait()
            """
        #expect(runner.run(script) == .finished)
        let parked = try #require(runner.parked.first)
        runner.state.kill(parked.task)
        #expect(
            runner.records == [
                .string("inner closed"), .string("host.wait cannot wait: its task is being ended"),
                .string("outer closed"),
            ] || runner.records[1].stringValue?.contains("its task is being ended") == true)
        #expect(runner.records.count == 3)
        #expect(
            {
                if case .stale = runner.state.resume(parked.task, generation: parked.generation) { true } else { false }
            }())
    }

    @Test func aTaskThatDiesRunsItsCloseHandlers() throws {
        let runner = try ScriptRunner()
        let end = runner.run(
            "local x <close> = setmetatable({}, {__close = function(_, e) host.record(e) end}) error('gone')")
        #expect(end.message == "test.lua:1: gone")
        #expect(runner.records == [.string("test.lua:1: gone")])
    }

    @Test func anOldGenerationIsIgnored() throws {
        let runner = try ScriptRunner()
        #expect(
            runner.run(
                "host.spawn(function() host.never() host.record('woken') host.never() end) host.wait() host.wait()")
                == .finished)
        let first = try #require(runner.parked.first)
        guard case .waiting = runner.state.resume(first.task, generation: first.generation) else {
            Issue.record("the first resume should reach the second wait")
            return
        }
        guard case .stale = runner.state.resume(first.task, generation: first.generation) else {
            Issue.record("a second resume with the old generation should be stale")
            return
        }
        #expect(runner.records == [.string("woken")])
    }

    @Test func tracebacksNameScriptLinesAcrossCoroutinesAndWaits() throws {
        let runner = try ScriptRunner()
        let script = """
            local function inner()
              host.wait(1)
              local x = nil
              return x.field
            end
            local co = coroutine.wrap(function()
              inner()
            end)
            local function outer() co() end
            outer()
            """
        let failure = try #require(runner.run(script).failure)
        #expect(failure.message == "test.lua:4: attempt to index a nil value (local 'x')")
        for line in [
            "test.lua:4: in upvalue 'inner'", "test.lua:7: in function", "test.lua:9: in local 'outer'",
            "test.lua:10: in main chunk",
        ] {
            #expect(failure.traceback.contains(line), "\(failure.traceback)")
        }
    }

    @Test func errorTablesCarryTheirCodeAndLine() throws {
        let failure = try #require(
            ScriptRunner().run(
                "\nerror(setmetatable({code='unauthorized'}, {__tostring=function() return 'refused' end}))"
            ).failure)
        #expect(failure.code == "unauthorized")
        #expect(failure.message == "test.lua:2: refused")
    }

    @Test func scriptArgumentsAreVarargs() throws {
        #expect(
            try ScriptRunner().run(
                "local a, b = ... assert(a == 'x y' and b == '' and select('#', ...) == 2)", arguments: ["x y", ""])
                == .finished)
    }
}
