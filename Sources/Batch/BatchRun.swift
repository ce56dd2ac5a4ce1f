// A batch from its table's rows to its files. Its phases, one after the other: mapping (if there is one), plan, making,
// results. What opens settings, ledger and client, what shows progress and what hears signals is given from outside.

import Console
import Ledger
import OneShotPay
import Recorder

/// Who watches a batch. Called from any thread.
package struct BatchWatcher: Sendable {
    package var progress: @Sendable (BatchProgress) -> Void = { _ in }
    /// Something that a person should hear of meanwhile.
    package var warn: @Sendable (String) -> Void = { _ in }

    package init() {}
}

/// What came of a batch, whatever ended it.
package struct BatchOutcome {
    package var summary = BatchSummary()
    /// Once every row has been looked at.
    package var plan: BatchPlan?
    /// About rows that the making came to nothing with.
    package var messages: [String] = []
    package var mappingFailure: MappingFailure?

    package init() {}

    /// Takes in why it ended early.
    package mutating func end(by error: any Error) {
        summary.end(by: error)
        mappingFailure = error as? MappingFailure
    }
}

/// A batch that is ready to run.
///
/// ```swift
/// let table = try BatchTable(path: "orders.csv", options: options)
/// let links = try BatchLinks(on: loop) { try RecordedLinks.open(…, on: $0) }
/// let run = BatchRun(table, options, links)
/// let outcome = run.run()
/// links.close(exitStatus: 0)
/// ```
package final class BatchRun: Sendable {
    private let table: BatchTable
    private let options: BatchOptions
    private let links: BatchLinks
    private let mapping: RowMapping?
    private let watcher: BatchWatcher

    /// - Parameter mapping: says what the rows become, for a table that was opened so.
    package init(
        _ table: BatchTable, _ options: BatchOptions, _ links: BatchLinks, mapping: RowMapping? = nil,
        watcher: BatchWatcher = BatchWatcher()
    ) {
        self.table = table
        self.options = options
        self.links = links
        self.mapping = mapping
        self.watcher = watcher
    }

    /// Ends it in an orderly way: what is under way may end by itself for a moment. May be called from any thread.
    package func interrupt() {
        links.interrupt()
        mapping?.stop()
    }

    /// Ends a mapping that computes and does not look up.
    package func interruptComputing() { mapping?.interrupt() }

    /// Runs it to its end, on a thread that may wait. To be called once.
    package func run() -> BatchOutcome {
        var outcome = BatchOutcome()
        do {
            let mapped = try mapping?.run(
                table.input, delimiter: table.style.delimiter, folders: table.temporaryFolders
            ) { [watcher] rows in watcher.progress(BatchProgress(.mapping, done: rows, total: nil)) }
            try run(RowReader(columns: table.columns, terms: options.terms, mapped: mapped), &outcome)
        } catch {
            outcome.end(by: error)
        }
        outcome.summary.possibleOrphans = links.figures.possibleOrphans + (outcome.plan?.interrupted ?? 0)
        return outcome
    }

    private func run(_ reader: RowReader, _ outcome: inout BatchOutcome) throws {
        // Why the files may not be written, if they may not. Rows that cannot be read have no key: then it is they
        // that are to be told of, not the results file.
        var refusal = options.isDryRun ? nil : Self.reason { () throws(BatchError) in try checkFiles() }
        let early = refusal == nil ? try earlyResults() : nil
        let (plan, keys) = try makePlan(reader, early, &outcome)
        if refusal == nil, !options.isDryRun, !options.replacesForeign, !reader.columns.isMapped {
            refusal = Self.reason { () throws(BatchError) in
                try table.files.checkKeys(reader.columns.key, among: keys, style: table.style)
            }
        }
        if let refusal, refusal.code != .outputFailed || plan.rejected == 0 || options.skipsInvalid { throw refusal }
        if plan.rejected > 0, !options.skipsInvalid, !options.isDryRun {
            if refusal == nil { try writeRejected(plan, MakeReport(), &outcome) }
            outcome.summary.end = .nothingSent
            return
        }
        try plan.check(maximumLinks: options.maximumLinks, maximumTotal: options.maximumTotal)
        if options.isDryRun {
            outcome.summary.end = plan.rejected > 0 ? .rejectedRows : .planned
            return
        }
        if plan.toDo == 0, let early {
            try early.commit()
            return try finish(plan, MakeReport(), missing: plan.inDoubt, &outcome)
        }
        early?.discard()
        let report = try make(plan, &outcome)
        guard report.stop == nil else { return }
        try finish(plan, report, missing: try writeResults(reader, plan, report), &outcome)
    }

    private static func reason(_ body: () throws(BatchError) -> Void) -> BatchError? {
        do throws(BatchError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    // MARK: Plan

    private func checkFiles() throws(BatchError) {
        try table.files.check(
            input: table.input, header: table.header, style: table.style, replacesForeign: options.replacesForeign)
    }

    /// Results that are written along with the plan, for the case that there is nothing left to make.
    private func earlyResults() throws -> ResultsWriter? {
        guard !options.isDryRun, case .file = table.files.results else { return nil }
        return try results()
    }

    private func results() throws -> ResultsWriter {
        ResultsWriter(try TableTarget(table.files.results), header: table.header, style: table.style)
    }

    private func makePlan(
        _ reader: RowReader, _ early: ResultsWriter?, _ outcome: inout BatchOutcome
    ) throws -> (BatchPlan, KeySet) {
        let check = BatchCheck(
            input: table.input, reader: reader, lookup: LedgerLookup(links.ledger, pause: links.pause),
            resendsInDoubt: links.resendsInDoubt, now: try links.unixTime(),
            folders: table.temporaryFolders, keepsOrders: !options.isDryRun, words: links.words,
            results: early)
        let plan = try check.run { rows, expected throws(BatchError) in
            try links.check()
            outcome.summary.rows = rows
            watcher.progress(BatchProgress(.checking, done: rows, total: expected))
        }
        outcome.plan = plan
        outcome.summary.add(plan, isDryRun: options.isDryRun)
        return (plan, check.keys)
    }

    // MARK: Making

    private func make(_ plan: BatchPlan, _ outcome: inout BatchOutcome) throws -> MakeReport {
        let report = plan.toDo > 0 ? try links.make(plan, of: table.input, options.making, watcher) : MakeReport()
        let figures = links.figures
        // What counts against the caps may be more: a link that may exist does, too.
        outcome.summary.made = min(report.done, figures.counted)
        outcome.summary.total = min(report.total, figures.total)
        outcome.summary.recorded += report.done - outcome.summary.made
        outcome.summary.unfinished =
            plan.inDoubt + plan.toDo - report.done - report.rejected.count - report.abandoned.count
        outcome.messages = report.messages
        outcome.summary.add(report)
        return report
    }

    // MARK: Results

    /// - Returns: how many rows have no link although they should have one.
    private func writeResults(_ reader: RowReader, _ plan: BatchPlan, _ report: MakeReport) throws -> Int {
        let results = BatchResults(
            input: table.input, reader: reader, lookup: LedgerLookup(links.ledger, pause: links.pause))
        return try results.write(
            to: try self.results(),
            isLeftOut: {
                ![.recorded, .toMake, .toLookUp, .inDoubt].contains(plan.marks[$0]) || report.rejected[$0] != nil
                    || report.abandoned[$0] != nil
            },
            progress: { rows in
                try links.check()
                watcher.progress(BatchProgress(.writing, done: rows, total: plan.rows))
            })
    }

    private func writeRejected(_ plan: BatchPlan, _ report: MakeReport, _ outcome: inout BatchOutcome) throws {
        let later = report.rejected.merging(report.abandoned) { reason, _ in reason }
        guard plan.rejected + plan.abandoned + later.count > 0 else {
            return table.files.removeOldRejected(style: table.style)
        }
        try RejectedWriter(input: table.input, header: table.header, style: table.style).write(
            to: .file(table.files.rejected), reasons: plan.reasons, later: later)
        outcome.summary.rejectedFile = table.files.rejected
    }

    private func finish(
        _ plan: BatchPlan, _ report: MakeReport, missing: Int, _ outcome: inout BatchOutcome
    ) throws {
        if case .file(let path) = table.files.results { outcome.summary.results = path }
        try writeRejected(plan, report, &outcome)
        if missing > 0 || report.unfinished > 0 {
            outcome.summary.end = .unfinished
            outcome.summary.unfinished = max(missing, report.unfinished)
        } else if outcome.summary.rejected > 0 {
            outcome.summary.end = .rejectedRows
        }
    }
}
