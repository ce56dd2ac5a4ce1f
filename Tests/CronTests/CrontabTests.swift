// Crontabs: one block is ours, every other byte is the user's; commands arrive at the shell as they were given.

import Foundation
import Testing

@testable import Cron

@Suite struct CrontabTests {
    static func job(_ name: String = "daily", _ arguments: [String] = ["report.lua"]) throws -> CronJob {
        CronJob(
            name: name, expression: try CronExpression(parsing: "0 6 * * *"), zone: "UTC", since: 1_795_608_000,
            directory: "/srv/my shop", environment: [CronJob.Variable(name: "PATH", value: "/usr/bin:/opt/a b")],
            program: "/usr/local/bin/paylink", arguments: arguments)
    }

    static func entry(_ job: CronJob) throws -> Crontab.Job {
        Crontab.Job(name: job.name, lines: try job.lines(fields: [job.expression.numeric], atBoot: true))
    }

    static func text(_ crontab: Crontab) -> String { String(decoding: crontab.text, as: UTF8.self) }

    @Test func writesAnEntryThatAPersonCanRead() throws {
        var crontab = try Crontab(parsing: [])
        crontab.set(try Self.entry(try Self.job()))
        #expect(
            Self.text(crontab) == """
                # BEGIN paylink
                # paylink cron writes the lines of this block, and none outside of it.
                # job daily: 0 6 * * * in UTC
                0 6 * * * cd '/srv/my shop' && PATH='/usr/bin:/opt/a b' /usr/local/bin/paylink run --job daily --schedule '0 6 * * *' --zone UTC --added-at 1795608000 report.lua
                @reboot cd '/srv/my shop' && PATH='/usr/bin:/opt/a b' /usr/local/bin/paylink run --job daily --schedule '0 6 * * *' --zone UTC --added-at 1795608000 report.lua
                # END paylink

                """)
    }

    /// Latin-1, carriage returns, tabs, blank lines, no newline at the end.
    static let foreign: [[UInt8]] = [
        [], Array("MAILTO=ops@example.com\n\n0 1 * * *\t/bin/true\n".utf8), [0x23, 0x20, 0xE9, 0x0A],
        Array("# a\r\n* * * * * x\r\n".utf8), Array("\n\n\n".utf8), Array("#BEGIN paylink\n # END paylinks\n".utf8),
    ]

    @Test(arguments: foreign, foreign)
    func leavesEveryOtherByteAsItWas(_ before: [UInt8], _ after: [UInt8]) throws {
        var crontab = try Crontab(parsing: before)
        crontab.set(try Self.entry(try Self.job()))
        // Somebody writes something after the block.
        let text = crontab.text + after
        crontab = try Crontab(parsing: text)
        #expect(crontab.text == text)
        #expect(crontab.jobs.map(\.name) == ["daily"])
        crontab.set(try Self.entry(try Self.job("weekly")))
        crontab = try Crontab(parsing: crontab.text)
        #expect(crontab.jobs.map(\.name) == ["daily", "weekly"])
        #expect(crontab.remove("daily") && crontab.remove("weekly") && !crontab.remove("weekly"))
        #expect(crontab.text == before + after)
    }

    @Test func endsALastLineThatHasNoNewline() throws {
        var crontab = try Crontab(parsing: Array("0 1 * * * x".utf8))
        crontab.set(try Self.entry(try Self.job()))
        #expect(Self.text(crontab).hasPrefix("0 1 * * * x\n# BEGIN paylink\n"))
    }

    @Test func replacesAJobInItsPlaceAndKeepsLinesOfOthersThatWereEdited() throws {
        var crontab = try Crontab(parsing: [])
        for name in ["a", "b", "c"] { crontab.set(try Self.entry(try Self.job(name))) }
        let edited = Self.text(crontab).replacing("# job c", with: "# my note\n# job c")
        crontab = try Crontab(parsing: Array(edited.utf8))
        #expect(crontab.set(try Self.entry(try Self.job("a", ["other.lua"]))))
        #expect(crontab.jobs.map(\.name) == ["a", "b", "c"])
        #expect(Self.text(crontab).contains("# my note\n# job c"))
        #expect(Self.text(crontab).components(separatedBy: "other.lua").count == 3)
    }

    @Test(arguments: [
        ("# BEGIN paylink\n", "line 1", "without a \"# END paylink\""),
        ("x\n# END paylink\n", "line 2", "without a \"# BEGIN paylink\""),
        ("# BEGIN paylink\n# BEGIN paylink\n# END paylink\n", "line 2", "a second"),
        ("# BEGIN paylink\n# END paylink\n# END paylink\n", "line 3", "without"),
        ("# BEGIN paylink\n# END paylink\nx\n# BEGIN paylink\n# END paylink\n", "line 4", "a second"),
        ("# END paylink\n# BEGIN paylink\n", "line 1", "without"),
    ])
    func touchesNoBrokenBlock(_ text: String, _ line: String, _ why: String) {
        let problem = #expect(throws: CronProblem.self) { try Crontab(parsing: Array(text.utf8)) }
        for part in [line, why, "nothing was changed", "crontab -e"] {
            #expect(problem?.message.contains(part) == true, "\(problem?.message ?? "")")
        }
    }

    @Test func namesLinesThatSetAZoneForSomeCrons() throws {
        #expect(try Crontab(parsing: Array("A=1\nCRON_TZ=UTC\nCRON_TZ = X\n".utf8)).zoneLines == [2, 3])
    }

    // MARK: Commands

    static let awkward = [
        "report.lua", "with space", "100%", "%", "\\%", "a\\b", "\\\\", "it's", "'", "\"quoted\"", "$HOME `id` $(id)",
        "", "*", "~",
        "a;b&&c|d>e", "naïve ✓", "-x", "#no", "!", "end\\", "%%\\%'\"", "two  blanks", "   ", " a ", "a\u{A0}b\u{3000}",
        "$(printf '\\045')", "\"$(printf '\\045')\"", "e\u{301}", "' % '",
    ]

    @Test(arguments: awkward, ["Debian's cron", "busybox and bcron", "systemd-cron"])
    func aWordArrivesAtTheShellAsItWas(_ word: String, under cron: String) throws {
        let line = try #require(
            try Self.job("daily", ["s.lua", word]).lines(fields: ["* * * * *"], atBoot: false).last)
        // What a cron does to it, and then what a shell does to that.
        let entry = String(line.dropFirst("* * * * * ".count))
        let seen =
            switch cron {
            case "systemd-cron": entry.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            case "Debian's cron": CronEscape.unescaped(entry)
            default: entry
            }
        let command = seen.replacing("cd '/srv/my shop' &&", with: "").replacing(
            "/usr/local/bin/paylink", with: "printf '%s\\0'")
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", command]
        let pipe = Pipe()
        shell.standardOutput = pipe
        try shell.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        shell.waitUntilExit()
        let words = output.split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        let expected = try Self.job("daily", ["s.lua", word]).words.dropFirst()
        #expect(Array(words.dropLast()) == Array(expected))
    }

    @Test(arguments: awkward)
    func anEntryReadsBackAsItWasWritten(_ word: String) throws {
        let job = try Self.job("daily", [word, "x"])
        #expect(CronJob(name: "daily", lines: try Self.entry(job).lines) == job)
    }

    /// Crons treat these differently, so no entry has them.
    @Test(arguments: awkward)
    func nothingReachesACronThatItWouldTouch(_ word: String) throws {
        for line in try Self.entry(try Self.job("daily", [word])).lines.dropFirst() {
            #expect(!line.contains("%") && !line.contains("  "), "\(line)")
            #expect(!line.contains { $0.isWhitespace && $0 != " " }, "\(line)")
            for match in line.matches(of: #/\\(.?)/#) { #expect(match.1.first?.isNumber == true, "\(line)") }
        }
    }

    /// As 0.1.0 wrote them, for Debian's cron alone.
    @Test func anOlderEntryIsReadAsWell() throws {
        let line =
            #"0 6 * * * cd '/srv/my shop' && PATH='/usr/bin:/opt/a b' /usr/local/bin/paylink run --job daily --schedule '0 6 * * *' --zone UTC --added-at 1795608000 'a\\b' 100\%"#
        #expect(CronJob(name: "daily", lines: ["# job daily", line]) == (try Self.job("daily", ["a\\b", "100%"])))
    }

    @Test func namesTheShellThatTheEntriesAreGivenTo() throws {
        let block = "# BEGIN paylink\n# END paylink\n"
        for (text, line, value) in [
            ("SHELL=/bin/tcsh\n" + block, 1, "/bin/tcsh"),
            ("A=1\n SHELL = \"/usr/bin/fish\"\n" + block, 2, "/usr/bin/fish"),
            ("SHELL=/bin/tcsh\nSHELL=/bin/sh\n" + block, 2, "/bin/sh"), ("SHELL=/bin/tcsh\n", 1, "/bin/tcsh"),
        ] {
            let shell = try Crontab(parsing: Array(text.utf8)).shell
            #expect(shell?.line == line && shell?.value == value, "\(text)")
        }
        for text in [
            "", "#SHELL=/bin/tcsh\n", block + "SHELL=/bin/tcsh\n", "SHELLS=/bin/tcsh\n", "* * * * * SHELL=x\n",
        ] {
            #expect(try Crontab(parsing: Array(text.utf8)).shell == nil, "\(text)")
        }
    }

    @Test(arguments: [
        ("PATH", ["--path"]), ("REGION", ["the value of REGION", "--env"]), ("XDG_STATE_HOME", ["XDG_STATE_HOME"]),
        ("directory", ["the working directory"]), ("program", ["the path of paylink"]),
        ("one argument", ["the word \"/xxx", "…\""]), ("many arguments", ["the arguments together"]),
    ])
    func namesTheLargestPartOfACommandThatIsTooLong(_ part: String, _ words: [String]) throws {
        let long = "/" + String(repeating: "x", count: 899)
        var job = try Self.job()
        switch part {
        case "directory": job.directory = long
        case "program": job.program = long
        case "one argument": job.arguments.append(long)
        case "many arguments": job.arguments += Array(repeating: "order-1", count: 120)
        default:
            job.environment.removeAll { $0.name == part }
            job.environment.append(CronJob.Variable(name: part, value: long))
        }
        let problem = #expect(throws: CronProblem.self) { try job.lines(fields: ["* * * * *"], atBoot: false) }
        let said = String(describing: problem)
        #expect(said.contains("cron takes at most 998"), "\(said)")
        for word in words + ["its largest part, 9"] { #expect(said.contains(word), "\(said)") }
    }

    @Test(arguments: ["a\nb", "a\u{7}b", String(repeating: "x", count: 1000)])
    func refusesWhatNoCrontabCanHold(_ word: String) throws {
        let job = try Self.job("daily", [word])
        let problem = #expect(throws: CronProblem.self) { try job.lines(fields: ["* * * * *"], atBoot: false) }
        #expect(problem?.message.contains("job daily") == true)
    }

    @Test(arguments: ["", "a b", "a/b", "..", ".a", "-a", "ä", String(repeating: "a", count: 65)])
    func refusesNamesThatAreNone(_ name: String) { #expect(CronJob.problem(withName: name) != nil) }

    @Test(arguments: [
        ("0 6 * * *", "Europe/Berlin", "UTC", ["0 * * * *"]), ("30 6 * * MON", "Asia/Kolkata", "UTC", ["0 * * * *"]),
        ("0 6 * * *", "Australia/Lord_Howe", "UTC", ["0,30 * * * *"]),
        ("*/5 * * * *", "Europe/Berlin", "UTC", ["0,5,10,15,20,25,30,35,40,45,50,55 * * * *"]),
        ("* * * * *", "Asia/Kolkata", "UTC", ["* * * * *"]),
        ("0 6 * * MON-FRI", "Europe/Berlin", "Europe/Berlin", ["0 6 * * 1-5"]),
        // Two restricted days are both at once to some crons, and a range up to 7 is every day to one.
        ("0 6 13 JAN FRI", "UTC", "UTC", ["0 6 13 1 *", "0 6 * 1 5"]),
        ("0 6 * * FRI-7", "UTC", "UTC", ["0 6 * * 0,5,6"]),
        ("0 6 */2 * FRI", "UTC", "UTC", ["0 6 */2 * 5"]), ("0 6 1-7 * */2", "UTC", "UTC", ["0 6 1-7 * */2"]),
        ("0 6 1,15 * 5-7", "UTC", "UTC", ["0 6 1,15 * *", "0 6 * * 0,5,6"]),
        ("0 6 13 * FRI", "Europe/Berlin", "UTC", ["0 * * * *"]),
        ("0 6 * * *", "UTC", "Etc/UTC", ["0 6 * * *"]), ("0 6 * * *", "Etc/UTC", "Zulu", ["0 6 * * *"]),
        ("5 6 * * *", "Asia/Calcutta", "Asia/Kolkata", ["5 6 * * *"]),
    ])
    func anotherZonesJobIsStartedWheneverItCouldBeDue(
        _ text: String, _ zone: String, _ system: String, _ fields: [String]
    ) throws {
        let expression = try CronExpression(parsing: text)
        #expect(
            try expression.fields(in: Zone(named: zone), system: Zone(named: system), from: 1_795_608_000) == fields)
    }
}
