// `paylink cron`: jobs in the user's crontab, and the same as units for systemd. Adding one is in CronAddCommand.swift.

import ArgumentParser
import Console
import Cron
import Glibc
import OneShotPay
import Scripting

struct CronCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cron",
        abstract: "Run scripts on a schedule: entries in your crontab, or units for systemd.",
        discussion: """
            Examples:
              paylink cron add daily-report --schedule "0 6 * * *" --zone Europe/Berlin report.lua
              paylink cron list
              paylink cron show --systemd daily-report
              paylink cron remove daily-report
            """,
        subcommands: [CronAddCommand.self, List.self, Remove.self, Show.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the jobs in your crontab: name, schedule, zone, next slot.")
        @Flag(help: "Print JSON, one object a line.") var json = false

        func run() throws {
            let (crontab, _) = try CronCommand.open()
            for entry in crontab.jobs {
                try LedgerCommand.print((json ? CronText.json(entry) : CronText.line(entry)) + "\n")
            }
            try LedgerCommand.finish()
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a job out of your crontab; what is recorded of its runs stays.")
        @Argument(help: "The job's name.", completion: Candidates.jobs) var name: String

        func run() throws {
            var (crontab, program) = try CronCommand.open()
            guard crontab.remove(name) else { throw CronCommand.unknown(name) }
            try CronCommand.save(crontab, with: program)
            Terminal.output("removed job \(name) from your crontab")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the crontab lines of a job or of all, or units for systemd.")
        @Flag(help: "Print a service and a timer for systemd instead.") var systemd = false
        @Option(
            help: ArgumentHelp(
                "With --systemd: print a service that runs `paylink watch` on this script.", valueName: "script"),
            completion: Candidates.scripts)
        var watch: String?
        @Argument(help: "The job's name.", completion: Candidates.jobs) var name: String?

        func validate() throws {
            if watch != nil, !systemd { throw ValidationError("--watch needs --systemd") }
            if systemd, (watch == nil) == (name == nil) {
                throw ValidationError("--systemd: name a job, or give --watch SCRIPT")
            }
        }

        func run() throws {
            if let watch {
                try LedgerCommand.print(CronText.watchUnit(watch))
                return try LedgerCommand.finish()
            }
            let (crontab, _) = try CronCommand.open()
            let chosen = crontab.jobs.filter { name == nil || $0.name == name }
            if let name, chosen.isEmpty { throw CronCommand.unknown(name) }
            for entry in chosen {
                guard systemd else {
                    try LedgerCommand.print(entry.lines.joined(separator: "\n") + "\n")
                    continue
                }
                guard let job = CronJob(name: entry.name, lines: entry.lines) else {
                    throw CronCommand.end(
                        "the lines of job \(entry.name) were edited by hand and cannot be read; add it again with "
                            + "paylink cron add \(entry.name)", .badInput)
                }
                try LedgerCommand.print(CronText.units(job))
            }
            try LedgerCommand.finish()
        }
    }

    // MARK: The crontab

    static func open() throws -> (Crontab, CrontabProgram) {
        do {
            let program = try CrontabProgram()
            return (try Crontab(parsing: try program.read()), program)
        } catch let failure as CrontabProgram.Failure {
            throw end(failure.message, .unreachable)
        } catch {
            throw end("\(error)", .badInput)
        }
    }

    static func save(_ crontab: Crontab, with program: CrontabProgram) throws {
        do throws(CrontabProgram.Failure) { try program.write(crontab.text) } catch {
            throw end(error.message, .unreachable)
        }
    }

    static func unknown(_ name: String) -> ExitCode {
        end(
            "your crontab has no job \"\(ShownText.line(name))\"; paylink cron list shows what it has", .scriptFailed
        )
    }

    static func end(_ message: String, _ status: ExitStatus) -> ExitCode {
        Terminal.message(message)
        return status.code
    }
}
