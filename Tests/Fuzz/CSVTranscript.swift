// All that reading a file gives, as bytes that can be compared; every field and every problem is looked at.

import CSV

struct CSVTranscript {
    /// Fields, lines and problems, in order.
    private(set) var everything: [UInt8] = []
    /// The header and the fields of good records: what writing and reading must keep.
    private(set) var goodRows: [UInt8] = []
    private var writer = CSVTableWriter(guardsFormulas: false)
    private(set) var problems: [CSVProblem] = []
    private(set) var headerError: CSVHeaderError?
    private(set) var delimiter = CSVDelimiter.comma

    /// Reads all that `source` gives, asking again when it fails.
    init(_ source: @escaping CSVSource, _ options: CSVOptions, _ records: CSVRecords, limit: Int) throws {
        let reader = CSVReader(options: options, source: source)
        do {
            try Self.insist { try reader.readHeader() }
        } catch let error as CSVHeaderError {
            headerError = error
            for problem in error.problems { add(problem) }
            try expect(!error.problems.isEmpty, "a header without a reason to refuse it")
            return
        }
        delimiter = reader.delimiter
        writer = CSVTableWriter(delimiter: delimiter, guardsFormulas: false)
        for name in reader.header {
            add(name.utf8)
            addGood(name.utf8)
        }
        writer.row(reader.header)
        while try Self.insist({ try reader.next(into: records, limit: limit) }) > 0 {
            try expect(records.columnCount == reader.header.count, "a chunk with other columns than the header")
            for record in 0..<records.count { try add(record, of: records) }
        }
        try expect(try Self.insist { try reader.next(into: records) } == 0, "records after the end")
    }

    /// The header and the good rows as a file.
    var written: [UInt8] { writer.bytes }

    /// Counts the file as accepted or refused by its first problem.
    func count(in tally: inout Tally) {
        if let first = problems.first {
            tally.refuse(first.kind.rawValue)
        } else {
            tally.accept()
        }
    }

    private mutating func add(_ record: Int, of records: CSVRecords) throws {
        add(number: records.lines[record])
        if let problem = records.problem(ofRecord: record) {
            try expect(problem.record == record, "a problem in another record's place")
            try expect(problem.line >= Int(records.lines[record]), "a problem before its record")
            for column in 0..<records.columnCount {
                try expect(records.field(record, column).isEmpty, "a bad record with text")
            }
            return add(problem)
        }
        for column in 0..<records.columnCount {
            let field = records.field(record, column)
            try expect(String(validating: field, as: UTF8.self) != nil, "a field that is not UTF-8")
            _ = CSVTableWriter.looksLikeFormula(field)
            add(field)
            addGood(field)
            writer.cell(field)
        }
        writer.endRow()
    }

    private mutating func add(_ problem: CSVProblem) {
        problems.append(problem)
        add(number: UInt32(clamping: problem.line))
        add(number: UInt32(clamping: problem.column))
        add(problem.kind.rawValue.utf8)
        add(problem.message.utf8)
        for field in problem.fields { add(field.utf8) }
    }

    private mutating func add(_ bytes: some Collection<UInt8>) {
        add(number: UInt32(bytes.count))
        everything += bytes
    }

    private mutating func addGood(_ bytes: some Collection<UInt8>) {
        withUnsafeBytes(of: UInt32(bytes.count)) { goodRows += $0 }
        goodRows += bytes
    }

    private mutating func add(number: UInt32) {
        withUnsafeBytes(of: number) { everything += $0 }
    }

    private static func insist<Result>(_ body: () throws -> Result) throws -> Result {
        while true {
            do { return try body() } catch is CSVPlan.SourceFailure {}
        }
    }
}
