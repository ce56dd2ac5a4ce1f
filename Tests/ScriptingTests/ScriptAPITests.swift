// The Lua API by its own promises: each script asserts what it expects.

import Console
import LuaRuntime
import OneShotPay
import Sandbox
import Scripting
import Testing

@Suite struct ScriptAPITests {
    @Test(arguments: [
        // exact money
        "local t = paylink.usd('0.10') + '0.20' assert(t == paylink.usd('0.30') and tostring(t) == '0.30')",
        "assert(tostring(paylink.usd('12.50') * 3) == '37.50') assert(tostring(2 * paylink.usd(1)) == '2.00')",
        "assert(paylink.usd(0.1) == paylink.usd('0.1')) assert(paylink.usd('1') < paylink.usd('1.000001')) assert(paylink.usd(1) <= 1)",
        "assert(tostring(-paylink.usd('1.5')) == '-1.50') assert(tostring(paylink.usd('5') - 7) == '-2.00')",
        "assert('total ' .. paylink.usd('1') == 'total 1.00')",
        "assert(not pcall(paylink.usd, 0.1 + 0.2)) assert(not pcall(paylink.usd, 'abc')) assert(not pcall(paylink.usd, {}))",
        "local m = paylink.usd('9000000000000') assert(not pcall(function() return m + m end)) assert(not pcall(function() return m * 1000000000 end))",
        "assert(not pcall(function() return paylink.usd(1) * 1.5 end)) assert(not pcall(function() return paylink.usd(1) / 2 end))",
        "assert(not pcall(function() return paylink.usd(1).cents end)) assert(getmetatable(paylink.usd(1)) == false)",
        // json
        "assert(json.encode{1, 2, 3} == '[1,2,3]' and json.encode{} == '{}' and json.encode(json.array()) == '[]')",
        "assert(json.encode{b = 1, a = {true, json.null}} == '{\"a\":[true,null],\"b\":1}')",
        "assert(json.encode(1.0) == '1.0' and json.encode(1) == '1' and json.encode('\\n\\\"é') == '\"\\\\n\\\\\"é\"')",
        "assert(json.encode{paid = paylink.usd('12.5')} == '{\"paid\":\"12.50\"}')",
        "local v = json.decode('{\"a\":[],\"n\":9223372036854775807,\"x\":1.5,\"z\":null}') assert(json.encode(v) == '{\"a\":[],\"n\":9223372036854775807,\"x\":1.5,\"z\":null}')",
        "local v, err = json.decode('[1,\\n 2,]') assert(v == nil and err.code == 'invalid_json' and err.message:find('line 2, column 4'), err)",
        "local v, err = json.encode{f = 0/0} assert(v == nil and err.message:find('at f'), err)",
        "local v, err = json.encode{[1] = 1, [3] = 3} assert(v == nil)",
        "local v = json.decode('\u{FEFF}{\"a\":1}') assert(v.a == 1)",
        "local v = json.decode('[9223372036854775808,-9223372036854775809,9007199254740993.0,1e22]') "
            + "assert(v[1] == '9223372036854775808' and v[2] == '-9223372036854775809' and v[3] == '9007199254740993.0' and v[4] == 1e22)",
        "local v, err = json.decode('[1,\\n1e400]') assert(v == nil and err.message:find('line 2, column 1'), err)",
        "local v, err = json.decode('[1e-400]') assert(v == nil and err.code == 'invalid_json')",
        "local v, err = json.encode{id = 12345678901234567890} assert(v == nil and err.message:find('at id') and err.message:find('as a string'), err)",
        "assert(json.encode{1e22, 6.02214076e23, 9223372036854775807} == '[1e+22,6.02214076e+23,9223372036854775807]')",
        "for _, v in ipairs{1e309, -1e309} do assert(not json.encode(v)) end",
        "assert(json.decode('null') == json.null and tostring(json.null) == 'null')",
        "local t = {} t.t = t local v, err = json.encode(t) assert(v == nil and err.message:find('contains itself'), err)",
        "local v, err = json.encode{a = {1, print}} assert(v == nil and err.message:find('function') and err.message:find('at a%[2%]'), err)",
        "for _, v in ipairs{ task.spawn(sleep, 0), coroutine.create(print), io.stdout } do assert(select(2, json.encode(v)).code == 'invalid_json') end",
        "local t = ('x'):rep(1 << 20) for _ = 1, 7 do t = {t, t} end local v, err = json.encode(t) assert(v == nil and err.message:find('larger than 64 MB'), err)",
        // tasks
        "local order = {} for i = 1, 3 do task.spawn(function() sleep((4 - i) * 0.01) order[#order + 1] = i end) end sleep('60ms') assert(table.concat(order) == '321')",
        "local h = task.spawn(function(...) return select('#', ...), ... end, nil, 2) assert(select('#', h:join()) == 3 and h:join() == 2)",
        "local ok, err = task.spawn(function() error('no') end):join() assert(ok == nil and err.code == 'failed' and err.message:find('test.lua:1: no'))",
        "local ok, err = task.spawn(function() error({code = 'mine'}) end):join() assert(err.code == 'mine')",
        "local h = task.spawn(function() pcall(sleep, '1h') error('survived') end) sleep(0.001) h:cancel() assert(select(2, h:join()).code == 'cancelled')",
        "local h h = task.spawn(function() h:cancel() sleep(0) error('survived') end) assert(select(2, h:join()).code == 'cancelled')",
        "local closed local h = task.spawn(function() local x <close> = setmetatable({}, {__close = function() closed = true end}) sleep('1h') end) sleep(0.001) h:cancel() h:join() assert(closed)",
        "local deep = 0 local h = task.spawn(function() task.spawn(function() local x <close> = setmetatable({}, {__close = function() deep = deep + 1 end}) sleep('1h') end) sleep('1h') end) sleep(0.005) h:cancel() assert(select(2, h:join())) assert(deep == 1)",
        "local hs = {} for i = 1, 5 do hs[i] = task.spawn(function() sleep((6 - i) / 1000) if i == 2 then error('two') end return i end) end local sum = 0 for i = 1, 5 do local v = hs[i]:join() sum = sum + (v or 0) end assert(sum == 13)",
        "local r = task.all{function() sleep(0.01) return 'a' end, task.spawn(function() return 'b' end)} assert(r[1] == 'a' and r[2] == 'b')",
        "local ended local ok, err = pcall(task.all, {function() local x <close> = setmetatable({}, {__close = function() ended = true end}) sleep('1h') end, function() sleep(0.001) error('x', 0) end}) assert(not ok and err.message == 'x' and ended, tostring(err))",
        "assert(task.any{function() sleep('1h') end, function() error('x') end, function() sleep(0.01) return 'third' end} == 'third')",
        "assert(not pcall(task.any, {function() error('only') end}))",
        "local v, err = task.timeout('10ms', function() sleep('1h') end) assert(v == nil and err.code == 'timeout')",
        "assert(task.timeout('1h', function(a) sleep(0.001) return a end, 'done') == 'done')",
        "local running, most = 0, 0 local r, n = task.map({1,2,3,4,5,6}, {concurrency = 2}, function(v, i) running = running + 1 most = math.max(most, running) sleep(0.002) running = running - 1 return v * i end) assert(n == 6 and r[6] == 36 and most == 2)",
        "local i = 0 local r, n = task.map(function() i = i + 1 return i <= 3 and i or nil end, {}, function(v) return -v end) assert(n == 3 and r[3] == -3)",
        "assert(not pcall(task.map, {1, 2}, {}, function(v) error('bad ' .. v) end))",
        "local co = coroutine.wrap(function() for i = 1, 3 do sleep(0.001) coroutine.yield(i) end end) assert(co() + co() + co() == 6)",
        "assert(not pcall(table.sort, {2, 1}, function(a, b) sleep(0) return a < b end))",
        "local ok, err = pcall(sleep, 'soon') assert(not ok and err:find('no duration'), err)",
        // metatables that the host sets are out of reach
        "for _, v in ipairs{ task.spawn(sleep, 0), paylink.usd(1), json.null, json.array(), select(2, json.decode('x')) } do assert(getmetatable(v) == false) end",
        "local h = task.spawn(sleep, 0) assert(not pcall(setmetatable, select(2, json.decode('x')), {})) assert(not pcall(function() h.x = 1 end))",
        "assert(getmetatable(io.stdout) == false)",
        // a task whose handle only a weak table holds
        "local weak = setmetatable({}, {__mode = 'k'}) do local h = task.spawn(function() end) weak[h] = true end sleep(0.002) collectgarbage() local h = next(weak) sleep(0.002) local o = task.spawn(function() sleep(0.01) return 1 end) if h then pcall(h.cancel, h) pcall(h.join, h) end assert(o:join() == 1)",
        "local me me = task.spawn(function() sleep(0.001) for i = 1, 20000 do pcall(me.join, me) end end) me:join()",
        "local function f(n) if n > 0 then task.spawn(f, n - 1) end end local ok, err = task.spawn(f, 5000):join() assert(err.message:find('nested too deep'), tostring(err))",
        "local co for i = 1, 5000 do local inner = co co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() if inner then coroutine.close(inner) end end}) coroutine.yield() end) coroutine.resume(co) end print(pcall(coroutine.close, co))",
        "local seen = 0 task.map(paylink.wait_each({'a', 'b', 'c'}), {concurrency = 3}, function() seen = seen + 1 end) assert(seen == 3, seen)",
        "local v, err = json.decode('[1e999]') assert(v == nil and err.code == 'invalid_json')",
        "assert(not pcall(task.timeout, 'bad', print)) assert(not pcall(sleep, ('.'):rep(1e6)))",
        "json = 'mine' log.info('x', {t = {1}}) assert(json == 'mine')",
        // strictness
        "assert(not jit and not bit32 and not setfenv and not unpack and not package)",
        "local ok, err = pcall(function() return undeclared end) assert(err:find(\"undeclared variable 'undeclared'\"))",
        "local ok, err = pcall(function() return pylink end) assert(err:find(\"did you mean 'paylink'\"))",
        "counter = 1 local ok, err = pcall(function() countr = 2 end) assert(not ok and err:find(\"did you mean 'counter'\"), err)",
        "local ok, err = pcall(function() return task.spwan end) assert(err:find(\"did you mean 'spawn'\"))",
        "local ok, err = pcall(function() return io.popen end) assert(not ok and err:find('not available'))",
        "for _, f in ipairs{'dofile', 'loadfile'} do assert(not pcall(_G[f], 'x')) end assert(rawget(_G, 'package') == nil and debug.getinfo == nil)",
        "local found = {} for name in next, debug do found[#found + 1] = name end assert(table.concat(found) == 'traceback')",
        "assert(os.getenv('HOME') == nil and os.getenv('ONESHOT_API_TOKEN') == nil)",
        "assert(load('return 1')() == 1 and load('return x', 'c', 't', {x = 5})() == 5 and not load('x', 'x', 'b'))",
        "assert(require('json') == json and require('task') == task and require('string') == string)",
        "local ok, err = pcall(require, 'nope') assert(not ok and err:find(\"module 'nope' not found\"), err)",
        "assert(arg[0] == 'test.lua' and #arg == 0)",
        "log.info('odd', {t = {f = print}, [{}] = 1, co = coroutine.running()})",
        "log.info('hello', {n = 1, t = {1}, m = paylink.usd(1)}) assert(not pcall(log.info, {}))",
    ])
    func holdsItsPromise(_ script: String) async throws {
        let run = try await ScriptHarness.run(script)
        #expect(run.result == .finished(status: 0))
    }

    @Test(arguments: [
        (
            "paylink.create{ammount = 1, description = 'x'}",
            "paylink.create: unknown option 'ammount' (did you mean 'amount'?)"
        ),
        ("paylink.create{description = 'x'}", "paylink.create: option 'amount' is missing"),
        ("paylink.create{amount = {}, description = 'x'}", "paylink.create: option 'amount' must be an amount"),
        (
            "paylink.create{amount = 1, description = 5}",
            "paylink.create: option 'description' must be a string, not a integer"
        ),
        ("paylink.create('x')", "paylink.create: takes one table of options"),
        (
            "paylink.create{amount = 1, description = 'x', expires_in = 1, expires_at = 2}",
            "give expires_in or expires_at, not both"
        ),
        ("paylink.wait('x', {timout = 1})", "paylink.wait: unknown option 'timout' (did you mean 'timeout'?)"),
        ("paylink.get()", "paylink.get: argument 1 (link) is missing"),
        ("task.spawn(5)", "task.spawn: argument 1 (fn) must be a function, not a integer"),
        (
            "task.map({}, {concurency = 1}, print)",
            "task.map: unknown option 'concurency' (did you mean 'concurrency'?)"
        ),
        ("\n\nsleep()", "test.lua:3: sleep: argument 1 (duration) is missing"),
        ("local function f()\n  log.info()\nend\nf()", "test.lua:2: log.info: argument 1 (message) is missing"),
    ])
    func misuseIsRaisedAtTheCallersLine(_ script: String, _ message: String) async throws {
        let run = try await ScriptHarness.run(script)
        #expect(run.failure?.message.contains(message) == true, "\(run.result)")
        #expect(run.failure?.message.hasPrefix("test.lua:") == true)
    }

    @Test(arguments: [
        ("amount = 'abc'", "amount", "abc"), ("amount = '0'", "amount", "more than 0"), ("amount = '-1'", "amount", ""),
        ("amount = '1e3'", "amount", "exponent"), ("amount = '12.5000001'", "amount", "6 decimals"),
        ("amount = '12,50'", "amount", "dot"), ("amount = 0/0", "amount", "not-a-number"),
        ("amount = 1/0", "amount", "infinite"),
        ("amount = 1e300", "amount", "too large"), ("amount = math.maxinteger", "amount", "too large"),
        ("amount = ''", "amount", ""),
        ("amount = 1, payer = 'me'", "payer", "UUID"), ("amount = 1, media_url = 'ftp://x'", "media_url", ""),
        ("amount = 1, media_url = 'https://a b'", "media_url", ""),
        ("amount = 1, expires_in = '15x'", "expires_in", "15m"),
        ("amount = 1, expires_in = -5", "expires_in", ""), ("amount = 1, expires_at = 5", "expires_at", ""),
        ("amount = 1, locale = 'de'", "locale", "en, es or tr"), ("amount = 1, description = '  '", "description", ""),
        ("amount = 1, description = '\\xff'", "description", "UTF-8"),
    ])
    func malformedContentIsAValueAndNothingIsSent(_ options: String, _ field: String, _ hint: String) async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let description = options.contains("description") ? "" : "description = 'x', "
            let script = """
                local link, err = paylink.create{ \(description)\(options) }
                assert(link == nil)
                log.info(err.message, { code = err.code, field = err.field })
                """
            let run = try await ScriptHarness.run(script, sandbox: sandbox)
            #expect(run.result == .finished(status: 0))
            let message = try #require(run.messages.first)
            #expect(message.fields.map(\.value) == ["invalid_request", field])
            #expect(message.text.contains(hint), "\(message.text)")
            #expect(sandbox.record.isEmpty && sandbox.links.isEmpty)
        }
    }

    @Test func aCircleOfJoinsIsRaisedWhereItCloses() async throws {
        let run = try await ScriptHarness.run(
            "local h\nh = task.spawn(function()\n  h:join()\nend)\nlocal ok, err = h:join()\nlog.info(err.message)")
        #expect(run.result == .finished(status: 0))
        #expect(run.texts.first?.hasPrefix("test.lua:3: these tasks would wait for each other") == true, "\(run.texts)")
    }

    @Test func aDeadlockIsReportedNotHung() async throws {
        let run = try await ScriptHarness.run(
            "local a, b\na = task.spawn(function() task.any{ b } end)\nb = task.spawn(function() task.any{ a } end)\na:join()"
        )
        #expect(run.failure?.message.contains("deadlock: every task waits for another one") == true, "\(run.result)")
        #expect(run.failure?.message.contains("the task spawned at test.lua:2") == true)
    }

    @Test func aFailedChildEndsItsParentAndSiblings() async throws {
        let run = try await ScriptHarness.run(
            """
            task.spawn(function()
              local x <close> = setmetatable({}, {__close = function() log.info("sibling closed") end})
              sleep("1h")
            end)
            task.spawn(function()
              sleep(0.001)
              error("child died")
            end)
            sleep("1h")
            """)
        #expect(run.failure?.message == "test.lua:7: child died")
        #expect(run.failure?.traceback.contains("in a task spawned at test.lua:5") == true)
        #expect(run.texts == ["sibling closed"])
    }

    @Test func theReportNamesAnIgnoredFailure() async throws {
        let run = try await ScriptHarness.run(
            "local link = paylink.create{amount='abc', description='x'}\nprint(link.url)")
        let failure = try #require(run.failure)
        #expect(failure.message == "test.lua:2: attempt to index a nil value (local 'link')")
        #expect(failure.ignoredFailure?.hasPrefix("paylink.create at test.lua:1 had failed: invalid_request: ") == true)
    }

    @Test func textForJSONIsBoundedAsMemoryIs() async throws {
        let script = """
            local t = {} for i = 1, 1000 do t[i] = true end
            local big = {} for i = 1, 3000 do big[i] = t end
            local text, err = json.encode(big)
            assert(text == nil and err.message:find("memory limit"), tostring(err))
            """
        let run = try await ScriptHarness.run(script, limits: LuaLimits(memory: 10 << 20, stretch: .seconds(60)))
        #expect(run.result == .finished(status: 0))
    }

    @Test func exitEndsAtOnceWithItsStatus() async throws {
        let run = try await ScriptHarness.run(
            "task.spawn(sleep, '1h') pcall(function() os.exit(7) end) error('went on')")
        #expect(run.result == .finished(status: 7))
        let inHandler = try await ScriptHarness.run(
            "local h = task.spawn(function() local x <close> = setmetatable({}, {__close = function() os.exit(3) end}) sleep('1h') end) "
                + "sleep(0.001) h:cancel() sleep('1h')")
        #expect(inHandler.result == .finished(status: 3))
    }

    @Test func cancellingTheSwiftTaskInterruptsTheScript() async throws {
        let task = Task { try await ScriptHarness.run("sleep('1h')") }
        task.cancel()
        let run = try await task.value
        #expect(run.result == .stopped(.interrupt))
    }

    @Test func scriptsShareNothing() async throws {
        _ = try await ScriptHarness.run("leaked = 1 string.rep = nil")
        #expect(
            try await ScriptHarness.run("assert(rawget(_G, 'leaked') == nil and string.rep)").result
                == .finished(status: 0))
    }
}
