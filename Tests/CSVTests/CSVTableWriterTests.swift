// What the writer quotes, what it takes for a formula, and what it leaves alone.

import CSV
import Testing

@Suite struct CSVTableWriterTests {
    private func written(_ rows: [[String]], _ writer: CSVTableWriter = CSVTableWriter()) -> String {
        var writer = writer
        for row in rows { writer.row(row) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("a b", "a b"), ("a,b", "\"a,b\""), ("a;b", "a;b"), ("a\"b", "\"a\"\"b\""),
        ("\"", "\"\"\"\""), ("a\nb", "\"a\nb\""), ("a\rb", "\"a\rb\""), (" a", "\" a\""), ("a ", "\"a \""),
        ("a\t", "\"a\t\""), ("a\tb", "a\tb"), ("ä€🧾", "ä€🧾"), ("\u{FEFF}a", "\"\u{FEFF}a\""),
    ])
    func quotesWhereNeeded(_ cell: String, _ expected: String) {
        #expect(written([[cell, "x"]]) == expected + ",x\n")
    }

    @Test func quotesForItsOwnDelimiter() {
        #expect(written([["a;b", "c,d"]], CSVTableWriter(delimiter: .semicolon)) == "\"a;b\";c,d\n")
        #expect(written([["a\tb", ""]], CSVTableWriter(delimiter: .tab)) == "\"a\tb\"\t\n")
    }

    @Test func endsLinesAsAsked() {
        #expect(written([["a"], ["b", ""]], CSVTableWriter(lineEnd: .carriageReturnLineFeed)) == "a\r\nb,\r\n")
    }

    @Test func marksARowOfOneEmptyCell() {
        #expect(written([["k"], [""], ["x"], [""]]) == "k\n\"\"\nx\n\"\"\n")
    }

    @Test func startsAnewAfterRemoveAll() {
        var writer = CSVTableWriter()
        writer.row(["a", "b"])
        writer.removeAll()
        #expect(writer.bytes.isEmpty)
        writer.row([""])
        #expect(writer.bytes == Array("\"\"\n".utf8))
    }

    @Test(arguments: [
        "=1+1", "=", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+cmd", "+A1", "-x", "\tx", "\r=1", "\n=1", "=1\"", "-1e5x",
        "'=1", "'@a", "'-abc",
    ])
    func guardsFormulas(_ cell: String) {
        let guarded = written([["k", cell]])
        #expect(guarded.hasPrefix("k,'") || guarded.hasPrefix("k,\"'"))
        #expect(!written([["k", cell]], CSVTableWriter(guardsFormulas: false)).contains("'" + cell.prefix(1)))
    }

    @Test(arguments: [
        "-5", "+5", "-12.50", "-1,234.50", "+49 (0)30/123-45", "-", "+", "1=1", "a@b.example", "'", "'1", "'-5", "",
        " =1", "(1)",
    ])
    func leavesNumbersAndTextAlone(_ cell: String) {
        #expect(written([["k", cell]]) == written([["k", cell]], CSVTableWriter(guardsFormulas: false)))
    }

    @Test func beginsAsAsked() {
        let writer = CSVTableWriter(
            delimiter: .semicolon, lineEnd: .carriageReturnLineFeed, hasMark: true, hasSeparatorLine: true)
        #expect(written([["a", "b"], [""]], writer) == "\u{FEFF}sep=;\r\na;b\r\n\"\"\r\n")
    }

    @Test func guardsWithinQuotes() {
        #expect(written([["=\"a\",b"]]) == "\"'=\"\"a\"\",b\"\n")
    }
}
