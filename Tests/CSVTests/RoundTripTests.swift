// What the writer has written reads back as what it was, whatever it looks like to a spreadsheet, and in which form.

import CSV
import Testing

@Suite struct RoundTripTests {
    static let nasty = [
        "=1+1", "'=1+1", "''=1+1", "-abc", "'-abc", "-5", "'-5", "@id", "+A1", "'", "''", "'''", "'=", "'\t", "\tx",
        "\n=1", "'\n=1", "\r", "a\r\nb", "\"", "'\"=", ",", ";", "sep=;", "sep=,", " =1", "=1 ", "\u{FEFF}=1",
        "'\u{FEFF}", "ä'=1", "", " ", "1,50", "'+49 30", "'+x",
    ]

    struct Form: CustomTestStringConvertible {
        var delimiter: CSVDelimiter
        var lineEnd: CSVTableWriter.LineEnd
        var hasMark: Bool
        var hasSeparatorLine: Bool

        var writer: CSVTableWriter {
            CSVTableWriter(
                delimiter: delimiter, lineEnd: lineEnd, hasMark: hasMark, hasSeparatorLine: hasSeparatorLine)
        }
        var testDescription: String { "\(delimiter), \(lineEnd), mark \(hasMark), sep= \(hasSeparatorLine)" }
    }

    static let forms: [Form] = [CSVDelimiter.comma, .semicolon, .tab].flatMap { delimiter in
        [CSVTableWriter.LineEnd.lineFeed, .carriageReturnLineFeed].flatMap { lineEnd in
            [(false, false), (true, false), (false, true), (true, true)].map {
                Form(delimiter: delimiter, lineEnd: lineEnd, hasMark: $0, hasSeparatorLine: $1)
            }
        }
    }

    private let options = CSVOptions(allowsSpreadsheetExtras: true, removesFormulaGuard: true)

    @Test(arguments: forms) func readsBackWhatWasWritten(_ form: Form) throws {
        let header = ["key", "=name", "'-other"]
        let rows = Self.nasty.map { [$0, "x", $0] }
        var writer = form.writer
        writer.row(header)
        for row in rows { writer.row(row) }
        let bytes = writer.bytes
        let reading = try CSVReading.everyWay(bytes, options)
        #expect(reading.headerProblems.isEmpty && reading.header == header)
        #expect(reading.rows == rows)

        // And the form itself is seen, so that the next file can have it, too.
        let reader = CSVReader(options: options, source: source(bytes, block: 1))
        try reader.readHeader()
        #expect(reader.delimiter == form.delimiter && reader.lineEnd == form.lineEnd)
        #expect(reader.hasMark == form.hasMark && reader.hasSeparatorLine == form.hasSeparatorLine)
    }

    /// Two cells are never written alike, so neither is taken for the other.
    @Test func writesNoTwoCellsAlike() {
        var cells = [""]
        var seen: [String: String] = [:]
        for _ in 0..<5 {
            cells = cells.flatMap { cell in ["'", "=", "-", "@", "1", " "].map { cell + $0 } }
            for cell in cells {
                var writer = CSVTableWriter()
                writer.cell(cell)
                let text = String(decoding: writer.bytes, as: UTF8.self)
                #expect(seen.updateValue(cell, forKey: text) == nil, "\(cell)")
            }
        }
    }

    @Test func leavesGuardsToWhoAsksForThem() throws {
        #expect(try CSVReading.everyWay("k,v\n'-abc,'=1\n").rows == [["'-abc", "'=1"]])
        #expect(try CSVReading.everyWay("k,v\n'-abc,''=1\n", options).rows == [["-abc", "'=1"]])
        #expect(try CSVReading.everyWay("k,v\n'abc,'-5\n", options).rows == [["'abc", "'-5"]])
        let bad = try CSVReading.everyWay("k,v\n'-abc,1,'=2\n", options)
        #expect(bad.records == [.bad(.surplusFields, line: 2, column: 9, ["-abc", "1", "=2"])])
    }

    @Test(arguments: [
        ("k,v\r\n1,2\n", true), ("k,v\n1,2\r\n", false), ("k,v\r1,2\r", false), ("k,v\r\n", true), ("k,v\r", false),
        ("k,v", false), ("sep=,\r\nk,v\r\n", true), ("\u{FEFF}k,v\r\n", true),
    ])
    func seesHowLinesEnd(_ text: String, isCRLF: Bool) throws {
        for block in [1, 2, 3, .max] {
            let reader = CSVReader(options: options, source: source(Array(text.utf8), block: block))
            try reader.readHeader()
            #expect(reader.lineEnd == (isCRLF ? .carriageReturnLineFeed : .lineFeed))
        }
    }
}
