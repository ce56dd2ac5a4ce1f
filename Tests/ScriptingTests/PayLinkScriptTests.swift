// Scripts that make links and wait for them, against the sandbox in process.

import Console
import LuaRuntime
import OneShotPay
import Sandbox
import Scripting
import Testing

@Suite struct PayLinkScriptTests {
    /// Letters beyond ASCII, percent encodings and international hosts reach the service; the rest stays as written.
    @Test func aPicturesAddressIsSentAsWrittenButForItsHost() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let run = try await ScriptHarness.run(
                """
                for sent, kept in pairs{
                  ["https://example.com/größe/日本.png?q=ü&r=%20%C3%BC#é"] = "https://example.com/größe/日本.png?q=ü&r=%20%C3%BC#é",
                  ["https://bücher.example/a"] = "https://xn--bcher-kva.example/a",
                  ["HTTPS://127.0.0.1:8443/%zz"] = "HTTPS://127.0.0.1:8443/%zz",
                } do
                  local link = assert(paylink.create{ amount = 1, description = "x", media_url = sent })
                  assert(link.media_url == kept, link.media_url)
                end
                local link, err = paylink.create{ amount = 1, description = "x", media_url = "https://example.com/a b.png" }
                assert(not link and err.field == "media_url" and err.message:find("space"), err)
                """, sandbox: sandbox)
            #expect(run.result == .finished(status: 0), "\(run.result)")
        }
    }

    @Test func theFlowOfTheFirstExampleWorks() async throws {
        try await ScriptHarness.withSandbox(payAfter: .milliseconds(20)) { sandbox in
            let run = try await ScriptHarness.run(
                """
                local link = assert(paylink.create{
                  amount = "12.50", description = "Order 1001", expires_in = "15m",
                  media_url = "https://example.com/widget.png", payer = "123e4567-e89b-12d3-a456-426614174000",
                  close_on_complete = true, locale = "es",
                })
                assert(link.status == "active" and link.amount == paylink.usd("12.50") and link.reusable == false)
                assert(link.url:match("/es/link/[%x-]+%?closeOnComplete=true$"), link.url)
                assert(link.agent_url:match("/api/link/[%x-]+$") and link.payment == nil and link.media_url)
                local paid = assert(link:wait{ timeout = "1m", settled = true })
                assert(paid.status == "paid" and paid.payment.amount == link.amount and paid.payment_count == 1)
                assert(paid.payment.transaction_hash and paid.url:match("closeOnComplete=true$"))
                assert(paylink.get(link.id).status == "paid" and link:refresh().status == "paid")
                assert(#link:qr() > 400 and tostring(paid):find("paid, 12.50 USD"))
                assert(not pcall(function() return link.ammount end))
                """, sandbox: sandbox)
            #expect(run.result == .finished(status: 0))
            #expect(sandbox.links.count == 1)
        }
    }

    @Test func aWaitEndsWithTheReasonAndTheLastState() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let script = """
                local function make(name) return assert(paylink.create{ amount = 1, description = name, expires_in = "1h" }) end
                local late, err = make("timeout"):wait{ timeout = "50ms" }
                assert(late == nil and err.code == "timeout" and err.link.status == "active" and err.link.description == "timeout")
                for _, name in ipairs{ "archived", "ignored", "expired" } do
                  local link = make(name)
                  log.info(name, { id = link.id })
                  local paid, err = link:wait{ timeout = "30s" }
                  assert(paid == nil and err.code == name and err.link.id == link.id, tostring(err))
                end
                local gone, err = paylink.get("01890a5d-ac96-774b-bcce-b302099a8057")
                assert(gone == nil and err.code == "not_found" and err.status == 404)
                assert(select(2, paylink.get("nonsense")).code == "invalid_request")
                local h = task.spawn(function() return make("cancelled"):wait() end)
                sleep("20ms")
                h:cancel()
                assert(select(2, h:join()).code == "cancelled")
                """
            let run = try await ScriptHarness.run(script, sandbox: sandbox) { runner in
                runner.log = { message in
                    guard let id = message.fields.first?.value else { return }
                    switch message.text {
                    case "archived": _ = try? sandbox.archive(id)
                    case "ignored": _ = try? sandbox.ignore(id)
                    default: _ = try? sandbox.expire(id)
                    }
                }
            }
            #expect(run.result == .finished(status: 0))
        }
    }

    @Test func aReusableLinkIsPaidAnew() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let script = """
                local link = assert(paylink.create{ amount = 1, description = "again", reusable = true })
                log.info("pay", { id = link.id })
                local first = assert(link:wait{ timeout = "30s" })
                assert(first.payment_count == 1)
                local none, err = first:wait{ timeout = "50ms" }
                assert(none == nil and err.code == "timeout")
                log.info("pay", { id = link.id })
                local second = assert(first:wait{ timeout = "30s" })
                assert(second.payment_count == 2 and second.payment.id ~= first.payment.id)
                """
            let run = try await ScriptHarness.run(script, sandbox: sandbox) { runner in
                runner.log = { message in
                    if let id = message.fields.first?.value { _ = try? sandbox.pay(id) }
                }
            }
            #expect(run.result == .finished(status: 0))
        }
    }

    @Test func waitEachGivesLinksInOrderOfCompletion() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let script = """
                local links = {}
                for i = 1, 3 do links[i] = assert(paylink.create{ amount = i, description = "n" .. i, expires_in = "1h" }) end
                links[4] = "nonsense"
                local seen = {}
                log.info("pay", { id = links[2].id })
                for link, err in paylink.wait_each(links, { timeout = "20s" }) do
                  seen[#seen + 1] = link and link.description or err.code
                  if link and link.description == "n2" then log.info("pay", { id = links[1].id }) end
                  if link and link.description == "n1" then log.info("expire", { id = links[3].id }) end
                end
                assert(table.concat(seen, " ") == "invalid_request n2 n1 expired", table.concat(seen, " "))
                for link in paylink.wait_each({ links[1], links[2] }) do break end
                for _ in paylink.wait_each({}) do error("nothing to give") end
                """
            let run = try await ScriptHarness.run(script, sandbox: sandbox) { runner in
                runner.log = { message in
                    guard let id = message.fields.first?.value else { return }
                    _ = message.text == "pay" ? try? sandbox.pay(id) : try? sandbox.expire(id)
                }
            }
            #expect(run.result == .finished(status: 0))
        }
    }

    @Test func manyTasksMakeManyLinksOnOneToken() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let script = """
                local links = task.map(function() end and (function() local n = 0 return function() n = n + 1 return n <= 200 and n or nil end end)(),
                  { concurrency = 64 }, function(n) return assert(paylink.create{ amount = n, description = "n" .. n }) end)
                assert(#links == 200 and links[200].amount == paylink.usd(200))
                """
            let run = try await ScriptHarness.run(script, sandbox: sandbox)
            #expect(run.result == .finished(status: 0))
            #expect(sandbox.links.count == 200)
            #expect(sandbox.record.filter { $0.path?.hasSuffix("/token") == true }.count == 1)
        }
    }

    @Test func aTaskThatWasCancelledSendsNothingMore() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let script = """
                local h
                h = task.spawn(function()
                  h:cancel()
                  paylink.create{ amount = 1, description = "never sent" }
                end)
                assert(select(2, h:join()).code == "cancelled")
                assert(paylink.create{ amount = 1, description = "sent" })
                """
            let run = try await ScriptHarness.run(script, sandbox: sandbox)
            #expect(run.result == .finished(status: 0))
            #expect(sandbox.links.map(\.description) == ["sent"])
        }
    }

    @Test func withoutCredentialsACallSaysWhatToSet() async throws {
        let run = try await ScriptHarness.run("assert(paylink.create{ amount = 1, description = 'x' })")
        #expect(run.failure?.code == "invalid_configuration")
        #expect(run.failure?.message.contains("give a user id and a token") == true)
    }

    @Test func aStoppedScriptAbandonsItsRequests() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            sandbox.addFault(Fault(on: .create, .latency(.seconds(3600))))
            let task = Task {
                try await ScriptHarness.run("paylink.create{ amount = 1, description = 'slow' }", sandbox: sandbox)
            }
            while sandbox.record.isEmpty, sandbox.linkCount == 0 { await Task.yield() }
            task.cancel()
            let run = try await task.value
            #expect(run.result == .stopped(.interrupt))
        }
    }
}
