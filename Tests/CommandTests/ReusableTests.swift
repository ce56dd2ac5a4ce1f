// Reusable links: each payment is reported once by a wait for the link's id, and what was not seen is said.

import Foundation
import TestSupport
import Testing

@Suite struct ReusableTests {
    private func wait(_ fixture: WatchTests.Fixture, _ arguments: [String]) async throws -> (Outcome, JSON?) {
        let outcome = try await fixture.sandbox.run(
            ["wait", "--timeout", "300ms", "--json"] + arguments, fixture.environment)
        return (outcome, try? JSON(parsing: outcome.output))
    }

    private func payment(_ json: JSON?) throws -> String { try #require(json?["payment"]?["id"]?.string) }

    @Test func aWaitReportsEachPaymentOnce() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let id = try await fixture.create("tips", ["--reusable"])
        var seen: [String] = []
        for _ in 1...3 {
            try await fixture.sandbox.pay(id)
            let (paid, json) = try await wait(fixture, [id])
            #expect(paid.status == 0 && paid.errors == "", "\(paid)")
            seen.append(try payment(json))
            let (again, problem) = try await wait(fixture, [id])
            #expect(again.status == 124, "\(again)")
            let message = problem?["error"]?["message"]?.string
            #expect(message?.contains("not paid by a payment newer than \(seen.last ?? "")") == true, "\(again)")
        }
        #expect(Set(seen).count == 3)
    }

    /// Looks of others lose nothing: what they saw is reported one after the other, and a short payment once.
    @Test func whatOthersHaveSeenIsReportedInItsOrder() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let id = try await fixture.create("tips", ["--reusable"])
        try await fixture.sandbox.pay(id)
        #expect(try await wait(fixture, [id]).0.status == 0)
        for amount in ["6", "0.50", "7"] {
            try await fixture.sandbox.pay(id, amount)
            #expect(try await fixture.sandbox.run(["get", id], fixture.environment).status == 0)
        }
        var received: [String] = []
        for status in [0, 1, 0] as [Int32] {
            let (outcome, json) = try await wait(fixture, [id])
            #expect(outcome.status == status, "\(outcome)")
            let link = status == 0 ? json : json?["error"]?["link"]
            received.append(link?["payment"]?["amount"]?.string ?? "")
        }
        #expect(received == ["6.00", "0.50", "7.00"], "\(received)")
        #expect(try await wait(fixture, [id]).0.status == 124)
    }

    @Test func afterNamesThePaymentThanWhichItMustBeNewer() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let id = try await fixture.create("tips", ["--reusable"])
        try await fixture.sandbox.pay(id)
        let first = try payment(try await wait(fixture, [id]).1)
        try await fixture.sandbox.pay(id)
        let second = try payment(try await wait(fixture, [id]).1)
        #expect(first != second)
        // Asked for again, and what comes after it has not come.
        #expect(try payment(try await wait(fixture, [id, "--after", first]).1) == second)
        #expect(try await wait(fixture, [id, "--after", second]).0.status == 124)
        #expect(try await wait(fixture, [id]).0.status == 124)
        // A payment that this ledger has never seen.
        let unknown = try await wait(fixture, [id, "--after", "01890a5d-ac96-774b-bcce-b302099a8057"])
        #expect(try payment(unknown.1) == second)

        let malformed = try await wait(fixture, [id, "--after", "first"])
        #expect(malformed.0.status == 64 && malformed.0.errors.contains("no payment's id"), "\(malformed)")
        let single = try await fixture.create("order-1")
        try await fixture.sandbox.pay(single)
        let refused = try await wait(fixture, [single, "--after", first])
        #expect(refused.0.status == 65 && refused.0.errors.contains("is paid once"), "\(refused)")
    }

    @Test func whatCouldNotBePrintedIsReportedAgain() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let id = try await fixture.create("tips", ["--reusable"])
        try await fixture.sandbox.pay(id)
        let full = try fixture.sandbox.start(["wait", id], fixture.environment, output: .file("/dev/full"))
        #expect(try await full.finish().status == 74)
        #expect(try await wait(fixture, [id]).0.status == 0)
        #expect(try await wait(fixture, [id]).0.status == 124)
    }

    /// Made elsewhere: the ledger has no row of the link, and remembers what it reported all the same.
    @Test func aLinkThatTheLedgerDoesNotHaveIsReportedOnceToo() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let id = try await fixture.create("tips", ["--reusable"])
        let other = WatchTests.Fixture(sandbox: fixture.sandbox, folder: try TemporaryFolder())
        try await fixture.sandbox.control("POST", "pay/\(id)", #"{"count": 2}"#)
        let (paid, json) = try await wait(other, [id])
        #expect(paid.status == 0 && json?["unseen_payments"]?.integer == 1, "\(paid)")
        #expect(try await wait(other, [id]).0.status == 124)
        try await fixture.sandbox.pay(id)
        let (next, more) = try await wait(other, [id])
        #expect(next.status == 0 && more?["unseen_payments"]?.integer == 1, "\(next)")
        #expect(try await other.sandbox.run(["ledger", "list"], other.environment).output == "")
    }

    @Test func paymentsThatWereNotSeenAreSaid() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let id = try await fixture.create("tips", ["--reusable"])
        try await fixture.sandbox.pay(id, "6")
        #expect(try await wait(fixture, [id]).0.status == 0)
        try await fixture.sandbox.control("POST", "pay/\(id)", #"{"amount": "7", "count": 3}"#)
        let (paid, json) = try await wait(fixture, [id])
        #expect(paid.status == 0 && json?["unseen_payments"]?.integer == 2, "\(paid)")
        #expect(paid.errors.contains("link \(id): 2 payments of 4 were never seen here"), "\(paid)")

        let row = try JSON(
            parsing: try await fixture.sandbox.run(["ledger", "show", "tips", "--json"], fixture.environment).output)
        #expect(row["received"]?.string == "7.00" && row["received_in_all"]?.string == "13.00", "\(row)")
        #expect(row["unseen_payments"]?.integer == 2 && row["link"]?["unseen_payments"]?.integer == 2)
        let shown = try await fixture.sandbox.run(["ledger", "show", "tips"], fixture.environment)
        #expect(shown.output.contains("not shown        2 payments of 4 were never seen here"), "\(shown)")
        let listed = try await fixture.sandbox.run(["ledger", "list"], fixture.environment)
        #expect(listed.output.contains("received 7.00") && listed.output.contains("2 not seen"), "\(listed)")
        let exported = try await fixture.sandbox.run(["ledger", "export"], fixture.environment)
        #expect(exported.lines.first?.contains(",payment_count,received_in_all,unseen_payments,") == true)
        #expect(exported.lines.last?.contains(",4,13.00,2,") == true, "\(exported)")
        let got = try await fixture.sandbox.run(["get", id], fixture.environment)
        #expect(got.output.contains("2 payments of 4 were never seen here") && got.errors == "", "\(got)")
    }

    @Test func aScriptIsToldOfWhatWasNotSeen() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let script = try fixture.script(
            """
            local link = assert(paylink.create{ key = "tips", amount = 5, description = "Tips", reusable = true })
            print(link.id, link.unseen_payments)
            local paid = assert(link:wait())
            print(paid.payment_count, paid.unseen_payments, paylink.find("tips").unseen_payments)
            """)
        let process = try fixture.sandbox.start(["run", script], fixture.environment)
        let first = try await process.line { $0.hasSuffix("\t0") }
        try await fixture.sandbox.control("POST", "pay/\(first.dropLast(2))", #"{"count": 3}"#)
        let outcome = try await process.finish()
        #expect(outcome.lines.last == "3\t2\t2" && outcome.status == 0, "\(outcome)")
        let warnings = outcome.errors.split(separator: "\n").filter { $0.contains("were never seen here") }
        #expect(warnings.count == 1 && warnings[0].contains("tips"), "\(outcome)")
    }

    @Test func aScriptThatWaitsByIdGetsEachPaymentOnceUnlessItDies() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let id = try await fixture.create("tips", ["--reusable"])
        let script = try fixture.script(
            """
            local paid, err = paylink.wait(arg[1], { timeout = "300ms" })
            print(paid and paid.payment.amount or err.code)
            if arg[2] == "die" then error("on the way") end
            if arg[2] == "again" then print(select(2, paylink.wait(arg[1], { timeout = "300ms" })).code) end
            """)
        func run(_ mode: String) async throws -> [String] {
            try await fixture.sandbox.run(["run", script, id, mode], fixture.environment).lines
        }
        try await fixture.sandbox.pay(id, "6")
        #expect(try await run("die") == ["6.00"])
        #expect(try await run("die") == ["6.00"])
        #expect(try await run("again") == ["6.00", "timeout"])
        #expect(try await run("end") == ["timeout"])
        #expect(try await wait(fixture, [id]).0.status == 124)
        try await fixture.sandbox.pay(id, "7")
        #expect(try await run("end") == ["7.00"])
        #expect(try await run("end") == ["timeout"])
    }

    /// Payments that others recorded between two sweeps: each is followed up, and as itself.
    @Test func eachPaymentThatAnybodySawIsFollowedUp() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let script = try fixture.script(
            """
            paylink.on("paid", function(link) print("paid", link.payment.amount, link.payment_count) end)
            paylink.on("underpaid", function(link) print("underpaid", link.payment.amount, link.missing) end)
            """)
        let id = try await fixture.create("tips", ["--reusable"])
        #expect(try await fixture.sweep([script]).output == "")
        for amount in ["6", "1", "7"] {
            try await fixture.sandbox.pay(id, amount)
            #expect(try await fixture.sandbox.run(["get", id], fixture.environment).status == 0)
        }
        let swept = try await fixture.sweep([script])
        #expect(swept.lines.sorted() == ["paid\t6.00\t3", "paid\t7.00\t3", "underpaid\t1.00\t4.00"], "\(swept)")
        #expect(try await fixture.sweep([script]).output == "")
    }
}

@Suite struct UnshownPaymentTests {
    /// One look settles nothing: the payment that is shown later is what is followed up and recorded.
    @Test func aLookAtAPaidLinkWithoutAPaymentDoesNotSettleIt() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let script = try fixture.script(#"paylink.on("paid", function(link) print(link.key, link.payment.amount) end)"#)
        let id = try await fixture.create("order-1")
        #expect(try await fixture.sweep([script]).output == "")
        try await fixture.sandbox.control("POST", "pay/\(id)", #"{"shown": false}"#)
        let got = try await fixture.sandbox.run(["get", id], fixture.environment)
        #expect(got.status == 0 && got.output.contains("paid by the service's word alone"), "\(got)")
        try await fixture.sandbox.control("POST", "show/\(id)")
        #expect(try await fixture.sweep([script]).lines == ["order-1\t5.00"])
        let row = try JSON(
            parsing: try await fixture.sandbox.run(["ledger", "show", "order-1", "--json"], fixture.environment).output)
        #expect(row["received"]?.string == "5.00" && row["paid_at"]?.integer != nil, "\(row)")
    }

    @Test func aLinkThatIsPaidOnTheServicesWordAloneIsNamed() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let script = try fixture.script(#"paylink.on("paid", function(link) print(link.key, link.payment) end)"#)
        let ids = [try await fixture.create("order-1"), try await fixture.create("order-2")]
        #expect(try await fixture.sweep([script]).output == "")
        for id in ids { try await fixture.sandbox.control("POST", "pay/\(id)", #"{"shown": false}"#) }
        async let waiting = fixture.sandbox.run(["wait", ids[0]], fixture.environment)
        let swept = try await fixture.sweep([script])
        let waited = try await waiting
        #expect(waited.status == 0, "\(waited)")
        #expect(Set(swept.lines) == ["order-1\tnil", "order-2\tnil"], "\(swept)")
        // By the watch also when the other process has recorded it first.
        for (errors, id) in [(waited.errors, ids[0]), (swept.errors, ids[0]), (swept.errors, ids[1])] {
            let warnings = errors.split(separator: "\n").filter {
                $0.contains("link \(id)") && $0.contains("paid by the service's word alone")
            }
            #expect(warnings.count == 1, "\(errors)")
        }
        #expect(swept.errors.contains("order-2"), "\(swept)")
        let shown = try await fixture.sandbox.run(["ledger", "show", "order-1"], fixture.environment)
        #expect(shown.output.contains("paid by the service's word alone"), "\(shown)")
        #expect(try await fixture.sweep([script]).output == "")
    }
}
