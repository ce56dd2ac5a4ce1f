// The second look at the file: every row is read and compared with the ledger before anything is sent.

import CSV
import Ledger
package import OneShotPay
package import Recorder

/// What a batch would do, and everything that is wrong with its rows.
package struct BatchPlan {
    package var rows = 0
    /// Rows whose link is recorded already, with the same terms.
    package var recorded = 0
    package var toMake = 0
    /// Rows in doubt whose link is known by the id that an earlier request left behind: it is looked up.
    package var toLookUp = 0
    /// What the links to make ask for together.
    package var total = Money.zero
    /// Of the recorded ones: those whose link was unpaid when it was seen last, and has expired.
    package var expired = 0
    /// Up to five of the links to make.
    package var sample: [LinkOrder] = []
    package var rejected = 0
    /// Rows that the mapping leaves out.
    package var skipped = 0
    /// Rows whose key a person gave up: without a link, but nothing is wrong with them.
    package var abandoned = 0
    /// Rows that wait for a person to look into the account: their payer might see an earlier request's link.
    package var inDoubt = 0
    /// Rows whose request an earlier run was ended in the middle of: each is sent again, and may have left a link that
    /// nobody knows of.
    package var interrupted = 0
    /// The first rows in doubt, with what to do about them.
    package var doubts: [RowProblem] = []
    /// The first problems, in the order of the file; `problemCount` counts all.
    package var problems: [RowProblem] = []
    package var problemCount = 0
    package var marks = RowMarks()
    /// What is wrong with each rejected row, and why the abandoned ones have no link.
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
    private let terms: TermsCursor
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
        terms = TermsCursor(input, reader.mapped)
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
    private func prepare(_ chunk: Chunk) throws(BatchError) {
        let records = chunk.records
        chunk.entries.removeAll(keepingCapacity: true)
        var keys: [String] = []
        keys.reserveCapacity(records.count)
        for record in 0..<records.count {
            let line = Int(records.lines[record])
            let place = try terms.take(records, record)
            var problems: [RowProblem] = []
            if let fault = records.problem(ofRecord: record) {
                guard !fault.isFatal else {
                    throw BatchError(.badInput, "\(input.name): \(fault); what follows it cannot be read")
                }
                problems.append(RowProblem(fault, inRowAt: line))
            } else {
                if let first = self.keys.lineOfFirst(ofRow: chunk.firstRow + record) {
                    let column = reader.columns.key
                    let key = BatchText.quoted(place.records.string(place.record, column))
                    problems.append(
                        RowProblem(
                            line: line, place: reader.columns.place(column), "\(key) is the key of line \(first), too"))
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
        if let known {
            // What a claim would be answered, by the rules that will decide it.
            let terms = order.terms(json)
            let resends = resendsInDoubt && order.request.payer == nil
            switch known.answer(toClaimOf: terms, resendsInDoubt: resends) {
            case .recorded(let found):
                guard let link = found.link else { break }
                plan.recorded += 1
                let isOver = link.status == .active && link.expiresAt.map { $0 <= now } ?? false
                if isOver || link.status == .expired { plan.expired += 1 }
                plan.marks.append(.recorded)
                try results?.add(chunk.records, record, link)
                return
            case .otherTerms(let record):
                let failure = LinkFailure.otherTerms(order.key ?? "", recorded: record.terms, asked: terms)
                let place = reader.columns.place(reader.columns.key)
                return try reject(row, [RowProblem(line: line, place: place, failure.message)])
            case .abandoned: return try abandon(row, LinkFailure.abandoned(order.key ?? ""))
            case .inDoubt(let record) where record.knownID == nil: return wait(line, .inDoubt(record))
            case .inDoubt: return lookUp()
            case .granted where known.state == .sent: plan.interrupted += 1
            case .granted, .busy: break
            }
        }
        if case .at(let moment)? = order.expiry, moment <= now {
            let problem = "the link would be over before it was made: expires_at \(moment) is in the past"
            let place = reader.columns.expiresAt.map { reader.columns.place($0) }
            return try reject(row, [RowProblem(line: line, place: place, problem)])
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

    /// A row whose key was given up: nothing is wrong with it, and it gets no link.
    private func abandon(_ row: Int, _ failure: LinkFailure) throws(BatchError) {
        plan.abandoned += 1
        plan.marks.append(.abandoned)
        try plan.spool.append(row: row, failure.message)
    }

    /// A row that waits for a person; the rest of the batch need not.
    private func wait(_ line: Int, _ failure: LinkFailure) {
        plan.inDoubt += 1
        plan.marks.append(.inDoubt)
        guard plan.doubts.count < Self.shownProblems else { return }
        plan.doubts.append(RowProblem(line: line, "in_doubt: \(failure.message)"))
    }

    /// A row whose earlier request left the id of a link behind: it is looked up, and nothing is sent again.
    private func lookUp() {
        results?.discard()
        results = nil
        plan.toLookUp += 1
        plan.marks.append(.toLookUp)
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
