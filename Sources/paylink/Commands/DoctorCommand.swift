// `paylink doctor`: whether everything that a script needs is in place, and what to do where it is not.

import ArgumentParser
import Glibc

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the settings, the credentials and the way to the service.",
        usage: "paylink doctor [<options>] [<script>]",
        discussion: """
            Shows what counts and where it was set, never a secret. Goes on after a problem. Exit status 0 when everything \
            is well; else the status of the first problem, which is the one that a script would end with.

            Examples:
              paylink doctor
              paylink doctor --cron nightly.lua      also as cron would run it

            \(ServiceOptions.hint)
            """
    )

    @OptionGroup(visibility: .hidden) var service: ServiceOptions
    @Flag(help: "Check again in the bare environment that cron gives, and cron itself.") var cron = false
    @Flag(help: "Print JSON: an object a line, one for here and one for cron.") var json = false
    @Flag(help: .hidden) var asCron = false
    @Argument(
        help: "A script: it is checked, and paylink.toml is looked for beside it and not in the working directory.",
        completion: Candidates.scripts)
    var script: String?

    mutating func run() throws {
        var checks = DoctorChecks(
            settings: service.settings, directory: directory, script: script, report: DoctorReport(printsJSON: json))
        try checks.run()
        var report = checks.report
        if cron { CronSurroundings.check(&report) }
        report.finish(asCron ? "cron" : "shell")
        var status = report.status
        if cron {
            if !json { Terminal.output("\nThe same as cron would see it:") }
            guard let there = CronSurroundings.run(argumentsForCron) else {
                Terminal.message(
                    "the checks could not be started again as cron would: \(String(cString: strerror(errno)))")
                throw ExitStatus.internalError.code
            }
            if status == .done { status = there }
        }
        if status != .done { throw status.code }
    }

    private var directory: String {
        guard let script, let slash = script.lastIndex(of: "/") else { return "." }
        return slash == script.startIndex ? "/" : String(script[..<slash])
    }

    /// What was given here, for another working directory.
    private var argumentsForCron: [String] {
        var arguments = ["doctor", "--as-cron"] + (json ? ["--json"] : [])
        let options: [(String, String?, isPath: Bool)] = [
            ("--base-url", service.baseURL, false), ("--ca-file", service.caFile, true),
            ("--locale", service.locale, false), ("--poll-rate", service.pollRate, false),
            ("--late-grace", service.lateGrace, false),
            ("--ledger", service.record.ledger, true), ("--config", service.record.files.config, true),
            ("--profile", service.record.files.profile, false),
        ]
        for (name, value, isPath) in options {
            if let value { arguments.append(name + "=" + (isPath ? Self.absolute(value) : value)) }
        }
        // Cron begins in the home folder: a script is given by its whole path there.
        return arguments + (script.map { ["--", Self.absolute($0)] } ?? [])
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), path != ":memory:", let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }
}
