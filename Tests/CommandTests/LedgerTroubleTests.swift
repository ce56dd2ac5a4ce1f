// A ledger that cannot be used: a clear message and a true status, and nothing is sent.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct LedgerTroubleTests {
    private static let create = ["create", "--key", "k", "--amount", "1", "--description", "Tea"]

    /// Runs `paylink create` with a ledger at `path`, and expects a failure before anything was sent.
    private func expectRefusal(
        _ sandbox: SandboxProcess, ledger path: String, status: Int32, _ words: String...
    ) async throws {
        let outcome = try await sandbox.run(Self.create, ["PAYLINK_LEDGER": path])
        #expect(outcome.status == status, "\(outcome)")
        for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
        #expect(try await sandbox.creations().isEmpty)
    }

    @Test func aFileThatIsNoLedgerIsRefusedAndLeftAlone() async throws {
        let sandbox = try await SandboxProcess.start()
        let folder = try TemporaryFolder()
        let garbage = try folder.write("garbage.db", Array(repeating: UInt8(ascii: "x"), count: 10_000))
        try await expectRefusal(sandbox, ledger: garbage, status: 74, garbage)
        #expect(try Data(contentsOf: URL(fileURLWithPath: garbage)).count == 10_000)
        let foreign = folder.path + "/foreign.db"
        try SQLiteFile.execute("CREATE TABLE customers (name TEXT)", in: foreign)
        try await expectRefusal(sandbox, ledger: foreign, status: 74, foreign)
        #expect(try SQLiteFile(foreign).values("SELECT name FROM sqlite_master") == ["customers"])
    }

    @Test func aPlaceWhereNothingCanBeWrittenIsNamed() async throws {
        let sandbox = try await SandboxProcess.start()
        let folder = try TemporaryFolder()
        try await expectRefusal(sandbox, ledger: "/proc/paylink/ledger.db", status: 74, "/proc/paylink")
        try await expectRefusal(sandbox, ledger: folder.path, status: 74, folder.path)
    }

    @Test func withoutAHomeTheLedgersPlaceIsAskedFor() async throws {
        let sandbox = try await SandboxProcess.start()
        try await expectRefusal(sandbox, ledger: "", status: 74, "--ledger", "PAYLINK_LEDGER")
    }

    @Test func aLedgerThatAnotherProcessHoldsMakesItWaitAndThenSayRunAgain() async throws {
        let sandbox = try await SandboxProcess.start()
        let folder = try TemporaryFolder()
        let ledger = ["PAYLINK_LEDGER": folder.path + "/ledger.db"]
        #expect(try await sandbox.run(["create", "--amount", "1", "--description", "First"], ledger).status == 0)
        let before = try await sandbox.creations().count
        let holder = try SQLiteFile(folder.path + "/ledger.db")
        try holder.execute("BEGIN EXCLUSIVE")
        let outcome = try await sandbox.start(Self.create, ledger).finish()
        #expect(outcome.status == 75, "\(outcome)")
        #expect(outcome.errors.contains(folder.path))
        #expect(!outcome.errors.contains("SQLITE_BUSY"))
        #expect(try await sandbox.creations().count == before)
        try holder.execute("ROLLBACK")
        #expect(try await sandbox.run(Self.create, ledger).status == 0)
        #expect(try await sandbox.creations().count == before + 1)
    }

    @Test func aFullDiskLosesNothing() async throws {
        let sandbox = try await SandboxProcess.start()
        let folder = try TemporaryFolder()
        let script = try folder.write(
            "many.lua",
            """
            for i = 1, 500 do
              assert(paylink.create{ key = "k" .. i, amount = 1, description = "Order " .. i .. string.rep("x", 400) })
            end
            """.utf8)
        let paylink = try PaylinkProcess.located.get()
        let environment = sandbox.variables.merging(["PAYLINK_LEDGER": folder.path + "/ledger.db"]) { $1 }
        // A file may grow to so many blocks of 512 bytes: that is how a disk that is nearly full looks.
        let full = try await ChildProcess(
            "/bin/sh", ["-c", "ulimit -f 1000; exec \"$0\" run \"$1\"", paylink, script], environment: environment
        ).finish()
        #expect(full.status == 74, "\(full)")
        #expect(full.errors.contains("ledger.db"), "\(full.errors)")
        let made = try await sandbox.creations().count
        #expect(made > 0 && made < 500)

        // With room again the rest is made, and what was made stays made. One answer may have come too late to be
        // recorded: then the link was named, and is counted as in doubt.
        let again = try await sandbox.run(["run", script], environment)
        #expect(again.status == 0, "\(again.errors)")
        let doubts = try await PaylinkProcess.run(["ledger", "doubt", "list", "--json"], environment: environment)
        let orphans = try doubts.lines.map { try JSON(parsing: $0)["possible_orphans"]?.integer ?? 0 }.reduce(0, +)
        let total = try await sandbox.creations().count
        #expect(total == 500 + orphans, "\(total) links, \(orphans) possible orphans")
        #expect(orphans <= 1)
    }

    @Test(arguments: ["moved", "copied over", "log removed"])
    func aLedgerThatIsExchangedUnderARunEndsItBeforeMoreIsSent(_ mischief: String) async throws {
        let sandbox = try await SandboxProcess.start()
        let folder = try TemporaryFolder()
        let ledger = folder.path + "/ledger.db"
        let script = try folder.write(
            "two.lua",
            """
            assert(paylink.create{ key = "one", amount = 1, description = "One" })
            print("made") io.stdout:flush()
            while not io.open("\(folder.path)/go") do sleep("20ms") end
            local link, err = paylink.create{ key = "two", amount = 1, description = "Two" }
            print(link, err.code)
            error(err)
            """.utf8)
        let child = try sandbox.start(["run", "--allow-read", folder.path, script], ["PAYLINK_LEDGER": ledger])
        _ = try await child.line { $0 == "made" }
        let before = try await sandbox.creations().count
        switch mischief {
        case "moved": #expect(rename(ledger, ledger + ".old") == 0)
        case "copied over":
            let copied = try await PaylinkProcess.run(
                ["ledger", "backup", ledger + ".new"], environment: ["PAYLINK_LEDGER": ledger])
            #expect(copied.status == 0, "\(copied)")
            #expect(rename(ledger + ".new", ledger) == 0)
        default: #expect(unlink(ledger + "-wal") == 0)
        }
        _ = try folder.write("go", [])
        let outcome = try await child.finish()
        #expect(outcome.status == 74, "\(outcome)")
        #expect(outcome.lines.last == "nil\tledger_replaced", "\(outcome)")
        #expect(outcome.errors.contains("was moved, deleted or replaced while it was in use"), "\(outcome)")
        #expect(try await sandbox.creations().count == before)
    }
}
