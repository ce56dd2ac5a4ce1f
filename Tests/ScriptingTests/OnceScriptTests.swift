// paylink.once in its three modes: what runs, what is given again, what is left to a person.

import LuaRuntime
import Recorder
import Sandbox
import Scripting
import TestSupport
import Testing

@Suite struct OnceScriptTests {
    private func inTurn(_ scripts: [String], after: ([ScriptRun]) throws -> Void = { _ in }) async throws {
        let folder = try TemporaryFolder()
        try await ScriptHarness.withSandbox { sandbox in
            var runs: [ScriptRun] = []
            for script in scripts {
                runs.append(
                    try await ScriptHarness.run(script, sandbox: sandbox) { runner in
                        runner.ledger = .file(folder.path + "/ledger.db")
                    })
            }
            try after(runs)
        }
    }

    private func allEndWell(_ scripts: String...) async throws {
        try await inTurn(scripts) { runs in
            for run in runs { #expect(run.result == .finished(status: 0)) }
        }
    }

    @Test func whatRanIsGivenAgainInAnotherRun() async throws {
        try await allEndWell(
            """
            local value, before = paylink.once("ship", function(token) assert(#token == 36) return { parcel = 7, cost = paylink.usd("1.5") } end)
            assert(value.parcel == 7 and value.cost == "1.50" and before == false)
            """,
            """
            local value, before = paylink.once("ship", function() error("not again") end)
            assert(value.parcel == 7 and value.cost == "1.50" and before == true)
            local none, ran = paylink.once("nothing", function() end)
            assert(none == true and ran == false)
            none, ran = paylink.once("nothing", function() error("not again") end)
            assert(none == true and ran == true)
            """)
    }

    @Test func atMostOnceLeavesAFailureToAPerson() async throws {
        try await allEndWell(
            """
            local ok, err = pcall(paylink.once, "mail", function() error("smtp down") end)
            assert(not ok and tostring(err):find("smtp down"), tostring(err))
            local value, err = paylink.once("post", function() return nil, "refused" end)
            assert(value == nil and err == "refused")
            """,
            """
            for _, key in ipairs{ "mail", "post" } do
              local value, err = paylink.once(key, function() error("must not run") end)
              assert(value == nil and err.code == "in_doubt", tostring(err))
              assert(err.message:find("settle the key " .. key, 1, true), err.message)
            end
            """)
    }

    @Test func atLeastOnceRunsAgainWithTheSameToken() async throws {
        try await allEndWell(
            """
            local tokens = {}
            for i = 1, 3 do
              local ok = pcall(paylink.once, "hook", function(token) tokens[i] = token if i < 3 then error("no") end return i end, { mode = "at_least" })
              assert(ok == (i == 3))
            end
            assert(tokens[1] == tokens[2] and tokens[2] == tokens[3])
            local value, before = paylink.once("hook", error, { mode = "at_least" })
            assert(value == 3 and before)
            """)
    }

    @Test func checkAsksTheWorldBeforeItRunsAgain() async throws {
        try await allEndWell(
            """
            local happened, runs, asked = false, 0, 0
            local function effect() runs = runs + 1 error("cut off") end
            local function check(token) asked = asked + 1 return happened and { seen = token } end
            assert(not pcall(paylink.once, "k", effect, { check = check }))
            assert(runs == 1 and asked == 0)
            assert(not pcall(paylink.once, "k", effect, { check = check }))
            assert(runs == 2 and asked == 1)
            happened = true
            local value, before = paylink.once("k", effect, { check = check })
            assert(value.seen and before == true and runs == 2)
            assert(paylink.once("k", effect).seen == value.seen)
            """,
            """
            assert(not pcall(paylink.once, "q", error, { mode = "check", check = function() end }))
            local value, err = paylink.once("q", error, { mode = "check", check = function() return nil, "cannot ask" end })
            assert(value == nil and err == "cannot ask")
            """)
    }

    @Test func tasksThatShareAKeyRunItOnce() async throws {
        try await allEndWell(
            """
            local runs = 0
            local function effect() runs = runs + 1 sleep("20ms") return runs end
            local tasks = {}
            for i = 1, 10 do tasks[i] = function() return (paylink.once("k", effect)) end end
            for _, value in ipairs(task.all(tasks)) do assert(value == 1) end
            assert(runs == 1)
            """)
    }

    @Test func aTaskThatIsCancelledInsideLeavesItInDoubt() async throws {
        try await allEndWell(
            """
            local begun
            local h = task.spawn(paylink.once, "k", function() begun = true sleep("1h") end)
            while not begun do sleep("5ms") end
            h:cancel()
            h:join()
            local value, err = paylink.once("k", function() end)
            assert(value == nil and err.code == "in_doubt", tostring(err))
            """)
    }

    @Test(arguments: [
        "paylink.once('a', function() paylink.once('a', print) end)",
        "paylink.once('a', function() task.spawn(paylink.once, 'a', print):join() end)",
        """
        task.all{
          function() paylink.once('a', function() sleep('20ms') paylink.once('b', print) end) end,
          function() paylink.once('b', function() sleep('20ms') paylink.once('a', print) end) end,
        }
        """,
        """
        local co = coroutine.create(function() paylink.once('a', function() coroutine.yield() end) end)
        coroutine.resume(co)
        paylink.once('a', print)
        """,
    ])
    func aCircleOfWaitsIsADeadlockNotAHang(script: String) async throws {
        try await inTurn([script]) { runs in
            #expect(runs[0].failure?.message.contains("deadlock") == true, "\(runs[0].result)")
        }
    }

    @Test func cancelledBeforeItBeganItMayRunLater() async throws {
        try await allEndWell(
            """
            local h = task.spawn(paylink.once, "k", function() error("must not run") end)
            sleep("0s")
            h:cancel()
            h:join()
            sleep("50ms")
            assert(paylink.once("k", function() return "ran" end) == "ran")
            """)
    }

    @Test func aResultThatCannotBeRecordedIsAMistakeAndTheEffectIsDone() async throws {
        try await allEndWell(
            """
            local ok, err = pcall(paylink.once, "k", function() return { print } end)
            assert(not ok and tostring(err):find("its result cannot be"), tostring(err))
            local value, before = paylink.once("k", error)
            assert(value == true and before == true)
            """)
    }

    @Test func misuseIsRaisedAtTheCallersLine() async throws {
        try await inTurn([
            "paylink.once('k', print, { mode = 'twice' })", "paylink.once('k')",
            "paylink.once('k', print, { mode = 'check' })", "paylink.once('k', print, { mod = 'check' })",
        ]) { runs in
            let wanted = ["must be \"at_most\"", "is missing", "needs option 'check'", "did you mean 'mode'"]
            for (run, text) in zip(runs, wanted) {
                #expect(run.failure?.message.contains(text) == true, "\(run.result)")
                #expect(run.failure?.message.hasPrefix("test.lua:1:") == true)
            }
        }
    }
}
