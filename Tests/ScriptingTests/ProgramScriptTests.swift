// program.run as scripts use it, with programs that every Debian has.

import Foundation
import Glibc
import LuaRuntime
import TestSupport
import Testing

@testable import Scripting

@Suite struct ProgramScriptTests {
    private func run(
        _ script: String, allowing programs: [String] = ["sh", "cat", "env", "sleep"],
        adjust: (inout ScriptRunner) -> Void = { _ in }
    ) async throws -> ScriptRun {
        try await ScriptHarness.run(script) { runner in
            runner.options.programs = ProgramAccess(programs)
            runner.options.secrets = SecretScriptTests.source
            adjust(&runner)
        }
    }

    @Test func aProgramGetsItsArgumentsAsTheyAre() async throws {
        let run = try await run(
            """
            local r = assert(program.run({ "sh", "-c", 'printf "%s|" "$0" "$@"; echo oops >&2', "a b", "$HOME", 7, "" }))
            assert(r.output == "a b|$HOME|7||" and r.errors == "oops\\n" and r.status == 0 and r.ok and r.signal == nil)
            local big = ("x"):rep(500000)
            assert(assert(program.run({ "cat" }, { input = big })).output == big)
            assert(assert(program.run{ "cat" }).output == "")
            assert(program.run({ "sh", "-c", "exit 0" }, { input = big }))
            """)
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func theEnvironmentIsMinimal() async throws {
        setenv("PAYLINK_SECRET_OF_THE_TEST", "visible", 1)
        let run = try await run(
            """
            local names = {}
            for line in assert(program.run({ "env" }, { env = { EXTRA = "1" } })).output:gmatch("[^\\n]+") do
              names[#names + 1] = line:match("^[^=]+")
            end
            table.sort(names)
            local list = table.concat(names, " ")
            assert(list == "EXTRA HOME LANG PATH" or list == "EXTRA LANG PATH", list)
            for _, name in ipairs{ "LD_PRELOAD", "PATH", "a=b", "", "1x", "BASH_ENV" } do
              local r, err = program.run({ "env" }, { env = { [name] = "x" } })
              assert(r == nil and err.code == "invalid_request", name)
            end
            -- Nothing but the three standard descriptors is open (and the one by which ls reads the folder).
            local open = assert(program.run{ "sh", "-c", "ls /proc/self/fd | wc -l" }).output
            assert(tonumber(open) == 4, open)
            """)
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test(arguments: [
        "{ 'cat', ('x'):rep(128 << 10) }", "{ 'cat' }, { env = { A = ('x'):rep(128 << 10) } }",
        "(function() local t = { 'cat' } for i = 1, 20 do t[i + 1] = ('x'):rep(60 << 10) end return t end)()",
    ])
    func whatTheSystemCannotPassOnIsRefusedAtOnce(call: String) async throws {
        let run = try await run(
            """
            local r, err = program.run(\(call))
            assert(r == nil and err.code == "invalid_request" and err.message:find("as input"), err)
            """)
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func aBadEndIsAFailureUnlessAskedFor() async throws {
        let run = try await run(
            """
            local r, err = program.run{ "sh", "-c", "echo some; echo why >&2; exit 3" }
            assert(r == nil and err.code == "program_failed" and err.status == 3 and err.result.output == "some\\n")
            assert(err.message == "sh ended with status 3: why", err.message)
            r, err = program.run{ "sh", "-c", "kill -9 $$" }
            assert(r == nil and err.code == "program_failed" and err.result.signal == 9 and err.message:find("signal 9", 1, true))
            r = assert(program.run({ "sh", "-c", "exit 4" }, { any_status = true }))
            assert(r.status == 4 and not r.ok)
            """)
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test(arguments: ["cat", "/bin/sh", "./sh", "../bin/sh", "sh;ls", "", "no-such-program", "SH", "sh "])
    func onlyWhatWasNamedIsRun(_ program: String) async throws {
        let run = try await run(
            """
            local r, err = program.run{ "\(program)" }
            assert(r == nil and err.code == "not_allowed", err)
            if "\(program)" ~= "" then assert(err.message:find("the right to run \(program)", 1, true), err.message) end
            """, allowing: ["env"])
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func namesAndPathsLeadToOneFile() throws {
        let folder = try TemporaryFolder()
        let tool = try folder.write("tool", "#!/bin/sh\n")
        #expect(throws: ProgramAccess.Refusal.self) { try ProgramAccess([tool]).resolve("tool", searchPath: "") }
        chmod(tool, 0o755)
        #expect(try ProgramAccess([tool]).resolve("tool", searchPath: "") == tool)
        #expect(try ProgramAccess([tool]).resolve(tool, searchPath: "/bin") == tool)
        #expect(try ProgramAccess(["tool"]).resolve("tool", searchPath: "relative:/none:\(folder.path)") == tool)
        #expect(try ProgramAccess(["tool"]).resolve(tool, searchPath: folder.path) == tool)
        for (access, name) in [(["tool"], "tool"), (["tool"], tool), ([], tool), (["other"], "tool")] {
            #expect(throws: ProgramAccess.Refusal.self) {
                try ProgramAccess(access).resolve(name, searchPath: "relative:.")
            }
        }
    }

    @Test func timeIsBoundedAlsoForItsChildren() async throws {
        let folder = try TemporaryFolder()
        let living = try LivingPrograms(folder)
        let run = try await run(
            """
            local r, err = program.run({ "sh", "-c", "exec 9> '\(living.path)'; trap '' TERM; echo begun; (sleep 60) & wait; sleep 60" }, { timeout = "1s" })
            assert(r == nil and err.code == "timeout" and err.retryable and err.result.output == "begun\\n", err)
            """)
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(living.haveEnded())
    }

    @Test func outputIsBounded() async throws {
        let run = try await run(
            """
            local r, err = program.run{ "sh", "-c", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done" }
            assert(r == nil and err.code == "output_too_large" and #err.result.output == 1048576, err)
            r, err = program.run({ "sh", "-c", "echo 12345" }, { max_output = 5 })
            assert(r == nil and err.code == "output_too_large", err)
            r = assert(program.run({ "sh", "-c", "echo 1234; i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done" }, { max_output = 5 }))
            assert(r.output == "1234\\n" and #r.errors == 65536)
            """)
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func aProgramEndsWithItsTaskAndWithTheScript() async throws {
        let folder = try TemporaryFolder()
        let living = try LivingPrograms(folder)
        let script = "exec 9> '\(living.path)'; echo $0 > '\(folder.path)/'$0; sleep 60"
        let run = try await run(
            """
            local h = task.spawn(function() program.run{ "sh", "-c", "\(script)", "task" } end)
            local function await(name)
              for _ = 1, 4000 do
                if io.open("\(folder.path)/" .. name) then return end
                sleep("5ms")
              end
              error(name .. " was not begun")
            end
            await("task")
            h:cancel()
            assert(select(2, h:join()).code == "cancelled")
            task.spawn(function() program.run{ "sh", "-c", "\(script)", "script" } end)
            await("script")
            os.exit(5)
            """
        ) { $0.options.files = FileAccess(readable: [folder.path], writable: []) }
        #expect(run.result == .finished(status: 5), "\(run.result)")
        #expect(living.haveEnded())
    }

    @Test func programsRunSideBySideAndTheScriptGoesOn() async throws {
        let run = try await run(
            """
            local ticks = 0
            local ticker = task.spawn(function() while true do sleep("10ms") ticks = ticks + 1 end end)
            local out = task.map({ 1, 2, 3, 4, 5, 6 }, { concurrency = 6 }, function(n)
              return assert(program.run{ "sh", "-c", "sleep 0.2; echo " .. n }).output
            end)
            assert(table.concat(out) == "1\\n2\\n3\\n4\\n5\\n6\\n" and ticks > 0, ticks)
            ticker:cancel()
            """)
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func aChildThatStaysBehindDoesNotHoldUpTheCall() async throws {
        let run = try await run(
            """
            local r = assert(program.run({ "sh", "-c", "sleep 60 & echo done" }, { timeout = "20s" }))
            assert(r.output == "done\\n")
            """)
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func foldersAndSecretsStayWithinTheRules() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        let run = try await run(
            """
            local r, err = program.run({ "sh", "-c", "pwd" }, { directory = "/usr" })
            assert(r == nil and err.code == "not_allowed" and err.message:find("the right to read", 1, true), err)
            assert(assert(program.run({ "sh", "-c", "pwd" }, { directory = "\(path)" })).output == "\(path)\\n")
            local key = secret("KEY")
            assert(not pcall(program.run, { "cat" }, { input = key }))
            assert(not pcall(program.run, { "cat", key }))
            assert(not pcall(program.run, { "env" }, { env = { A = key } }))
            assert(assert(program.run({ "sh", "-c", "echo hunter2-long" })).output == "***\\n")
            """
        ) { $0.options.files = FileAccess(readable: [path], writable: []) }
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func aDryRunStartsNothing() async throws {
        let run = try await run(
            """
            local r, err = program.run{ "sh", "-c", "exit 0" }
            assert(r == nil and err.code == "dry_run")
            """
        ) { $0.options.isDryRun = true }
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }
}
