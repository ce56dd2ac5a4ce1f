// Keys, lookups and effects, as scripts use them: against the sandbox, with a ledger in a file or in memory.

import LuaRuntime
import OneShotPay
import Recorder
import Sandbox
import Scripting
import TestSupport
import Testing

@Suite struct LedgerScriptTests {
    /// Runs scripts one after the other on one ledger file and one sandbox.
    private func inTurn(_ scripts: String..., body: (SandboxServer, [ScriptRun]) throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try await ScriptHarness.withSandbox { sandbox in
            var runs: [ScriptRun] = []
            for script in scripts {
                runs.append(
                    try await ScriptHarness.run(script, sandbox: sandbox) { runner in
                        runner.ledger = .file(folder.path + "/ledger.db")
                    })
            }
            for run in runs { #expect(run.result == .finished(status: 0)) }
            try body(sandbox, runs)
        }
    }

    private func creations(_ sandbox: SandboxServer) -> Int { sandbox.linkCount }

    @Test func aKeyWithTheSameTermsGivesTheRecordedLinkInAnotherRun() async throws {
        let script = """
            local link = assert(paylink.create{ key = "order-1", amount = %s, description = "Mug", expires_in = %s })
            assert(link.key == "order-1" and link.amount == paylink.usd("12.50"))
            log.info(link.id)
            """
        let first = script.replacing("%s", with: "\"12.5\"", maxReplacements: 1).replacing("%s", with: "\"15m\"")
        let second = script.replacing("%s", with: "\"12.50\"", maxReplacements: 1).replacing("%s", with: "900")
        try await inTurn(first, second) { sandbox, runs in
            #expect(creations(sandbox) == 1)
            #expect(runs[0].texts.first == runs[1].texts.first)
        }
    }

    @Test func aKeyWithOtherTermsIsRefusedAndBothAreShown() async throws {
        try await inTurn(
            """
            assert(paylink.create{ key = "k", amount = 1, description = "Tea" })
            for _, other in ipairs{ { amount = 2, description = "Tea" }, { amount = 1, description = "Tee" },
                { amount = 1, description = "Tea", reusable = true }, { amount = 1, description = "Tea", expires_in = 60 } } do
              other.key = "k"
              local link, err = paylink.create(other)
              assert(link == nil and err.code == "key_reused", tostring(err))
              assert(err.message:find('"1.00"', 1, true) and err.message:find("asked for", 1, true), err.message)
            end
            """
        ) { sandbox, _ in #expect(creations(sandbox) == 1) }
    }

    @Test func tasksThatUseOneKeyAtOnceMakeOneLink() async throws {
        try await inTurn(
            """
            local tasks = {}
            for i = 1, 20 do
              tasks[i] = function() return assert(paylink.create{ key = "same", amount = 1, description = "Tea" }).id end
            end
            local ids = task.all(tasks)
            for i = 2, 20 do assert(ids[i] == ids[1]) end
            """
        ) { sandbox, _ in #expect(creations(sandbox) == 1) }
    }

    @Test func aCancelledCreateLeavesTheKeyToWhoeverWaitsForIt() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            sandbox.addFault(Fault(on: .create, .latency(.milliseconds(80))))
            let run = try await ScriptHarness.run(
                """
                local function make() return paylink.create{ key = "k", amount = 1, description = "Tea" } end
                local first, second = task.spawn(make), task.spawn(make)
                sleep("20ms")
                first:cancel()
                local link = assert(second:join())
                assert(link.key == "k")
                """, sandbox: sandbox)
            #expect(run.result == .finished(status: 0))
        }
    }

    @Test func findAndLinksAnswerFromTheLedgerWithoutRequests() async throws {
        try await inTurn(
            """
            for i = 1, 3 do assert(paylink.create{ key = "seat:" .. i, amount = i, description = "Seat " .. i }) end
            assert(paylink.create{ amount = 9, description = "No key" })
            """,
            """
            assert(paylink.find("seat:2").amount == paylink.usd(2))
            local none, err = paylink.find("seat:9")
            assert(none == nil and err.code == "not_found")
            local seen = {}
            for link in paylink.links() do seen[#seen + 1] = link.key or "-" end
            assert(table.concat(seen, " ") == "seat:1 seat:2 seat:3 -", table.concat(seen, " "))
            local count = 0
            for link in paylink.links{ key_prefix = "seat:", status = "active", since = "1h" } do count = count + 1 end
            assert(count == 3)
            for _ in paylink.links{ status = "paid" } do error("none is paid") end
            """
        ) { sandbox, _ in
            #expect(creations(sandbox) == 4)
            #expect(sandbox.record.filter { $0.path == "/api/m2m/v0/token" }.count == 1)
        }
    }

    @Test func linksAreFoundByTheTimeOfTheirPayment() async throws {
        let folder = try TemporaryFolder()
        try await ScriptHarness.withSandbox(payAfter: .milliseconds(20)) { sandbox in
            for script in [
                """
                for i = 1, 3 do
                  local link = assert(paylink.create{ key = "seat:" .. i, amount = i, description = "Seat " .. i })
                  if i < 3 then assert(link:wait()) end
                end
                """,
                """
                local function keys(options)
                  local found = {}
                  for link in paylink.links(options) do found[#found + 1] = link.key end
                  return table.concat(found, " ")
                end
                local paid = assert(paylink.find("seat:2").paid_at)
                assert(keys{ paid_since = "1h" } == "seat:1 seat:2")
                assert(keys{ paid_since = paid - 3600, paid_before = paid + 1 } == "seat:1 seat:2")
                assert(keys{ paid_since = paid + 0.5 } == "", "the first whole second after it")
                assert(keys{ paid_before = paid - 3600 } == "")
                assert(keys{ created_since = "1h", created_before = os.time() + 60 } == "seat:1 seat:2 seat:3")
                assert(keys{ created_before = "1h" } == "")
                assert(keys{ limit = 2 } == "seat:1 seat:2" and keys{ limit = 0 } == "" and keys{ limit = 9 } == "seat:1 seat:2 seat:3")
                assert(keys{ paid_since = "1h", limit = 1 } == "seat:1")
                """,
            ] {
                let run = try await ScriptHarness.run(script, sandbox: sandbox) { runner in
                    runner.ledger = .file(folder.path + "/ledger.db")
                }
                #expect(run.result == .finished(status: 0))
            }
        }
    }

    static let wrongQueries = [
        ("paid_sinse = 1", "unknown option 'paid_sinse' (did you mean 'paid_since'?)"),
        ("paid_before = 'soon'", "option 'paid_before' is no duration: \"soon\""),
        ("created_since = 0/0", "option 'created_since' is no time"),
        ("paid_since = true", "option 'paid_since' must be a duration"),
        ("limit = -1", "option 'limit' must not be below zero"), ("limit = 1.5", "option 'limit' must be an integer"),
        ("since = '1d', created_since = '1d'", "give since or created_since, not both"),
        ("status = 'late'", "option 'status' must be"),
    ]

    @Test(arguments: wrongQueries.indices)
    func aWrongQueryIsRaisedAtItsLine(_ index: Int) async throws {
        let (options, says) = Self.wrongQueries[index]
        let run = try await ScriptHarness.run("\nfor _ in paylink.links{ \(options) } do end")
        #expect(run.failure?.message.hasPrefix("test.lua:2: ") == true, "\(run.result)")
        #expect(run.failure?.message.contains(says) == true, "\(run.result)")
    }

    @Test func whatAWaitSeesIsRecorded() async throws {
        let folder = try TemporaryFolder()
        try await ScriptHarness.withSandbox(payAfter: .milliseconds(20)) { sandbox in
            for script in [
                "assert(assert(paylink.create{ key = 'k', amount = 1, description = 'Tea' }):wait())",
                "assert(paylink.find('k').status == 'paid') for l in paylink.links{ status = 'paid' } do return end error('none')",
            ] {
                let run = try await ScriptHarness.run(script, sandbox: sandbox) { runner in
                    runner.ledger = .file(folder.path + "/ledger.db")
                }
                #expect(run.result == .finished(status: 0))
            }
        }
    }

    @Test func anAttemptInDoubtIsSentAgainAndCounted() async throws {
        let folder = try TemporaryFolder()
        try await ScriptHarness.withSandbox { sandbox in
            sandbox.addFault(Fault(on: .create, .resetAfterCommit, times: 1))
            let run = try await ScriptHarness.run(
                """
                local link = assert(paylink.create{ key = "k", amount = 1, description = "Tea" })
                assert(link.possible_orphans == 1)
                """, sandbox: sandbox
            ) { runner in
                runner.ledger = .file(folder.path + "/ledger.db")
                runner.configuration.retry.baseDelay = .milliseconds(1)
            }
            #expect(run.result == .finished(status: 0))
            #expect(run.texts.contains { $0.contains("the ledger's list of what is in doubt") })
            #expect(creations(sandbox) == 2)
        }
    }

    @Test func withANamedPayerAnAttemptInDoubtHaltsForAPerson() async throws {
        let create = """
            paylink.create{ key = "k", amount = 1, description = "Tea", payer = "123e4567-e89b-12d3-a456-426614174000" }
            """
        let folder = try TemporaryFolder()
        try await ScriptHarness.withSandbox { sandbox in
            sandbox.addFault(Fault(on: .create, .resetAfterCommit, times: 1))
            for _ in 0..<2 {
                let run = try await ScriptHarness.run(
                    "local link, err = \(create) assert(link == nil and err.code == 'in_doubt', tostring(err))",
                    sandbox: sandbox
                ) { runner in runner.ledger = .file(folder.path + "/ledger.db") }
                #expect(run.result == .finished(status: 0))
            }
            #expect(creations(sandbox) == 1)
        }
    }

    @Test func theIdempotencyKeyIsTheSameForTheSameAccountAndKey() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            for key in ["a", "a", "b"] {
                let run = try await ScriptHarness.run(
                    "assert(paylink.create{ key = '\(key)', amount = 1, description = 'Tea' })", sandbox: sandbox)
                #expect(run.result == .finished(status: 0))
            }
            let keys = sandbox.record.compactMap(\.idempotencyKey)
            #expect(keys.count == 3 && keys[0] == keys[1] && keys[0] != keys[2])
            #expect(
                keys.allSatisfy {
                    $0.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil
                })
        }
    }

    @Test(arguments: ["", String(repeating: "k", count: 513), "a\\nb"])
    func aKeyThatCannotBeOneIsAnErrorAsValue(key: String) async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let run = try await ScriptHarness.run(
                "local l, err = paylink.create{ key = \"\(key)\", amount = 1, description = 'x' } assert(not l and err.code == 'invalid_request' and err.field == 'key')",
                sandbox: sandbox)
            #expect(run.result == .finished(status: 0))
            #expect(creations(sandbox) == 0)
        }
    }
}

@Suite struct MapTests {
    @Test func theFirstFailureEndsTheOthers() async throws {
        let run = try await ScriptHarness.run(
            """
            local done = 0
            local ok, err = pcall(task.map, { 1, 2, 3, 4, 5, 6, 7, 8 }, { concurrency = 2 }, function(n)
              if n == 2 then error("stop") end
              sleep("5ms")
              done = done + 1
            end)
            assert(not ok and tostring(err):find("stop") and done == 0, done)
            local reads = 0
            local function failing() reads = reads + 1 if reads == 4 then error("unreadable") end return reads end
            ok, err = pcall(task.map, failing, { concurrency = 4 }, function() sleep("5ms") end)
            assert(not ok and tostring(err):find("unreadable"), tostring(err))
            """)
        #expect(run.result == .finished(status: 0))
    }

    @Test func anIteratorThatWaitsIsAskedByOneWorkerAtATime() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let run = try await ScriptHarness.run(
                """
                for i = 1, 450 do assert(paylink.create{ key = "k" .. i, amount = i, description = "D" }) end
                local seen = {}
                task.map(paylink.links{ key_prefix = "k" }, { concurrency = 32 }, function(link, position)
                  sleep("1ms")
                  assert(not seen[link.key], "twice")
                  seen[link.key] = position
                end)
                for i = 1, 450 do assert(seen["k" .. i] == i) end
                """, sandbox: sandbox)
            #expect(run.result == .finished(status: 0))
        }
    }

    @Test func whatAnIteratorGivesBesidesTheItemIsPassedOn() async throws {
        let run = try await ScriptHarness.run(
            """
            local left = 3
            local function numbers() left = left - 1 if left >= 0 then return left > 0 and left, "note " .. left end end
            local got = task.map(numbers, { concurrency = 2 }, function(item, position, more) return tostring(item) .. more end)
            assert(table.concat(got, ",") == "2note 2,1note 1,falsenote 0", table.concat(got, ","))
            """)
        #expect(run.result == .finished(status: 0))
    }
}
