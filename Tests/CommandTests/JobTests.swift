// `paylink run --job`: silence and reports, slots, overlap, kill -9, time limits.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct JobTests {
    // MARK: What is said

    @Test func saysNothingOnSuccessAndKeepsWhatWasWritten() async throws {
        let fixture = try JobFixture()
        let outcome = try await fixture.job(#"print("one") log.warn("two") print("three")"#)
        #expect(outcome.status == 0)
        #expect(outcome.output == "")
        #expect(outcome.errors == "")
        let run = try #require(try await fixture.runs().first)
        #expect(run["outcome"]?.string == "ran")
        #expect(run["exit_status"]?.integer == 0)
        #expect(run["slot"]?.isNull == true)
        let number = try #require(run["run"]?.integer)
        let tail = try #require(try await fixture.show(number)["log_tail"]?.string)
        let lines = tail.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first == "one" && lines[1].contains("warn two") && lines.last == "three", "in order: \(tail)")
    }

    @Test func reportsAFailureWithTheRunsIdAndTheEndOfWhatItWrote() async throws {
        let fixture = try JobFixture()
        let outcome = try await fixture.job(
            #"for i = 1, 100 do print("line " .. i) end error("boom")"#, now: JobFixture.noon, schedule: "0 * * * *")
        #expect(outcome.status == 1)
        #expect(outcome.output == "")
        let lines = outcome.errors.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("paylink: job daily failed: exit status 1, after") == true)
        #expect(lines.contains("  run   1 (paylink runs show 1)"))
        #expect(lines.contains("  slot  2026-11-25T12:00:00+00:00"))
        #expect(outcome.errors.contains("command line:1: boom"))
        #expect(lines.contains("line 100") && !lines.contains("line 10"))
        #expect(lines.count < 60)
        #expect(try await fixture.show(1)["log_tail"]?.string?.contains("line 10\n") == true)
    }

    @Test func keepsABoundedTailOfMuchOutput() async throws {
        let fixture = try JobFixture()
        let outcome = try await fixture.job(#"for i = 1, 200000 do print("line " .. i) end os.exit(7)"#)
        #expect(outcome.status == 7)
        #expect(outcome.errors.utf8.count < 4096)
        #expect(outcome.errors.contains("line 200000"))
        let tail = try #require(try await fixture.show(1)["log_tail"]?.string)
        #expect(tail.utf8.count <= 64 << 10 && tail.utf8.count > 60 << 10)
        #expect(tail.hasPrefix("line 1") && tail.hasSuffix("line 200000\n"), "it begins with a whole line")
    }

    @Test func showsAllAsItComesOnATerminal() async throws {
        let fixture = try JobFixture()
        let outcome = try await fixture.run(
            ["run", "--job", "daily", "-e", #"print("hello") log.info("there")"#], errors: .terminal)
        #expect(outcome.status == 0)
        #expect(outcome.output == "hello\n")
        #expect(outcome.errors.contains("there"))
    }

    @Test func controlCharactersDoNotReachTheMail() async throws {
        let outcome = try await JobFixture().job(#"print("a\27[31mb\0c") error("x")"#)
        #expect(outcome.errors.contains(#"a\u{1b}[31mb\u{0}c"#))
    }

    // MARK: Slots

    @Test func theScriptKnowsItsJobItsSlotAndWhatWasMissed() async throws {
        let fixture = try JobFixture()
        let code =
            #"print(run.job, run.id, run.slot, run.slot_text, run.missed_count, json.encode(run.missed)) os.exit(9)"#
        _ = try await fixture.job(code, now: JobFixture.noon + 5, schedule: "0 * * * *")
        let outcome = try await fixture.job(code, now: JobFixture.noon + 3 * 3600 + 5, schedule: "0 * * * *")
        #expect(
            outcome.errors.contains(
                "daily\t2\t1795618800\t2026-11-25T15:00:00+00:00\t2\t[1795611600,1795615200]"), "\(outcome.errors)")
        #expect(outcome.errors.contains("  missed before it: 2"))
        #expect(try await fixture.runs().map { $0["missed"]?.integer } == [2, 0])
    }

    @Test func outsideOfAJobTheFactsAreNil() async throws {
        let outcome = try await PaylinkProcess.run([
            "run", "-e", "print(run.job, run.slot, run.missed, run.missed_count, run.id, run.slot_text)",
        ])
        #expect(outcome.output == "nil\tnil\tnil\tnil\tnil\tnil\n")
        let misuse = try await PaylinkProcess.run(["run", "-e", "print(run.slots)"])
        #expect(misuse.errors.contains("run.slots does not exist (did you mean 'slot'?)"))
    }

    @Test func aSlotRunsOnce() async throws {
        let fixture = try JobFixture()
        for second in [0, 1, 59, 3599] {
            let outcome = try await fixture.job("", now: JobFixture.noon + second, schedule: "0 * * * *")
            #expect(outcome.status == 0 && outcome.errors == "")
        }
        #expect(try await fixture.runs().count == 1)
    }

    @Test func allCatchesUpSlotBySlotAndStopsAtAFailure() async throws {
        let fixture = try JobFixture()
        let later = JobFixture.noon + 3 * 3600
        _ = try await fixture.job("", now: JobFixture.noon, schedule: "0 * * * *")
        let failed = try await fixture.job(
            "if run.slot == \(JobFixture.noon + 7200) then os.exit(4) end", ["--catch-up", "all"], now: later,
            schedule: "0 * * * *")
        #expect(failed.status == 4)
        #expect(try await fixture.runs().map { $0["slot"]?.integer } == [7200, 3600, 0].map { JobFixture.noon + $0 })
        let rest = try await fixture.job("", ["--catch-up", "all"], now: later, schedule: "0 * * * *")
        #expect(rest.status == 0)
        #expect(try await fixture.runs().first?["slot"]?.integer == later)
        #expect(try await fixture.runs().count == 4)
    }

    @Test func noneRecordsThatASlotCameTooLate() async throws {
        let fixture = try JobFixture()
        let outcome = try await fixture.job(
            "error('ran')", ["--catch-up", "none"], now: JobFixture.noon + 600, schedule: "0 * * * *")
        #expect(outcome.status == 0 && outcome.errors == "")
        let run = try #require(try await fixture.runs().first)
        #expect(run["outcome"]?.string == "skipped")
        #expect(run["reason"]?.string?.contains("600 s late") == true)
    }

    // MARK: One at a time

    @Test func aBusyJobSkipsFailsOrWaits() async throws {
        let fixture = try JobFixture()
        let first = try fixture.start(["run", "--job", "daily", "-e", "sleep('30s')"])
        let running = try await fixture.untilRunning()

        let skipped = try await fixture.job("error('ran')")
        #expect(skipped.status == 0 && skipped.errors == "")
        let failed = try await fixture.job("error('ran')", ["--when-busy", "fail"])
        #expect(failed.status == 75)
        #expect(failed.errors.contains("job daily was not run: run 1"))
        let waited = try await fixture.job("error('ran')", ["--when-busy", "wait", "--wait-limit", "300ms"])
        #expect(waited.status == 75)
        let runs = try await fixture.runs()
        #expect(runs.map { $0["outcome"]?.string } == ["skipped", "skipped", "skipped", "running"])
        let pid = try #require(running["pid"]?.integer)
        #expect(runs.first?["reason"]?.string?.contains("process \(pid)") == true)

        let patient = try fixture.start(["run", "--job", "daily", "--when-busy", "wait", "-e", "os.exit(5)"])
        first.send(SIGTERM)
        #expect(try await first.finish().status == 143)
        #expect(try await patient.finish().status == 5)
        #expect(try await fixture.runs().first?["exit_status"]?.integer == 5)
    }

    @Test func twoStartsForOneSlotMakeOneRun() async throws {
        let fixture = try JobFixture()
        let arguments = ["run", "--job", "daily", "--schedule", "0 * * * *", "--zone", "UTC", "-e", "sleep('300ms')"]
        let starts = try (0..<6).map { _ in try fixture.start(arguments, now: JobFixture.noon) }
        for start in starts {
            let outcome = try await start.finish()
            #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
        }
        #expect(try await fixture.runs().filter { $0["outcome"]?.string == "ran" }.count == 1)
    }

    @Test func otherJobsAreNotHeldUp() async throws {
        let fixture = try JobFixture()
        let first = try fixture.start(["run", "--job", "weekly", "-e", "sleep('30s')"])
        _ = try await fixture.untilRunning()
        #expect(try await fixture.job("os.exit(6)").status == 6)
        first.kill()
    }

    @Test func aKilledRunIsShownAsInterruptedAndFreesTheLock() async throws {
        let fixture = try JobFixture()
        let first = try fixture.start(["run", "--job", "daily", "-e", "sleep('30s')"])
        _ = try await fixture.untilRunning()
        first.send(SIGKILL)
        _ = try await first.finish()
        #expect(try await fixture.runs().first?["outcome"]?.string == "interrupted")
        let next = try await fixture.job("")
        #expect(next.status == 0)
        #expect(next.errors.contains("its run 1 was cut off"), "nobody has heard of it: \(next.errors)")
        #expect(try await fixture.job("").errors == "", "it is told once")
        #expect(try await fixture.runs().map { $0["outcome"]?.string } == ["ran", "ran", "interrupted"])
    }

    @Test func programsThatAreStartedDoNotInheritTheLock() async throws {
        let fixture = try JobFixture()
        let process = try fixture.start(["run", "--job", "daily", "-e", "sleep('30s')"])
        _ = try await fixture.untilRunning()
        let folder = "/proc/\(process.identifier)/fd"
        let descriptor = try FileManager.default.contentsOfDirectory(atPath: folder).first {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + $0))?.hasSuffix("daily.lock")
                == true
        }
        let information = try String(
            contentsOfFile: "/proc/\(process.identifier)/fdinfo/\(try #require(descriptor))", encoding: .utf8)
        let line = try #require(information.split(separator: "\n").first { $0.hasPrefix("flags:") })
        let flags = try #require(Int32(line.dropFirst(6).trimmingCharacters(in: .whitespaces), radix: 8))
        #expect(flags & O_CLOEXEC != 0)
        #expect(information.contains("OFDLCK"), "and it is the lock: \(information)")
        process.kill()
    }

    // MARK: Limits and trouble

    @Test func endsARunThatTakesTooLong() async throws {
        let fixture = try JobFixture()
        let outcome = try await fixture.job("print('begun') sleep('30s')", ["--max-runtime", "200ms"])
        #expect(outcome.status == 124)
        #expect(outcome.errors.contains("exit status 124 (over its time limit)"))
        #expect(outcome.errors.contains("begun"))
        #expect(try await fixture.runs().first?["exit_status"]?.integer == 124)
    }

    @Test func recordsARunThatIsBlockedForGood() async throws {
        let fixture = try JobFixture()
        // A read from a terminal that nobody types at.
        let process = try ChildProcess(
            "/bin/sh",
            [
                "-c", "sleep 30 | exec \"$0\" run --job daily --max-runtime 200ms -e 'print(\"reads\") io.read()'",
                try PaylinkProcess.located.get(),
            ], environment: fixture.environment())
        var runs: [JSON] = []
        for _ in 0..<200 where runs.first?["outcome"]?.string != "ran" {
            try await Task.sleep(for: .milliseconds(50))
            runs = (try? await fixture.runs()) ?? []
        }
        process.kill()
        let outcome = try await process.finish()
        #expect(runs.first?["exit_status"]?.integer == 124)
        #expect(outcome.errors.contains("ended while it was blocked"))
        #expect(outcome.errors.contains("job daily failed: exit status 124"))
    }

    @Test func aMissingScriptIsARecordedFailure() async throws {
        let fixture = try JobFixture()
        let outcome = try await fixture.run(["run", "--job", "daily", "nix.lua"])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("cannot open nix.lua"))
        #expect(try await fixture.runs().first?["exit_status"]?.integer == 64)
    }

    @Test func namesTheFolderOfLocksThatCannotBeMade() async throws {
        let fixture = try JobFixture()
        _ = try await fixture.job("")
        let jobs = fixture.folder.path + "/state/jobs"
        try FileManager.default.removeItem(atPath: jobs)
        try "in the way".write(toFile: jobs, atomically: true, encoding: .utf8)
        let outcome = try await fixture.job("error('ran')")
        #expect(outcome.status == 74)
        #expect(outcome.errors.contains(jobs))
        #expect(outcome.errors.contains("job daily"))
        #expect(!outcome.errors.contains("ran"))
    }

    static let misuses: [(options: [String], says: String)] = [
        (["--job", "a b"], "--job: the job's name \"a b\""), (["--schedule", "* * * * *"], "need --job"),
        (["--job", "a", "--schedule", "0 25 * * *"], "the hour \"25\""),
        (["--zone", "UTC"], "need --job"), (["--job", "a", "--catch-up", "all"], "needs --schedule"),
        (["--job", "a", "--zone", "Mars/X"], "\"Mars/X\" is not known"),
        (["--job", "a", "--schedule", "@daily", "--zone", "Mars/X"], "\"Mars/X\" is not known"),
        (["--job", "a", "--when-busy", "run"], "--when-busy"),
        (["--job", "a", "--max-runtime", "soon"], "--max-runtime"),
        (["--job", "a", "--ping", "http://example.com/x"], "must begin with https://"),
        (["--job", "a", "--ping", "x"], "--ping: the address"),
        (["--job", "a", "--wait-limit", "3s"], "needs --when-busy wait"),
        (["--job", "a", "--catch-up", "some"], "--catch-up"),
    ]

    @Test(arguments: misuses.indices)
    func refusesOptionsThatMakeNoSense(_ index: Int) async throws {
        let outcome = try await JobFixture().run(["run"] + Self.misuses[index].options + ["-e", ""])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains(Self.misuses[index].says), "\(outcome.errors)")
    }
}
