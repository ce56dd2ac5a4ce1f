// A job as a crontab keeps it: what is run, where and with which environment; written as lines and read back.

import Dates

/// What a job does.
package enum CronTask: String, Sendable, Hashable, CaseIterable {
    case run
    /// One sweep of `paylink watch`.
    case watch
    /// The sums of a period, without a script.
    case report

    /// The words after the program's.
    package var words: [String] {
        switch self {
        case .run: ["run"]
        case .watch: ["watch", "--once"]
        case .report: ["report"]
        }
    }
}

/// One scheduled script.
package struct CronJob: Sendable, Hashable {
    package struct Variable: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var name: String
    package var expression: CronExpression
    /// The zone that the expression is meant in.
    package var zone: String
    /// Slots up to this instant are none of the job's: when it was added.
    package var since: Int64
    /// The working directory.
    package var directory: String
    package var environment: [Variable]
    /// The path of `paylink`.
    package var program: String
    package var task = CronTask.run
    /// What follows in `paylink run`, `watch` or `report`: options, the script, its arguments.
    package var arguments: [String]

    package init(
        name: String, expression: CronExpression, zone: String, since: Int64, directory: String,
        environment: [Variable], program: String, task: CronTask = .run, arguments: [String]
    ) {
        self.name = name
        self.expression = expression
        self.zone = zone
        self.since = since
        self.directory = directory
        self.environment = environment
        self.program = program
        self.task = task
        self.arguments = arguments
    }

    /// Completes "the job's name …" when it cannot be one.
    package static func problem(withName name: String) -> String? {
        let isName =
            (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26 || "_-.".utf8.contains(byte)
            } && !name.hasPrefix(".") && !name.hasPrefix("-")
        return isName
            ? nil : "must be 1 to 64 letters, digits, dots, dashes or underscores, and begin with none of . and -"
    }

    /// The words of the command, from the program on.
    package var words: [String] {
        [program] + task.words + [
            "--job", name, "--schedule", expression.description, "--zone", zone, "--added-at", String(since),
        ] + arguments
    }

    // MARK: Lines of a crontab

    /// Debian's cron reads at most so many bytes of a command.
    static let longestCommand = 998

    /// What a further line does first: where both are due, the first has recorded its slot by then.
    private static let afterTheFirst = "sleep 10 && "

    /// - Parameters:
    ///   - fields: when cron is to start it, each a line of its own.
    ///   - atBoot: whether it is started when the machine comes up, too, to catch up.
    /// - Throws: ``CronProblem`` when cron could not take the command.
    package func lines(fields: [String], atBoot: Bool) throws(CronProblem) -> [String] {
        for text in words + [directory] + environment.map(\.value) where text.utf8.contains(where: { $0 < 0x20 }) {
            throw CronProblem(
                "the command of job \(name) has a line break or another control character, which no crontab can hold; "
                    + "put such text into the script")
        }
        let settings = environment.map { ShellWords.setting($0.name, $0.value) }
        let command = (["cd", ShellWords.quoted(directory), "&&"] + settings + words.map(ShellWords.quoted)).joined(
            separator: " ")
        let length = command.utf8.count + (fields.count > 1 ? Self.afterTheFirst.utf8.count : 0)
        guard length <= Self.longestCommand else {
            throw CronProblem(
                "the command of job \(name) takes \(length) bytes, and cron takes at most "
                    + "\(Self.longestCommand); \(largestPart)")
        }
        return [Self.heading(name) + ": \(expression.description) in \(zone)"]
            + fields.enumerated().map { "\($1) \($0 > 0 ? Self.afterTheFirst : "")\(command)" }
            + (atBoot ? ["@reboot \(command)"] : [])
    }

    /// What to shorten first, and how.
    private var largestPart: String {
        var parts = [(directory, "the working directory: add the job from one with a shorter path")]
        for variable in environment {
            let advice =
                switch variable.name {
                case "PATH": "PATH: give the folders that the job needs with --path"
                case "XDG_STATE_HOME", "XDG_CONFIG_HOME": "\(variable.name): name a folder with a shorter path there"
                default: "the value of \(variable.name): put it into the script or a settings file, without --env"
                }
            parts.append((variable.value, advice))
        }
        parts.append((program, "the path of paylink: install it in a folder with a shorter path"))
        for argument in arguments {
            let shown = argument.count > 40 ? argument.prefix(40) + "…" : argument[...]
            parts.append((argument, "the word \"\(shown)\": put it into the script or a file that the script reads"))
        }
        // Many short arguments are a part, too.
        let all = arguments.joined(separator: " ")
        if !arguments.contains(where: { $0.utf8.count > all.utf8.count / 2 }) {
            parts.append((all, "the arguments together: put them into a file that the script reads"))
        }
        guard let largest = parts.max(by: { $0.0.utf8.count < $1.0.utf8.count }) else { return "shorten it" }
        return "its largest part, \(largest.0.utf8.count) bytes, is \(largest.1)"
    }

    static func heading(_ name: String) -> String { "# job \(name)" }

    /// Reads a job from its lines; `nil` when they are not as `lines` writes them.
    package init?(name: String, lines: [String]) {
        guard let line = lines.first(where: { !$0.hasPrefix("#") && !$0.hasPrefix("@") && !$0.isEmpty }) else {
            return nil
        }
        let parts = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
        guard parts.count == 6, let words = ShellWords.split(CronEscape.unescaped(String(parts[5]))),
            words.count > 3, words[0] == "cd", words[2] == "&&"
        else { return nil }
        var rest = words[3...]
        var environment: [Variable] = []
        while let first = rest.first, let equals = first.firstIndex(of: "="), !first.hasPrefix("/") {
            environment.append(
                Variable(name: String(first[..<equals]), value: String(first[first.index(after: equals)...])))
            rest = rest.dropFirst()
        }
        guard let program = rest.first,
            let task = CronTask.allCases.first(where: { rest.dropFirst().starts(with: $0.words) })
        else { return nil }
        let given = Array(rest.dropFirst(1 + task.words.count))
        guard given.count > 8, given[0] == "--job", given[1] == name, given[2] == "--schedule", given[4] == "--zone",
            given[6] == "--added-at", let since = Int64(given[7]),
            let expression = try? CronExpression(parsing: given[3])
        else { return nil }
        self.init(
            name: name, expression: expression, zone: given[5], since: since, directory: words[1],
            environment: environment, program: program, task: task, arguments: Array(given[8...]))
    }
}

extension CronExpression {
    /// When a cron that keeps the zone `system` must start a job that is due by this expression in `zone`.
    ///
    /// Debian's cron knows no zone but the machine's. For another one it starts the job once for each minute of the
    /// hour at which it could be due, and the job looks for itself whether it is.
    ///
    /// Two restricted days are two lines: bcron and systemd-cron start a job only on days that are both. On a day
    /// that is both, the second start finds that nothing is due any more.
    package func fields(in zone: Zone, system: Zone, from now: Int64) -> [String] {
        if zone.agrees(with: system, from: now) {
            var parts = numeric.split(separator: " ").map(String.init)
            // systemd-cron takes a range up to 7 for every day.
            if parts[4].contains("-7") { parts[4] = weekday.sorted.map(String.init).joined(separator: ",") }
            guard !day.isStar, !weekday.isStar else { return [parts.joined(separator: " ")] }
            return [[parts[0], parts[1], parts[2], parts[3], "*"], [parts[0], parts[1], "*", parts[3], parts[4]]]
                .map { $0.joined(separator: " ") }
        }
        var minutes: Set<Int64> = []
        for day in 0..<400 {
            let instant = now + Int64(day) * 86_400
            let shift = (zone.offset(at: instant) - system.offset(at: instant)) / 60
            for minute in minute.values { minutes.insert((Int64(minute) - shift).floored(by: 60).remainder) }
        }
        let text = minutes.count == 60 ? "*" : minutes.sorted().map(String.init).joined(separator: ",")
        return ["\(text) * * * *"]
    }
}
