// `paylink cron add`: checks all that could go wrong at night, writes the entry, and says when it will run.

import ArgumentParser
import Console
import Cron
import Glibc
import Jobs
import ScriptCheck
import Scripting

struct CronAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Put a job into your crontab, or in the place of the one with its name.",
        usage:
            """
            paylink cron add <name> --schedule <expr> [<options>]
                [--] [<options of run or watch>] <script> [<argument> ...]
            paylink cron add <name> --schedule <expr> --report [<options>]
                [--] [<options of report>]
            """,
        discussion: """
            The job runs in the present directory, with those folders of the present PATH that there are.

            Examples:
              paylink cron add daily-report --schedule "0 6 * * *" --zone Europe/Berlin report.lua
              paylink cron add sync --schedule "*/15 * * * *" --max-runtime 10m -- --allow-write /srv/out sync.lua eu
              paylink cron add morning --schedule "0 6 * * *" --report -- --yesterday
              paylink cron add fulfil --schedule "*/5 * * * *" --watch -- --allow-net shop.example fulfil.lua
            """)

    @OptionGroup var timing: JobOptions

    @Flag(help: "Let the job be `paylink watch --once`: each time one look at every open link, and the follow-ups.")
    var watch = false

    @Flag(help: "Let the job be `paylink report`: no script, the sums of a period.")
    var report = false

    @Option(
        help: ArgumentHelp(
            "Give the job this variable with its present value (repeatable); never a secret.", valueName: "name"))
    var env: [String] = []

    @Option(
        help: ArgumentHelp("Give the job this PATH instead of the present one.", valueName: "folders"))
    var path: String?

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("The job's name; then the script and its arguments.", valueName: "name-and-script"))
    var words: [String] = []

    func run() throws {
        // The parser stops at the first word, the name. What comes after it is read again without it.
        let given = Array(CommandLine.arguments.dropFirst(3))
        guard let name = words.first else {
            throw Self.refused("the job's name is missing: paylink cron add NAME --schedule EXPR SCRIPT")
        }
        if name == "--help" || name == "-h" { throw CleanExit.helpRequest(self) }
        guard words.count > 1, words[1].hasPrefix("-") else { return try add(name, Array(words.dropFirst())) }
        let again = given.dropLast(words.count) + words.dropFirst()
        guard var command = try Paylink.parseAsRoot(["cron", "add"] + again) as? CronAddCommand else {
            throw CleanExit.helpRequest(self)
        }
        if command.words.first == "--" { command.words.removeFirst() }
        try command.add(name, command.words)
    }

    private func add(_ name: String, _ script: [String]) throws {
        if let problem = CronJob.problem(withName: name) {
            throw Self.refused("the job's name \"\(ShownText.line(name))\" \(problem)")
        }
        guard let text = timing.schedule else {
            throw Self.refused("--schedule is missing: paylink cron add NAME --schedule EXPR SCRIPT")
        }
        try checkEnvironment()
        try check(script)
        let zoneName = timing.zone ?? Zone.systemName()
        let zone = try read(zoneName)
        let system = try read(Zone.systemName())
        let job = CronJob(
            name: name, expression: try CronExpression(parsing: text), zone: zoneName, since: JobClock.system.now,
            directory: Surroundings.directory, environment: Surroundings.environment(env, path: path),
            program: Surroundings.program, task: task, arguments: timing.arguments + script)
        var (crontab, program) = try CronCommand.open()
        let fields = job.expression.fields(in: zone, system: system, from: JobClock.system.now)
        let cron = CronSurroundings.running()
        // What a cron makes of @reboot that does not know it is nothing to rely on.
        let hasReboot = cron != .busybox && cron != .bcron
        let lines: [String]
        do throws(CronProblem) {
            lines = try job.lines(fields: fields, atBoot: hasReboot && (timing.catchUp ?? .latest) != .none)
        } catch {
            throw CronCommand.end(error.message, .badInput)
        }
        let isReplaced = crontab.set(Crontab.Job(name: name, lines: lines))
        try CronCommand.save(crontab, with: program)
        try tell(job, zone, isReplaced: isReplaced, crontab.zoneLines, system)
        if !hasReboot, (timing.catchUp ?? .latest) != .none, let cron {
            Terminal.message(
                "\(cron.description) runs here, which has no use for @reboot: a slot that passes while the machine is off is "
                    + "made up for at the job's next start")
        }
        if let advice = CronSurroundings.shellAdvice(crontab) { Terminal.message(advice) }
    }

    private var task: CronTask { report ? .report : watch ? .watch : .run }

    private func tell(
        _ job: CronJob, _ zone: Zone, isReplaced: Bool, _ zoneLines: [Int], _ system: Zone
    ) throws {
        var lines = [
            "\(isReplaced ? "replaced" : "added") job \(job.name) in your crontab",
            "  runs  paylink \(task.words.joined(separator: " ")) \(job.arguments.map(ShownText.line).joined(separator: " "))",
            "  in    \(ShownText.line(job.directory))",
            "  when  \(job.expression.description), \(job.zone)",
        ]
        for (index, slot) in CronText.next(job, 3).enumerated() {
            lines.append((index == 0 ? "  next  " : "        ") + slot)
        }
        try LedgerCommand.print(lines.joined(separator: "\n") + "\n")
        try LedgerCommand.finish()
        if !zone.agrees(with: system, from: JobClock.system.now) {
            Terminal.message(
                "cron keeps \(system.name) here, so it starts the job every hour and the job sees for itself whether it "
                    + "is due in \(job.zone)")
        }
        for line in zoneLines {
            Terminal.message(
                "line \(line) of your crontab sets CRON_TZ, which Debian's cron ignores and others heed; the job's zone "
                    + "is \(job.zone), and a cron that heeds that line may start it late")
        }
        if Environment["ONESHOT_API_TOKEN"] != nil {
            Terminal.message(
                "the job will not see ONESHOT_API_TOKEN, which is set here: cron gives jobs no such variable, and a "
                    + "crontab is no place for it; keep it in a file of mode 0600 that your settings name")
        }
        let carried = Set(job.environment.map(\.name)).union(["ONESHOT_API_TOKEN"])
        for (name, advice) in CronSurroundings.missing() where !carried.contains(name) {
            Terminal.message("the job will not see \(name), which is set here: \(advice)")
        }
    }

    // MARK: Checks

    private static func refused(_ message: String) -> ExitCode { CronCommand.end(message, .usage) }

    private func read(_ name: String) throws -> Zone {
        do throws(CronProblem) { return try Zone(named: name) } catch { throw Self.refused("--zone: \(error)") }
    }

    private func checkEnvironment() throws {
        if let path, !path.split(separator: ":").contains(where: { FileKind.isFolder(String($0)) }) {
            throw Self.refused(
                "--path: \"\(ShownText.line(path))\" names no folder that there is; give some, such as "
                    + "/usr/local/bin:/usr/bin:/bin")
        }
        for name in env {
            let shown = ShownText.line(name)
            let isName =
                !name.isEmpty && !(name.utf8.first.map { $0 &- 0x30 <= 9 } ?? true)
                && name.utf8.allSatisfy { $0 &- 0x30 <= 9 || ($0 | 0x20) &- 0x61 < 26 || $0 == UInt8(ascii: "_") }
            guard isName else { throw Self.refused("--env: \"\(shown)\" is no name of a variable") }
            let words = name.uppercased().split(separator: "_").map(String.init)
            if words.contains(where: { ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "KEY", "PASS"].contains($0) }) {
                throw Self.refused(
                    "--env: \(shown) looks like a secret, and a crontab is no place for one; keep it in a file of mode "
                        + "0600 that your settings name")
            }
            guard Environment[name] != nil else {
                throw Self.refused("--env: \(shown) is not set here, so there is no value to give to the job")
            }
        }
    }

    /// Mistakes that somebody would hear of at the first run that comes to them.
    private func check(script path: String) throws {
        let facts = try ScriptChecker.accept(path, otherwise: "no job was added")
        if !watch, let line = facts.followUps.first {
            throw CronCommand.end(
                "\(ShownText.line(path)):\(line) calls paylink.on, which only a watch follows up: add it with --watch",
                .badInput)
        }
    }

    /// What would fail each time had better fail now.
    private func check(_ script: [String]) throws {
        let path: String?
        if report {
            guard !watch else { throw Self.refused("--report or --watch, not both") }
            guard timing.maxRuntime == nil else { throw Self.refused(ReportJobOptions.noLimit) }
            do { _ = try ReportCommand.parse(script) } catch {
                throw Self.refused(
                    "what follows the job's name cannot be reported: \(ReportCommand.message(for: error))")
            }
            return
        }
        if watch {
            // A script from standard input needs a name, and is refused below.
            do { path = try WatchCommand.parse(["--once", "--job", "x"] + script).script.first } catch {
                throw Self.refused("what follows the job's name cannot be watched: \(WatchCommand.message(for: error))")
            }
        } else {
            let command: RunCommand
            do { command = try RunCommand.parse(script) } catch {
                throw Self.refused("what follows the job's name cannot be run: \(RunCommand.message(for: error))")
            }
            if command.input.code != nil { return }
            path = command.script.first
        }
        guard let path, path != "-" else {
            throw Self.refused("the script cannot be standard input: cron gives a job none")
        }
        guard access(path, R_OK) == 0, !FileKind.isFolder(path) else {
            throw CronCommand.end(
                "cannot read the script \(ShownText.line(path)): "
                    + (FileKind.isFolder(path) ? "it is a folder" : String(cString: strerror(errno))), .usage)
        }
        try check(script: path)
    }
}
