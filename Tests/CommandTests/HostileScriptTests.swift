// Scripts that would hurt their host: each is stopped with a message, and the process always ends by itself.

import TestSupport
import Testing

@Suite struct HostileScriptTests {
    @Test(arguments: [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "local function f() return f() end f()",
        "coroutine.wrap(function() while true do end end)()",
        "task.spawn(function() while true do end end) sleep('1h')",
        "local t = setmetatable({}, { __index = function(t, k) while true do end end }) print(t.x)",
        "repeat local ok = pcall(string.rep, 'x', -1) until false",
        "table.sort({ 1, 2, 3 }, function() while true do end end)",
        "string.gsub('abc', '.', function() while true do end end)",
        "string.find(('a'):rep(300000), ('a*'):rep(30) .. 'b')",
        "load('while true do end')()",
    ])
    func computingWithoutEndIsStopped(_ code: String) async throws {
        let outcome = try await PaylinkProcess.run(["run", "--max-busy", "300ms", "-e", code], limit: .seconds(40))
        #expect(outcome.status == 124, "\(outcome)")
        #expect(
            outcome.errors.contains("the script ran for more than 300 ms without waiting; it was stopped"),
            "\(outcome.errors)")
        #expect(outcome.output == "")
    }

    @Test(arguments: [
        "local t = {} for i = 1, 1e9 do t[i] = i end",
        "local t = {} while true do t[#t + 1] = string.rep('x', 1000000) .. #t end",
        "string.rep('x', 1e12)",
        "local s = 'x' while true do s = s .. s end",
        "local t = {} while true do pcall(function() while true do t[#t + 1] = ('y'):rep(65536) .. #t end end) end",
        "table.concat(setmetatable({}, { __len = function() return 1e9 end, __index = function() return ('z'):rep(1000) end }))",
        "local t = {} while true do t[#t + 1] = coroutine.create(function() end) end",
        "string.format('%99.99f', 1):rep(1e8)",
        "json.encode(json.array(table.pack(('x'):rep(1e7):byte(1, 900000))))  local t = {} for i = 1, 1e8 do t[i] = { i } end",
    ])
    func memoryIsBounded(_ code: String) async throws {
        let outcome = try await PaylinkProcess.run(
            ["run", "--memory", "32M", "--max-busy", "4s", "-e", code], limit: .seconds(50))
        #expect(outcome.status == 1 || outcome.status == 124, "\(outcome)")
        let refusals = "not enough memory|too many results|string slice too long|resulting string too large"
        #expect(outcome.errors.has(outcome.status == 1 ? refusals : "it was stopped"), "\(outcome)")
        #expect(
            !outcome.errors.contains("[paylink "),
            "the host's own files are no concern of the script's: \(outcome.errors)")
    }

    @Test func memoryIsBoundedWithoutBeingAskedFor() async throws {
        // What makes a text holds it twice for a moment.
        let code = "print(pcall(string.rep, 'x', 100 << 20) and 'yes', (pcall(string.rep, 'x', 200 << 20)))"
        let outcome = try await PaylinkProcess.run(["run", "-e", code])
        #expect(outcome.output == "yes\tfalse\n", "\(outcome)")
    }

    @Test func memoryBombEndsWithItsMessage() async throws {
        let outcome = try await PaylinkProcess.run([
            "run", "--memory", "32M", "-e", "local t = {} while true do t[#t + 1] = ('x'):rep(100000) .. #t end",
        ])
        #expect(outcome.errors.has(#"^paylink: .*not enough memory"#), "\(outcome.errors)")
        #expect(outcome.errors.contains("--memory"), "the flag that would allow it is named: \(outcome.errors)")
        #expect(outcome.status == 1)
    }

    @Test(arguments: [
        "error(setmetatable({}, { __tostring = function() while true do end end }))",
        "error(setmetatable({}, { __tostring = function() error('again') end }))",
        "error(setmetatable({}, { __name = 5 }))",
        "error(nil)",
        "error(_G)",
        "error(print)",
        "error(coroutine.create(print))",
        "setmetatable(_G, nil)",
        "local function f() f() end f()",
        "local function f() local ok = pcall(f) error('x') end f()",
        "error(('x'):rep(10000000))",
        "setmetatable({}, { __gc = function() error('in gc') end }) collectgarbage() error('after')",
        "setmetatable({}, { __gc = function() while true do end end }) error('ends')",
        "for k in pairs(_G) do _G[k] = nil end error('empty')",
        "string.format = nil paylink = nil task = nil error('broken')",
        "getmetatable('').__index = nil paylink.creat()",
        "debug.sethook(function() while true do end end, '', 1)",
        "coroutine.wrap(function() sleep('10ms') error('inside') end)()",
        "local co = coroutine.wrap(function() coroutine.yield() end) co() co() co()",
        "task.spawn(function() error('child') end) sleep('1h')",
        "for i = 1, 10000 do task.spawn(function() error('no ' .. i) end) end",
        "assert(false)",
        "string.char(256)",
        "(nil)()",
    ])
    func whateverItDoesTheProcessEndsByItself(_ code: String) async throws {
        let outcome = try await PaylinkProcess.run(
            ["run", "--max-busy", "2s", "--timeout", "20s", "-e", code], limit: .seconds(40))
        #expect(outcome.status == 1 || outcome.status == 124, "\(outcome)")
        #expect(outcome.errors.hasPrefix("paylink: "), "\(outcome.errors.prefix(400))")
        #expect(outcome.errors.utf8.count < 100_000, "a report stays readable")
    }

    @Test func inputWithoutEndIsRefused() async throws {
        let outcome = try await PaylinkProcess.run(["run", "/dev/zero"], limit: .seconds(30))
        #expect(outcome.status == 65, "\(outcome)")
    }

    /// A read is code that looks at no clock.
    @Test func whatDoesNotStopAtItsLimitEndsTheProcess() async throws {
        let folder = try TemporaryFolder()
        let paylink = try PaylinkProcess.located.get()
        // Whoever reads the pipe holds it open for writing, too, so that there is never an end.
        let outcome = try await ChildProcess(
            "/bin/sh",
            [
                "-c", "mkfifo \"$1\"; exec 3<>\"$1\"; exec \"$0\" run --max-busy 200ms -e 'io.read()' <&3", paylink,
                folder.path + "/pipe",
            ], limit: .seconds(50)
        ).finish()
        #expect(outcome.status == 124, "\(outcome)")
        #expect(outcome.errors.contains("ran for more than 200 ms without waiting and did not stop"), "\(outcome)")
    }

    /// The host's own memory for tasks and timers stays within what their script was given.
    @Test func tasksWithoutEndTakeNoMoreThanTheScriptMay() async throws {
        let few = try await PaylinkProcess.run(["run", "--memory", "64M", "-e", "task.spawn(sleep, 0)"])
        let many = try await PaylinkProcess.run([
            "run", "--memory", "64M", "-e", "while true do task.spawn(sleep, '1h') sleep(0) end",
        ])
        #expect(many.status == 1 && many.errors.contains("not enough memory"), "\(many)")
        #expect(many.peakMemory - few.peakMemory < 3 * 64 << 20, "\(few.peakMemory) \(many.peakMemory)")
    }
}
