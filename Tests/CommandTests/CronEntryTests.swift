// What `paylink cron` writes: entries that every cron takes alike, timers, and what is said of zones and missed runs.

import Foundation
import TestSupport
import Testing

@Suite struct CronEntryTests {
    /// An update points the links elsewhere, and the entry goes with them.
    @Test func anEntryKeepsThePathsThatWereUsed() async throws {
        let fixture = try JobFixture()
        let real = try PaylinkProcess.located.get(), folder = fixture.folder.path
        for (name, target) in [("current", folder), ("paylink", real)] {
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/" + name, withDestinationPath: target)
        }
        try fixture.folder.write("s.lua", "")
        let arguments = ["cron", "add", "x", "--schedule", "@daily", "s.lua"]
        for (called, working, path) in [
            (folder + "/paylink", folder + "/current", folder + "/paylink"),
            (folder + "/paylink", folder, folder + "/paylink"), (real, folder + "/current", real),
        ] {
            var environment = fixture.environment()
            environment["PWD"] = working
            let outcome = try await ChildProcess(called, arguments, environment: environment, directory: working)
                .finish()
            #expect(outcome.status == 0, "\(outcome)")
            #expect(fixture.crontab.contains(" cd \(working) && "), "\(fixture.crontab)")
            #expect(fixture.crontab.contains(" \(path) run --job x "), "\(fixture.crontab)")
        }
        // What the shell says of another folder is not believed.
        for lie in ["/", folder + "/../" + (folder.split(separator: "/").last ?? ""), "relative", ""] {
            var environment = fixture.environment()
            environment["PWD"] = lie
            _ = try await ChildProcess(real, arguments, environment: environment, directory: folder).finish()
            #expect(fixture.crontab.contains(" cd \(folder) && "), "\(fixture.crontab)")
        }
    }

    @Test(arguments: [
        ("SHELL=/bin/tcsh\n", true), ("SHELL=/usr/bin/fish\n", true), ("SHELL=/bin/bash\n", false), ("", false),
        ("SHELL=/bin/tcsh\nSHELL=\"/bin/sh\"\n", false),
    ])
    func aShellThatIsNoneOfShsKinIsNamed(_ text: String, _ isNamed: Bool) async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("s.lua", "")
        try fixture.folder.write("crontab", text)
        let outcome = try await fixture.run(["cron", "add", "x", "--schedule", "@daily", "s.lua"])
        #expect(outcome.status == 0 && outcome.errors.contains("sets SHELL=") == isNamed, "\(outcome)")
    }

    @Test func twoRestrictedDaysAreTwoLines() async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("s.lua", "")
        _ = try await fixture.run(["cron", "add", "x", "--schedule", "0 6 13 * FRI", "s.lua"])
        #expect(fixture.crontab.contains("\n0 6 13 * * cd ") && fixture.crontab.contains("\n0 6 * * 5 sleep 10 && cd "))
        let entry = try JSON(parsing: try await fixture.run(["cron", "list", "--json"]).output)
        #expect(entry["schedule"]?.string == "0 6 13 * FRI")
        #expect(try await fixture.run(["cron", "remove", "x"]).status == 0)
        #expect(!fixture.crontab.contains("paylink"), "\(fixture.crontab)")
    }

    @Test func aTimerNamesTheTimesThatTheClockSkips() async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("s.lua", "")
        _ = try await fixture.run([
            "cron", "add", "x", "--schedule", "30 2 * * *", "--zone", "Europe/Berlin", "s.lua",
        ])
        let units = try await fixture.run(["cron", "show", "--systemd", "x"], now: JobFixture.noon)
        #expect(units.output.contains("OnCalendar=*-*-* 02:30:00 Europe/Berlin\n"), "\(units)")
        #expect(units.output.contains("OnCalendar=2027-03-28 01:00:00 UTC\n"), "\(units)")
    }

    @Test func aZoneLineOfTheUsersIsPointedOut() async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("s.lua", "")
        try fixture.folder.write("crontab", "CRON_TZ=Europe/Berlin\n")
        let outcome = try await fixture.run(["cron", "add", "x", "--schedule", "@daily", "s.lua"])
        #expect(outcome.errors.contains("line 1 of your crontab sets CRON_TZ"))
    }

    @Test func runsTellsWhatIsAskedForAndMissing() async throws {
        let fixture = try JobFixture()
        #expect(try await fixture.run(["runs"]).status == 74, "there is no ledger yet")
        _ = try await fixture.job("print('kept')")
        let shown = try await fixture.run(["runs", "show", "1"])
        #expect(shown.output.contains("outcome      ran\n") && shown.output.hasSuffix("\nkept\n"))
        #expect(try await fixture.run(["runs", "--job", "other"]).output == "")
        #expect(try await fixture.run(["runs", "--limit", "0"]).status == 64)
        let missing = try await fixture.run(["runs", "show", "99"])
        #expect(missing.status == 1 && missing.errors.contains("no run 99"))
    }
}
