// A script's process that breaks the rules, one way after the other: the parent ends it, says so, and goes on.

import Glibc
import LuaRuntime
import Testing

@Suite struct HostileChildTests {
    private static func options(_ kind: String, seed: Int = 1, count: Int = 100) -> ScriptProcessOptions {
        var options = ScriptProcessOptions(executable: ScriptProcessOptions.beside("hostile-child"))
        options.arguments = [kind, String(seed), String(count)]
        return options
    }

    static let kinds: [(kind: String, says: String)] = [
        ("end", "ended by itself"), ("crash", "crashed (signal 6"), ("garbage", "broke the rules"),
        ("header-only", "cut short"), ("endless-length", "a frame of 4294967295 bytes"),
        ("unknown-kind", "a frame of kind 99"), ("an-order", "a frame of kind 6"), ("short-call", "cut short"),
        ("short-done", "cut short"), ("unknown-operation", "operation 4000"), ("bad-values", "values that are none"),
        ("deep-values", "values that are none"), ("another-task", "another task"), ("unknown-status", "status 42"),
        ("stale", "status 3"), ("old-generation", "an earlier one"), ("waits-for-call", "no such call"),
        ("spawned-twice", "the number of another"), ("spawned-by-another", "does not run"),
        ("collected-nothing", "collected that is not there"), ("walled-again", "its wall in vain"),
        ("out-of-turn", "out of turn"), ("breach", "number 59, C library 9.9[31m"),
    ]

    @Test(arguments: Self.kinds.indices) func eachWayToBreakTheRulesEndsItWithWords(_ index: Int) throws {
        let (kind, says) = Self.kinds[index]
        let runner = try ScriptRunner(isolation: .process(Self.options(kind)))
        let end = runner.run("return")
        let failure = try #require(end.failure, "\(kind): \(end)")
        #expect(failure.stop == .lost && failure.code == "script_process", "\(kind): \(failure)")
        #expect(failure.message.contains(says), "\(kind): \(failure)")
        #expect(runner.state.lost == failure)
        // What is asked of it afterwards is answered the same, without a process.
        guard case .failed(let again) = runner.state.resume(LuaTaskID(raw: 1), generation: 0) else {
            Issue.record("\(kind): it went on")
            return
        }
        #expect(again == failure)
        runner.state.kill(LuaTaskID(raw: 1))
        runner.state.release(LuaTaskID(raw: 1))
        #expect(runner.state.flushFiles() == nil)
    }

    /// The process says that it has none: it is sent no script, unless half a wall is enough.
    @Test(arguments: [false, true]) func withoutAFilterNoScriptIsSentUnlessHalfAWallIsEnough(_ isEnough: Bool) throws {
        var options = Self.options("no-filter", count: 0)
        options.acceptsHalfAWall = isEnough
        let end = try ScriptRunner(isolation: .process(options)).run("return")
        #expect(end.failure?.code == (isEnough ? nil : "isolation_failed"), "\(end)")
        #expect(isEnough == (end == .finished), "\(end)")
    }

    /// Silence, a stopped process and an endless stream of output: each ends two seconds after the limit.
    @Test(arguments: ["silence", "stop", "flood"]) func oneThatDoesNotGiveTheTurnBackIsEnded(_ kind: String) throws {
        let limits = LuaLimits(memory: 16 << 20, stretch: .milliseconds(100))
        let runner = try ScriptRunner(limits, isolation: .process(Self.options(kind)))
        let end = runner.run("return")
        #expect(end.failure?.stop == .stretch && end.failure?.message.contains("2 s later") == true, "\(end)")
    }

    @Test func oneThatIsToldToEndAndDoesNotIsEnded() throws {
        let runner = try ScriptRunner(LuaLimits(stretch: nil), isolation: .process(Self.options("silence")))
        runner.state.stopper.stop(.interrupt)
        let end = runner.run("return")
        #expect(end.failure?.stop == .interrupt, "\(end)")
    }

    @Test func whatIsInOrderReachesTheHostWhateverItSays() throws {
        for seed in 1...20 {
            let runner = try ScriptRunner(isolation: .process(Self.options("words", seed: seed, count: 500)))
            _ = runner.run("return")
        }
    }
}
