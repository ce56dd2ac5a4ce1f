// The service's faults, seen from the shell: a command ends with a link that really exists, or with the right
// code and status; it never hangs and never follows a redirect.

import Testing

@Suite struct FaultTests {
    static let mug = ["create", "--amount", "12.50", "--description", "Mug", "--json"]
    static let payer = ["--payer", "123e4567-e89b-12d3-a456-426614174000"]

    // MARK: Faults that pass

    struct Passing: Sendable, CustomTestStringConvertible {
        var rule: String
        /// Links that exist in the end: the printed one, and orphans.
        var links = 1
        /// What the printed link admits of them.
        var possibleOrphans: Int?

        var testDescription: String { rule }
    }

    @Test(arguments: [
        Passing(rule: #""endpoint": "token", "action": "status", "status": 500"#),
        Passing(rule: #""endpoint": "token", "action": "status", "status": 429, "headers": {"Retry-After": "1"}"#),
        Passing(rule: #""endpoint": "token", "action": "reset_before_commit""#),
        Passing(rule: #""endpoint": "token", "action": "garbage_body""#),
        Passing(rule: #""endpoint": "token", "action": "truncate", "at": 12, "of": "body""#),
        Passing(rule: #""endpoint": "create", "action": "status", "status": 429, "headers": {"Retry-After": "1"}"#),
        Passing(rule: #""endpoint": "create", "action": "status", "status": 429"#),
        Passing(rule: #""endpoint": "create", "action": "status", "status": 500"#, possibleOrphans: 1),
        Passing(
            rule: #""endpoint": "create", "action": "status", "status": 502, "commits": true"#, links: 2,
            possibleOrphans: 1),
        Passing(rule: #""endpoint": "create", "action": "reset_before_commit""#, possibleOrphans: 1),
        Passing(rule: #""endpoint": "create", "action": "reset_after_commit""#, links: 2, possibleOrphans: 1),
        Passing(
            rule: #""endpoint": "create", "action": "truncate", "at": 20, "of": "body""#, links: 2, possibleOrphans: 1),
        Passing(
            rule: #""endpoint": "create", "action": "truncate", "at": 9, "of": "response""#, links: 2,
            possibleOrphans: 1),
        // The id had arrived: that link is looked up instead of making another.
        Passing(rule: #""endpoint": "create", "action": "truncate", "at": 120, "of": "body""#),
        Passing(rule: #""endpoint": "create", "action": "status", "status": 408"#, possibleOrphans: 1),
        Passing(
            rule: #""endpoint": "create", "action": "status", "status": 408, "commits": true"#, links: 2,
            possibleOrphans: 1),
        Passing(rule: #""endpoint": "create", "action": "status", "status": 425"#),
        Passing(rule: #""endpoint": "create", "action": "wrong_content_type""#),
        Passing(rule: #""endpoint": "create", "action": "slow_body", "bytes_per_second": 2000"#),
        Passing(rule: #""endpoint": "create", "action": "latency", "seconds": 0.5"#),
        Passing(rule: #""endpoint": "create", "action": "revoke_tokens""#),
        Passing(rule: #""endpoint": "create", "action": "expire_tokens""#),
    ])
    func createGetsOverOneFault(_ fault: Passing) async throws {
        let sandbox = try await SandboxProcess.start()
        try await sandbox.addFault("{\(fault.rule), \"times\": 1}")
        let outcome = try await sandbox.run(Self.mug)
        #expect(outcome.status == 0, "\(outcome)")
        let link = try JSON(parsing: outcome.output)
        let published = try await sandbox.links().compactMap { $0["id"]?.string }
        #expect(published.contains(try #require(link["id"]?.string)), "the printed link exists")
        #expect(published.count == fault.links)
        #expect(link["possible_orphans"]?.integer == fault.possibleOrphans, "\(link)")
        #expect(link["amount"]?.string == "12.50")
    }

    // MARK: Faults that stay

    struct Lasting: Sendable, CustomTestStringConvertible {
        var rule: String
        var arguments: [String] = []
        var code: String
        var status: Int32
        var links = 0
        var says: [String] = []

        var testDescription: String { rule }
    }

    @Test(arguments: [
        // A Retry-After beyond the call's time ends it at once.
        Lasting(
            rule: #""action": "status", "status": 500, "headers": {"Retry-After": "3600"}"#, code: "server_error",
            status: 69, says: ["500"]),
        Lasting(
            rule: #""action": "status", "status": 429, "headers": {"Retry-After": "3600"}"#, code: "rate_limited",
            status: 69,
            says: ["slow down", "3600"]),
        Lasting(
            rule: #""endpoint": "create", "action": "status", "status": 429, "headers": {"Retry-After": "3600"}"#,
            code: "rate_limited",
            status: 69),
        Lasting(
            rule: #""endpoint": "create", "action": "status", "status": 503, "headers": {"Retry-After": "3600"}"#,
            code: "in_doubt",
            status: 75, says: ["may exist"]),
        Lasting(
            rule: #""endpoint": "create", "action": "reset_after_commit""#, arguments: payer, code: "in_doubt",
            status: 75, links: 1, says: ["may exist"]),
        Lasting(
            rule: #""endpoint": "create", "action": "reset_before_commit""#, arguments: payer, code: "in_doubt",
            status: 75, says: ["may exist"]),
        Lasting(
            rule: #""endpoint": "create", "action": "garbage_body""#, code: "unreadable_reply", status: 75,
            links: 1, says: ["a link was made"]),
        Lasting(
            rule: #""endpoint": "create", "action": "garbage_body""#, arguments: payer, code: "unreadable_reply",
            status: 75, links: 1, says: ["a link was made"]),
        Lasting(
            rule: #""endpoint": "create", "action": "huge_body", "bytes": 20000000"#, code: "unreadable_reply",
            status: 75, links: 1),
        Lasting(
            rule: #""endpoint": "create", "action": "status", "status": 400, "body": "odd terms""#, code: "rejected",
            status: 1, says: ["400", "odd terms"]),
        Lasting(
            rule: #""endpoint": "create", "action": "status", "status": 403"#, code: "rejected", status: 1,
            says: ["403"]),
        Lasting(
            rule: #""endpoint": "create", "action": "redirect", "to": "https://elsewhere.example/x""#,
            code: "redirect_refused", status: 78,
            says: ["elsewhere.example", "not followed", "base address"]),
        Lasting(
            rule: #""endpoint": "token", "action": "redirect", "to": "https://elsewhere.example/x", "status": 302"#,
            code: "redirect_refused",
            status: 78, says: ["elsewhere.example"]),
        Lasting(
            rule: #""endpoint": "token", "action": "huge_body", "bytes": 20000000"#, code: "reply_too_large",
            status: 69,
            says: ["1048576"]),
        Lasting(
            rule: #""endpoint": "create", "action": "revoke_tokens""#, code: "unauthorized", status: 77,
            says: ["credentials"]),
        Lasting(rule: #""endpoint": "create", "action": "status", "status": 401"#, code: "unauthorized", status: 77),
        Lasting(
            rule: #""endpoint": "token", "action": "status", "status": 401"#, code: "unauthorized", status: 77,
            says: ["API token"]),
    ])
    func createEndsWithTheRightCodeAndStatus(_ fault: Lasting) async throws {
        let sandbox = try await SandboxProcess.start()
        try await sandbox.addFault("{\(fault.rule)}")
        let outcome = try await sandbox.run(Self.mug + fault.arguments)
        #expect(outcome.status == fault.status, "\(outcome)")
        // A slow attempt, or one that is repeated, may be announced first.
        let told = outcome.errors.split(separator: "\n").filter { !$0.hasPrefix("paylink: no success yet") }
        #expect(told.first?.hasPrefix("paylink: \(fault.code): ") == true, "\(outcome.errors)")
        for part in fault.says { #expect(outcome.errors.contains(part)) }
        #expect(try JSON(parsing: outcome.output)["error"]?["code"]?.string == fault.code)
        #expect(try await sandbox.links().count == fault.links)
    }

    @Test(arguments: [#""action": "status", "status": 500"#, #""endpoint": "token", "action": "garbage_body""#])
    func triesAgainForALimitedTime(_ rule: String) async throws {
        let sandbox = try await SandboxProcess.start()
        try await sandbox.addFault("{\(rule)}")
        let outcome = try await sandbox.run(Self.mug, limit: .seconds(100))
        #expect(outcome.status == 69, "\(outcome)")
        #expect(try await sandbox.requests().count == 8)
    }

    @Test func aScriptSeesAFaultAsAValue() async throws {
        let sandbox = try await SandboxProcess.start()
        try await sandbox.addFault(
            #"{"endpoint": "create", "action": "status", "status": 429, "headers": {"Retry-After": "3600"}}"#)
        let code = """
            local link, err = paylink.create{ amount = 1, description = "Mug" }
            print(link, err.code, err.status, err.retryable, err.retry_after)
            """
        let outcome = try await sandbox.run(["run", "-e", code])
        #expect(outcome.output == "nil\trate_limited\t429\ttrue\t3600.0\n", "\(outcome)")
        #expect(outcome.status == 0)
    }

    @Test func aHundredCreationsThroughChanceFaultsAllEnd() async throws {
        let sandbox = try await SandboxProcess.start(["--seed", "7"])
        try await sandbox.addFault(#"{"endpoint": "create", "action": "status", "status": 429, "probability": 0.1}"#)
        try await sandbox.addFault(#"{"endpoint": "create", "action": "reset_after_commit", "probability": 0.1}"#)
        let code = """
            local rows = {}
            for i = 1, 100 do rows[i] = i end
            local ids, seen = task.map(rows, { concurrency = 20 }, function(i)
              local link, err = paylink.create{ amount = i, description = "Row " .. i }
              return link and link.id or "failed: " .. err.code
            end), {}
            for _, id in ipairs(ids) do assert(not seen[id], "given twice") seen[id] = true print(id) end
            """
        let outcome = try await sandbox.run(["run", "-e", code])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.lines.count == 100)
        let published = Set(try await sandbox.links().compactMap { $0["id"]?.string })
        #expect(Set(outcome.lines).isSubset(of: published))
    }
}
