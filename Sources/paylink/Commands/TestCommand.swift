// `paylink test`: tests of scripts, each in a world of its own on one clock that jumps.

import ArgumentParser
import Batch
import Console
import Cron
import Files
import Glibc
import Jobs
import LuaRuntime
import Scripting
import TestWorld

struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Test scripts: service, other hosts, mail and time are made up.",
        usage: "paylink test [<options>] [<paths> ...]",
        discussion: """
            Runs *_test.lua and *_spec.lua below the paths. They have busted's words (describe, it, assert.equal, spies) and \
            `world`: world.run("checkout.lua"), world.pay("order-1", { after = "3d" }), world.advance, world.http, \
            world.outbox and others; see docs/testing.md. Nothing is sent anywhere, and three days take milliseconds.

            Examples:
              paylink test                             every test below this folder
              paylink test checkout_test.lua --filter "after three days"
              paylink test --format junit > report.xml
              paylink test --coverage --lcov coverage.info

            Exit status: 0 all passed, 1 some failed, 65 no test was found.
            """)

    @Option(help: ArgumentHelp("Only tests whose name contains this.", valueName: "text"))
    var filter: String?

    @Option(help: ArgumentHelp("Only tests with one of these tags, such as slow,wire.", valueName: "tags"))
    var tags: String?

    @Option(help: ArgumentHelp("No tests with one of these tags.", valueName: "tags"))
    var excludeTags: String?

    @Option(help: "How results are written.")
    var format: TestFormat = .lines

    @Option(help: ArgumentHelp("How many run at once. (default: one for each processor)", valueName: "n"))
    var jobs: Int?

    @Option(help: ArgumentHelp("What chance follows from: ids, pauses, faults.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("How long one test may take on this machine. (default: 60s)", valueName: "duration"))
    var timeout: DurationArgument?

    @Option(help: ArgumentHelp("The zone of os.date in every world.", valueName: "zone"))
    var zone = "UTC"

    @Flag(help: "Tell which lines of the scripts below the paths the tests have run, and which they have not.")
    var coverage = false

    @Option(help: ArgumentHelp("Write how often each line ran to this file, in lcov's format.", valueName: "file"))
    var lcov: String?

    @Flag(help: "Run again whenever a Lua file below the paths changes.")
    var watch = false

    @Argument(help: "Files and folders; the working directory if absent.")
    var paths: [String] = []

    func validate() throws {
        if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs: \(jobs) is not between 1 and 256") }
        try timeout?.problem("--timeout").map { throw $0 }
        if let problem = lcov.flatMap(CoverageReport.problem) { throw ValidationError("--lcov: \(problem)") }
    }

    func run() throws {
        do throws(CronProblem) { JobZone.take(try Zone(named: zone)) } catch {
            throw ValidationError("--zone: \(error)")
        }
        var status = runOnce()
        if watch {
            var watcher = TestWatcher(paths.isEmpty ? ["."] : paths)
            while true {
                Terminal.message("waiting for a change; ^C ends")
                watcher.waitForChange()
                status = runOnce()
            }
        }
        if status != .done { throw status.code }
    }

    private func runOnce() -> ExitStatus {
        var files: [ScriptSource] = []
        var unreadable: [TestSession.Event] = []
        do throws(TestFiles.Problem) {
            for path in try TestFiles.find(paths.isEmpty ? ["."] : paths) {
                do throws(ScriptFile.Problem) { files.append(try ScriptFile.load(path)) } catch {
                    unreadable.append(.unusable(file: path, reason: error.message))
                }
            }
        } catch {
            Terminal.message(error.message)
            return .usage
        }
        let session = TestSession(settings, options)
        let printer = TestPrinter(format, seed: seed)
        let (cases, others) = session.plan(files)
        let unusable = unreadable + others
        guard !cases.isEmpty || !unusable.isEmpty else {
            let place = paths.isEmpty ? "the working directory" : paths.joined(separator: ", ")
            let what =
                filter != nil || tags != nil || excludeTags != nil ? "that is wanted" : "in *_test.lua or *_spec.lua"
            Terminal.message("no test \(what) was found below \(place)")
            return .badInput
        }
        printer.begin(cases.count + unusable.count)
        for event in unusable { printer.tell(event) }
        session.run(cases) { printer.tell(.ran($0, $1)) }
        guard printer.end() else { return Terminal.lostOutput() }
        guard tellCoverage(of: files, printer) else { return .inputOutput }
        return printer.hasFailures ? .scriptFailed : .done
    }

    /// False when it could not be written.
    private func tellCoverage(of tests: [ScriptSource], _ printer: TestPrinter) -> Bool {
        guard countsLines else { return true }
        let scripts = try? TestFiles.find(paths.isEmpty ? ["."] : paths) {
            $0.hasSuffix(".lua") && !TestFiles.isTest($0)
        }
        let isTest = Set(tests.map { CoverageReport.place($0.name) }).contains
        let report = CoverageReport(
            printer.lines, besides: scripts ?? [], leavingOut: { TestFiles.isTest($0) || isTest($0) })
        if coverage { printer.tell(report.table) }
        do throws(AtomicFile.Failure) { try lcov.map(report.writeTracefile) } catch {
            Terminal.message("--lcov: \(error)")
            return false
        }
        return true
    }

    private var countsLines: Bool { coverage || lcov != nil }

    private var options: TestSession.Options {
        var options = TestSession.Options()
        options.filter = filter
        options.tags = Self.words(tags)
        options.excludedTags = Self.words(excludeTags)
        options.jobs = jobs ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        if let timeout { options.limit = timeout.duration }
        return options
    }

    private var settings: TestWorld.Settings {
        var settings = TestWorld.Settings { path throws(WorldFailure) in
            do throws(ScriptFile.Problem) { return try ScriptFile.load(path) } catch {
                throw WorldFailure(error.message)
            }
        }
        settings.seed = seed
        settings.countsLines = countsLines
        settings.words = .commands
        settings.batchEnd = { outcome, name, isPlan in
            let entries = BatchReport.entries(outcome, of: name, isPlan: isPlan, hasFigures: true)
            return (ExitStatus.of(outcome.summary.end).rawValue, entries.map { "\($0.words)\n" }.joined())
        }
        settings.exitStatus = { result in
            switch result {
            case .finished(let status): status
            case .failed(let failure): ExitStatus.of(failure).rawValue
            case .stopped: ExitStatus.interrupted.rawValue
            }
        }
        return settings
    }

    private static func words(_ list: String?) -> Set<String> {
        Set((list ?? "").split { $0 == "," || $0 == " " }.map { String($0.drop { $0 == "#" }) })
    }
}
