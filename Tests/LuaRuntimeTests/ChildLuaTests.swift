// Scripts in a process of their own: they are the same scripts, and what ends the process ends the script alone.

import Glibc
import LuaRuntime
import Testing

@Suite struct ChildLuaTests {
    static let walled = LuaIsolation.process(ScriptProcessOptions(acceptsHalfAWall: true))

    private func run(
        _ script: String, limits: LuaLimits = LuaLimits(memory: 64 << 20, stretch: .seconds(5)),
        options: ScriptProcessOptions = ScriptProcessOptions(acceptsHalfAWall: true)
    ) throws -> (end: ScriptRunner.End, runner: ScriptRunner) {
        let runner = try ScriptRunner(limits, isolation: .process(options))
        return (runner.run(script), runner)
    }

    @Test func valuesOfEveryKindCrossBothWays() throws {
        let (end, runner) = try run(
            """
            local a, b, c, d, e, f = host.echo(1, -2.5, "t\\0x", true, { 1, 2, k = { "v" } }, host.null)
            assert(a == 1 and b == -2.5 and c == "t\\0x" and d == true and e.k[1] == "v" and f == host.null)
            local long = ("x"):rep(3000000)
            assert(host.echo(long) == long and host.wait(long) == long)
            assert(host.unbox(host.echo(host.box(math.maxinteger))) == math.maxinteger)
            local ok, err = pcall(host.fail, "no")
            assert(not ok and err == "no")
            host.record(host.wait("there"))
            """)
        #expect(end == .finished, "\(end)")
        #expect(runner.records == [.string("there")])
        #expect(runner.state.crossings > 6)
    }

    @Test func tasksAreSpawnedJoinedAndCollected() throws {
        let (end, runner) = try run(
            """
            local function child(n) return n, host.wait(n + 1) end
            local sum = 0
            for i = 1, 50 do
              local a, b = host.join(host.spawn(child, i))
              sum = sum + a + b
            end
            assert(sum == 50 * 51 + 50)
            local nothing, err = host.join(host.spawn(error, "oh"))
            assert(nothing == nil and err.message == "oh")
            collectgarbage() collectgarbage()
            host.record(sum)
            """)
        #expect(end == .finished, "\(end)")
        #expect(runner.collectedTasks.count > 40)
        #expect(runner.records == [.integer(2600)])
    }

    @Test(arguments: [
        ("while true do end", LuaStop.stretch), ("while true do pcall(error) end", .stretch),
        ("local s = 'x' while true do s = s .. 'x' end", .stretch),
    ])
    func itsLimitsAreThoseOfEveryScript(_ script: String, _ stop: LuaStop) throws {
        let (end, _) = try run(script, limits: LuaLimits(memory: 8 << 20, stretch: .milliseconds(200)))
        let failure = try #require(end.failure)
        #expect(failure.stop == stop || failure.message.hasSuffix("not enough memory"), "\(failure)")
        #expect(failure.code == nil, "the child ends it by itself: \(failure)")
    }

    @Test func anotherThreadEndsWhatComputes() throws {
        let runner = try ScriptRunner(LuaLimits(stretch: nil), isolation: Self.walled)
        let stopper = runner.state.stopper
        var thread = pthread_t()
        let box = Unmanaged.passRetained(stopper)
        pthread_create(
            &thread, nil,
            { argument in
                usleep(100_000)
                Unmanaged<LuaStopper>.fromOpaque(argument!).takeRetainedValue().stop(.interrupt)
                return nil
            }, box.toOpaque())
        let end = runner.run("while true do end")
        pthread_join(thread, nil)
        #expect(end.failure?.stop == .interrupt, "\(end)")
    }

    @Test func theWallIsToldOfAndLeavesNothing() throws {
        final class Told: @unchecked Sendable { var wall: ScriptProcessOptions.Wall? }  // Safe because: one thread.
        let told = Told()
        var options = ScriptProcessOptions()
        options.report = { told.wall = $0 }
        let (end, runner) = try run("host.record(os.getenv('HOME') or os.getenv('PATH') or 'none')", options: options)
        #expect(end == .finished && runner.records == [.string("none")], "\(end)")
        #expect(told.wall?.hasFilter == true && told.wall?.libraryVersion.isEmpty == false)
    }

    @Test func aProgramThatIsNotThereIsAFailureWithItsName() {
        #expect {
            try run("", options: ScriptProcessOptions(executable: "/nowhere/paylink-script"))
        } throws: { error in
            let failure = error as? ScriptFailure
            return failure?.code == "isolation_failed" && failure?.message.contains("/nowhere/paylink-script") == true
        }
    }

    /// Programs that speak no word of the protocol, for what a child may do that is broken.
    @Test(arguments: [
        ("/bin/true", "status 0"), ("/bin/false", "status 1"), ("/bin/cat", "status"),
    ])
    func aChildThatIsNoneIsAFailure(_ program: String, _ text: String) {
        #expect {
            try run("", options: ScriptProcessOptions(executable: program))
        } throws: { error in
            let failure = error as? ScriptFailure
            return failure?.stop == .lost && failure?.message.contains(text) == true
        }
    }

    /// Each child has a connection to this process. Tests beside this one open files for a while,
    /// and the system's event loop some for good at its first timer: fewer than one a child.
    @Test func endingOneLeavesNothingOpen() async throws {
        let children = 20
        let before = try openFiles()
        for _ in 0..<children { _ = try run("host.record(1)") }
        for _ in 0..<1_000 {
            if try openFiles() < before + children / 2 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("\(try openFiles()) files are open, \(before) before \(children) children")
    }

    private func openFiles() throws -> Int {
        let files = try #require(opendir("/proc/self/fd"))
        defer { closedir(files) }
        var count = 0
        while readdir(files) != nil { count += 1 }
        return count
    }
}
