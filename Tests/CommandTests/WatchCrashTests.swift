// `paylink watch` under kill -9, with follow-ups that reach real servers: a receiver of webhooks and a mail server write
// down what they got before they answer, and their records are what checks. PAYLINK_CRASH_KILLS sets how hard
// (a quarter of it for each mode in the short form that CI runs; scripts/crash-test takes 300).

import Chance
import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct WatchCrashTests {
    private static let links = 24

    private static let script = """
        local mode, shop, post = arg[1], arg[2], arg[3]
        local options = { mode = mode, pause = "20ms", attempts = 100000 }
        local function named(name)
          local copy = { name = name }
          for key, value in pairs(options) do copy[key] = value end
          return copy
        end
        paylink.on("paid", function(link, token)
          return http.post(shop .. "/paid", { json = { key = link.key }, sign = { secret = assert(secret("HOOK")), id = token } })
        end, named("webhook"))
        paylink.on("paid", function(link, token)
          return mail.send{ server = post, from = "shop@example.com", to = "stock@example.com", subject = link.key,
            text = "paid", token = token }
        end, named("mail"))
        """

    /// What the servers got in one round: an identity for each event and delivery.
    private struct Deliveries {
        /// By the link's key: the ids that came with it.
        var webhooks: [String: [String]] = [:]
        var mails: [String: [String]] = [:]
        var kills = 0

        var all: [[String]] { Array(webhooks.values) + Array(mails.values) }
    }

    private func round(_ mode: String, most: Int, _ random: inout SplitMix) async throws -> Deliveries {
        let sandbox = try await SandboxProcess.start(limit: .seconds(3_000))
        let folder = try TemporaryFolder()
        let script = try folder.write("fulfil.lua", Self.script)
        let shop = try await Receiver.start("http_receiver", in: folder)
        let post = try await Receiver.start("smtp_receiver", in: folder)
        let environment = [
            "PAYLINK_LEDGER": folder.path + "/ledger.db", "PAYLINK_SECRET_HOOK": "whsec_" + "c2hvcC1zZWNyZXQtb2YtMjQ=",
            "PAYLINK_POLL_RATE": "400",
        ]
        let arguments = [
            "--allow-net=127.0.0.1", "--allow-mail=@example.com", script, mode, "http://127.0.0.1:\(shop.port)",
            "smtp://127.0.0.1:\(post.port)",
        ]
        // The watch is there first: what is paid from now on is followed up.
        let first = try await sandbox.start(["watch", "--once"] + arguments, environment).finish()
        guard first.status == 0 else { throw ChildProcessFailure(description: "\(first)") }
        let code = """
            for i = 1, \(Self.links) do print(assert(paylink.create{ key = "order-" .. i, amount = i, description = "Order" }).id) end
            """
        for id in try await sandbox.run(["run", "-e", code], environment).lines { try await sandbox.pay(id) }

        var deliveries = Deliveries()
        while deliveries.kills < most {
            var crashing = environment
            let atPoint = random.next() % 2 == 0
            if atPoint {
                let point = random.next() % 2 == 0 ? "inside_effect" : "before_commit"
                crashing["PAYLINK_CRASH_AT"] = "\(point):\(random.next() % 8 + 1)"
            }
            let watch = try sandbox.start(["watch", "--once"] + arguments, crashing)
            if !atPoint {
                try await Task.sleep(for: .milliseconds(40 + random.next() % 160))
                watch.send(SIGKILL)
            }
            let outcome = try await watch.finish()
            switch outcome.ending {
            case .signal(SIGKILL): deliveries.kills += 1
            case .status(0), .status(75): if try await isOver(sandbox, arguments, environment) { break }
            default: throw ChildProcessFailure(description: "\(outcome)")
            }
            if case .status = outcome.ending { break }
        }
        // To the end, undisturbed.
        for _ in 0..<20 where try await !isOver(sandbox, arguments, environment) {}
        for entry in try shop.entries() {
            let body = try JSON(parsing: entry["body"]?.string ?? "{}")
            deliveries.webhooks[body["key"]?.string ?? "", default: []].append(
                entry["headers"]?["webhook-id"]?.string ?? "")
        }
        for entry in try post.entries() {
            let data = entry["data"]?.string.flatMap { Data(base64Encoded: $0) } ?? Data()
            let head = String(decoding: data, as: UTF8.self)
            func field(_ name: String) -> String {
                head.split(whereSeparator: \.isNewline).first { $0.hasPrefix(name + ": ") }
                    .map { String($0.dropFirst(name.count + 2)) } ?? ""
            }
            deliveries.mails[field("Subject"), default: []].append(field("Message-ID"))
        }
        return deliveries
    }

    /// One sweep; whether nothing is left that a watch may do.
    private func isOver(
        _ sandbox: SandboxProcess, _ arguments: [String], _ environment: [String: String]
    ) async throws -> Bool {
        let outcome = try await sandbox.start(["watch", "--once"] + arguments, environment).finish()
        return outcome.status == 0 || (outcome.status == 75 && outcome.errors.contains(" 0 to be tried again"))
    }

    @Test(arguments: ["at_most", "at_least"])
    func followUpsKeepTheirPromiseHoweverOftenTheWatchIsKilled(mode: String) async throws {
        let wanted = CrashPlan.kills == 40 ? 10 : CrashPlan.kills * 3 / 10
        var random = SplitMix(seed: CrashPlan.seed)
        var kills = 0, rounds = 0, seen = 0, repeated = 0
        while kills < wanted {
            let deliveries = try await round(mode, most: wanted - kills, &random)
            let counts = deliveries.all.map(\.count)
            if mode == "at_most" {
                #expect(counts.allSatisfy { $0 == 1 }, "\(deliveries)")
            } else {
                #expect(deliveries.webhooks.count == Self.links && deliveries.mails.count == Self.links)
                #expect(deliveries.all.allSatisfy { Set($0).count == 1 && $0[0].count >= 36 }, "\(deliveries)")
            }
            #expect(deliveries.kills > 0 || rounds > 0)
            guard deliveries.kills > 0 else { break }
            kills += deliveries.kills
            rounds += 1
            seen += counts.count
            repeated += counts.filter { $0 > 1 }.count
        }
        print(
            "watch \(mode): \(kills) kills in \(rounds) rounds, \(seen) follow-ups seen by the servers, \(repeated) of them repeated"
        )
    }
}
