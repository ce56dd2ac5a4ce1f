// Many processes on one ledger: one request a key, and nobody hears that the database is busy.

import Foundation
import TestSupport
import Testing

@Suite struct ManyProcessesTests {
    @Test func twentyFourProcessesWithTheSameKeysMakeOneLinkAKey() async throws {
        let sandbox = try await SandboxProcess.start()
        try await sandbox.addFault(#"{"endpoint": "create", "action": "latency", "seconds": 0.02}"#)
        let folder = try TemporaryFolder()
        let keys = 40
        let script = try folder.write(
            "keys.lua",
            """
            local offset = tonumber(arg[1])
            local list = {}
            for i = 1, \(keys) do list[i] = (i * 7 + offset * 5) % \(keys) + 1 end
            task.map(list, { concurrency = 8 }, function(n)
              local link = assert(paylink.create{ key = "order-" .. n, amount = n, description = "Order " .. n })
              print(n, link.id)
            end)
            """.utf8)
        // Not there yet: all of them make it at once.
        let ledger = ["PAYLINK_LEDGER": folder.path + "/new/ledger.db"]
        let children = try (1...24).map { try sandbox.start(["run", script, "\($0)"], ledger, limit: .seconds(120)) }
        var links: [String: Set<String>] = [:]
        for child in children {
            let outcome = try await child.finish()
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.errors.isEmpty, "\(outcome.errors)")
            #expect(outcome.lines.count == keys)
            for line in outcome.lines {
                let parts = line.split(separator: "\t").map(String.init)
                links[parts[0], default: []].insert(parts[1])
            }
        }
        #expect(links.count == keys)
        #expect(links.values.allSatisfy { $0.count == 1 })
        #expect(try await sandbox.creations().count == keys)
    }
}
