// A batch that is killed again and again, at random instants and at the worst places, and resumed to its end. The
// sandbox's record is what checks. PAYLINK_CRASH_KILLS and PAYLINK_CRASH_ROWS make it longer (scripts/crash-test).

import Chance
import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct BatchKillTests {
    /// Requests on the wire at once.
    private static let concurrency = 8
    private static let points = ["after_claim", "after_send", "after_reply", "before_commit", "before_rename"]

    /// What the batches and their kills came to.
    private struct Figures {
        var rounds = 0, kills = 0, atPoints = 0, rows = 0, links = 0, orphans = 0, counted = 0, spoilt = 0

        var text: String {
            "batch: \(kills) kills (\(atPoints) at named points) in \(rounds) batches of \(rows / max(rounds, 1)) rows; "
                + "\(links) links made, \(orphans) orphans (\(spoilt) requests spoilt by faults), \(counted) counted in the ledger"
        }
    }

    @Test func everyRowIsPublishedOnceHoweverOftenTheBatchIsKilled() async throws {
        var figures = Figures()
        var random = SplitMix(seed: CrashPlan.seed)
        while figures.kills < CrashPlan.kills { try await round(&figures, &random) }
        print(figures.text)
        #expect(figures.orphans <= figures.counted)
    }

    private func round(_ figures: inout Figures, _ random: inout SplitMix) async throws {
        let sandbox = try await SandboxProcess.start(limit: .seconds(3600))
        for fault in [
            #""action": "reset_after_commit", "probability": 0.02"#,
            #""action": "reset_before_commit", "probability": 0.015"#,
            #""action": "status", "status": 503, "headers": {"Retry-After": "1"}, "probability": 0.01"#,
            #""action": "truncate", "at": 20, "of": "body", "probability": 0.005"#,
            #""action": "latency", "seconds": 0.02"#,
        ] {
            try await sandbox.addFault(#"{"endpoint": "create", \#(fault)}"#)
        }
        let folder = try TemporaryFolder()
        let table = (1...CrashPlan.rows).map { "order-\($0),\($0 % 50 + 1).\($0 % 10)5,\"Mug no. \($0), blue\"\n" }
        let input = try folder.write("orders.csv", ("order_id,amount,description\n" + table.joined()).utf8)
        let out = folder.path + "/links.csv"
        let command = ["batch", input, "--out", out, "--concurrency", "\(Self.concurrency)"]
        let ledger = ["PAYLINK_LEDGER": folder.path + "/ledger.db"]

        let kills = try await killAndResume(
            sandbox, command, ledger, most: CrashPlan.kills - figures.kills, &figures, &random)
        try await finish(sandbox, command, ledger)
        let results = try String(contentsOfFile: out, encoding: .utf8)
        try await judge(results, rows: table, sandbox, ledger, kills: kills, &figures)

        // Finished is finished: no request, and the same bytes.
        let position = try await sandbox.position()
        let again = try await sandbox.run(command, ledger)
        #expect(again.status == 0, "\(again.errors)")
        #expect(try await sandbox.creations(since: position).isEmpty)
        #expect(try String(contentsOfFile: out, encoding: .utf8) == results)

        // What a batch that nobody interrupted gives, but for the links' ids.
        if figures.rounds == 0 {
            let other = folder.path + "/uninterrupted.csv"
            let calm = ["PAYLINK_LEDGER": folder.path + "/other.db"]
            try await finish(sandbox, ["batch", input, "--out", other, "--concurrency", "32"], calm)
            #expect(Self.withoutIds(try String(contentsOfFile: other, encoding: .utf8)) == Self.withoutIds(results))
        }
        figures.rounds += 1
        figures.kills += kills
        figures.rows += CrashPlan.rows
    }

    /// Runs the batch and kills it, until it has come to its end in spite of that.
    /// - Returns: how often it was killed.
    private func killAndResume(
        _ sandbox: SandboxProcess, _ command: [String], _ ledger: [String: String], most: Int,
        _ figures: inout Figures, _ random: inout SplitMix
    ) async throws -> Int {
        var kills = 0
        while kills < most {
            var environment = ledger
            let atPoint = random.next() % 2 == 0
            if atPoint {
                let point = Self.points[Int(random.next() % UInt64(Self.points.count))]
                environment["PAYLINK_CRASH_AT"] = "\(point):\(point == "before_rename" ? 1 : random.next() % 12 + 1)"
            }
            let child = try sandbox.start(command, environment, limit: .seconds(300))
            if !atPoint {
                try await Task.sleep(for: .milliseconds(30 + random.next() % 200))
                child.send(SIGKILL)
            }
            let outcome = try await child.finish()
            if outcome.ending == .signal(SIGKILL) {
                kills += 1
                if atPoint { figures.atPoints += 1 }
                continue
            }
            #expect([0, 75].contains(outcome.status), "\(outcome.errors)")
            if outcome.status == 0 { break }
        }
        return kills
    }

    /// Runs the batch until it says that all is done.
    private func finish(_ sandbox: SandboxProcess, _ command: [String], _ ledger: [String: String]) async throws {
        for _ in 0..<5 {
            let outcome = try await sandbox.run(command, ledger, limit: .seconds(900))
            if outcome.status == 0 { return }
            guard outcome.status == 75 else { throw ChildProcessFailure(description: "\(outcome)") }
        }
        throw ChildProcessFailure(description: "the batch did not come to its end")
    }

    /// Compares the results with what the sandbox really did.
    private func judge(
        _ results: String, rows: [String], _ sandbox: SandboxProcess, _ ledger: [String: String], kills: Int,
        _ figures: inout Figures
    ) async throws {
        let record = try await sandbox.wholeRecord()
        var made: [String: (amount: Int, description: String)] = [:]
        for entry in record where entry["kind"]?.string == "created" {
            made[entry["link"]?.string ?? ""] = (entry["amount"]?.integer ?? 0, entry["description"]?.string ?? "")
        }
        let lines = results.split(separator: "\n").dropFirst()
        #expect(lines.count == rows.count)
        var published: Set<String> = []
        for (line, (index, row)) in zip(lines, rows.enumerated()) {
            let number = index + 1
            guard line.hasPrefix(row.dropLast()), let id = line.firstMatch(of: /,([0-9a-f-]{36}),/)?.output.1 else {
                Issue.record("row \(number) is not in its place: \(line)")
                continue
            }
            let link = made[String(id)]
            #expect(link?.description == "Mug no. \(number), blue", "row \(number)")
            #expect(link?.amount == (number % 50 + 1) * 1_000_000 + (number % 10 * 10 + 5) * 10_000, "row \(number)")
            #expect(line.contains("/en/link/\(id),"))
            published.insert(String(id))
        }
        #expect(published.count == rows.count)

        // Links that nobody has the address of: no more than requests that were on the wire at a kill, or whose reply
        // a fault spoilt; and every one of them counted.
        let orphans = made.count - published.count
        let spoilt = record.filter { entry in
            entry["link"]?.string != nil && entry["fault"]?.string.map { $0 != "latency" } ?? false
        }
        #expect(orphans <= kills * Self.concurrency + spoilt.count, "\(orphans) orphans, \(kills) kills")
        let doubts = try await PaylinkProcess.run(["ledger", "doubt", "list", "--json"], environment: ledger)
        let counted = try doubts.lines.map { try JSON(parsing: $0)["possible_orphans"]?.integer ?? 0 }.reduce(0, +)
        #expect(orphans <= counted, "\(orphans) orphans, \(counted) counted")
        #expect(doubts.errors.contains("0 link(s) and 0 effect(s) in doubt"))
        figures.links += made.count
        figures.orphans += orphans
        figures.counted += counted
        figures.spoilt += spoilt.count
    }

    private static func withoutIds(_ text: String) -> String {
        text.replacing(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/, with: "ID")
    }
}
