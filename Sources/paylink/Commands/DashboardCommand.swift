// `paylink dashboard`: the ledger as pages for a browser of this machine.

import ArgumentParser
import Console
import Cron
import Dashboard
import Jobs
import Ledger
import LocalServer
import OneShotPay
import Recorder

struct DashboardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Serve local pages that show what was asked, paid, is open and in doubt, and follow the ledger.",
        usage: "paylink dashboard [<options>]",
        discussion: """
            Of this account at this address, from the ledger alone: no request is made. It prints one address; whoever has it can \
            look until the dashboard ends. It listens on this machine only: from another one, use `ssh -L`.

            Examples:
              paylink dashboard
              paylink dashboard --port 8410 --zone Europe/Berlin --no-open
              paylink dashboard --allow-actions
            """)

    @Option(help: "Port; 0 takes a free one.") var port = 0
    @Flag(help: "Settle what is in doubt from the page; each decision is confirmed, and recorded.") var allowActions =
        false
    @Flag(help: "Do not open a browser.") var noOpen = false
    @Option(help: ArgumentHelp("Days begin at midnight there. (default: this machine's)", valueName: "zone")) var zone:
        String?
    @OptionGroup var own: LedgerAccountOptions

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port: \(port) is no port") }
        if let zone {
            do throws(CronProblem) { _ = try Zone(named: zone) } catch { throw ValidationError("--zone: \(error)") }
        }
    }

    func run() throws {
        let settings = try own.settings()
        let session = try LedgerSession(own.record, command: "dashboard")
        let scope = try own.scope(settings, session)
        session.store.close()
        let sources = try sources(
            scope, place: try own.record.place(), zone: try Zone(named: zone ?? Zone.systemName()))
        let dashboard: Dashboard
        do {
            let port = port
            dashboard = try blocking { try await Dashboard.start(sources, port: port) }
        } catch let error as LedgerError {
            throw LedgerSession.end(error)
        } catch let error as LocalServer.Failure {
            Terminal.message(error.message)
            throw ExitStatus.inputOutput.code
        }
        // Before anybody can know that it runs: who reads the line may end it at once.
        let interruption = Interruption(timeout: nil) { _ in Task { await dashboard.stop() } }
        let browser = noOpen ? nil : BrowserPage(address: dashboard.address)
        Terminal.output(dashboard.address)
        browser?.open()
        Terminal.write("Whoever has this address can look. Ctrl-C ends it.\n")
        try blocking { await dashboard.waitUntilStopped() }
        browser?.remove()
        interruption.end()
    }

    private func sources(_ scope: LedgerScope, place: LedgerPlace, zone: Zone) throws -> DashboardSources {
        var interval = Duration.milliseconds(250)
        if case .server = place { interval = .milliseconds(500) }
        return DashboardSources(
            scope: scope, zone: zone,
            open: { command throws(LedgerError) in
                try place.open(scope: scope, run: RunDescription(command: command), creates: false, words: .commands)
            },
            openJobs: { () throws(LedgerError) in
                try place.openJobs(command: "dashboard", creates: false, words: .commands)
            },
            schedules: Self.schedules, meaning: { JobText.ending($0) }, person: Person.login,
            allowsActions: allowActions,
            interval: interval, now: { JobClock.system.now })
    }

    /// The jobs of the crontab; none where there is no crontab to be read.
    private static func schedules() -> [JobSchedule] {
        guard let program = try? CrontabProgram(), let crontab = try? Crontab(parsing: try program.read()) else {
            return []
        }
        return crontab.jobs.compactMap { CronJob(name: $0.name, lines: $0.lines) }.map { job in
            JobSchedule(
                job: job.name, expression: job.expression.description, zone: job.zone, next: CronText.next(job, 3))
        }
    }
}
