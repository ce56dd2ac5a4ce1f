// What a batch tells at its end.

import Ledger
package import OneShotPay

/// The figures of a run, and why it ended.
package struct BatchSummary: Sendable {
    /// Stable names, for `--json`; the exit status follows from them.
    package enum End: String, Sendable, CaseIterable {
        case done
        /// A dry run without a bad row.
        case planned
        /// Rows were rejected; all others have their links, or are planned.
        case rejectedRows = "rejected_rows"
        /// Rows were rejected, so nothing was sent.
        case nothingSent = "nothing_sent"
        /// Rows are without a link that may still get one.
        case unfinished
        case unreachable
        /// The mapping did not load, failed as a whole, or gave no function.
        case scriptFailed = "script_failed"
        /// The mapping used up its time.
        case scriptLimit = "script_limit"
        case credentials
        case configuration
        case ledger
        case ledgerBusy = "ledger_busy"
        case usage
        case badInput = "bad_input"
        case inputOutput = "input_output"
        case limitReached = "limit_reached"
        case otherAccount = "other_account"
        case interrupted
    }

    package var rows = 0
    /// Links that this run made.
    package var made = 0
    /// Rows whose link was there before.
    package var recorded = 0
    /// Of these: rows whose link has expired, unpaid as far as is known.
    package var expired = 0
    /// Of these: rows whose link was paid short.
    package var underpaid = 0
    package var rejected = 0
    /// Rows that the mapping leaves out.
    package var skipped = 0
    /// Rows whose key a person gave up.
    package var abandoned = 0
    /// Rows without a link that may still get one.
    package var unfinished = 0
    /// Of the unfinished ones: those that a person must look into.
    package var inDoubt = 0
    /// What the links that this run made ask for together; in a plan, what those to make would.
    package var total = Money.zero
    /// In a plan: links to make.
    package var toMake = 0
    /// In a plan: links to look up by the id that an earlier request left behind.
    package var toLookUp = 0
    package var possibleOrphans = 0
    package var seconds = 0.0
    /// The files that were written.
    package var results: String?
    package var rejectedFile: String?
    package var end = End.done
    package var reason: String?

    package init() {}

    /// Takes in why the whole batch ended early.
    package mutating func end(by error: any Error) {
        switch error {
        case let error as BatchError: end(by: error)
        case let error as LedgerError: end(by: error)
        case let error as OneShotPayError: (end, reason) = (.configuration, error.message)
        case let error as MappingFailure:
            (end, reason) = (error.isLimit ? .scriptLimit : .scriptFailed, error.message)
        default: (end, reason) = (.inputOutput, "\(error)")
        }
    }

    private mutating func end(by error: BatchError) {
        reason = error.message
        end =
            switch error.code {
            case .usage: .usage
            case .badInput: .badInput
            case .inputFailed, .outputFailed: .inputOutput
            case .limitReached: .limitReached
            case .otherAccount: .otherAccount
            case .interrupted: .interrupted
            }
    }

    private mutating func end(by error: LedgerError) {
        reason = error.message
        end = error.code == .busy ? .ledgerBusy : .ledger
    }

    /// Takes in what the pass over the rows has found.
    mutating func add(_ plan: BatchPlan, isDryRun: Bool) {
        rows = plan.rows
        recorded = plan.recorded
        expired = plan.expired
        underpaid = plan.underpaid
        rejected = plan.rejected
        skipped = plan.skipped
        abandoned = plan.abandoned
        inDoubt = plan.inDoubt
        unfinished = plan.inDoubt
        toMake = plan.toMake
        toLookUp = plan.toLookUp
        if isDryRun { total = plan.total }
    }

    /// Takes in what became of the rows that were to be made.
    package mutating func add(_ report: MakeReport) {
        rejected += report.rejected.count
        abandoned += report.abandoned.count
        inDoubt += report.inDoubt
        switch report.stop {
        case .credentials(let text): (end, reason) = (.credentials, text)
        case .configuration(let text): (end, reason) = (.configuration, text)
        case .ledger(let code, let text): end(by: LedgerError(code, text))
        case .unreachable(let text):
            (end, reason) = (report.done == 0 && !report.mayHaveMade ? .unreachable : .unfinished, text)
        case .unreadable(let text): (end, reason) = (.unfinished, text)
        case .input(let error): end(by: error)
        case .interrupted: end(by: BatchError(.interrupted, "interrupted"))
        case nil: end = report.unfinished > 0 ? .unfinished : rejected > 0 ? .rejectedRows : .done
        }
    }
}
