// Waiting in a script: every way that a wait can end, driven by the sandbox's control calls and its clock.

import Testing

@Suite struct WaitTests {
    /// Starts a script that prints the id of a link and then how its wait ended.
    private func waiting(
        _ sandbox: SandboxProcess, terms: String = "", wait: String = ""
    ) async throws -> (process: ChildProcess, id: String) {
        let code = """
            local link = assert(paylink.create{ amount = 3, description = "Tea", \(terms) })
            print(link.id)
            local paid, err = link:wait{ \(wait) }
            if paid then
              print("paid", paid.status, paid.payment_count, paid.payment.amount, paid.payment.transaction_hash ~= nil)
            else
              print(err.code, err.link and err.link.status, err.retryable)
            end
            """
        let process = try sandbox.start(["run", "-e", code], limit: .seconds(30))
        let id = try await process.line { $0.isWhole(Pattern.id) }
        try await sandbox.untilAskedFor(id)
        return (process, id)
    }

    private func expectEnd(_ process: ChildProcess, _ line: String) async throws {
        let outcome = try await process.finish()
        #expect(outcome.lines.last == line, "\(outcome)")
        // A sandbox whose clock was moved on is a service whose clock is another one, which is said.
        let errors = outcome.errors.split(separator: "\n").filter { !$0.contains("this machine's clock is ") }
        #expect(errors.isEmpty, "\(outcome)")
        #expect(outcome.status == 0)
    }

    @Test func endsWhenPaid() async throws {
        let sandbox = try await SandboxProcess.start(["--settle-after", "1h"])
        let (process, id) = try await waiting(sandbox)
        try await sandbox.pay(id)
        try await expectEnd(process, "paid\tpaid\t1\t3.00\tfalse")
    }

    @Test func endsWhenSettledIfAskedTo() async throws {
        let sandbox = try await SandboxProcess.start(["--settle-after", "30m"])
        let (process, id) = try await waiting(sandbox, wait: "settled = true")
        try await sandbox.pay(id)
        try await sandbox.advance(seconds: 1801)
        try await expectEnd(process, "paid\tpaid\t1\t3.00\ttrue")
    }

    @Test func endsWhenTheClockPassesTheExpiry() async throws {
        let sandbox = try await SandboxProcess.start()
        let (process, _) = try await waiting(sandbox, terms: #"expires_in = "15m""#)
        try await sandbox.advance(seconds: 901)
        try await expectEnd(process, "expired\texpired\tfalse")
    }

    @Test(arguments: [
        #"timeout = "300ms""#, "timeout = 0.3", "timeout = 1", #"timeout = "300ms", settled = true"#,
        "timeout = 1, settled = false",
    ])
    func endsAfterItsTimeout(_ options: String) async throws {
        let sandbox = try await SandboxProcess.start()
        let (process, _) = try await waiting(sandbox, wait: options)
        try await expectEnd(process, "timeout\tactive\ttrue")
    }

    @Test(arguments: [("archive", "archived"), ("ignore", "ignored")])
    func endsWhenTheLinkIsDropped(_ call: String, _ code: String) async throws {
        let sandbox = try await SandboxProcess.start()
        let (process, id) = try await waiting(sandbox, terms: #"payer = "123e4567-e89b-12d3-a456-426614174000""#)
        try await sandbox.control("POST", "\(call)/\(id)")
        try await expectEnd(process, "\(code)\tactive\tfalse")
    }

    @Test func goesOnWhenAccessTokensAreRevoked() async throws {
        let sandbox = try await SandboxProcess.start()
        let (process, id) = try await waiting(sandbox)
        try await sandbox.control("POST", "revoke-tokens")
        try await sandbox.pay(id)
        let outcome = try await process.finish()
        #expect(outcome.lines.last?.hasPrefix("paid\tpaid\t1") == true, "\(outcome)")
    }

    @Test func goesOnThroughFaultsOfTheService() async throws {
        let sandbox = try await SandboxProcess.start()
        let (process, id) = try await waiting(sandbox)
        try await sandbox.addFault(#"{"endpoint": "get", "action": "status", "status": 500, "times": 1}"#)
        try await sandbox.addFault(#"{"endpoint": "get", "action": "reset_before_commit", "times": 1}"#)
        try await sandbox.pay(id)
        let outcome = try await process.finish()
        #expect(outcome.lines.last?.hasPrefix("paid\tpaid\t1") == true, "\(outcome)")
    }

    /// A link that the service does not have everywhere yet: those who know that it was made wait for it all the same.
    @Test func goesOnWhileANewLinkIsNotFound() async throws {
        let fault = #"{"endpoint": "get", "action": "status", "status": 404, "younger_than": 30}"#
        let sandbox = try await SandboxProcess.start(["--fault", fault])
        let (script, first) = try await waiting(sandbox)
        let second = try #require(try await sandbox.created()["id"]?.string)
        let command = try sandbox.start(["wait", second, "--json"], limit: .seconds(60))
        for id in [first, second] { try await sandbox.untilAskedFor(id, times: 2) }
        try await sandbox.advance(seconds: 31)
        for id in [first, second] { try await sandbox.pay(id) }
        let told = try await script.finish()
        #expect(told.status == 0 && told.lines.last?.hasPrefix("paid\tpaid\t1\t3.00") == true, "\(told)")
        let waited = try await command.finish()
        #expect(waited.status == 0, "\(waited)")
        #expect(try JSON(parsing: waited.output)["status"]?.string == "paid")
        let refused = try await sandbox.record().filter { $0["fault"]?.string == "status" }
        #expect(refused.count >= 4, "\(refused)")
    }

    @Test func isCancelledByItsHandle() async throws {
        let sandbox = try await SandboxProcess.start()
        let code = """
            local link = assert(paylink.create{ amount = 3, description = "Tea" })
            local closed
            local waiting = task.spawn(function()
              local _ <close> = setmetatable({}, { __close = function() closed = true end })
              print(pcall(link.wait, link))
              print("never reached")
            end)
            sleep("200ms")
            waiting:cancel()
            local result, err = waiting:join()
            print(result, err.code, closed)
            """
        let outcome = try await sandbox.run(["run", "-e", code])
        #expect(outcome.output == "nil\tcancelled\ttrue\n", "\(outcome)")
        #expect(outcome.errors == "")
        #expect(outcome.status == 0)
    }

    @Test func aReusableLinkWaitsForAPaymentNewerThanTheStatePassedIn() async throws {
        let sandbox = try await SandboxProcess.start()
        let code = """
            local link = assert(paylink.create{ amount = 3, description = "Seat", reusable = true })
            print(link.id)
            local first = assert(link:wait())
            print("first", first.payment_count, first.status, first.payment.amount)
            local none, err = first:wait{ timeout = "100ms" }
            print("again", none, err.code)
            local second = assert(first:wait())
            print("second", second.payment_count, second.payment.id ~= first.payment.id, second.payment.amount)
            """
        let process = try sandbox.start(["run", "-e", code])
        let id = try await process.line { $0.isWhole(Pattern.id) }
        try await sandbox.pay(id)
        _ = try await process.line { $0 == "first\t1\tactive\t3.00" }
        _ = try await process.line { $0 == "again\tnil\ttimeout" }
        try await sandbox.advance(seconds: 5)
        try await sandbox.pay(id, "4.25")
        let outcome = try await process.finish()
        #expect(outcome.lines.last == "second\t2\ttrue\t4.25", "\(outcome)")
        #expect(outcome.status == 0)
    }

    @Test func waitEachGivesLinksInOrderOfCompletion() async throws {
        let sandbox = try await SandboxProcess.start()
        let code = """
            local links = {}
            for i, name in ipairs{ "one", "two", "three" } do
              links[i] = assert(paylink.create{ amount = i, description = name })
              print(links[i].id)
            end
            for link, err in paylink.wait_each(links, { timeout = "50s" }) do
              print("done", link and link.description or err.link.description, link and link.status or err.code)
            end
            """
        let process = try sandbox.start(["run", "-e", code])
        var ids: [String] = []
        for _ in 1...3 {
            let seen = ids
            ids.append(try await process.line { $0.isWhole(Pattern.id) && !seen.contains($0) })
        }
        for id in ids { try await sandbox.untilAskedFor(id) }
        try await sandbox.pay(ids[2])
        _ = try await process.line { $0 == "done\tthree\tpaid" }
        try await sandbox.control("POST", "expire/\(ids[0])")
        _ = try await process.line { $0 == "done\tone\texpired" }
        try await sandbox.pay(ids[1])
        let outcome = try await process.finish()
        #expect(outcome.lines.dropFirst(3) == ["done\tthree\tpaid", "done\tone\texpired", "done\ttwo\tpaid"])
        #expect(outcome.status == 0)
    }
}
