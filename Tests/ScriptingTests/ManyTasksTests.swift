// Many tasks at once, and two that want the same.

import LuaRuntime
import TestSupport
import Testing

@testable import Scripting

@Suite struct ManyTasksTests {
    /// The limit of time is what a cost that grows with the square of the number would break.
    @Test(arguments: [
        "local r = task.all(list) assert(#r == n and r[1] == 1 and r[n] == n)",
        "local r = task.map(list, { concurrency = n }, function(f) return f() end) assert(r[1] == 1 and r[n] == n)",
        "assert(task.any(table.move(list, 1, 2000, 1, {})) >= 1)",
        "list[n] = function() sleep('20ms') error('late') end local ok, err = pcall(task.all, list) assert(not ok and err.message:find('late'))",
    ])
    func thousandsOfTasksAreGathered(script: String) async throws {
        let run = try await ScriptHarness.run(
            "local n, list = 20000, {} for i = 1, n do list[i] = function() sleep('1ms') return i end end " + script)
        #expect(run.result == .finished(status: 0))
    }

    /// As above: one that is ended, or fails, or stops waiting costs the same however many there are.
    @Test(arguments: [
        // Sleepers, ended in another order than that in which they would wake.
        """
        for i = 1, n do list[i] = task.spawn(sleep, 3600 + i * 7919 % n) end
        sleep('1s')
        for i = n, 1, -1 do list[i]:cancel() end
        for i = 1, n do assert(select(2, list[i]:join()).code == 'cancelled') end
        """,
        // Failures that are asked about one by one.
        """
        for i = 1, n do list[i] = task.spawn(error, 'no') end
        for i = n, 1, -1 do assert(select(2, list[i]:join()).code == 'failed') end
        """,
        // Many that join one, and many that gather one; and all of them end before it does.
        """
        local one = task.spawn(sleep, '1h')
        for i = 1, n do list[i] = task.spawn(function() one:join() end) end
        for i = n + 1, 2 * n do list[i] = task.spawn(function() task.any{ one, function() sleep('1s') end } end) end
        sleep('500ms')
        for i = 1, n do list[i]:cancel() end
        for i = 1, 2 * n do list[i]:join() end
        one:cancel()
        """,
        // A chain of joins.
        """
        list[0] = task.spawn(sleep, '100ms')
        for i = 1, n do list[i] = task.spawn(function() return list[i - 1]:join() end) end
        list[n]:join()
        """,
    ])
    func thousandsOfTasksAreEnded(script: String) async throws {
        let run = try await ScriptHarness.run("local n, list = 10000, {} " + script)
        #expect(run.result == .finished(status: 0))
    }

    @Test(arguments: [
        // The second waits for the first, and both get the same.
        (
            "sleep('5ms') loads = loads + 1 return { loads }",
            "local a = task.spawn(require, 'lib') local b = task.spawn(require, 'lib') assert(a:join() == b:join() and a:join()[1] == 1)"
        ),
        // When the first fails, the second tries for itself.
        (
            "sleep('5ms') if not again then again = true error('first') end return 7",
            "local a = task.spawn(require, 'lib') local b = task.spawn(require, 'lib') assert(not a:join() and b:join() == 7)"
        ),
        // When the first is cancelled, too.
        (
            "if not again then again = true sleep('1h') end return 8",
            "local a = task.spawn(require, 'lib') sleep('1ms') local b = task.spawn(require, 'lib') sleep('1ms') a:cancel() assert(b:join() == 8)"
        ),
        // Whoever stops waiting does not keep others from going on.
        (
            "sleep('20ms') return 9",
            "local a = task.spawn(require, 'lib') local b = task.spawn(require, 'lib') sleep('1ms') b:cancel() local c = task.spawn(require, 'lib') assert(a:join() == 9 and c:join() == 9)"
        ),
    ])
    func aModuleIsLoadedOnceForAllTasks(module: String, script: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("lib.lua", module)
        let run = try await ScriptHarness.run("again, loads = false, 0 " + script, directory: folder.path)
        #expect(run.result == .finished(status: 0))
    }

    /// What an editor puts before the first line is none of it, and line numbers stay.
    @Test func aByteOrderMarkBeforeAModuleIsPassedOver() async throws {
        let folder = try TemporaryFolder()
        try folder.write("lib.lua", "\u{FEFF}return { line = debug.traceback():match('lib.lua:(%d+)') }")
        let run = try await ScriptHarness.run("assert(require('lib').line == '1')", directory: folder.path)
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func modulesThatRequireEachOtherFromTwoTasksAreACircle() async throws {
        let folder = try TemporaryFolder()
        try folder.write("one.lua", "sleep('2ms') return require('two')")
        try folder.write("two.lua", "sleep('2ms') return require('one')")
        let run = try await ScriptHarness.run(
            """
            local a, b = task.spawn(require, 'one'), task.spawn(require, 'two')
            local one, first = a:join()
            local two, second = b:join()
            assert(not one and not two and (first.message .. second.message):find("requires itself"))
            """, directory: folder.path)
        #expect(run.result == .finished(status: 0))
    }

    @Test func aModuleThatWaitsForWhoeverWaitsForItIsADeadlock() async throws {
        let folder = try TemporaryFolder()
        try folder.write("lib.lua", "return task.spawn(function() return require('lib') end):join()")
        let run = try await ScriptHarness.run("require('lib')", directory: folder.path)
        #expect(run.failure?.message.hasPrefix("deadlock") == true)
    }
}
