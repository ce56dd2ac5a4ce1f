// A batch over a ledger in memory, without a service: what the check and the results need.

import Batch
import CSV
import JSON
import Ledger
import OneShotPay
import Recorder
import Scripting
import TestSupport

struct Fixture {
    /// A claim that a test takes for granted, and is not.
    struct NotGranted: Error {
        let answer: LedgerAnswer?
    }

    let folder: TemporaryFolder
    let input: BatchInput
    let reader: RowReader
    let book: MemoryBook
    static let scope = LedgerScope(account: "018f5a3c-0000-7000-8000-00000000a11c", baseURL: "https://example.com")

    /// - Parameter isMapped: the columns mean nothing until ``mapped(_:)`` gives a table.
    init(_ text: String, book: MemoryBook = MemoryBook(), folder: TemporaryFolder? = nil, isMapped: Bool = false) throws
    {
        self.folder = try folder ?? TemporaryFolder()
        self.book = book
        input = try BatchInput(path: try self.folder.write("in.csv", text))
        let table = input.reader()
        try table.readHeader()
        let terms = BatchTerms()
        let columns: BatchColumns = isMapped ? .mapped : try BatchColumns(header: table.header, terms: terms)
        reader = RowReader(columns: columns, terms: terms)
    }

    /// The folder's `in.csv`, read with options and terms of the test's own.
    init(book: MemoryBook = MemoryBook(), folder: TemporaryFolder, options: CSVOptions, terms: BatchTerms) throws {
        self.folder = folder
        self.book = book
        input = try BatchInput(path: folder.file("in.csv"), options: options)
        let table = input.reader()
        try table.readHeader()
        reader = RowReader(columns: try BatchColumns(header: table.header, terms: terms), terms: terms)
    }

    /// The same input with the terms that a mapping gave.
    func mapped(_ table: MappedTable) throws -> Fixture { try Fixture(self, table) }

    private init(_ other: Fixture, _ table: MappedTable) throws {
        folder = other.folder
        book = other.book
        input = other.input
        reader = RowReader(columns: .mapped, terms: BatchTerms(), mapped: table)
    }

    /// What is known of the file's keys.
    func keys() throws -> BatchKeys {
        try BatchKeys(input, key: reader.columns.key, mapped: reader.mapped) { () throws(BatchError) in }
    }

    var style: TableStyle { TableStyle(delimiter: .comma, keepsFormulas: false) }

    /// Looks up in the book, as the account of `scope`.
    func lookup(_ scope: LedgerScope = Fixture.scope) -> LedgerLookup {
        let book = book
        return LedgerLookup(
            LedgerWriter(
                open: { () throws(LedgerError) in MemoryLedger(scope: scope, book: book) }, deliver: { $0() }))
    }

    func check(
        scope: LedgerScope = Fixture.scope, now: Int64 = 1_800_000_000, results: ResultsWriter? = nil
    ) throws -> BatchPlan {
        try BatchCheck(
            input: input, reader: reader, lookup: lookup(scope), now: now, folders: [folder.path], results: results
        ).run { _, _ throws(BatchError) in }
    }

    /// Claims a link in the book, and finishes the claim.
    func claim(
        _ key: String, _ amount: String, _ description: String, payer: String? = nil,
        scope: LedgerScope = Fixture.scope, _ outcome: ((LinkOrder) throws -> LinkOutcome)? = nil
    ) throws {
        var request = CreatePayLink(amount: try Money(parsing: amount), description: description)
        request.payer = payer.flatMap { UserID($0) }
        let order = LinkOrder(request, key: key)
        let store = MemoryLedger(scope: scope, book: book)
        defer { store.close() }
        let claim = LinkClaim(
            key: key, terms: order.terms(JSONWriter()), amount: request.amount, description: description,
            resendsInDoubt: payer == nil, isSending: true)
        let answer = try store.perform([.claim(claim)]).first
        guard case .claim(.granted(let row, _))? = answer else { throw NotGranted(answer: answer) }
        if let outcome { _ = try store.perform([.finish(row, outcome(order))]) }
    }

    /// Records that the link is there.
    func make(_ key: String, _ amount: String, _ description: String, scope: LedgerScope = Fixture.scope) throws {
        try claim(key, amount, description, scope: scope) { .done(Fixture.link($0), possibleOrphans: 0) }
    }

    static func link(_ order: LinkOrder) -> PayLink {
        PayLink(planned: order.request, page: CheckoutPage(baseURL: scope.baseURL, locale: .english))
    }
}
