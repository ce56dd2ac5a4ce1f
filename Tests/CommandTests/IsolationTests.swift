// A script in a process of its own, as its user sees it: the same output and statuses, and what is said of the wall.

import Foundation
import Glibc
import LuaRuntime
import TestSupport
import Testing

@Suite struct IsolationTests {
    private static let folder = ExampleTests.folder

    private static func run(_ arguments: [String], input: String = "") async throws -> Outcome {
        try await PaylinkProcess.start(["run"] + arguments, input: input, directory: "/tmp").finish()
    }

    @Test func theCheckoutExampleIsTheSameThere() async throws {
        let example = Self.folder.appendingPathComponent("checkout.lua").path
        let expected = try String(contentsOf: Self.folder.appendingPathComponent("checkout.out"), encoding: .utf8)
        let outcome = try await Self.run([
            "--sandbox", "--pay-after=200ms", "--isolation=process", example, "order-1001",
        ])
        #expect(outcome.status == 0 && outcome.output == expected, "\(outcome)")
    }

    /// A crossing is what costs time: what never changes is sent beforehand, and what gives nothing back rides along.
    @Test func theCheckoutExampleAsksForTheLinkAndTheWaitOnly() async throws {
        let example = Self.folder.appendingPathComponent("checkout.lua").path
        let outcome = try await Self.run([
            "--sandbox", "--pay-after=50ms", "--isolation=process", "--bench-calls", example, "order-1001",
        ])
        #expect(outcome.status == 0 && outcome.errors.contains("crossings: 2\n"), "\(outcome)")
    }

    @Test func filesStandardInputAndErrorAreHandedOver() async throws {
        let folder = try TemporaryFolder()
        let script = try folder.write(
            "files.lua",
            """
            local file = assert(io.open(arg[1], "w+"))
            assert(file:write("one\\ntwo\\n") and file:seek("set", 0))
            assert(file:read("a") == "one\\ntwo\\n" and file:close())
            for line in io.lines(arg[1]) do io.write(line, " ") end
            io.stderr:write("told\\n")
            print(io.read("l"), os.getenv("HOME"))
            local out = assert(csv.writer(arg[1] .. ".csv", { "a" }))
            assert(out:write{ a = 1 } and out:close())
            for row in csv.rows(arg[1] .. ".csv") do print(row.a) end
            """)
        let outcome = try await Self.run(
            ["--isolation=process", script, folder.path + "/x.txt"], input: "typed\n")
        #expect(outcome.status == 0 && outcome.output == "one two typed\tnil\n1\n", "\(outcome)")
        #expect(outcome.errors.contains("told"))
    }

    @Test(arguments: [
        ("os.exit(7)", 7), ("error('oh')", 1), ("while true do end", 124),
        ("local t = {} while true do t[#t + 1] = {} end", 1),
        ("print('x') os.exit()", 0), ("local x <close> = nil coroutine.yield()", 1),
    ])
    func statusesAreThoseOfEveryScript(_ code: String, _ status: Int32) async throws {
        // Room for a busy machine, but where the limit is what the case is about.
        let arguments = ["--max-busy=\(status == 124 ? "300ms" : "30s")", "--memory=8M", "-e", code]
        let apart = try await Self.run(["--isolation=process"] + arguments)
        let within = try await Self.run(arguments)
        #expect(apart.status == status && within.status == status, "\(apart)\n\(within)")
        #expect(apart.output == within.output && apart.errors == within.errors, "\(apart)\n\(within)")
    }

    @Test func halfAWallAndNoneAreTold() async throws {
        let none = try await Self.run(["--untrusted", "--isolation=none", "-e", "print(1)"])
        #expect(none.status == 0 && none.output == "1\n", "\(none)")
        #expect(none.errors.contains("there is no second wall around it"), "\(none)")
        // Where the system gives a filter, half a wall is a whole one.
        let half = try await Self.run(["--untrusted", "--isolation=half", "-e", "print(1)"])
        #expect(half.status == 0 && half.output == "1\n", "\(half)")
        let unknown = try await Self.run(["--isolation=both", "-e", ""])
        #expect(unknown.status == 64 && unknown.errors.contains("--isolation"), "\(unknown)")
    }

    #if arch(x86_64)
        /// recvmsg, sendto, brk, munmap, futex, rt_sigreturn, tgkill, getpid
        static let calls = [47, 44, 12, 11, 202, 15, 234, 39]

        /// The child's program told to leave one call out of its list: what then fails must not fail quietly.
        @Test(arguments: Self.calls)
        func eachCallOfTheListIsMissedLoudly(_ call: Int) async throws {
            var options = ScriptProcessOptions()
            options.arguments = ["--without", String(call)]
            let host = SilentHost()
            // Memory that grows and is given back, and a limit that is reached.
            let script = """
                for i = 1, 50 do local t = {} for j = 1, 2000 do t[j] = ("x"):rep(j) end collectgarbage() end
                while true do end
                """
            do {
                let state = try LuaState(
                    limits: LuaLimits(memory: 64 << 20, stretch: .milliseconds(300)), isolation: .process(options),
                    host: host)
                try state.runPrelude([], chunk: "=[paylink test]")
                let task = try state.load(Array(script.utf8), chunk: "=x", arguments: [])
                guard case .failed(let failure) = state.resume(task, generation: 0) else {
                    Issue.record("call \(call): the script ended well")
                    return
                }
                // Not every way through the script needs each call; the limit ends it then.
                #expect(failure.stop == .lost || failure.stop == .stretch, "call \(call): \(failure)")
                // The number is told where the call was made with signals let through; the C library makes some without.
                if failure.stop == .lost {
                    #expect(failure.message.contains("a system call that it must not make"), "\(failure)")
                }
            } catch {
                #expect(error.stop == .lost, "call \(call): \(error)")
            }
        }
    #endif
}
