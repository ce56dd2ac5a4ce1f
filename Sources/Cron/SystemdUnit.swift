// Units for systemd with the meaning of a crontab's entry, and one for a watch that never ends.

/// The text of systemd units.
package enum SystemdUnit {
    /// A service that runs a job once, and the timer that starts it.
    /// - Parameters:
    ///   - longest: the job's own time limit, in seconds; systemd allows half a minute more.
    ///   - changes: further times, at which the calendar alone would miss a slot because the clock changes.
    package static func job(
        _ job: CronJob, longest: Int64?, changes: [String] = []
    ) -> (service: String, timer: String) {
        var service = [
            "[Unit]", "Description=paylink job \(job.name)", "Wants=network-online.target",
            "After=network-online.target", "", "[Service]", "Type=oneshot",
            "WorkingDirectory=\(path(job.directory))",
        ]
        service += job.environment.map { "Environment=\(quoted($0.name + "=" + $0.value))" }
        service += credentials
        service.append("ExecStart=" + job.words.map(argument).joined(separator: " "))
        if let longest { service.append("TimeoutStartSec=\(longest + 30)") }
        let timer =
            ["[Unit]", "Description=Times of the paylink job \(job.name)", "", "[Timer]"]
            + job.expression.calendars(zone: job.zone).map { "OnCalendar=\($0)" }
            + (changes.isEmpty
                ? []
                : [
                    "# Slots of the next ten years that systemd would leave out: the clock skips or repeats an hour then.",
                    "# Nothing happens at a time that turns out to be none.",
                ])
            + changes.map { "OnCalendar=\($0)" } + [
                "# Starts the job at once when the machine was off at its time; which slots it missed, the job knows.",
                "Persistent=true", "AccuracySec=1s", "", "[Install]", "WantedBy=timers.target",
            ]
        return (text(service), text(timer))
    }

    /// A service that follows links for as long as the machine is up.
    package static func watch(
        program: String, script: String, arguments: [String], directory: String, environment: [CronJob.Variable]
    ) -> String {
        text(
            [
                "[Unit]", "Description=paylink watch \(script.replacing("%", with: "%%"))",
                "Wants=network-online.target", "After=network-online.target", "", "[Service]", "Type=notify",
                "WorkingDirectory=\(path(directory))",
            ] + environment.map { "Environment=\(quoted($0.name + "=" + $0.value))" } + credentials + [
                "ExecStart=" + ([program, "watch", script] + arguments).map(argument).joined(separator: " "),
                "Restart=on-failure", "RestartSec=5s", "# 143: it ended because systemd asked it to.",
                "SuccessExitStatus=143", "WatchdogSec=2min", "", "[Install]", "WantedBy=default.target",
            ])
    }

    private static let credentials = [
        "# The API token stays out of units, which everybody can read. Keep it in a file of mode 0600:",
        "#LoadCredential=oneshot_api_token:/etc/paylink/token",
    ]

    private static func text(_ lines: [String]) -> String { lines.joined(separator: "\n") + "\n" }

    /// A word of a command line. `$` would name a variable, `%` one of systemd's specifiers.
    private static func argument(_ word: String) -> String { quoted(word.replacing("$", with: "$$")) }

    /// `%` is doubled everywhere; everything but plain words stands in double quotes.
    private static func quoted(_ text: String) -> String {
        let text = text.replacing("%", with: "%%")
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26 || "_@%+=:,./-$".utf8.contains(byte)
            }
        if isPlain { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// Settings of one path take no quotes, and a space as it is.
    private static func path(_ path: String) -> String { path.replacing("%", with: "%%") }
}

extension CronExpression {
    /// The expression as systemd.time(7) writes it. Restricted days of month and of week add up in cron, and exclude
    /// each other's days in systemd, so they become two.
    package func calendars(zone: String) -> [String] {
        let time = "\(Self.list(hour, 0...23)):\(Self.list(minute, 0...59)):00 \(zone)"
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        // Monday first: systemd takes no range over the end of its week.
        let weekdays = weekday.values.map { $0 == 0 ? 7 : $0 }.sorted()
        let week =
            weekdays.count == 7
            ? ""
            : Self.runs(weekdays).map { run in run.map { names[$0 % 7] }.joined(separator: "..") }
                .joined(separator: ",") + " "
        let months = Self.list(month, 1...12), days = Self.list(day, 1...31)
        if day.isStar || weekday.isStar { return ["\(week)*-\(months)-\(days) \(time)"] }
        return ["\(week)*-\(months)-* \(time)", "*-\(months)-\(days) \(time)"]
    }

    private static func list(_ field: Field, _ all: ClosedRange<Int>) -> String {
        if field.values.count == all.count { return "*" }
        return runs(field.sorted).map { run in
            run.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: "..")
        }.joined(separator: ",")
    }

    /// Values as `[value]`, and three and more in a row as `[first, last]`.
    private static func runs(_ values: [Int]) -> [[Int]] {
        var runs: [[Int]] = []
        for value in values {
            if let last = runs.last?.last, last + 1 == value {
                runs[runs.count - 1] = [runs[runs.count - 1][0], value]
            } else {
                runs.append([value])
            }
        }
        return runs.flatMap { $0.count == 2 && $0[1] == $0[0] + 1 ? $0.map { [$0] } : [$0] }
    }
}
