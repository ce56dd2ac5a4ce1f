// What "paid" means: the rows of docs/what-paid-means.md, each on the sandbox, for `wait`, `watch`, the ledger and scripts.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct SettlementTests {
    /// What was received of 12.50, and what everybody says of it.
    struct Case: Sendable, CustomTestStringConvertible {
        var received: String
        var status: Int32
        var shown: String
        var event: String
        var code: String

        var testDescription: String { "\(received) of 12.50" }
    }

    static let cases = [
        Case(received: "12.50", status: 0, shown: "paid", event: "paid", code: "paid"),
        Case(received: "12.500001", status: 0, shown: "paid", event: "paid", code: "paid"),
        Case(received: "20", status: 0, shown: "paid", event: "paid", code: "paid"),
        Case(received: "12.499999", status: 1, shown: "underpaid", event: "underpaid", code: "underpaid"),
        Case(received: "0.01", status: 1, shown: "underpaid", event: "underpaid", code: "underpaid"),
    ]

    @Test(arguments: cases)
    func everybodySaysTheSameOfAPayment(_ expected: Case) async throws {
        let fixture = try await WatchTests.Fixture.make()
        let script = try fixture.script(
            """
            for _, event in ipairs{ "paid", "underpaid", "expired" } do
              paylink.on(event, function(link) print(event, link.key, link.payment.amount, link.missing, link.overpaid) end)
            end
            """)
        #expect(try await fixture.sweep([script]).status == 0)
        let link = try await fixture.sandbox.createdUnderKey(fixture, key: "order-1")
        try await fixture.sandbox.pay(link, expected.received)

        let waited = try await fixture.sandbox.run(["wait", link], fixture.environment)
        #expect(waited.status == expected.status, "\(waited)")
        let json = try JSON(
            parsing: try await fixture.sandbox.run(["wait", link, "--json"], fixture.environment).output)
        let seen = json["error"]?["link"] ?? json
        #expect(json["error"]?["code"]?.string == (expected.code == "paid" ? nil : expected.code), "\(waited)")
        #expect(seen["key"]?.string == "order-1", "\(json)")

        let swept = try await fixture.sweep([script])
        #expect(swept.lines.count == 1 && swept.lines[0].hasPrefix("\(expected.event)\torder-1\t"), "\(swept)")
        #expect(try await fixture.sweep([script]).output == "")

        let listed = try await fixture.sandbox.run(["ledger", "list"], fixture.environment)
        #expect(listed.output.contains(" \(expected.shown) "), "\(listed)")
        let row = try JSON(
            parsing: try await fixture.sandbox.run(["ledger", "show", "order-1", "--json"], fixture.environment).output)
        #expect(row["amount"]?.string == "12.50")
        #expect(row["received"]?.string == seen["payment"]?["amount"]?.string && row["received"]?.string != nil)
        #expect(row["payment_id"]?.string != nil && row["paid_at"]?.integer != nil)
        let exported = try await fixture.sandbox.run(["ledger", "export"], fixture.environment)
        #expect(exported.lines.last?.contains(",\(expected.shown),12.50,") == true, "\(exported)")
    }

    @Test func aScriptIsToldWhatIsMissingAndWhatIsTooMuch() async throws {
        let sandbox = try await SandboxProcess.start()
        let code = """
            local link = assert(paylink.create{ key = "k", amount = "12.50", description = "Tea" })
            print(link.id)
            local paid, err = link:wait()
            if paid then print("paid", paid.key, paid.overpaid, paid.late)
            else print(err.code, err.link.key, err.link.missing, err.payable, err.retryable) end
            """
        for (received, line) in [
            ("12.49", "underpaid\tk\t0.01\tfalse\tfalse"), ("12.50", "paid\tk\tnil\tfalse"),
            ("13", "paid\tk\t0.50\tfalse"),
        ] {
            let folder = try TemporaryFolder()
            let process = try sandbox.start(["run", "--ledger", folder.file("l.db"), "-e", code])
            let id = try await process.line { $0.isWhole(Pattern.id) }
            try await sandbox.untilAskedFor(id)
            try await sandbox.pay(id, received)
            let outcome = try await process.finish()
            #expect(outcome.lines.last == line, "\(outcome)")
            withExtendedLifetime(folder) {}
        }
    }

    @Test func aTimeOutSaysThatTheLinkCanStillBePaid() async throws {
        let sandbox = try await SandboxProcess.start()
        let outcome = try await sandbox.run([
            "run", "-e",
            """
            local link = assert(paylink.create{ amount = 1, description = "Tea" })
            local _, err = link:wait{ timeout = "200ms" }
            print(err.code, err.payable)
            """,
        ])
        #expect(outcome.output == "timeout\ttrue\n", "\(outcome)")
    }

    /// A gateway's refusals for a while end no wait for a link that was made here, or that the ledger has.
    @Test(arguments: [400, 403, 404, 405, 409, 410, 418, 422, 451])
    func noStatusEndsAWaitForALinkThatIsKnown(status: Int) async throws {
        let fixture = try await WatchTests.Fixture.make()
        let id = try await fixture.create("order-1")
        try await fixture.sandbox.addFault(
            #"{"endpoint": "get", "action": "status", "status": \#(status), "times": 2}"#)
        try await fixture.sandbox.pay(id)
        let outcome = try await fixture.sandbox.run(["wait", id, "--timeout", "60s"], fixture.environment)
        #expect(outcome.status == 0, "\(outcome)")
    }

    @Test func anIdThatNobodyEverSawEndsAtOnce() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let outcome = try await fixture.sandbox.run(
            ["wait", "01890a5d-ac96-774b-bcce-b302099a8057", "--timeout", "60s"], fixture.environment)
        #expect(outcome.status == 1 && outcome.errors.contains("not found"), "\(outcome)")
    }

    @Test func aServiceThatIsAwayForTheWholeWaitIsUnreachable() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let id = try await fixture.create("order-1")
        try await fixture.sandbox.addFault(#"{"endpoint": "get", "action": "status", "status": 503}"#)
        let outcome = try await fixture.sandbox.run(["wait", id, "--timeout", "1s", "--json"], fixture.environment)
        #expect(outcome.status == 69, "\(outcome)")
        #expect(try JSON(parsing: outcome.output)["error"]?["code"]?.string == "unreachable")
    }
}

extension SandboxProcess {
    /// A link of 12.50 under a key, in the ledger of a test.
    fileprivate func createdUnderKey(_ fixture: WatchTests.Fixture, key: String) async throws -> String {
        let outcome = try await run(
            ["create", "--key", key, "--amount", "12.50", "--description", "Tea", "--json"], fixture.environment)
        return try #require(try JSON(parsing: outcome.output)["id"]?.string, "\(outcome)")
    }
}
