// `paylink watch`: follows every open link of the ledger and runs a script's follow-ups.

import ArgumentParser
import Recorder
import Scripting

struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Follow every open link and run the script's follow-ups.",
        discussion: """
            The script registers what is to happen with paylink.on("paid", …) and paylink.on("expired", …). Each happens \
            once for each link, however often and by how many processes watch is started; links that other processes \
            make are found within a few seconds.

            Examples:
              paylink watch fulfil.lua
              paylink watch --once fulfil.lua          look at every open link once, and end
              paylink cron add fulfil --schedule "*/5 * * * *" --watch fulfil.lua
              paylink watch --health /run/paylink/health.json fulfil.lua

            Exit status: 143 or 130 after a signal, when follow-ups under way have finished; with --once 0 when everything \
            was looked at and followed up, 75 when something is left: run it again, or see paylink ledger doubt.
            \(ServiceOptions.hint)
            """
    )

    @OptionGroup(title: "Watch") var watching: WatchingOptions
    @OptionGroup(title: "Watch") var sandboxed: SandboxOptionsOfScript
    @OptionGroup(title: "Rights") var access: ScriptAccessOptions
    @OptionGroup(title: "Limits") var running: ScriptLimitOptions
    @OptionGroup(title: "Sandbox") var payer: SandboxPayerOptions
    @OptionGroup(visibility: .hidden) var service: ServiceOptions
    @OptionGroup(title: "Jobs") var scheduled: JobRunOptions
    @OptionGroup var messages: ScriptMessageOptions

    @Argument(parsing: .captureForPassthrough, help: "The script and its arguments.", completion: Candidates.scripts)
    var script: [String] = []

    func validate() throws {
        try sandboxed.validate(payer)
        guard let first = script.first else { throw ValidationError("Missing the script") }
        try ScriptArguments.refuseOption(first, self)
        guard first != "-" || watching.name != nil else {
            throw ValidationError(
                "A script from standard input needs --name: what was followed up is recorded under it")
        }
        if scheduled.job != nil, !watching.once {
            throw ValidationError(
                "--job needs --once: a watch that goes on is a service, see paylink cron show --systemd")
        }
        if scheduled.job != nil, watching.health != nil {
            throw ValidationError("--health is for a watch that goes on: a job is recorded, and --ping tells a monitor")
        }
    }

    mutating func run() throws {
        let path = script.first ?? "-"
        // What fails as a job is told as a job's failures are.
        if path != "-", scheduled.job == nil { _ = try ScriptChecker.accept(path, otherwise: "nothing was watched") }
        var job = ScriptJob(.file(path, arguments: Array(script.dropFirst())))
        job.service = service.settings
        running.apply(to: &job)
        messages.apply(to: &job)
        sandboxed.apply(payer, to: &job)
        access.apply(to: &job)
        var watch = WatchOptions(name: watching.name ?? Self.name(of: path))
        watch.isSweep = watching.once
        watch.reachesBack = watching.since?.duration
        watch.width = watching.concurrency
        let monitor = WatchMonitor(health: watching.health, isSweep: watching.once)
        watch.report = { monitor.update($0) }
        job.options.watch = watch
        job.retryFor = watching.retryFor?.duration
        job.monitor = monitor
        job.judge = { monitor.status($0) }
        let status = try scheduled.settings().map { job.run(as: $0) } ?? job.run()
        if status != .done { throw status.code }
    }

    /// The file's name without its folder and ending: a watch survives a move of its script.
    private static func name(of path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        let name = file.hasSuffix(".lua") ? String(file.dropLast(4)) : file
        return String(name.map { $0 == ":" ? "_" : $0 })
    }
}

struct WatchingOptions: ParsableArguments {
    @Flag(help: "Look at every open link once, follow up, and end.")
    var once = false

    @Option(
        help: ArgumentHelp(
            "What the follow-ups' records belong to: the same name is the same watch. The script's name if absent.",
            valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "Also follow up what was paid or expired in the last so long before the first watch.",
            valueName: "duration"))
    var since: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "How long follow-ups that may run more than once are tried again after failures. (default: 7d)",
            valueName: "duration"))
    var retryFor: DurationArgument?

    @Option(help: ArgumentHelp("Follow-ups that run at once.", valueName: "n"))
    var concurrency = 16

    @Option(help: ArgumentHelp("Write this file every few seconds while all is well.", valueName: "file"))
    var health: String?

    func validate() throws {
        if let name, let problem = Self.problem(withName: name) { throw ValidationError("--name: \(problem)") }
        guard (1...1_000).contains(concurrency) else {
            throw ValidationError("--concurrency: \(concurrency) is not between 1 and 1000")
        }
        try [since?.problem("--since"), retryFor?.problem("--retry-for")].throwFirst()
    }

    private static func problem(withName name: String) -> String? {
        let isPlain = name.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 && $0 != ":" }
        return isPlain && (1...100).contains(name.utf8.count)
            ? nil : "1 to 100 characters without a colon or a control character"
    }
}
