// A storm of 429 and 503: nothing is sent before the service wants it, and everything is finished after.
// PAYLINK_STORM_SECONDS sets how long it lasts (4 in CI; scripts/crash-test takes 60).

import Foundation
import TestSupport
import Testing

@Suite struct StormTests {
    private static var seconds: Int {
        ProcessInfo.processInfo.environment["PAYLINK_STORM_SECONDS"].flatMap { Int($0) } ?? 4
    }

    @Test func aStormIsSatOutAsTheServiceAsks() async throws {
        let sandbox = try await SandboxProcess.start()
        let folder = try TemporaryFolder()
        let ledger = ["PAYLINK_LEDGER": folder.path + "/ledger.db"]
        let keys = 20
        let later = #""endpoint": "create", "action": "status", "headers": {"Retry-After": "1"}"#
        try await sandbox.addFault("{\(later), \"status\": 429, \"probability\": 0.7}")
        try await sandbox.addFault("{\(later), \"status\": 503}")
        let rows = (1...keys).map { "order-\($0),\($0),Order \($0)\n" }.joined()
        let table = try folder.write("orders.csv", ("key,amount,description\n" + rows).utf8)
        let child = try sandbox.start(
            ["batch", table, "--concurrency", "\(keys)"], ledger, limit: .seconds(Self.seconds + 200))
        try await Task.sleep(for: .seconds(Self.seconds))
        try await sandbox.control("DELETE", "faults")
        let outcome = try await child.finish()
        #expect(outcome.status == 0, "\(outcome.errors)")

        let requests = try await sandbox.creations()
        var last: [String: (time: Int, status: Int)] = [:]
        var early = 0, unavailable = 0, made = 0
        for request in requests {
            guard let key = request["idempotency_key"]?.string, let time = request["time_ms"]?.integer,
                let status = request["status"]?.integer
            else { continue }
            // The clock that times both is the sandbox's; a request that comes 1 s after a reply is at least 1 s later.
            if let before = last[key], before.status >= 400, time - before.time < 1000 { early += 1 }
            last[key] = (time, status)
            if status == 503 { unavailable += 1 }
            if status / 100 == 2 { made += 1 }
        }
        print("storm of \(Self.seconds) s: \(requests.count) requests for \(keys) links, \(early) sent early")
        #expect(early == 0)
        #expect(made == keys)
        #expect(last.count == keys)
        #expect(requests.count > keys)
        // A 503 may hide a link that was made: each is counted.
        let doubts = try await PaylinkProcess.run(["ledger", "doubt", "list", "--json"], environment: ledger)
        let orphans = try doubts.lines.map { try JSON(parsing: $0)["possible_orphans"]?.integer ?? 0 }.reduce(0, +)
        #expect(orphans == unavailable)
    }
}
