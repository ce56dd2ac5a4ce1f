// A script as a job: its settings are read once, for the record's place, the monitor and every run.

import Advice
import Console
import Cron
import Glibc
import Jobs
import Ledger
import LuaRuntime
import OneShotPay
import Recorder
import Settings

extension ScriptJob {
    func run(as settings: JobSettings) -> ExitStatus {
        signal(SIGPIPE, SIG_IGN)
        if let zone = settings.zone { JobZone.take(zone) }
        let script: SettledScript
        let ledger: LedgerPlace
        do {
            script = try settled()
            ledger = try script.recordPlace()
        } catch let problems as SettingsProblems {
            return Terminal.problems(problems)
        } catch {
            Terminal.message("job \(settings.name): \((error as? LedgerError)?.message ?? "\(error)")")
            return .inputOutput
        }
        let runner = JobRunner(
            settings, transport: try? ((try? script.script.service.configuration()) ?? .init()).transportSettings(),
            isVerbose: (logLevel ?? .info) <= .debug, .ofThisProcess)
        let end = runner.run(ledger: ledger, exitStatus: { ExitStatus.of($0).rawValue }) { task in
            script.run(task, within: settings.maxRuntime).rawValue
        }
        return ExitStatus.of(end)
    }
}

extension SettledScript {
    /// Where runs are recorded: jobs outlive a process, so `:memory:` is no place for them.
    fileprivate func recordPlace() throws(LedgerError) -> LedgerPlace {
        let location = try script.service.ledgerLocation()
        return location == .memory ? .file(try ServiceSettings.defaultLedger()) : location.place
    }
}

extension JobSurroundings {
    static var ofThisProcess: JobSurroundings {
        JobSurroundings(
            isWatched: isatty(2) == 1,
            output: OutputBuffer(flush: { StandardOutput.flush() }, writeByLine: { StandardOutput.writeByLine() }),
            write: { Terminal.write($0) }, meaning: { JobText.ending($0) },
            words: .commands)
    }
}
