// `paylink watch` as a service: signals, health, systemd, and what it refuses.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct WatchServiceTests {
    typealias Fixture = WatchTests.Fixture

    @Test func aSignalLetsFollowUpsFinish() async throws {
        let fixture = try await Fixture.make(["--pay-after", "100ms"])
        let watch = try fixture.watch([
            try fixture.script(#"paylink.on("paid", function() print("begun") sleep("1s") print("done") end)"#)
        ])
        _ = try await fixture.create("order-1")
        _ = try await watch.line { $0 == "begun" }
        watch.send(SIGTERM)
        let outcome = try await watch.finish()
        #expect(outcome.status == 143 && outcome.lines == ["begun", "done"], "\(outcome)")
        #expect(outcome.errors.contains("ending: 1 follow-up under way may take 10 s more"), "\(outcome)")
    }

    @Test func aHealthFileIsWrittenWhileAllIsWell() async throws {
        let fixture = try await Fixture.make()
        let file = fixture.folder.path + "/health.json"
        let watch = try fixture.watch(["--health", file, try fixture.script(WatchTests.plain)])
        let id = try await fixture.create("order-1")
        try await fixture.sandbox.untilAskedFor(id)
        var health: JSON?
        for _ in 0..<200 where health?["following"]?.integer != 1 {
            try await Task.sleep(for: .milliseconds(50))
            health = try? JSON(parsing: String(contentsOfFile: file, encoding: .utf8))
        }
        #expect(health?["following"]?.integer == 1)
        #expect(health?["pid"]?.integer == Int(watch.identifier))
        watch.send(SIGTERM)
        _ = try await watch.finish()
    }

    /// A gateway's 404 for one link, or for all: told once, counted, and nothing is forgotten.
    @Test(arguments: [403, 404, 503])
    func looksThatFailAreToldWithTheirCountAndForgetNothing(status: Int) async throws {
        let fixture = try await Fixture.make()
        let file = fixture.folder.path + "/health.json"
        let ids = [try await fixture.create("order-1"), try await fixture.create("order-2")]
        try await fixture.sandbox.addFault(
            #"{"endpoint": "get", "action": "status", "status": \#(status), "link": "\#(ids[0])", "times": 3}"#)
        let watch = try fixture.watch(["--health", file, try fixture.script(WatchTests.plain)])
        try await watch.message { $0.contains { $0.contains("a look failed and is repeated") } }
        try await watch.message { $0.contains { $0.contains("looks succeed again, after 3 looks that failed") } }
        for id in ids { try await fixture.sandbox.pay(id) }
        for number in 1...2 { _ = try await watch.line { $0 == "paid order-\(number) 5.00" } }
        watch.send(SIGTERM)
        let outcome = try await watch.finish()
        #expect(outcome.errors.components(separatedBy: "a look failed").count == 2, "\(outcome)")
        let health = try JSON(parsing: String(contentsOfFile: file, encoding: .utf8))
        #expect(health["unseen_links"]?.integer != nil && health["ended"]?.integer == 0, "\(health)")
    }

    @Test func saysWhatItCannotDo() async throws {
        let fixture = try await Fixture.make()
        let nothing = try await fixture.sweep([try fixture.script("local x = 1")])
        #expect(nothing.status == 1)
        #expect(nothing.errors.contains("registers no follow-up: call paylink.on"), "\(nothing.errors)")
        let refused = try await PaylinkProcess.run(
            ["watch", "--once", try fixture.script(WatchTests.plain)],
            environment: fixture.sandbox.variables.merging(fixture.environment) { $1 }.merging([
                "ONESHOT_API_TOKEN": "wrong"
            ]) { $1 })
        // There is nothing to look at, so nobody asks.
        #expect(refused.status == 0)
        _ = try await fixture.create("order-1")
        let asked = try await PaylinkProcess.run(
            ["watch", "--once", try fixture.script(WatchTests.plain)],
            environment: fixture.sandbox.variables.merging(fixture.environment) { $1 }.merging([
                "ONESHOT_API_TOKEN": "wrong"
            ]) { $1 })
        #expect(asked.status == 77, "\(asked)")
        for arguments in [
            [], ["--concurrency", "0", "x.lua"], ["--name", "a:b", "x.lua"], ["-"], ["--since", "x", "x.lua"],
            ["--job", "a", "x.lua"], ["--once", "--job", "a/b", "x.lua"], ["--once", "--ping", "https://a", "x.lua"],
        ] {
            let outcome = try await PaylinkProcess.run(["watch"] + arguments)
            #expect(outcome.status == 64, "\(arguments): \(outcome)")
        }
        let run = try await PaylinkProcess.run(["run", try fixture.script(WatchTests.plain)])
        #expect(run.status == 0)
        #expect(run.errors.contains("paylink watch"), "\(run.errors)")
    }

    @Test func tellsSystemdThatItIsReady() async throws {
        let fixture = try await Fixture.make()
        let path = fixture.folder.path + "/notify"
        let socket = try NotifySocket(path)
        let watch = try fixture.sandbox.start(
            ["watch", try fixture.script(WatchTests.plain)],
            fixture.environment.merging(["NOTIFY_SOCKET": path]) { $1 },
            directory: fixture.folder.path)
        #expect(try await socket.message().hasPrefix("READY=1\nSTATUS=watching 0 links"))
        // Only while it is well: WatchHealthTests says when that is.
        #expect(try await socket.message().hasPrefix("WATCHDOG=1\nSTATUS=watching 0 links"))
        watch.send(SIGTERM)
        _ = try await watch.finish()
        var all = ""
        while !all.contains("STOPPING=1") { all += try await socket.message() + "\n" }
    }
}
