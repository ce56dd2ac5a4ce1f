// The dashboard over a ledger on a PostgreSQL server.

import TestSupport
import Testing

@Suite struct DashboardServerTests {
    @Test func itFollowsALedgerOnAServer() async throws {
        let ledger = try await ServerLedger.make()
        let sandbox = try await SandboxProcess.start()
        let environment = sandbox.variables.merging(
            ledger.environment.merging(["PAYLINK_CRONTAB": "/bin/false"]) { $1 }
        ) { $1 }
        let link = try await sandbox.run(
            ["create", "--key", "order-1", "--amount", "12.50", "--description", "Größe M", "--json"],
            ledger.environment)
        let id = try #require(try JSON(parsing: link.output)["id"]?.string)
        let dashboard = try await DashboardProcess.start(environment)
        try await dashboard.until("") { $0.contains("1 link") }
        try await sandbox.pay(id)
        _ = try await sandbox.run(["get", id], ledger.environment)
        try await dashboard.until("") { $0.contains("Received $12.50 for order-1.") && $0.contains("1 payment") }
        for path in [
            "links", "links?q=order", "links?q=gr%C3%B6%C3%9Fe", "links?q=12.50", "links?state=paid", "links?q=\(id)",
        ] {
            #expect(try await dashboard.get(path).body.contains("<bdi>order-1</bdi>"), "\(path)")
        }
        #expect(try await dashboard.get("links/1").body.contains(id))
        #expect(try await dashboard.until("times") { $0.contains("From link to payment") }.contains("$12<small>.50"))
        #expect(try await dashboard.get("jobs").status == 200)
        try await dashboard.until("doubt") { $0.contains("Nothing is in doubt.") }
    }
}
