// The phases of a batch, one after the other, on the thread that waits for them.

import Batch
import CSV
import Glibc
import Ledger
import OneShotPay
import Recorder
import Sandbox
import Scripting

/// A batch under way, and what is known of it.
struct BatchCourse {
    let job: BatchJob
    let reporter: ProgressReporter
    private(set) var plan: BatchPlan?
    private(set) var messages: [String] = []
    private(set) var scriptFailure: BatchMapping.Failure?
    var summary = BatchSummary()

    init(job: BatchJob, reporter: ProgressReporter) {
        self.job = job
        self.reporter = reporter
    }

    /// What the phases share.
    private struct Setting {
        var input: BatchInput
        var reader: RowReader
        /// The input's.
        var header: [String]
        var style: TableStyle
        var files: BatchFiles
        var session: BatchSession
    }

    /// Runs it to its end, whatever that is.
    mutating func run() -> ExitStatus {
        var sandbox: SandboxSession?
        defer { sandbox?.stop() }
        var session: BatchSession?
        var interruption: Interruption?
        do {
            // What can be wrong without a service is found out first.
            let input = try BatchInput(path: job.path, options: job.table)
            let (head, header, columns) = try readHeader(of: input)
            let style = TableStyle(
                of: head, sign: job.terms.decimalSign, keepsFormulas: job.keepsFormulas, addsMark: job.addsMark)
            let files = BatchFiles(
                input: job.path, results: job.out, rejected: job.rejected, isTrial: job.usesSandbox)
            if !job.usesSandbox || job.service.ledger != nil, case .file(let ledger) = try job.service.ledgerLocation()
            {
                try files.keepOff(SQLiteLedger.files(of: ledger), input: job.path)
            }
            let mapping = try job.mapping.map {
                try BatchMapping(
                    $0, limits: job.mappingLimits, isolation: job.mappingIsolation, service: job.service, reporter)
            }
            if job.usesSandbox { sandbox = try SandboxSession.start(SandboxOptions(payAfter: .seconds(2))) }
            let opened = try open(sandbox)
            session = opened
            interruption = Interruption(
                timeout: nil,
                gently: { stop in
                    opened.interrupt()
                    mapping?.stop(stop)
                },
                firmly: { mapping?.interrupt($0) })
            let mapped = try mapping?.run(input, delimiter: style.delimiter, beside: files)
            let setting = Setting(
                input: input, reader: RowReader(columns: columns, terms: job.terms, mapped: mapped),
                header: header, style: style, files: files, session: opened)
            try go(setting)
        } catch let error as BatchError {
            summary.end(by: error)
        } catch let error as LedgerError {
            summary.end(by: error)
        } catch let error as OneShotPayError {
            (summary.end, summary.reason) = (.configuration, error.message)
        } catch let failure as BatchMapping.Failure {
            scriptFailure = failure
            (summary.end, summary.reason) = (failure.end, failure.message)
        } catch {
            (summary.end, summary.reason) = (.inputOutput, "\(error)")
        }
        var status = ExitStatus.of(summary.end)
        if summary.end == .interrupted, let signal = interruption?.status { status = signal }
        if let session {
            let figures = session.figures
            summary.possibleOrphans = figures.possibleOrphans + (plan?.interrupted ?? 0)
            session.close(status)
        }
        interruption?.end()
        return status
    }

    // MARK: Before the first look

    /// - Returns: a reader that has read the header; the header without what an earlier run put behind rejected rows.
    private func readHeader(of input: BatchInput) throws -> (CSVReader, [String], BatchColumns) {
        let reader = input.reader()
        do { try reader.readHeader() } catch { throw input.failure(error) }
        let header = BatchColumns.withoutRejectedNames(reader.header)
        do throws(BatchError) {
            guard job.mapping != nil else {
                return (reader, header, try BatchColumns(header: header, terms: job.terms))
            }
            try BatchColumns.check(header)
            return (reader, header, .mapped)
        } catch {
            throw BatchError(error.code, "\(input.name): \(error.message)")
        }
    }

    private func open(_ sandbox: SandboxSession?) throws -> BatchSession {
        var service = job.service
        if let sandbox { service.baseURL = sandbox.server.baseURL }
        var configuration = try service.configuration()
        job.making.apply(to: &configuration)
        guard let credentials = try sandbox.map(\.credentials) ?? service.credentials() else {
            throw OneShotPayError(
                .invalidConfiguration,
                "no credentials: set ONESHOT_USER_ID and ONESHOT_API_TOKEN, or try it with --sandbox")
        }
        // The links of a sandbox in this process end with it, and so does their record.
        let isFleeting = sandbox != nil && service.ledger == nil
        var ledger = isFleeting ? .memory : try service.ledgerLocation()
        // A plan makes no ledger where there is none.
        if job.isDryRun, case .file(let path) = ledger, access(path, F_OK) != 0 { ledger = .memory }
        return try BatchSession(
            configuration: configuration, credentials: credentials, ledger: ledger,
            command: "batch \(BatchText.short(job.path))")
    }

    // MARK: Phases

    private mutating func go(_ setting: Setting) throws {
        let keys = try BatchKeys(
            setting.input, key: setting.reader.columns.key, mapped: setting.reader.mapped
        ) { [reporter] rows throws(BatchError) in
            try setting.session.check()
            reporter.update(BatchProgress(.checking, done: rows, total: nil))
        }
        summary.rows = keys.rows
        var refusal: BatchError?
        if job.isDryRun { return try go(setting, keys) }
        do throws(BatchError) {
            try setting.files.check(
                input: setting.input, header: setting.header,
                keyColumn: setting.reader.mapped == nil ? setting.reader.columns.key : nil, keys: keys.keys,
                style: setting.style, replacesForeign: job.replacesForeign)
        } catch {
            // Rows that cannot be read have no key: then it is they that are to be told of, not the results file.
            refusal = error
        }
        try go(setting, keys, refusal)
    }

    /// - Parameter refusal: why the files may not be written, if they may not.
    private mutating func go(_ setting: Setting, _ keys: BatchKeys, _ refusal: BatchError? = nil) throws {
        let results = refusal == nil ? try earlyResults(setting) : nil
        let plan = try check(setting, keys, results)
        if let refusal, refusal.code != .outputFailed || plan.rejected == 0 || job.skipsInvalid { throw refusal }
        if plan.rejected > 0, !job.skipsInvalid, !job.isDryRun {
            if refusal == nil { try writeRejected(setting, plan, MakeReport()) }
            summary.end = .nothingSent
            return
        }
        try plan.check(maximumLinks: job.maximumLinks, maximumTotal: job.maximumTotal)
        if job.isDryRun {
            summary.end = plan.rejected > 0 ? .rejectedRows : .planned
            return
        }
        if plan.toMake + plan.toLookUp == 0, let results {
            try results.commit()
            try finish(setting, plan, MakeReport(), missing: plan.inDoubt)
            return
        }
        results?.discard()
        let report = try make(setting, plan)
        guard report.stop == nil else { return }
        let missing = try writeResults(setting, plan, report)
        try finish(setting, plan, report, missing: missing)
    }

    /// Results that are written along with the check, for the case that there is nothing left to make.
    private func earlyResults(_ setting: Setting) throws -> ResultsWriter? {
        guard !job.isDryRun, case .file = setting.files.results else { return nil }
        return ResultsWriter(try TableTarget(setting.files.results), header: setting.header, style: setting.style)
    }

    private mutating func check(_ setting: Setting, _ keys: BatchKeys, _ results: ResultsWriter?) throws -> BatchPlan {
        let check = BatchCheck(
            input: setting.input, reader: setting.reader, keys: keys, lookup: LedgerLookup(setting.session.ledger),
            resendsInDoubt: setting.session.resendsInDoubt, now: Expiry.unixSeconds(after: .zero), results: results)
        let plan = try check.run { [reporter] rows in
            try setting.session.check()
            reporter.update(BatchProgress(.checking, done: rows, total: keys.rows))
        }
        self.plan = plan
        summary.recorded = plan.recorded
        summary.expired = plan.expired
        summary.rejected = plan.rejected
        summary.skipped = plan.skipped
        summary.abandoned = plan.abandoned
        summary.inDoubt = plan.inDoubt
        summary.unfinished = plan.inDoubt
        summary.toMake = plan.toMake
        summary.toLookUp = plan.toLookUp
        if job.isDryRun { summary.total = plan.total }
        return plan
    }

    private mutating func make(_ setting: Setting, _ plan: BatchPlan) throws -> MakeReport {
        var report = MakeReport()
        if plan.toMake + plan.toLookUp > 0 {
            report = try setting.session.make(setting.input, setting.reader, plan, job.making, reporter)
        }
        let figures = setting.session.figures
        // What counts against the caps may be more: a link that may exist does, too.
        summary.made = min(report.done, figures.counted)
        summary.total = min(report.total, figures.total)
        summary.recorded += report.done - summary.made
        summary.unfinished =
            plan.inDoubt + plan.toMake + plan.toLookUp - report.done - report.rejected.count
            - report.abandoned.count
        messages = report.messages
        summary.add(report)
        return report
    }

    private func writeResults(_ setting: Setting, _ plan: BatchPlan, _ report: MakeReport) throws -> Int {
        let writer = ResultsWriter(
            try TableTarget(setting.files.results), header: setting.header, style: setting.style)
        let results = BatchResults(
            input: setting.input, reader: setting.reader, lookup: LedgerLookup(setting.session.ledger))
        return try results.write(
            to: writer,
            isLeftOut: {
                ![.recorded, .toMake, .toLookUp, .inDoubt].contains(plan.marks[$0]) || report.rejected[$0] != nil
                    || report.abandoned[$0] != nil
            },
            progress: { [reporter, summary] rows in
                try setting.session.check()
                reporter.update(BatchProgress(.writing, done: rows, total: summary.rows))
            })
    }

    private mutating func writeRejected(_ setting: Setting, _ plan: BatchPlan, _ report: MakeReport) throws {
        let later = report.rejected.merging(report.abandoned) { reason, _ in reason }
        guard plan.rejected + plan.abandoned + later.count > 0 else {
            setting.files.removeOldRejected(style: setting.style)
            return
        }
        try RejectedWriter(input: setting.input, header: setting.header, style: setting.style).write(
            to: .file(setting.files.rejected), spool: plan.spool, later: later)
        summary.rejectedFile = setting.files.rejected
    }

    private mutating func finish(_ setting: Setting, _ plan: BatchPlan, _ report: MakeReport, missing: Int) throws {
        if case .file(let path) = setting.files.results { summary.results = path }
        try writeRejected(setting, plan, report)
        if missing > 0 || report.unfinished > 0 {
            summary.end = .unfinished
            summary.unfinished = max(missing, report.unfinished)
        } else if summary.rejected > 0 {
            summary.end = .rejectedRows
        }
    }
}
