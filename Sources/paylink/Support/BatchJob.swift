// The course of a batch: check, make, write, and say how it ended.

import Batch
import CSV
import Glibc
import Ledger
import LuaRuntime
import OneShotPay
import Scripting

/// One batch, as the command line asked for it.
struct BatchJob {
    var path: String
    var terms = BatchTerms()
    var table = CSVOptions()
    var service = ServiceSettings()
    var making = BatchMaker.Settings()
    var out: String?
    var rejected: String?
    var maximumLinks: Int?
    var maximumTotal: Money?
    var skipsInvalid = false
    var isDryRun = false
    var replacesForeign = false
    var keepsFormulas = false
    var addsMark = false
    var usesSandbox = false
    var printsJSON = false
    var isQuiet = false
    /// The Lua file that says what each row is to become.
    var mapping: String?
    var mappingLimits = LuaLimits()
    var mappingIsolation = IsolationChoice.none

    init(path: String) { self.path = path }

    func run() -> ExitStatus {
        signal(SIGPIPE, SIG_IGN)
        Self.allowOpenFiles(making.concurrency + 128)
        let began = ContinuousClock.now
        let reporter = ProgressReporter(isQuiet ? .silent : .custom)
        var course = BatchCourse(job: self, reporter: reporter)
        var status = course.run()
        reporter.clear()
        course.summary.seconds = (ContinuousClock.now - began) / .seconds(1)
        if status == .inputOutput, StandardOutput.isAbandoned {
            course.summary.reason = nil
            status = .abandonedOutput
        }
        return tell(course) ? status : Console.lostOutput(status)
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
    private func tell(_ course: BatchCourse) -> Bool {
        let summary = course.summary
        let name = BatchText.short(path, limit: 200)
        if let plan = course.plan, plan.inDoubt > 0 {
            Console.write(BatchReport.doubts(plan, of: name) + "\n")
        }
        if let plan = course.plan, !plan.problems.isEmpty {
            Console.write(BatchReport.problems(plan, of: name, elsewhere: summary.rejectedFile) + "\n")
        }
        for message in course.messages { Console.write(Console.onOneLine("\(name): \(message)") + "\n") }
        if let failure = course.scriptFailure {
            failure.tell(limits: mappingLimits)
        } else if let reason = summary.reason {
            for line in reason.split(separator: "\n") { Console.message(Console.onOneLine(String(line))) }
        }
        if let advice = advice(summary) { Console.message(advice) }
        if !printsJSON, !isQuiet, course.plan != nil {
            Console.write(BatchReport.words(summary, of: name, isPlan: isDryRun) + "\n")
            if isDryRun, let plan = course.plan, plan.toMake > 0 { Console.write(BatchReport.sample(plan) + "\n") }
        }
        guard printsJSON else { return true }
        return Console.output(BatchReport.json(summary, course.plan, isDryRun: isDryRun))
    }

    private func advice(_ summary: BatchSummary) -> String? {
        switch summary.end {
        case .nothingSent: "nothing was sent; correct these rows, or leave them out with --skip-invalid"
        case .unfinished where summary.inDoubt > 0:
            "\(summary.inDoubt) row(s) are in doubt: their links may exist, and their payers might see them; paylink "
                + "ledger doubt list shows them, paylink ledger doubt resolve settles them; then run the same command again"
        case .unfinished, .ledgerBusy, .unreachable:
            "\(summary.unfinished) row(s) are unfinished: run the same command again; what is done is not done twice"
        case .interrupted where summary.rows > 0:
            "\(summary.made) of \(summary.toMake) link(s) were made; run the same command again to go on"
        case .planned: "dry run: nothing was sent or written"
        case .rejectedRows where isDryRun: "dry run: nothing was sent or written"
        default: nil
        }
    }
}
