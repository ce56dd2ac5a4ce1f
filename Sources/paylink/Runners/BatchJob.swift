// One batch, as the command line asked for it: opens what a BatchRun needs, lets it run, and says how it ended.

import Batch
import Console
import Glibc
import Ledger
import LuaRuntime
import NIOPosix
import OneShotPay
import Recorder
import Sandbox
import Scripting

struct BatchJob {
    var path: String
    var options = BatchOptions()
    var service = ServiceSettings()
    var usesSandbox = false
    var printsJSON = false
    var isQuiet = false
    var mapping: BatchMapping?

    init(path: String) { self.path = path }

    func run() -> ExitStatus {
        signal(SIGPIPE, SIG_IGN)
        Self.allowOpenFiles(options.making.concurrency + 128)
        let began = ContinuousClock.now
        let reporter = ProgressReporter(isQuiet ? .silent : .custom)
        var (outcome, status) = run(reporter)
        reporter.clear()
        outcome.summary.seconds = (ContinuousClock.now - began) / .seconds(1)
        if status == .inputOutput, StandardOutput.isAbandoned {
            outcome.summary.reason = nil
            status = .abandonedOutput
        }
        return tell(outcome) ? status : Terminal.lostOutput(status)
    }

    private func run(_ reporter: ProgressReporter) -> (BatchOutcome, ExitStatus) {
        var outcome = BatchOutcome()
        var sandbox: SandboxSession?
        defer { sandbox?.stop() }
        do {
            // What can be wrong without a service is found out first.
            let table = try BatchTable(path: path, options: options, isMapped: mapping != nil)
            if !usesSandbox || service.ledger != nil, case .file(let ledger) = try service.ledgerLocation() {
                try table.files.keepOff(SQLiteLedger.files(of: ledger), input: path)
            }
            let mapping = try self.mapping?.open(service, reporter)
            if usesSandbox { sandbox = try SandboxSession.start(SandboxOptions(payAfter: .seconds(2))) }
            let links = try open(sandbox)
            var watcher = BatchWatcher()
            watcher.progress = { reporter.update($0) }
            watcher.warn = { warning in
                reporter.clear()
                Terminal.message(warning)
            }
            let run = BatchRun(table, options, links, mapping: mapping, watcher: watcher)
            let interruption = Interruption(
                timeout: nil, gently: { _ in run.interrupt() }, firmly: { _ in run.interruptComputing() })
            defer { interruption.end() }
            outcome = run.run()
            let signal = outcome.summary.end == .interrupted ? interruption.status : nil
            let status = signal ?? ExitStatus.of(outcome.summary.end)
            links.close(exitStatus: status.rawValue)
            return (outcome, status)
        } catch {
            outcome.end(by: error)
        }
        return (outcome, ExitStatus.of(outcome.summary.end))
    }

    private func open(_ sandbox: SandboxSession?) throws -> BatchLinks {
        var service = service
        if let sandbox { service.baseURL = sandbox.server.baseURL }
        var configuration = try service.configuration()
        options.making.apply(to: &configuration)
        guard let credentials = try sandbox.map(\.credentials) ?? service.credentials() else {
            throw OneShotPayError(
                .invalidConfiguration,
                "no credentials: set ONESHOT_USER_ID and ONESHOT_API_TOKEN, or try it with --sandbox")
        }
        // The links of a sandbox in this process end with it, and so does their record.
        let isFleeting = sandbox != nil && service.ledger == nil
        var ledger = isFleeting ? .memory : try service.ledgerLocation()
        // A plan makes no ledger where there is none.
        if options.isDryRun, case .file(let path) = ledger, access(path, F_OK) != 0 { ledger = .memory }
        let command = "batch \(ShownText.short(path))"
        return try BatchLinks(on: MultiThreadedEventLoopGroup(numberOfThreads: 1).next()) {
            [configuration, ledger] loop in
            try RecordedLinks.open(
                configuration: configuration, credentials: credentials, ledger: ledger, command: command,
                words: .commands, on: loop)
        }
    }

    /// Raises the process's limit of open files, as far as it may: every connection is one.
    private static func allowOpenFiles(_ count: Int) {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(count) else { return }
        limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
        setrlimit(resource, &limit)
    }

    /// False when standard output could not be written.
    private func tell(_ outcome: BatchOutcome) -> Bool {
        let name = ShownText.short(path, limit: 200)
        let entries = BatchReport.entries(
            outcome, of: name, isPlan: options.isDryRun, hasFigures: !printsJSON && !isQuiet)
        for entry in entries {
            switch entry {
            case .text(let text): Terminal.write(text + "\n")
            case .message(let text): Terminal.message(text)
            case .mapping(let failure): mapping?.tell(failure)
            }
        }
        guard printsJSON else { return true }
        return Terminal.output(BatchReport.json(outcome.summary, outcome.plan, isDryRun: options.isDryRun))
    }
}
