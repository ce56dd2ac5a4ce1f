// Every allocation of a script fails once, alone and with all that follow: of starting, spawning, waiting, joining,
// loading, reporting, ending and closing tasks. An error is fine, a crash is not. And the last resort, should one come.

import CLuaHost
import Glibc
import LuaRuntime
import Testing

@Suite(.serialized) struct MemoryFailureTests {
    static let everything = """
        local function closing(f) return setmetatable({}, {__close = f}) end
        local function work(n)
          local x <close> = closing(function() local t = {n} end)
          local co = coroutine.wrap(function(a)
            local y <close> = closing(function() local s = "z" .. n .. "q" end)
            host.wait(a)
            coroutine.yield(a)
            error({code = "x"})
          end)
          co(1)
          local ok, e = pcall(co)
          ok, e = xpcall(function() host.wait(2) error("deep" .. n) end, function(m) return debug.traceback(m) end)
          local s = ("ab"):rep(300):gsub("a", function(c) return c .. "x" end)
          local f = assert(load("local a = ... for i = 1, 3 do a = a + i end return a"))
          assert(f(1) == 7)
          local m = setmetatable({}, {__concat = function() host.wait(1) return "joined" end})
          assert(m .. "x" == "joined")
          local echoed = host.echo({1, 2, {a = ("y"):rep(3000)}})
          return host.wait(3)
        end
        local handles = {}
        for i = 1, 3 do handles[i] = host.spawn(work, i) end
        local bad = host.spawn(function()
          host.wait(1)
          error(setmetatable({}, {__tostring = function() return "shown" .. 1 end}))
        end)
        host.spawn(function()
          local x <close> = closing(function() error("closing") end)
          coroutine.wrap(function() local y <close> = closing(function() error({}) end) host.never() end)()
        end)
        local left = coroutine.create(function() local x <close> = closing(function() error("c") end) coroutine.yield() end)
        coroutine.resume(left)
        coroutine.close(left)
        work(9)
        for i = 1, 3 do host.join(handles[i]) end
        host.join(bad)
        """

    /// Runs it and ends what is left. Nil: the state could not even be opened.
    private func attempt(_ failing: (index: Int, failsFromThere: Bool)?) -> ScriptRunner.End? {
        var limits = LuaLimits(memory: 64 << 20, stretch: .seconds(20))
        limits.failingAllocation = failing
        guard let runner = try? ScriptRunner(limits) else { return nil }
        let end = runner.run(Self.everything)
        for parked in runner.parked { runner.state.kill(parked.task) }
        return end
    }

    @Test func aFailureOfAnyAllocationIsAnErrorNotACrash() throws {
        #expect(attempt(nil) == .finished)
        var ended = 0, failed = 0, index = 1
        while ended < 100, index < 20_000 {
            _ = attempt((index, false))
            if attempt((index, true)) == .finished { ended += 1 } else { failed += 1 }
            index += 1
        }
        #expect(failed > 500, "the script should allocate more than \(failed) times")
        #expect(attempt(nil) == .finished)
    }

    @Test func memoryThatRunsOutAtAnyBoundIsAnErrorNotACrash() throws {
        for bound in stride(from: 24 << 10, to: 120 << 10, by: 173) {
            guard let runner = try? ScriptRunner(LuaLimits(memory: bound, stretch: .seconds(20))) else { continue }
            if let message = runner.run(Self.everything).message {
                #expect(message.contains("memory") || message.contains("assertion"), "\(bound): \(message)")
            }
            for parked in runner.parked { runner.state.kill(parked.task) }
        }
    }

    nonisolated(unsafe) private static var steps: [String] = []  // Safe because: the suite's tests run one by one.

    @Test func theLastResortSaysSoAndEndsWithStatus70() {
        var resort = lh_last_resort(
            write: { line in MemoryFailureTests.steps.append(line.map { String(cString: $0) } ?? "") },
            flush: { MemoryFailureTests.steps.append("flushed") },
            leave: { status in MemoryFailureTests.steps.append("left with \(status)") })
        lh_set_last_resort(&resort)
        defer { lh_set_last_resort(nil) }
        lh_panic("not enough memory")
        #expect(
            Self.steps == [
                "paylink: Lua cannot go on, and paylink with it (internal error): not enough memory\n", "flushed",
                "left with 70",
            ])
    }

    @Test func theHostIsAskedToWriteOutWhatItHoldsBackAtTheLastResort() async throws {
        let ended = try await #require(processExitsWith: .exitCode(70), observing: [\.standardErrorContent]) {
            LuaLastResort.beforeEnding { _ = write(STDERR_FILENO, "the ledger\n", 11) }
            lh_panic("not enough memory")
        }
        let errors = String(decoding: ended.standardErrorContent, as: UTF8.self)
        #expect(errors.hasSuffix("not enough memory\nthe ledger\n"), "\(errors)")
    }
}
