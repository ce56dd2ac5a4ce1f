// Running one script to its end: its text, the service or a sandbox, signals, the time limit, and the report.

import Advice
import Console
import Dispatch
import Glibc
import Jobs
import Ledger
import LuaRuntime
import NIOCore
import NIOPosix
import OneShotPay
import Recorder
import Sandbox
import Scripting
import Settings

/// One script to run, as the command line asked for it.
struct ScriptJob {
    enum Input {
        /// A path, or "-" for standard input.
        case file(String, arguments: [String])
        case code(String, arguments: [String])
    }

    var input: Input
    var service = ServiceSettings()
    /// Use a sandbox inside this process, whose payer pays after so long.
    var sandbox: SandboxOptions?
    var timeout: Duration?
    var options: ScriptOptions
    var limits = CreationLimits()
    /// What flags say of these; without one, a settings file may.
    var memory: Int?
    var maxBusy: Duration?
    var isolation: IsolationChoice?
    var logLevel: LogLevel?
    var retryFor: Duration?
    /// Tell of every look of a wait, and of what the waits cost.
    var isVerbose = false
    /// Shows how a watch stands.
    var monitor: WatchMonitor?
    /// Makes the status of the whole out of the script's.
    var judge: @Sendable (ExitStatus) -> ExitStatus = { $0 }
    /// Folders besides the script's own and the working directory.
    var readable: [String] = []
    var writable: [String] = []
    /// What the settings files say of it that somebody should hear, once it runs.
    var notes: [String] = []
    /// A prompt, which the script comes before.
    var isPrompt = false
    /// The run of a job that it is.
    var task: JobTask?
    /// Told, from another thread, before the process ends because the script sits in a call that does not return.
    var beforeGivingUp: @Sendable (ExitStatus) -> Void = { _ in }

    init(_ input: Input) {
        self.input = input
        switch input {
        case .file(_, let arguments), .code(_, let arguments): options = ScriptOptions(arguments: arguments)
        }
    }

    /// `paylink run FILE [ARGUMENT…]` with no option before the file, as a shebang line or cron has it: nothing is
    /// left to parse, and building the parser is more than half of the time that an empty script takes.
    init?(plain arguments: [String]) {
        guard arguments.count >= 3, arguments[1] == "run", let first = arguments[2].utf8.first,
            first != UInt8(ascii: "-")
        else { return nil }
        self.init(.file(arguments[2], arguments: Array(arguments.dropFirst(3))))
    }

    func run() -> ExitStatus {
        do throws(SettingsProblems) { return try settled().run() } catch { return Terminal.problems(error) }
    }

    /// With what the settings files say, which are read here and never again.
    func settled() throws(SettingsProblems) -> SettledScript {
        var job = self
        try job.applySettings()
        return SettledScript(job)
    }

    fileprivate func runAsSet() -> ExitStatus {
        signal(SIGPIPE, SIG_IGN)
        notes.forEach(Terminal.message)
        let source: ScriptSource
        do throws(ScriptFile.Problem) {
            switch input {
            case .file(let path, _): source = try ScriptFile.load(path)
            case .code(let code, _): source = ScriptFile.inline(code)
            }
        } catch {
            Terminal.message(error.message)
            return error.status
        }
        var session: SandboxSession?
        defer { session?.stop() }
        let runner: ScriptRunner
        do {
            if let sandbox { session = try SandboxSession.start(sandbox) }
            runner = try scriptRunner(session, source)
        } catch let refusal as Refusal {
            Terminal.message(refusal.message)
            return .usage
        } catch let error as LedgerError {
            Terminal.message(error.message)
            return .inputOutput
        } catch {
            Terminal.message("\(error)")
            return .configuration
        }
        let status = isPrompt ? prompt(source, runner, session?.server) : run(source, runner)
        return StandardOutput.flush() ? status : Terminal.lostOutput(status)
    }

    /// Which option would allow more.
    func hint(_ failure: ScriptFailure) -> String? {
        if failure.message.hasSuffix("not enough memory") {
            return "the script may use \(options.limits.memory >> 20) MB; --memory allows more"
        }
        return failure.stop == .stretch ? "--max-busy allows more" : nil
    }

    private func scriptRunner(_ session: SandboxSession?, _ source: ScriptSource) throws -> ScriptRunner {
        var service = service
        if let session { service.baseURL = session.server.baseURL }
        let configuration = try service.configuration()
        let credentials: Credentials?
        if let session {
            credentials = session.credentials
        } else {
            credentials = try service.credentials()
        }
        var options = options
        options.words = .commands
        options.isDryRun = limits.isDryRun
        options.whenStuck = GivingUp.stuck(source.name, limit: options.limits.stretch) { [beforeGivingUp] in
            beforeGivingUp(.timeLimit)
        }
        options.mail.caFile = options.mail.caFile ?? configuration.caFile
        let isolation = isolation ?? (options.isUntrusted ? .process : IsolationChoice.none)
        options.isolation = isolation.isolation(
            isUntrusted: options.isUntrusted, processorTime: timeout.map { $0 + .seconds(5) }, name: source.name)
        if !options.isUntrusted {
            options.files = FileAccess(
                own: [".", source.directory ?? "."], readable: readable, writable: writable)
            if !isPrompt || source.isFile { HomeFolder.warn(source) }
        }
        let monitor = monitor
        if let monitor, monitor.draws {
            StandardOutput.writeByFlush()
            options.beforeOutput = { monitor.clear() }
        }
        if isVerbose {
            options.waitObserver = { report in
                monitor?.clear()
                WaitReporter.tell(report)
            }
        }
        if options.offersBenchCalls { options.crossingsObserver = { Terminal.message("crossings: \($0)") } }
        var runner = ScriptRunner(configuration: configuration, credentials: credentials, options: options) {
            monitor?.clear()
            Terminal.log($0)
        }
        if isVerbose || options.offersBenchCalls { runner.waitSummary = { WaitReporter.summarise($0) } }
        runner.limits = limits
        // The links of a sandbox in this process end with it, and so does their record.
        let isFleeting = session != nil && service.ledger == nil
        if isFleeting || credentials == nil {
            runner.ledger = .memory
        } else {
            runner.ledger = options.isUntrusted ? try untrustedLedger(source) : try service.ledgerLocation()
        }
        if let monitor, monitor.draws, let credentials {
            let scope = LedgerScope(
                account: credentials.userID, baseURL: try configuration.checkoutBaseURL())
            monitor.show(ReceivedToday(runner.ledger.place, scope))
        }
        if let task, !options.isUntrusted, runner.ledger != .memory { runner.openedLedger = task.ledger }
        runner.options.files.reserved = service.reservedFiles(beside: directory, ledger: runner.ledger)
        if case .file(let path, _) = input, path != "-" { runner.options.files.running = [path] }
        return runner
    }

    private func interruption(_ control: ScriptControl, _ source: ScriptSource) -> Interruption {
        Interruption(
            timeout: timeout, gently: { control.stop($0) }, firmly: { control.interrupt($0) },
            atLast: { [beforeGivingUp] stop in
                // It sits in a read or a write that does not return.
                Terminal.message(
                    "\(source.name): \(stop == .deadline ? "not done within the time limit" : "interrupted"); ended while it was blocked"
                )
                beforeGivingUp(stop == .deadline ? .timeLimit : .interrupted)
            })
    }

    /// A watch takes nothing new, and gives the follow-ups under way ten seconds.
    private func watchInterruption(_ control: ScriptControl) -> Interruption {
        let monitor = monitor
        return Interruption(timeout: timeout) { stop in
            monitor?.stopping(limit: .seconds(10))
            control.finish()
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(10)) { control.stop(stop) }
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(10_100)) { control.interrupt(stop) }
        }
    }

    /// Runs the script on a loop of its own and reports how it failed.
    private func run(_ source: ScriptSource, _ runner: ScriptRunner) -> ExitStatus {
        let control = ScriptControl(MultiThreadedEventLoopGroup(numberOfThreads: 1).next())
        let interruption = options.watch == nil ? interruption(control, source) : watchInterruption(control)
        defer { interruption.end() }
        do {
            let result = try control.start(runner, source).wait()
            monitor?.clear()
            switch result {
            case .finished(let status):
                if options.watch != nil, status == 0, let signal = interruption.status {
                    Terminal.message("\(source.name): ended by a signal; every follow-up under way has finished")
                    return signal
                }
                return status == 0 ? .done : .chosen(status)
            case .failed(let failure):
                Terminal.failure(failure, source: source, hint: hint(failure))
                return ExitStatus.of(failure)
            case .stopped(.deadline):
                Terminal.message("\(source.name): not done within the time limit; ended")
                return .timeLimit
            case .stopped:
                Terminal.message("\(source.name): interrupted; every task was ended")
                return interruption.status ?? .interrupted
            }
        } catch let failure as ScriptFailure {
            Terminal.failure(failure, source: source)
            return failure.stop == nil ? .internalError : ExitStatus.of(failure)
        } catch {
            Terminal.message("\(error)")
            return .internalError
        }
    }
}

/// A script with its settings: nothing of them is looked up any more.
struct SettledScript {
    let script: ScriptJob

    fileprivate init(_ script: ScriptJob) { self.script = script }

    func run() -> ExitStatus { script.judge(script.runAsSet()) }

    /// Runs it as a run of a job.
    func run(_ task: JobTask, within limit: Duration?) -> ExitStatus {
        var script = script
        script.task = task
        script.options.job = JobFacts(
            job: task.start.job, id: task.id, slot: task.start.slot, slotText: task.start.slotText,
            missed: task.missed, missedCount: task.start.missed)
        script.timeout = [script.timeout, limit].compactMap { $0 }.min()
        script.beforeGivingUp = { task.giveUp($0.rawValue) }
        return SettledScript(script).run()
    }
}
