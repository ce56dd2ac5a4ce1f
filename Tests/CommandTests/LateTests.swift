// Links that are paid after they expired: followed for a time of grace, by `watch`, by a sweep, in words by `wait`.

import Foundation
import Glibc
import Testing

@Suite struct LateTests {
    static let script = """
        paylink.on("paid", function(link) print("paid", link.key, link.payment.amount, link.late) end)
        paylink.on("underpaid", function(link) print("underpaid", link.key, link.missing, link.late) end)
        paylink.on("expired", function(link) print("expired", link.key) end)
        """

    @Test func aWatchFollowsUpALatePaymentAfterTheExpiry() async throws {
        let fixture = try await WatchTests.Fixture.make()
        // A payment that misses the look after 2 s, on a busy machine, is seen by the one after a minute.
        let watch = try fixture.watch([try fixture.script(Self.script)], limit: .seconds(180))
        let full = try await fixture.create("full", ["--expires-in", "60s"])
        let short = try await fixture.create("short", ["--expires-in", "60s"])
        try await fixture.sandbox.untilAskedFor(full)
        try await fixture.sandbox.untilAskedFor(short)
        try await fixture.sandbox.advance(seconds: 120)
        _ = try await watch.line { $0 == "expired\tfull" }
        try await fixture.sandbox.control("POST", "pay/\(full)", #"{"late": true}"#)
        _ = try await watch.line { $0 == "expired\tshort" }
        try await fixture.sandbox.control("POST", "pay/\(short)", #"{"late": true, "amount": "0.01"}"#)
        _ = try await watch.line { $0 == "paid\tfull\t5.00\ttrue" }
        _ = try await watch.line { $0 == "underpaid\tshort\t4.99\ttrue" }
        watch.send(SIGTERM)
        let outcome = try await watch.finish()
        #expect(outcome.lines.count == 4, "\(outcome)")
        // Who asks later is told the same.
        let waited = try await fixture.sandbox.run(["wait", full, "--json"], fixture.environment)
        #expect(waited.status == 0, "\(waited)")
        #expect(try JSON(parsing: waited.output)["late"]?.flag == true)
        #expect(try await fixture.sandbox.run(["wait", short], fixture.environment).status == 1)
        let exported = try await fixture.sandbox.run(["ledger", "export"], fixture.environment)
        #expect(exported.output.contains(",paid,5.00,") && exported.output.contains(",underpaid,5.00,"), "\(exported)")
    }

    @Test func aSweepLooksAtExpiredLinksUntilTheirGraceIsOver() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let script = try fixture.script(Self.script)
        #expect(try await fixture.sweep([script]).status == 0)
        let links = [
            try await fixture.create("a", ["--expires-in", "60s"]),
            try await fixture.create("b", ["--expires-in", "60s"]),
        ]
        try await fixture.sandbox.advance(seconds: 120)
        #expect(Set(try await fixture.sweep([script]).lines) == ["expired\ta", "expired\tb"])
        try await Task.sleep(for: .milliseconds(2_100))  // the first look that is due
        try await fixture.sandbox.control("POST", "pay/\(links[0])", #"{"late": true}"#)
        // Without a grace nobody looks.
        #expect(try await fixture.sweep(["--late-grace", "0", script]).output == "")
        #expect(try await fixture.sweep([script]).output == "paid\ta\t5.00\ttrue\n")
        // What was just looked at is not due again.
        let before = try await fixture.sandbox.requests().count
        #expect(try await fixture.sweep([script]).output == "")
        #expect(try await fixture.sandbox.requests().dropFirst(before).filter { $0.hasPrefix("GET") }.isEmpty)
    }

    @Test func aWaitSaysUntilWhenALatePaymentIsNoticed() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let id = try await fixture.create("a", ["--expires-in", "60s"])
        try await fixture.sandbox.advance(seconds: 120)
        let outcome = try await fixture.sandbox.run(["wait", id], fixture.environment)
        #expect(outcome.status == 1)
        #expect(
            outcome.errors.contains("if it is paid late all the same, paylink watch notices it until 20"), "\(outcome)")
        let code = "local _, err = paylink.wait(arg[1]); print(err.code, err.late_until - os.time() > 86000)"
        let told = try await fixture.sandbox.run(["run", "-e", code, id], fixture.environment)
        #expect(told.output == "expired\ttrue\n", "\(told)")
        // Nobody follows what is in no ledger.
        let other = try await fixture.sandbox.run(["wait", id, "--ledger", ":memory:"])
        #expect(other.status == 1 && !other.errors.contains("paid late"), "\(other)")
        let none = try await fixture.sandbox.run(["wait", id, "--late-grace", "0"], fixture.environment)
        #expect(none.status == 1 && !none.errors.contains("paid late"), "\(none)")
        let wrong = try await fixture.sandbox.run(["wait", id, "--late-grace", "soon"], fixture.environment)
        #expect(wrong.status == 78 && wrong.errors.contains("late grace \"soon\""), "\(wrong)")
    }

    @Test func theReissueExampleSellsOnceWhenAnEarlierOfferIsPaidLate() async throws {
        let fixture = try await WatchTests.Fixture.make()
        let example = ExampleTests.folder.appendingPathComponent("reissue.lua").path
        let watch = try fixture.watch([example])
        _ = try await watch.line { $0 == "offered for 17.50 USD" }
        for link in try await fixture.sandbox.links().compactMap({ $0["id"]?.string }) {
            // The first has expired, the second may have.
            try await fixture.sandbox.control("POST", "pay/\(link)", #"{"late": true}"#)
        }
        _ = try await watch.line { $0.hasPrefix("sold for ") }
        _ = try await watch.line { $0.hasPrefix("sold before, to be given back: ") }
        watch.send(SIGTERM)
        let outcome = try await watch.finish()
        #expect(!outcome.output.contains("offered for 15.00"), "\(outcome)")
        #expect(try await fixture.sandbox.links().count == 2)
    }
}
