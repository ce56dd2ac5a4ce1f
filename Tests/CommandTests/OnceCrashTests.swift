// paylink.once under kill -9: a script whose effects append to a file is killed again and again, and the file is the
// judge. PAYLINK_CRASH_KILLS sets how often (40 in the short form that CI runs; scripts/crash-test takes 1,000).

import Chance
import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct OnceCrashTests {
    private static let effects = 60

    private static let script = """
        local mode, file = arg[1], arg[2]
        local function happened(n)
          for row in assert(csv.rows(file)) do
            if row and row.n == n then return true end
          end
          return false
        end
        for i = 1, \(effects) do
          local n = "effect-" .. i
          local options = { mode = mode }
          if mode == "check" then options.check = function() return happened(n) end end
          local _, err = paylink.once(n, function(token)
            sleep("2ms")
            io.stdout:write(n, ",", token, "\\n")
            io.stdout:flush()
            sleep("2ms")
            return n
          end, options)
          if type(err) ~= "boolean" and err.code ~= "in_doubt" then error(err) end
        end
        """

    /// Runs the script until it ends by itself, killing it on the way.
    /// - Returns: what the effects appended, and how often the script was killed.
    private func round(
        _ mode: String, most: Int, _ random: inout SplitMix
    ) async throws -> (seen: [(effect: String, token: String)], kills: Int) {
        let folder = try TemporaryFolder()
        let script = try folder.write("effects.lua", Self.script.utf8)
        let file = try folder.write("effects.csv", "n,token\n".utf8)
        let environment = [
            "PAYLINK_LEDGER": folder.path + "/ledger.db", "ONESHOT_USER_ID": "merchant", "ONESHOT_API_TOKEN": "t",
            "PAYLINK_BASE_URL": "http://127.0.0.1:9",
        ]
        let paylink = try PaylinkProcess.located.get()
        var kills = 0
        while true {
            var environment = environment
            let wantsKill = kills < most
            let atPoint = wantsKill && random.next() % 2 == 0
            if atPoint { environment["PAYLINK_CRASH_AT"] = "inside_effect:\(random.next() % 6 + 1)" }
            let child = try ChildProcess(
                "/bin/sh", ["-c", "exec \"$0\" run \"$1\" \"$2\" \"$3\" >> \"$3\"", paylink, script, mode, file],
                environment: environment, directory: folder.path)
            if wantsKill, !atPoint {
                try await Task.sleep(for: .milliseconds(30 + random.next() % 60))
                child.send(SIGKILL)
            }
            let outcome = try await child.finish()
            switch outcome.ending {
            case .signal(SIGKILL): kills += 1
            case .status(0): return (try lines(file), kills)
            default: throw ChildProcessFailure(description: "\(outcome)")
            }
        }
    }

    private func lines(_ file: String) throws -> [(effect: String, token: String)] {
        try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").dropFirst().map { line in
            let parts = line.split(separator: ",")
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
    }

    @Test(arguments: ["at_most", "at_least", "check"])
    func effectsKeepTheirPromiseHoweverOftenTheRunIsKilled(mode: String) async throws {
        let wanted = CrashPlan.kills / 4
        var random = SplitMix(seed: CrashPlan.seed)
        var kills = 0, rounds = 0, effects = 0, repeated = 0
        while kills < wanted {
            let (seen, killed) = try await round(mode, most: wanted - kills, &random)
            let counts = Dictionary(grouping: seen, by: \.effect)
            let again = counts.filter { $0.value.count > 1 }
            switch mode {
            case "at_most":
                #expect(again.isEmpty, "\(again.keys.sorted())")
                // What did not happen is in doubt, and a kill leaves one at most.
                #expect(counts.count >= Self.effects - killed)
            case "at_least":
                #expect(counts.count == Self.effects)
                #expect(counts.values.allSatisfy { Set($0.map(\.token)).count == 1 })
            default:
                #expect(counts.count == Self.effects)
                #expect(again.isEmpty, "\(again.keys.sorted())")
            }
            kills += killed
            rounds += 1
            effects += counts.count
            repeated += again.count
        }
        print("once \(mode): \(kills) kills in \(rounds) rounds, \(effects) effects seen, \(repeated) of them repeated")
    }
}

/// How hard the crash tests are.
enum CrashPlan {
    static var kills: Int { number("PAYLINK_CRASH_KILLS") ?? 40 }
    static var rows: Int { number("PAYLINK_CRASH_ROWS") ?? 250 }
    static var seed: UInt64 { number("PAYLINK_CRASH_SEED").map { UInt64($0) } ?? 20_260_101 }

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }
}
