// Ctrl-C and SIGTERM: work ends in an orderly way and says so by its exit status; a second signal ends it at once.

import Glibc
import Testing

@Suite struct InterruptionTests {
    static let signals = [(SIGINT, Int32(130)), (SIGTERM, Int32(143))]

    @Test(arguments: signals)
    func endsAWaitingScript(_ signal: Int32, _ status: Int32) async throws {
        let code = """
            local _ <close> = setmetatable({}, { __close = function() print("closed") end })
            task.spawn(function() local _ <close> = setmetatable({}, { __close = function() print("closed, too") end }) sleep("1h") end)
            print("ready")
            pcall(sleep, "1h")
            print("never reached")
            """
        let process = try PaylinkProcess.start(["run", "-e", code])
        _ = try await process.line { $0 == "ready" }
        process.send(signal)
        let outcome = try await process.finish()
        #expect(outcome.status == status, "\(outcome)")
        #expect(Set(outcome.lines) == ["ready", "closed", "closed, too"])
        #expect(outcome.errors == "paylink: command line: interrupted; every task was ended\n")
    }

    @Test(arguments: signals)
    func endsAComputingScript(_ signal: Int32, _ status: Int32) async throws {
        let process = try PaylinkProcess.start([
            "run", "-e", #"print("ready") sleep(0) while true do pcall(function() while true do end end) end"#,
        ])
        _ = try await process.line { $0 == "ready" }
        process.send(signal)
        let outcome = try await process.finish()
        #expect(outcome.status == status, "\(outcome)")
        #expect(outcome.elapsed < .seconds(20))
    }

    @Test(arguments: [(SIGINT, SIGINT), (SIGTERM, SIGTERM), (SIGINT, SIGTERM)])
    func aSecondSignalEndsItAtOnce(_ first: Int32, _ second: Int32) async throws {
        // The first is answered at once; the script's own closing then computes for long.
        let code = """
            local _ <close> = setmetatable({}, { __close = function() local n = 0 while true do n = n + 1 end end })
            print("ready") sleep("1h")
            """
        let process = try PaylinkProcess.start(["run", "--max-busy", "5m", "-e", code])
        _ = try await process.line { $0 == "ready" }
        process.send(first)
        process.send(second)
        let outcome = try await process.finish()
        #expect([130, 143].contains(outcome.status), "\(outcome)")
        #expect(outcome.elapsed < .seconds(60), "\(outcome)")
    }

    @Test(arguments: signals)
    func endsAWaitingCommand(_ signal: Int32, _ status: Int32) async throws {
        let sandbox = try await SandboxProcess.start()
        let id = try #require(try await sandbox.created()["id"]?.string)
        let process = try sandbox.start(["wait", id])
        try await sandbox.untilAskedFor(id)
        process.send(signal)
        let outcome = try await process.finish()
        #expect(outcome.status == status, "\(outcome)")
        #expect(outcome.output == "")
        #expect(outcome.errors.hasPrefix("paylink: cancelled: "), "\(outcome.errors)")
    }

    @Test(arguments: [
        ["create", "--amount", "1", "--description", "Mug"],
        ["run", "-e", #"assert(paylink.create{ amount = 1, description = "Mug" })"#],
    ])
    func aCreationCutOffSaysThatALinkMayExist(_ arguments: [String]) async throws {
        let sandbox = try await SandboxProcess.start()
        try await sandbox.addFault(#"{"endpoint": "create", "action": "latency", "seconds": 30}"#)
        let process = try sandbox.start(arguments)
        while try await sandbox.links().isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        process.send(SIGINT)
        let outcome = try await process.finish()
        #expect(outcome.status == 130, "\(outcome)")
        #expect(outcome.errors.contains("may exist"), "\(outcome.errors)")
        #expect(outcome.elapsed < .seconds(20))
    }

    /// As `nohup` starts it.
    @Test func aSignalThatWasIgnoredFromTheStartStaysIgnored() async throws {
        let code = #"print("ready") sleep("1h")"#
        let process = try ChildProcess(
            "/bin/sh", ["-c", "trap '' HUP; exec \"$0\" run -e '\(code)'", PaylinkProcess.located.get()],
            environment: ["PAYLINK_LEDGER": PaylinkProcess.ledger])
        _ = try await process.line { $0 == "ready" }
        process.send(SIGHUP)
        process.send(SIGTERM)
        let outcome = try await process.finish()
        #expect(outcome.status == 143, "\(outcome)")
        #expect(outcome.errors == "paylink: command line: interrupted; every task was ended\n")
    }

    /// Some service managers start what they run with SIGCHLD ignored: then the system forgets how programs ended.
    @Test func programsEndAsTheyDoWhoeverStartedPaylink() async throws {
        let code = #"local r, err = program.run{ "sh", "-c", "exit 3" } print(r, err.status)"#
        let outcome = try await ChildProcess(
            "/bin/sh",
            ["-c", "trap '' CHLD; exec \"$0\" run --allow-run=sh -e '\(code)'", PaylinkProcess.located.get()],
            environment: ["PAYLINK_LEDGER": PaylinkProcess.ledger]
        ).finish()
        #expect(outcome.lines == ["nil\t3"], "\(outcome)")
    }

    /// Whoever reads the first line may end it in that instant.
    @Test(arguments: 0..<8)
    func noSignalIsLostAtTheStart(_ round: Int) async throws {
        let process = try PaylinkProcess.start(["run", "-e", #"print("ready") sleep("1h")"#])
        _ = try await process.line { $0 == "ready" }
        process.send(round % 2 == 0 ? SIGTERM : SIGINT)
        let outcome = try await process.finish()
        #expect(outcome.status == (round % 2 == 0 ? 143 : 130), "\(outcome)")
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func endsTheSandbox(_ signal: Int32) async throws {
        let sandbox = try await SandboxProcess.start()
        sandbox.process.send(signal)
        let outcome = try await sandbox.process.finish()
        #expect(outcome.status != nil, "\(outcome)")
        #expect(outcome.lines.count == 3)
        #expect(outcome.errors.contains("Ctrl-C ends it"))
    }
}
