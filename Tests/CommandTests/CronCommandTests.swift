// `paylink cron`: entries in a crontab, checked before they are written; and what cron makes of them.

import Foundation
import TestSupport
import Testing

@Suite struct CronCommandTests {
    /// The machine's zone by another of its names: cron starts the job when it is due, and nothing is to be told.
    @Test(arguments: ["UTC", "Zulu", "Etc/UTC"])
    func anAliasOfTheMachinesZoneIsItsZone(_ zone: String) async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("report.lua", "print('hi')")
        let added = try await fixture.run(
            ["cron", "add", "daily", "--schedule", "0 6 * * *", "--zone", zone, "report.lua"], now: JobFixture.noon,
            ["TZ": "Etc/UTC"])
        #expect(added.status == 0 && !added.errors.contains("cron keeps"), "\(added)")
        #expect(fixture.crontab.contains("\n0 6 * * * cd "), "\(fixture.crontab)")
    }

    @Test func addsListsShowsAndRemovesAJob() async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("report.lua", "print('hi')")
        let before = "MAILTO=ops@example.com\n0 1 * * * /bin/true 100\\%\n"
        try fixture.folder.write("crontab", before)

        let added = try await fixture.run(
            [
                "cron", "add", "daily-report", "--schedule", "0 6 * * *", "--zone", "Europe/Berlin", "report.lua",
                "50% off",
            ],
            now: JobFixture.noon)
        #expect(added.status == 0, "\(added)")
        #expect(added.lines.first == "added job daily-report in your crontab")
        #expect(
            added.lines.suffix(3) == [
                "  next  2026-11-26T06:00:00+01:00", "        2026-11-27T06:00:00+01:00",
                "        2026-11-28T06:00:00+01:00",
            ])
        #expect(added.errors.contains("cron keeps UTC here"))
        #expect(fixture.crontab.hasPrefix(before + "# BEGIN paylink\n"))
        #expect(fixture.crontab.contains("--added-at \(JobFixture.noon) report.lua '50'\"$(printf '\\045')\"' off'\n"))
        #expect(fixture.crontab.contains("\n0 * * * * cd "))
        #expect(fixture.crontab.contains("\n@reboot cd "))

        let listed = try await fixture.run(["cron", "list", "--json"], now: JobFixture.noon)
        let entry = try JSON(parsing: listed.output)
        #expect(entry["job"]?.string == "daily-report")
        #expect(entry["schedule"]?.string == "0 6 * * *")
        #expect(entry["zone"]?.string == "Europe/Berlin")
        #expect(entry["next"]?.string == "2026-11-26T06:00:00+01:00")
        #expect(entry["arguments"]?.list.compactMap(\.string) == ["report.lua", "50% off"])
        #expect(try await fixture.run(["cron", "list"]).output.hasPrefix("daily-report "))
        #expect(try await fixture.run(["cron", "show", "daily-report"]).output.hasPrefix("# job daily-report: 0 6"))

        let replaced = try await fixture.run(
            [
                "cron", "add", "daily-report", "--schedule", "@hourly", "--zone", "UTC", "--catch-up", "none",
                "report.lua",
            ])
        #expect(replaced.lines.first == "replaced job daily-report in your crontab")
        #expect(!fixture.crontab.contains("@reboot"))
        #expect(try await fixture.run(["cron", "remove", "daily-report"]).status == 0)
        #expect(fixture.crontab == before)
        #expect(try await fixture.run(["cron", "remove", "daily-report"]).status == 1)
    }

    @Test func takesItsOptionsBeforeAndAfterTheNameAndLeavesTheScriptsOwn() async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("s.lua", "")
        for arguments in [
            ["--schedule", "@daily", "a", "s.lua", "--schedule", "x"],
            ["a", "--schedule", "@daily", "s.lua", "--schedule", "x"],
            ["a", "--schedule", "@daily", "--", "--allow-write", ".", "s.lua", "--schedule", "x"],
        ] {
            let outcome = try await fixture.run(["cron", "add"] + arguments)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(fixture.crontab.contains("s.lua --schedule x\n"))
            #expect(fixture.crontab.contains("--allow-write .") == arguments.contains("--"))
        }
    }

    @Test func aJobAddedUnderABareEnvironmentRunsFromTheEntryItself() async throws {
        let fixture = try JobFixture()
        let shop = fixture.folder.path + "/my shop 100%"
        try FileManager.default.createDirectory(atPath: shop, withIntermediateDirectories: true)
        try "print(arg[1], os.getenv('REGION'), run.job) os.exit(9)".write(
            toFile: shop + "/it's.lua", atomically: true, encoding: .utf8)
        let added = try await PaylinkProcess.run(
            [
                "cron", "add", "shop", "--schedule", "* * * * *", "--zone", "UTC", "--env", "REGION", "--env",
                "PAYLINK_LEDGER",
                "--", "--allow-env", "REGION", "it's.lua", "a %d b",
            ], environment: fixture.environment(now: JobFixture.noon).merging(["REGION": "eu west"]) { $1 },
            directory: shop)
        #expect(added.status == 0, "\(added)")
        let line = try #require(
            fixture.crontab.split(separator: "\n").map(String.init).first { $0.hasPrefix("* * * * * ") })
        // What cron does before it calls the shell.
        let command = String(line.dropFirst("* * * * * ".count)).replacing("\\%", with: "%")
        let outcome = try await ChildProcess(
            "/bin/sh", ["-c", command],
            environment: ["HOME": "/", "PATH": "/usr/bin:/bin", "PAYLINK_TEST_NOW": "\(JobFixture.noon + 60)"]
        ).finish()
        #expect(outcome.status == 9, "\(outcome)")
        #expect(outcome.errors.contains("a %d b\teu west\tshop"))
    }

    @Test func aLongPATHIsCutToTheFoldersThatThereAre() async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("s.lua", "")
        let add = ["cron", "add", "a", "--schedule", "@daily", "--zone", "UTC"]
        // As version managers leave it: mostly folders that are gone, and some named again and again.
        let gone = (0..<60).map { "\(fixture.folder.path)/node/v\($0)/bin:/usr/bin" }.joined(separator: ":")
        let cut = try await fixture.run(add + ["s.lua"], ["PATH": "\(gone):\(fixture.folder.path)/s.lua:/bin:/usr/bin"])
        #expect(cut.status == 0, "\(cut)")
        #expect(fixture.crontab.contains(" PATH=/usr/bin:/bin "), "\(fixture.crontab)")

        // All of these are there, so only the user can say what the job needs.
        let kept = (0..<12).map { "\(fixture.folder.path)/\(String(repeating: "p", count: 80))\($0)" }
        for folder in kept {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        let full = ["PATH": (kept + ["/usr/bin"]).joined(separator: ":")]
        let long = try await fixture.run(add + ["s.lua"], full)
        #expect(long.status == 65, "\(long)")
        #expect(long.errors.contains("PATH: give the folders that the job needs with --path"), "\(long)")
        for place in [["--path", "/bin:/none", "a"], ["a", "--path", "/bin:/none"]] {
            let given = try await fixture.run(
                ["cron", "add"] + place + ["--schedule", "@daily", "--zone", "UTC", "s.lua"], full)
            #expect(given.status == 0, "\(given)")
            #expect(fixture.crontab.contains(" PATH=/bin:/none "), "\(fixture.crontab)")
        }
        for path in ["", "/nowhere", "/nowhere:s.lua"] {
            let refused = try await fixture.run(add + ["--path", path, "s.lua"], full)
            #expect(refused.status == 64 && refused.errors.contains("--path"), "\(refused)")
        }
    }

    @Test func addsASweepOfAWatch() async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("fulfil.lua", #"paylink.on("paid", function() end)"#)
        let added = try await fixture.run(
            [
                "cron", "add", "fulfil", "--schedule", "*/5 * * * *", "--zone", "UTC", "--watch", "--max-runtime",
                "1500ms", "--", "--name", "shop", "fulfil.lua", "eu",
            ], now: JobFixture.noon)
        #expect(added.status == 0, "\(added)")
        #expect(added.output.contains("  runs  paylink watch --once --max-runtime 1500ms --name shop fulfil.lua eu\n"))
        #expect(fixture.crontab.contains(" watch --once --job fulfil --schedule '*/5 * * * *' --zone UTC --added-at "))
        let entry = try JSON(parsing: try await fixture.run(["cron", "list", "--json"]).output)
        #expect(entry["command"]?.string == "watch --once")
        #expect(entry["arguments"]?.list.compactMap(\.string).suffix(4) == ["--name", "shop", "fulfil.lua", "eu"])
        let units = try await fixture.run(["cron", "show", "--systemd", "fulfil"])
        #expect(units.output.contains(" watch --once --job fulfil "), "\(units)")
        for (arguments, says) in [
            (["--no-such", "fulfil.lua"], "cannot be watched"), (["-e", "print(1)"], "cannot be watched"),
            (["-"], "standard input"), (["none.lua"], "No such file"), (["--health", "h", "fulfil.lua"], "--health"),
        ] {
            let outcome = try await fixture.run(
                ["cron", "add", "other", "--schedule", "@hourly", "--watch", "--"] + arguments)
            #expect(outcome.status == 64 && outcome.errors.contains(says), "\(outcome)")
        }
    }

    @Test func aForeignZonesEntryIsSilentUntilTheJobIsDue() async throws {
        let fixture = try JobFixture()
        let arguments = [
            "run", "--job", "daily", "--schedule", "0 6 * * *", "--zone", "Europe/Berlin", "--added-at",
            "\(JobFixture.noon)", "-e",
            "os.exit(9)",
        ]
        // Cron starts it at every full hour; 06:00 in Berlin is 05:00 UTC.
        for hour in 1...16 {
            let outcome = try await fixture.run(arguments, now: JobFixture.noon + hour * 3600)
            #expect(outcome.status == 0 && outcome.errors == "", "hour \(hour)")
        }
        #expect(try await fixture.run(arguments, now: JobFixture.noon + 17 * 3600).status == 9)
        #expect(try await fixture.run(arguments, now: JobFixture.noon + 18 * 3600).status == 0)
        #expect(try await fixture.runs().map { $0["slot_text"]?.string } == ["2026-11-26T06:00:00+01:00"])
    }

    static let refusals: [(arguments: [String], status: Int32, says: [String])] = [
        (["--schedule", "61 * * * *", "x", "s.lua"], 64, ["--schedule", "minute", "61", "0 to 59"]),
        (["--schedule", "@reboot", "x", "s.lua"], 64, ["@reboot"]),
        (["--schedule", "@daily", "--zone", "Mars/X", "x", "s.lua"], 64, ["--zone", "Mars/X"]),
        (["--schedule", "@daily", "a/b", "s.lua"], 64, ["a/b"]), (["x", "s.lua"], 64, ["--schedule is missing"]),
        ([], 64, ["name is missing"]),
        (["--schedule", "@daily", "x"], 64, ["Missing the script"]),
        (["--schedule", "@daily", "x", "nix.lua"], 64, ["nix.lua", "No such file"]),
        (["--schedule", "@daily", "x", "-"], 64, ["standard input"]),
        (["x", "--schedule", "@daily", "--", "--alow-read", ".", "s.lua"], 64, ["--alow-read"]),
        (["--schedule", "@daily", "--env", "ONESHOT_API_TOKEN", "x", "s.lua"], 64, ["ONESHOT_API_TOKEN", "0600"]),
        (["--schedule", "@daily", "--env", "SMTP_PASSWORD", "x", "s.lua"], 64, ["SMTP_PASSWORD", "secret"]),
        (["--schedule", "@daily", "--env", "NIX", "x", "s.lua"], 64, ["NIX", "not set"]),
        (["--schedule", "@daily", "x", "s.lua", "a\nb"], 65, ["line break"]),
    ]

    @Test(arguments: refusals.indices)
    func refusesWhatWouldFailAtNightAndChangesNothing(_ index: Int) async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("s.lua", "")
        let given = Self.refusals[index]
        let outcome = try await fixture.run(
            ["cron", "add"] + given.arguments, ["ONESHOT_API_TOKEN": "very-secret-1", "SMTP_PASSWORD": "very-secret-2"])
        #expect(outcome.status == given.status, "\(outcome)")
        for part in given.says { #expect(outcome.errors.contains(part), "\(outcome.errors)") }
        #expect(!(outcome.errors + outcome.output).contains("very-secret"))
        #expect(fixture.crontab == "(none)")
    }

    @Test func saysWhatTheJobWillNotSee() async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("s.lua", "")
        let outcome = try await fixture.run(
            ["cron", "add", "x", "--schedule", "@daily", "--env", "PAYLINK_LEDGER", "s.lua"],
            [
                "ONESHOT_API_TOKEN": "very-secret-1", "ONESHOT_USER_ID": "me", "PAYLINK_BASE_URL": "http://127.0.0.1:1",
                "PAYLINK_SECRET_HOOK": "very-secret-2", "XDG_STATE_HOME": fixture.folder.path,
            ])
        for name in ["ONESHOT_API_TOKEN", "ONESHOT_USER_ID", "PAYLINK_BASE_URL", "PAYLINK_SECRET_HOOK"] {
            #expect(
                outcome.errors.split(separator: "\n").count { $0.contains("will not see \(name),") } == 1, "\(outcome)")
        }
        #expect(!outcome.errors.contains("see PAYLINK_LEDGER") && !outcome.errors.contains("see XDG_STATE_HOME"))
        #expect(!outcome.errors.contains("very-secret"))
        #expect(!fixture.crontab.contains("very-secret"))
    }

    @Test func touchesNoCrontabWhoseBlockIsBroken() async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("s.lua", "")
        let text = "# a\n# BEGIN paylink\n0 1 * * * x\n"
        try fixture.folder.write("crontab", text)
        for arguments in [["add", "x", "--schedule", "@daily", "s.lua"], ["remove", "x"], ["list"]] {
            let outcome = try await fixture.run(["cron"] + arguments)
            #expect(outcome.status == 65)
            #expect(outcome.errors.contains("line 2 of the crontab"))
        }
        #expect(fixture.crontab == text)
    }

    @Test func advisesWhereThereIsNoCrontabProgram() async throws {
        let fixture = try JobFixture()
        for environment in [
            ["PAYLINK_CRONTAB": "/nowhere/crontab"], ["PAYLINK_CRONTAB": "", "PATH": fixture.folder.path],
        ] {
            let outcome = try await fixture.run(["cron", "list"], environment)
            #expect(outcome.status == 69)
            #expect(outcome.errors.contains("crontab"))
        }
        let advised = try await fixture.run(["cron", "list"], ["PAYLINK_CRONTAB": "", "PATH": "/nowhere"])
        #expect(advised.errors.contains("show --systemd"))
    }

    @Test func tellsWhatTheCrontabProgramSaid() async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("s.lua", "")
        let refusing = try fixture.folder.write(
            "refusing.sh", "#!/bin/sh\n[ \"$1\" = -l ] && exit 0\necho 'bad minute' >&2\nexit 1\n", mode: 0o755)
        let outcome = try await fixture.run(
            ["cron", "add", "x", "--schedule", "@daily", "s.lua"], ["PAYLINK_CRONTAB": refusing])
        #expect(outcome.status == 69)
        #expect(outcome.errors.contains("was left as it was") && outcome.errors.contains("bad minute"))
    }

    @Test func printsUnitsForSystemd() async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("s.lua", "")
        _ = try await fixture.run([
            "cron", "add", "x", "--schedule", "30 6 * * MON-FRI", "--zone", "Europe/Berlin", "--max-runtime", "10m",
            "s.lua",
        ])
        let units = try await fixture.run(["cron", "show", "--systemd", "x"])
        #expect(units.status == 0)
        for part in [
            "OnCalendar=Mon..Fri *-*-* 06:30:00 Europe/Berlin\n", "Persistent=true", "TimeoutStartSec=630",
            "LoadCredential",
        ] {
            #expect(units.output.contains(part))
        }
        let watch = try await fixture.run(["cron", "show", "--systemd", "--watch", "s.lua"])
        #expect(watch.output.contains("Type=notify") && watch.output.contains(" watch s.lua\n"))
        #expect(try await fixture.run(["cron", "show", "--systemd"]).status == 64)
        #expect(try await fixture.run(["cron", "show", "nix"]).status == 1)
    }
}
