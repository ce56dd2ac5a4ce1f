// The one pass over the rows: each is read, and compared with the ledger, before anything is sent.
// What comes of it is a BatchPlan; which keys are there twice is found in BatchKeys.swift.

package import Advice
import CSV
import Console
import JSON
import Ledger
import OneShotPay
import Recorder

/// Makes the plan. Runs on a thread that may wait for the ledger.
package final class BatchCheck {
    private static let chunkRows = 512
    private static let shownProblems = 20

    private let input: BatchInput
    private let reader: RowReader
    private let lookup: LedgerLookup
    private let resendsInDoubt: Bool
    /// Unix seconds: what expires before it cannot be made any more.
    private let now: Int64
    private let words: AdviceWords
    private let json = JSONWriter()
    private let terms: TermsCursor
    private var seen = SeenKeys()
    private var plan: BatchPlan
    /// Whether the orders of rows to make are kept.
    private let keepsOrders: Bool
    /// Written along as long as nothing is found that is still to be made.
    private var results: ResultsWriter?

    /// - Parameters:
    ///   - resendsInDoubt: `RetryPolicy.resendsCreatesInDoubt`.
    ///   - folders: where rows that are too many for the memory may lie.
    ///   - keepsOrders: false in a dry run, which makes nothing.
    ///   - words: what messages call the means that they advise.
    ///   - results: gets the rows; is of use afterwards only if nothing is to be made.
    package init(
        input: BatchInput, reader: RowReader, lookup: LedgerLookup, resendsInDoubt: Bool = true, now: Int64,
        folders: [String] = ["/tmp"], keepsOrders: Bool = true, words: AdviceWords = .neutral,
        results: ResultsWriter? = nil
    ) {
        self.input = input
        self.reader = reader
        self.lookup = lookup
        self.resendsInDoubt = resendsInDoubt
        self.now = now
        self.keepsOrders = keepsOrders
        self.words = words
        self.results = results
        plan = BatchPlan(folders: folders)
        terms = TermsCursor(input, reader.mapped)
    }

    /// - Parameter progress: called now and then with the number of rows seen, and about how many there are, as far as
    ///   the size of the file tells; may throw to stop.
    /// - Throws: ``BatchError``, `LedgerError`.
    package func run(progress: (_ seen: Int, _ expected: Int?) throws(BatchError) -> Void) throws -> BatchPlan {
        let table = input.reader()
        var spare = Chunk()
        var pending: Chunk?
        while try readNext(table, into: spare) {
            spare.firstRow = plan.rows
            try prepare(spare) { () throws(BatchError) in try progress(plan.rows, nil) }
            plan.rows += spare.records.count
            if let earlier = pending {
                try finish(earlier)
                pending = spare
                spare = earlier
            } else {
                pending = spare
                spare = Chunk()
            }
            let share = Double(table.bytesRead) / Double(max(1, input.size))
            try progress(plan.rows, share > 0 ? max(plan.rows, Int(Double(plan.rows) / share)) : nil)
        }
        if let pending { try finish(pending) }
        try input.checkUnchanged()
        return plan
    }

    /// Every key of the file, once it has run.
    package var keys: KeySet { seen.all }

    // MARK: Chunks

    /// Rows that are looked up together.
    private final class Chunk {
        enum Entry {
            case bad([RowProblem])
            case skipped
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
    /// - Parameter check: called while the whole file is searched for keys that are there twice.
    private func prepare(_ chunk: Chunk, check: () throws(BatchError) -> Void) throws(BatchError) {
        let records = chunk.records
        chunk.entries.removeAll(keepingCapacity: true)
        var keys: [String] = []
        keys.reserveCapacity(records.count)
        for record in 0..<records.count {
            let line = Int(records.lines[record])
            let place = try terms.take(records, record)
            if let fault = records.problem(ofRecord: record) {
                guard !fault.isFatal else {
                    throw BatchError(.badInput, "\(input.name): \(fault); what follows it cannot be read")
                }
                chunk.entries.append(.bad([RowProblem(fault, inRowAt: line)]))
                continue
            }
            var problems: [RowProblem] = []
            let key = place.records.field(place.record, reader.columns.key)
            let first = try seen.lineOfFirst(with: key, row: chunk.firstRow + record) { () throws(BatchError) in
                try BatchKeys(input, key: reader.columns.key, mapped: reader.mapped, check: check)
            }
            if let first {
                let message = "\(ShownText.quoted(key)) is the key of line \(first), too"
                problems.append(RowProblem(line: line, place: reader.columns.place(reader.columns.key), message))
            }
            switch reader.read(place, line: line) {
            case .order(let order) where problems.isEmpty:
                keys.append(order.key ?? "")
                chunk.entries.append(.order(order))
                continue
            case .order: break
            case .skipped:
                chunk.entries.append(.skipped)
                continue
            case .bad(let found): problems += found
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
            switch entry {
            case .bad(let problems):
                try reject(chunk.firstRow + record, problems)
            case .skipped:
                plan.skipped += 1
                plan.marks.append(.skipped)
            case .order(let order):
                try take(order, chunk, record, answer.records[next])
                next += 1
            }
        }
    }

    // MARK: Rows

    private func take(_ order: LinkOrder, _ chunk: Chunk, _ record: Int, _ known: LinkRecord?) throws {
        let line = Int(chunk.records.lines[record])
        let row = chunk.firstRow + record
        let terms = known != nil || keepsOrders ? order.terms(json) : ""
        if let known {
            // What a claim would be answered, by the rules that will decide it.
            let resends = resendsInDoubt && order.request.payer == nil
            switch known.answer(toClaimOf: terms, resendsInDoubt: resends) {
            case .recorded(let found):
                guard let link = found.link else { break }
                plan.recorded += 1
                let isOver = link.status == .active && link.expiresAt.map { $0 <= now } ?? false
                if isOver || link.isOverUnpaid { plan.expired += 1 }
                if link.missing != nil { plan.underpaid += 1 }
                plan.marks.append(.recorded)
                try results?.add(chunk.records, record, link)
                return
            case .otherTerms(let record):
                let failure = LinkFailure.otherTerms(order.key ?? "", recorded: record.terms, asked: terms)
                let place = reader.columns.place(reader.columns.key)
                return try reject(row, [RowProblem(line: line, place: place, failure.message)])
            case .abandoned: return try abandon(row, line, LinkFailure.abandoned(order.key ?? "", words))
            case .inDoubt(let record) where record.knownID == nil: return wait(line, .inDoubt(record, words))
            case .inDoubt:
                // An earlier request left the link's id behind: it is looked up, and nothing is sent again.
                plan.toLookUp += 1
                return try keep(order, terms, row, line, as: .toLookUp)
            case .granted where known.state == .sent: plan.interrupted += 1
            case .granted, .busy: break
            }
        }
        if case .at(let moment)? = order.expiry, moment <= now {
            let problem = "the link would be over before it was made: expires_at \(moment) is in the past"
            let place = reader.columns.column(of: "expires_at").map { reader.columns.place($0) }
            return try reject(row, [RowProblem(line: line, place: place, problem)])
        }
        do throws(MoneyError) { plan.total = try plan.total.adding(order.request.amount) } catch {
            throw BatchError(.badInput, "\(input.name): line \(line): the sum of all amounts: \(error.message)")
        }
        plan.toMake += 1
        if plan.sample.count < 5 { plan.sample.append(order) }
        try keep(order, terms, row, line, as: .toMake)
    }

    /// Keeps a row for the making.
    private func keep(
        _ order: LinkOrder, _ terms: String, _ row: Int, _ line: Int, as mark: RowMarks.Mark
    ) throws(BatchError) {
        results?.discard()
        results = nil
        plan.marks.append(mark)
        if keepsOrders { try plan.orders.append(row: row, line: line, key: order.key ?? "", terms) }
    }

    /// A row whose key was given up: nothing is wrong with it, and it gets no link.
    private func abandon(_ row: Int, _ line: Int, _ failure: LinkFailure) throws(BatchError) {
        plan.abandoned += 1
        plan.marks.append(.abandoned)
        try plan.reasons.append(row: row, line: line, failure.message)
    }

    /// A row that waits for a person; the rest of the batch need not.
    private func wait(_ line: Int, _ failure: LinkFailure) {
        plan.inDoubt += 1
        plan.marks.append(.inDoubt)
        guard plan.doubts.count < Self.shownProblems else { return }
        plan.doubts.append(RowProblem(line: line, "in_doubt: \(failure.message)"))
    }

    private func reject(_ row: Int, _ problems: [RowProblem]) throws(BatchError) {
        plan.rejected += 1
        plan.marks.append(.rejected)
        plan.problemCount += problems.count
        for problem in problems where plan.problems.count < Self.shownProblems { plan.problems.append(problem) }
        let reason = problems.map(\.withoutLine).joined(separator: "; ")
        try plan.reasons.append(row: row, line: problems.first?.line ?? 0, reason)
    }

    private func otherAccount(_ other: (key: String, account: String), _ chunk: Chunk) -> BatchError {
        var line = 0
        for (record, entry) in chunk.entries.enumerated() {
            if case .order(let order) = entry, order.key == other.key { line = Int(chunk.records.lines[record]) }
        }
        return BatchError(
            .otherAccount,
            "\(input.name): line \(line): key \(ShownText.quoted(other.key)) is recorded under another account, "
                + "\(ShownText.short(other.account)), at the same address; nothing was sent. Use that account's "
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
