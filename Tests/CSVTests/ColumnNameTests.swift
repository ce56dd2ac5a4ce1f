// Random tables whose names and cells look like formulas, guards and delimiters come back as they were; names that
// cannot are told before anything is written.

import CSV
import Chance
import Testing

@Suite struct ColumnNameTests {
    static let pieces = ["'", "=", "@", "+", "-", "x", "1", ",", ";", "\t", "|", "\"", " ", "\n", "sep=", "ä"]
    static let delimiters: [CSVDelimiter] = [.comma, .semicolon, .tab, CSVDelimiter(UInt8(ascii: "|")) ?? .comma]

    private func text(_ random: inout SplitMix, _ most: Int) -> String {
        (0..<Int.random(in: 0...most, using: &random)).map { _ in
            Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &random)]
        }.joined()
    }

    @Test(arguments: delimiters, [true, false])
    func aTableWhoseColumnsAreTakenReadsBack(_ delimiter: CSVDelimiter, guardsFormulas: Bool) throws {
        var random = SplitMix(seed: 9 + UInt64(delimiter.byte))
        var taken = 0
        for _ in 0..<400 {
            let names = (0..<Int.random(in: 1...4, using: &random)).map { _ in text(&random, 3) }
            var writer = CSVTableWriter(delimiter: delimiter, guardsFormulas: guardsFormulas)
            guard writer.problem(withColumns: names) == nil else { continue }
            taken += 1
            // Blank rows are no data, so every row has something in it.
            let rows = (0..<3).map { _ in names.indices.map { $0 == 0 ? text(&random, 4) + "z" : text(&random, 4) } }
            writer.header(names)
            for row in rows { writer.row(row) }
            var options = CSVOptions(allowsSpreadsheetExtras: true, removesFormulaGuard: guardsFormulas)
            if !CSVDelimiter.candidates.contains(delimiter) { options.delimiter = delimiter }
            let reading = try CSVReading.of(writer.bytes, options)
            #expect(reading.headerProblems.isEmpty && reading.header == names, "\(names)")
            #expect(reading.rows == rows, "\(names)")
        }
        #expect(taken > 50)
    }

    @Test(arguments: [
        "@tag", "=x", "'-y", "''=z", "-", "+49", "'", "a,b", "a;b", "a\tb", "a\"b", "a\nb", "x'", "sep=,;",
    ])
    func takesWhatReadsBack(_ name: String) {
        for delimiter in Self.delimiters {
            let writer = CSVTableWriter(delimiter: delimiter)
            #expect(writer.problem(withColumns: [name]) == nil)
            #expect(writer.problem(withColumns: ["id", name]) == nil)
        }
    }

    @Test(arguments: [
        ([" x"], "read again as \"x\""), (["id", "x\t"], "column 2"), (["\tx"], "begins with U+0009"),
        (["x", "x"], "like column 1"), (["x", "\u{FEFF}y"], "U+FEFF"), (["sep=;"], "rename the first one"),
        (["", "x"], "no name"),
        ([" ", "x"], ""), (["x", "\n=1"], "U+000A"),
    ])
    func saysWhatIsWrongWithANameThatWouldNot(_ names: [String], _ reason: String) throws {
        let problem = try #require(CSVTableWriter().problem(withColumns: names))
        #expect(problem.contains(reason) || reason.isEmpty, "\(problem)")
    }
}
