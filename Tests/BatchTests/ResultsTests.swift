// The files that a batch writes, and those that it must not touch.

import Batch
import CSV
import Chance
import Foundation
import Ledger
import OneShotPay
import Recorder
import Scripting
import TestSupport
import Testing

@Suite struct ResultsTests {
    private func results(_ fixture: Fixture, rejected: Set<Int> = []) throws -> Int {
        let writer = ResultsWriter(
            try TableTarget(.file(fixture.folder.file("out.csv"))), header: fixture.reader.columns.header,
            style: fixture.style)
        return try BatchResults(input: fixture.input, reader: fixture.reader, lookup: fixture.lookup()).write(
            to: writer, isLeftOut: { rejected.contains($0) }, progress: { _ in })
    }

    @Test func keepsTheInputsOrderAndColumns() throws {
        let fixture = try Fixture("note,amount,id,description\n\"x, \"\"y\"\"\",1.5,b,Mug\n=1+1,2,a,Cup\n")
        try fixture.make("a", "2", "Cup")
        try fixture.make("b", "1.5", "Mug")
        #expect(try results(fixture) == 0)
        let link = Fixture.link(.init(.init(amount: .zero, description: ""), key: nil))
        #expect(
            fixture.folder.content("out.csv") == """
                note,amount,id,description,paylink_id,paylink_url,paylink_amount
                "x, ""y""\",1.5,b,Mug,\(link.id),\(link.url),1.50
                '=1+1,2,a,Cup,\(link.id),\(link.url),2.00

                """)
    }

    /// Rows of random cells that look like formulas and guards: what a batch wrote is a batch's input again.
    @Test(arguments: [false, true]) func resultsAreTheSameOrdersWhenTheyAreRead(keepsFormulas: Bool) throws {
        let folder = try TemporaryFolder()
        let names = ["@id", "=x", "'-y", "''@z", "note"]
        let pieces = ["'", "=", "@", "-", "+", "1", "a"]
        var random = SplitMix(seed: 1)
        var rows: [[String]] = []
        for row in 0..<60 {
            let cells = names.indices.map { column in
                (0..<3).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined()
                    + (column == 0 ? "\(row)" : "")
            }
            if LinkOrder.problem(withKey: cells[0]) == nil { rows.append(cells) }
        }
        let style = TableStyle(delimiter: .comma, keepsFormulas: keepsFormulas)
        var written = CSVTableWriter(guardsFormulas: !keepsFormulas)
        written.header(names + ["amount", "description"])
        for row in rows { written.row(row + ["1", "Mug"]) }
        var options = CSVOptions(allowsSpreadsheetExtras: true, removesFormulaGuard: !keepsFormulas)
        options.delimiter = .comma
        var terms = BatchTerms()
        terms.keyColumn = "@id"
        let path = try folder.write("in.csv", String(decoding: written.bytes, as: UTF8.self))
        let fixture = try Fixture(folder: folder, options: options, terms: terms)
        for row in rows { try fixture.make(row[0], "1", "Mug") }
        let writer = ResultsWriter(
            try TableTarget(.file(folder.file("in.links.csv"))), header: fixture.reader.columns.header, style: style)
        let missing = try BatchResults(input: fixture.input, reader: fixture.reader, lookup: fixture.lookup()).write(
            to: writer, isLeftOut: { _ in false }, progress: { _ in })
        #expect(missing == 0)
        // The next run takes the file for its own, whichever way either of them was told to write.
        for keeps in [false, true] {
            let files = BatchFiles(input: path, results: nil, rejected: nil)
            let style = TableStyle(delimiter: .comma, keepsFormulas: keeps)
            try files.check(
                input: fixture.input, header: fixture.reader.columns.header, style: style, replacesForeign: false)
            try files.checkKeys(fixture.reader.columns.key, among: try fixture.keys().keys, style: style)
        }
        // Read as an input, it is the same orders.
        var text = try #require(folder.content("in.links.csv"))
        text.replace("paylink_", with: "old_")
        try folder.write("in.csv", text)
        let again = try Fixture(book: fixture.book, folder: folder, options: options, terms: terms)
        let plan = try again.check()
        #expect(plan.toMake == 0 && plan.recorded == rows.count && plan.rejected == 0, "\(plan.problems)")
        #expect(again.reader.columns.header.prefix(5).elementsEqual(names))
    }

    @Test func countsWhatHasNoLink() throws {
        let fixture = try Fixture("id,amount,description\na,1,Mug\nb,1,Mug\nc,1,Mug\n")
        try fixture.make("c", "1", "Mug")
        #expect(try results(fixture, rejected: [0]) == 1)
        #expect(fixture.folder.content("out.csv")?.split(separator: "\n").count == 2)
    }

    @Test func theCheckWritesTheSameBytesWhenAllIsDone() throws {
        let text = "id,amount,description\n" + (0..<1500).map { "k\($0),1,Mug\n" }.joined()
        let fixture = try Fixture(text)
        for row in 0..<1500 { try fixture.make("k\(row)", "1", "Mug") }
        #expect(try results(fixture) == 0)
        let early = ResultsWriter(
            try TableTarget(.file(fixture.folder.file("early.csv"))), header: fixture.reader.columns.header,
            style: fixture.style)
        let plan = try fixture.check(results: early)
        #expect(plan.toMake == 0)
        try early.commit()
        #expect(fixture.folder.content("early.csv") == fixture.folder.content("out.csv"))
        #expect(fixture.folder.content("early.csv")?.split(separator: "\n").count == 1501)
    }

    @Test func writesRejectedRowsWithTheirReasons() throws {
        let fixture = try Fixture("id,amount,description\na,x,Mug\nb,1,\"Mug\nlarge\"\nc,1,Mug,more\nd,2,Cup\n")
        let plan = try fixture.check()
        try RejectedWriter(input: fixture.input, header: fixture.reader.columns.header, style: fixture.style).write(
            to: .file(fixture.folder.file("bad.csv")), reasons: plan.reasons, later: [3: "the service said no"])
        let (header, rows) = try records(of: try #require(fixture.folder.content("bad.csv")))
        #expect(header == ["id", "amount", "description", "paylink_line", "paylink_problem"])
        #expect(rows.count == 3)
        #expect((0..<3).map { rows.string($0, 0) } == ["a", "c", "d"])
        #expect((0..<3).map { rows.string($0, 3) } == ["2", "5", "6"])
        #expect(rows.string(0, 4).hasPrefix("column \"amount\": \"x\" is not an amount"))
        #expect(rows.string(1, 4).hasPrefix("character 9: 4 fields where the header names 3"))
        #expect(rows.string(2, 4) == "the service said no")
    }
}

@Suite struct BatchFilesTests {
    static let names: [(String, String, String)] = [
        ("orders.csv", "orders.links.csv", "orders.rejected.csv"),
        ("/a/b.c/orders.2026.tsv", "/a/b.c/orders.2026.links.tsv", "/a/b.c/orders.2026.rejected.tsv"),
        ("a.b/orders", "a.b/orders.links.csv", "a.b/orders.rejected.csv"),
        (".orders", ".orders.links.csv", ".orders.rejected.csv"),
    ]

    @Test(arguments: names) func liesBesideTheInput(_ input: String, _ results: String, _ rejected: String) {
        let files = BatchFiles(input: input, results: nil, rejected: nil)
        #expect(files.results == .file(results))
        #expect(files.rejected == rejected)
    }

    @Test func takesADashForStandardOutput() {
        #expect(BatchFiles(input: "a.csv", results: "-", rejected: nil).results == .standardOutput)
    }

    private func check(
        _ fixture: Fixture, out: String? = nil, rejected: String? = nil, force: Bool = false
    ) throws {
        let files = BatchFiles(input: fixture.folder.file("in.csv"), results: out, rejected: rejected)
        try files.check(
            input: fixture.input, header: fixture.reader.columns.header, style: fixture.style, replacesForeign: force)
        if !force {
            try files.checkKeys(fixture.reader.columns.key, among: try fixture.keys().keys, style: fixture.style)
        }
    }

    @Test func leavesNoTraceOfTheCheck() throws {
        let fixture = try Fixture("id,amount,description\na,1,Mug\n")
        try check(fixture)
        #expect(fixture.folder.names == ["in.csv"])
    }

    @Test func replacesResultsOfTheSameBatchOnly() throws {
        let fixture = try Fixture("id,amount,description\n=a,1,Mug\nb,1,Mug\n")
        let header = "id,amount,description,paylink_id,paylink_url,paylink_amount\n"
        try fixture.folder.write("in.links.csv", header + "'=a,1,Mug,i,u,1.00\n")
        try check(fixture)
        try fixture.folder.write("in.links.csv", header + "b,1,Mug,i,u,1.00\nc,1,Mug,i,u,1.00\n")
        let error = try failure { try check(fixture) }
        #expect(error.code == .outputFailed)
        #expect(error.message.contains("line 3 has the key \"c\""), "\(error)")
        try check(fixture, force: true)
    }

    @Test(arguments: ["", "id,amount\n1,2\n", "no table\n", "id,amount,description,paylink_line,paylink_problem\n"])
    func refusesAnyOtherFile(_ content: String) throws {
        let fixture = try Fixture("id,amount,description\na,1,Mug\n")
        try fixture.folder.write("in.links.csv", content)
        #expect(try failure { try check(fixture) }.code == .outputFailed)
        #expect(fixture.folder.content("in.links.csv") == content)
    }

    @Test func refusesAForeignFileInPlaceOfTheRejectedRows() throws {
        let fixture = try Fixture("id,amount,description\na,1,Mug\n")
        try fixture.folder.write("in.rejected.csv", "my notes\n")
        #expect(try failure { try check(fixture) }.message.contains("in.rejected.csv"))
    }

    @Test func neverWritesOverTheInput() throws {
        let fixture = try Fixture("id,amount,description\na,1,Mug\n")
        let path = fixture.folder.file("in.csv")
        try FileManager.default.linkItem(atPath: path, toPath: fixture.folder.file("hard.csv"))
        for name in ["in.csv", "./in.csv", "hard.csv"] {
            let named = fixture.folder.file(name)
            #expect(try failure { try check(fixture, out: named, force: true) }.message.contains("the input itself"))
            #expect(
                try failure { try check(fixture, rejected: named, force: true) }.message.contains("the input itself"))
        }
        let same = fixture.folder.file("same.csv")
        #expect(try failure { try check(fixture, out: same, rejected: same) }.message.contains("same file"))
    }

    @Test func refusesAPlaceThatCannotBeWritten() throws {
        let fixture = try Fixture("id,amount,description\na,1,Mug\n")
        let error = try failure { try check(fixture, out: fixture.folder.file("no/out.csv")) }
        #expect(error.code == .outputFailed)
        #expect(error.message.contains("nothing was sent"))
    }

    @Test func removesOnlyItsOwnOldRejectedRows() throws {
        let fixture = try Fixture("id,amount,description\na,1,Mug\n")
        let files = BatchFiles(input: fixture.folder.file("in.csv"), results: nil, rejected: nil)
        try fixture.folder.write("in.rejected.csv", "my notes\n")
        files.removeOldRejected(style: fixture.style)
        #expect(fixture.folder.content("in.rejected.csv") == "my notes\n")
        try fixture.folder.write("in.rejected.csv", "id,paylink_line,paylink_problem\nx,2,bad\n")
        try check(fixture)
        files.removeOldRejected(style: fixture.style)
        #expect(fixture.folder.content("in.rejected.csv") == nil)
    }
}

@Suite struct BatchInputTests {
    @Test func refusesWhatCannotBeReadTwice() throws {
        let folder = try TemporaryFolder()
        #expect(try failure { _ = try BatchInput(path: "-") }.code == .usage)
        #expect(try failure { _ = try BatchInput(path: folder.path) }.code == .usage)
        #expect(try failure { _ = try BatchInput(path: folder.file("no.csv")) }.code == .inputFailed)
    }

    @Test func saysAllThatIsWrongWithTheHeader() throws {
        let folder = try TemporaryFolder()
        let input = try BatchInput(path: try folder.write("in.csv", "id,id,,amount\n"))
        let error = try failure { do { try input.reader().readHeader() } catch { throw input.failure(error) } }
        #expect(error.code == .badInput)
        #expect(error.message.contains("column 2 is called \"id\"") && error.message.contains("column 3 has no name"))
    }
}
