// The second look at the file: every row is read and compared with the ledger before anything is sent.

import CSV
import Ledger
package import OneShotPay
package import Scripting

/// What a batch would do, and everything that is wrong with its rows.
package struct BatchPlan {
    package var rows = 0
    /// Rows whose link is recorded already, with the same terms.
    package var recorded = 0
    package var toMake = 0
    /// What the links to make ask for together.
    package var total = Money.zero
    /// Up to five of the links to make.
    package var sample: [LinkOrder] = []
    package var rejected = 0
    /// The first problems, in the order of the file; `problemCount` counts all.
    package var problems: [RowProblem] = []
    package var problemCount = 0
    package var marks = RowMarks()
    /// What is wrong with each rejected row.
    package let spool = ProblemSpool()

    /// - Throws: ``BatchError`` with code `limit_reached` when it is more than was allowed.
    package func check(maximumLinks: Int?, maximumTotal: Money?) throws(BatchError) {
        if let maximumLinks, toMake > maximumLinks {
            throw BatchError(
                .limitReached,
                "\(toMake) links would be made, and --max-links allows \(maximumLinks); nothing was sent")
        }
        if let maximumTotal, total > maximumTotal {
            throw BatchError(
                .limitReached,
                "the links to make ask for \(total) USD in all, and --max-total allows \(maximumTotal); nothing was sent"
            )
        }
    }
}

/// Makes the plan. Runs on a thread that may wait for the ledger.
package final class BatchCheck {
    private static let chunkRows = 512
    private static let shownProblems = 20

    private let input: BatchInput
    private let reader: RowReader
    private let keys: BatchKeys
    private let lookup: LedgerLookup
    private let resendsInDoubt: Bool
    /// Unix seconds: what expires before it cannot be made any more.
    private let now: Int64
    private let json = JSONWriter()
    private var plan = BatchPlan()
    /// Written along as long as nothing is found that is still to be made.
    private var results: ResultsWriter?

    /// - Parameters:
    ///   - resendsInDoubt: `RetryPolicy.resendsCreatesInDoubt`.
    ///   - results: gets the rows; is of use afterwards only if nothing is to be made.
    package init(
        input: BatchInput, reader: RowReader, keys: BatchKeys, lookup: LedgerLookup, resendsInDoubt: Bool = true,
        now: Int64, results: ResultsWriter? = nil
    ) {
        self.input = input
        self.reader = reader
        self.keys = keys
        self.lookup = lookup
        self.resendsInDoubt = resendsInDoubt
        self.now = now
        self.results = results
    }

    /// - Parameter progress: called now and then with the number of rows seen; may throw to stop.
    /// - Throws: ``BatchError``, `LedgerError`.
    package func run(progress: (Int) throws -> Void) throws -> BatchPlan {
        plan.marks = RowMarks(capacity: keys.rows)
        let table = input.reader()
        var spare = Chunk()
        var pending: Chunk?
        var row = 0
        while try readNext(table, into: spare) {
            spare.firstRow = row
            row += spare.records.count
            try prepare(spare)
            if let earlier = pending {
                try finish(earlier)
                pending = spare
                spare = earlier
            } else {
                pending = spare
                spare = Chunk()
            }
            try progress(row)
        }
        if let pending { try finish(pending) }
        try input.checkUnchanged()
        plan.rows = row
        return plan
    }

    // MARK: Chunks

    /// Rows that are looked up together.
    private final class Chunk {
        enum Entry {
            case bad([RowProblem])
            case order(LinkOrder)
        }

        let records = CSVRecords()
        var firstRow = 0
        var entries: [Entry] = []
        var pending: LedgerLookup.Pending?
    }

    private func readNext(_ table: CSVReader, into chunk: Chunk) throws(BatchError) -> Bool {
        do { return try table.next(into: chunk.records, limit: Self.chunkRows) > 0 } catch {
            throw input.failure(error)
        }
    }

    /// Reads the rows of a chunk and sends their keys to the ledger.
    private func prepare(_ chunk: Chunk) throws(BatchError) {
        let records = chunk.records
        chunk.entries.removeAll(keepingCapacity: true)
        var keys: [String] = []
        keys.reserveCapacity(records.count)
        for record in 0..<records.count {
            let line = Int(records.lines[record])
            var problems: [RowProblem] = []
            if let fault = records.problem(ofRecord: record) {
                guard !fault.isFatal else {
                    throw BatchError(.badInput, "\(input.name): \(fault); what follows it cannot be read")
                }
                problems.append(RowProblem(fault, inRowAt: line))
            } else {
                if let first = self.keys.lineOfFirst(ofRow: chunk.firstRow + record) {
                    let key = BatchText.quoted(records.string(record, reader.columns.key))
                    problems.append(
                        .cell(
                            line, reader.columns.header[reader.columns.key], "\(key) is the key of line \(first), too"))
                }
                if let order = reader.order(records, record, &problems), problems.isEmpty {
                    keys.append(order.key ?? "")
                    chunk.entries.append(.order(order))
                    continue
                }
            }
            chunk.entries.append(.bad(problems))
        }
        chunk.pending = keys.isEmpty ? nil : lookup.begin(keys, elsewhere: true)
    }

    /// Takes in what the ledger says.
    private func finish(_ chunk: Chunk) throws {
        let answer = try chunk.pending?.wait() ?? LedgerLookup.Answer()
        if let other = answer.elsewhere.first { throw otherAccount(other, chunk) }
        var next = 0
        for (record, entry) in chunk.entries.enumerated() {
            let row = chunk.firstRow + record
            switch entry {
            case .bad(let problems):
                try reject(row, problems)
            case .order(let order):
                try take(order, chunk, record, answer.records[next])
                next += 1
            }
        }
    }

    // MARK: Rows

    private func take(_ order: LinkOrder, _ chunk: Chunk, _ record: Int, _ known: LinkRecord?) throws {
        let line = Int(chunk.records.lines[record])
        if let known, let refusal = refusal(order, known) {
            let place = "column \"\(BatchText.short(reader.columns.header[reader.columns.key]))\""
            return try reject(chunk.firstRow + record, [RowProblem(line: line, place: place, refusal.message)])
        }
        if let known, known.state == .done, let link = known.link {
            plan.recorded += 1
            plan.marks.append(.recorded)
            try results?.add(chunk.records, record, link)
            return
        }
        if case .at(let moment)? = order.expiry, moment <= now {
            let problem = "the link would be over before it was made: expires_at \(moment) is in the past"
            let column = reader.columns.expiresAt.map { "column \"\(BatchText.short(reader.columns.header[$0]))\"" }
            return try reject(chunk.firstRow + record, [RowProblem(line: line, place: column, problem)])
        }
        do throws(MoneyError) { plan.total = try plan.total.adding(order.request.amount) } catch {
            throw BatchError(.badInput, "\(input.name): line \(line): the sum of all amounts: \(error.message)")
        }
        results?.discard()
        results = nil
        plan.toMake += 1
        if plan.sample.count < 5 { plan.sample.append(order) }
        plan.marks.append(.toMake)
    }

    /// Why a row that is recorded can neither be taken as it is nor made.
    private func refusal(_ order: LinkOrder, _ known: LinkRecord) -> LinkFailure? {
        let key = order.key ?? ""
        guard known.state != .rejected else { return nil }
        let terms = order.terms(json)
        guard terms == known.terms else { return .otherTerms(key, recorded: known.terms, asked: terms) }
        if known.state == .abandoned { return .abandoned(key) }
        let mayResend = resendsInDoubt && order.request.payer == nil
        return known.isInDoubt && !mayResend ? .inDoubt(known) : nil
    }

    private func reject(_ row: Int, _ problems: [RowProblem]) throws(BatchError) {
        plan.rejected += 1
        plan.marks.append(.rejected)
        plan.problemCount += problems.count
        for problem in problems where plan.problems.count < Self.shownProblems { plan.problems.append(problem) }
        try plan.spool.append(row: row, problems.map(\.withoutLine).joined(separator: "; "))
    }

    private func otherAccount(_ other: (key: String, account: String), _ chunk: Chunk) -> BatchError {
        var line = 0
        for (record, entry) in chunk.entries.enumerated() {
            if case .order(let order) = entry, order.key == other.key { line = Int(chunk.records.lines[record]) }
        }
        return BatchError(
            .otherAccount,
            "\(input.name): line \(line): key \(BatchText.quoted(other.key)) is recorded under another account, "
                + "\(BatchText.short(other.account)), at the same address; nothing was sent. Use that account's "
                + "credentials, or another ledger if both accounts are to make these links")
    }
}

extension RowProblem {
    /// A fault of the file's form, as the problem of the row in which it lies.
    init(_ fault: CSVProblem, inRowAt line: Int) {
        let elsewhere = fault.line == line ? "" : "line \(fault.line), "
        self.init(line: line, place: "\(elsewhere)character \(fault.column)", fault.message)
    }
}
