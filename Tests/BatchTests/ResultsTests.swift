// The files that a batch writes, and those that it must not touch.

import Batch
import CSV
import Foundation
import Ledger
import OneShotPay
import Recorder
import Scripting
import Testing

@Suite struct ResultsTests {
    private func results(_ ground: Ground, rejected: Set<Int> = []) throws -> Int {
        let writer = ResultsWriter(
            try TableTarget(.file(ground.folder.file("out.csv"))), header: ground.reader.columns.header,
            style: ground.style)
        return try BatchResults(input: ground.input, reader: ground.reader, lookup: ground.lookup()).write(
            to: writer, isLeftOut: { rejected.contains($0) }, progress: { _ in })
    }

    @Test func keepsTheInputsOrderAndColumns() throws {
        let ground = try Ground("note,amount,id,description\n\"x, \"\"y\"\"\",1.5,b,Mug\n=1+1,2,a,Cup\n")
        try ground.make("a", "2", "Cup")
        try ground.make("b", "1.5", "Mug")
        #expect(try results(ground) == 0)
        let link = Ground.link(.init(.init(amount: .zero, description: ""), key: nil))
        #expect(
            ground.folder.read("out.csv") == """
                note,amount,id,description,paylink_id,paylink_url,paylink_amount
                "x, ""y""\",1.5,b,Mug,\(link.id),\(link.url),1.50
                '=1+1,2,a,Cup,\(link.id),\(link.url),2.00

                """)
    }

    /// Rows of random cells that look like formulas and guards: what a batch wrote is a batch's input again.
    @Test(arguments: [false, true]) func resultsAreTheSameOrdersWhenTheyAreRead(keepsFormulas: Bool) throws {
        let folder = try Folder()
        let names = ["@id", "=x", "'-y", "''@z", "note"]
        let pieces = ["'", "=", "@", "-", "+", "1", "a"]
        var random = SystemRandomNumberGenerator()
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
        let ground = try Ground(folder: folder, options: options, terms: terms)
        for row in rows { try ground.make(row[0], "1", "Mug") }
        let writer = ResultsWriter(
            try TableTarget(.file(folder.file("in.links.csv"))), header: ground.reader.columns.header, style: style)
        let missing = try BatchResults(input: ground.input, reader: ground.reader, lookup: ground.lookup()).write(
            to: writer, isLeftOut: { _ in false }, progress: { _ in })
        #expect(missing == 0 && ground.keys.rows == rows.count)
        // The next run takes the file for its own, whichever way either of them was told to write.
        for keeps in [false, true] {
            try BatchFiles(input: path, results: nil, rejected: nil).check(
                input: ground.input, header: ground.reader.columns.header, keyColumn: ground.reader.columns.key,
                keys: ground.keys.keys, style: TableStyle(delimiter: .comma, keepsFormulas: keeps),
                replacesForeign: false)
        }
        // Read as an input, it is the same orders.
        var text = try #require(folder.read("in.links.csv"))
        text.replace("paylink_", with: "old_")
        try folder.write("in.csv", text)
        let again = try Ground(book: ground.book, folder: folder, options: options, terms: terms)
        let plan = try again.check()
        #expect(plan.toMake == 0 && plan.recorded == rows.count && plan.rejected == 0, "\(plan.problems)")
        #expect(again.reader.columns.header.prefix(5).elementsEqual(names))
    }

    @Test func countsWhatHasNoLink() throws {
        let ground = try Ground("id,amount,description\na,1,Mug\nb,1,Mug\nc,1,Mug\n")
        try ground.make("c", "1", "Mug")
        #expect(try results(ground, rejected: [0]) == 1)
        #expect(ground.folder.read("out.csv")?.split(separator: "\n").count == 2)
    }

    @Test func theCheckWritesTheSameBytesWhenAllIsDone() throws {
        let text = "id,amount,description\n" + (0..<1500).map { "k\($0),1,Mug\n" }.joined()
        let ground = try Ground(text)
        for row in 0..<1500 { try ground.make("k\(row)", "1", "Mug") }
        #expect(try results(ground) == 0)
        let early = ResultsWriter(
            try TableTarget(.file(ground.folder.file("early.csv"))), header: ground.reader.columns.header,
            style: ground.style)
        let plan = try ground.check(results: early)
        #expect(plan.toMake == 0)
        try early.commit()
        #expect(ground.folder.read("early.csv") == ground.folder.read("out.csv"))
        #expect(ground.folder.read("early.csv")?.split(separator: "\n").count == 1501)
    }

    @Test func writesRejectedRowsWithTheirReasons() throws {
        let ground = try Ground("id,amount,description\na,x,Mug\nb,1,\"Mug\nlarge\"\nc,1,Mug,more\nd,2,Cup\n")
        let plan = try ground.check()
        try RejectedWriter(input: ground.input, header: ground.reader.columns.header, style: ground.style).write(
            to: .file(ground.folder.file("bad.csv")), spool: plan.spool, later: [3: "the service said no"])
        let (header, rows) = try records(of: try #require(ground.folder.read("bad.csv")))
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
        _ ground: Ground, out: String? = nil, rejected: String? = nil, force: Bool = false
    ) throws {
        try BatchFiles(input: ground.folder.file("in.csv"), results: out, rejected: rejected).check(
            input: ground.input, header: ground.reader.columns.header, keyColumn: ground.reader.columns.key,
            keys: ground.keys.keys, style: ground.style,
            replacesForeign: force)
    }

    @Test func leavesNoTraceOfTheCheck() throws {
        let ground = try Ground("id,amount,description\na,1,Mug\n")
        try check(ground)
        #expect(ground.folder.names == ["in.csv"])
    }

    @Test func replacesResultsOfTheSameBatchOnly() throws {
        let ground = try Ground("id,amount,description\n=a,1,Mug\nb,1,Mug\n")
        let header = "id,amount,description,paylink_id,paylink_url,paylink_amount\n"
        try ground.folder.write("in.links.csv", header + "'=a,1,Mug,i,u,1.00\n")
        try check(ground)
        try ground.folder.write("in.links.csv", header + "b,1,Mug,i,u,1.00\nc,1,Mug,i,u,1.00\n")
        let error = try failure { try check(ground) }
        #expect(error.code == .outputFailed)
        #expect(error.message.contains("line 3 has the key \"c\""), "\(error)")
        try check(ground, force: true)
    }

    @Test(arguments: ["", "id,amount\n1,2\n", "no table\n", "id,amount,description,paylink_line,paylink_problem\n"])
    func refusesAnyOtherFile(_ content: String) throws {
        let ground = try Ground("id,amount,description\na,1,Mug\n")
        try ground.folder.write("in.links.csv", content)
        #expect(try failure { try check(ground) }.code == .outputFailed)
        #expect(ground.folder.read("in.links.csv") == content)
    }

    @Test func refusesAForeignFileInPlaceOfTheRejectedRows() throws {
        let ground = try Ground("id,amount,description\na,1,Mug\n")
        try ground.folder.write("in.rejected.csv", "my notes\n")
        #expect(try failure { try check(ground) }.message.contains("in.rejected.csv"))
    }

    @Test func neverWritesOverTheInput() throws {
        let ground = try Ground("id,amount,description\na,1,Mug\n")
        let path = ground.folder.file("in.csv")
        try FileManager.default.linkItem(atPath: path, toPath: ground.folder.file("hard.csv"))
        for name in ["in.csv", "./in.csv", "hard.csv"] {
            let named = ground.folder.file(name)
            #expect(try failure { try check(ground, out: named, force: true) }.message.contains("the input itself"))
            #expect(
                try failure { try check(ground, rejected: named, force: true) }.message.contains("the input itself"))
        }
        let same = ground.folder.file("same.csv")
        #expect(try failure { try check(ground, out: same, rejected: same) }.message.contains("same file"))
    }

    @Test func refusesAPlaceThatCannotBeWritten() throws {
        let ground = try Ground("id,amount,description\na,1,Mug\n")
        let error = try failure { try check(ground, out: ground.folder.file("no/out.csv")) }
        #expect(error.code == .outputFailed)
        #expect(error.message.contains("nothing was sent"))
    }

    @Test func removesOnlyItsOwnOldRejectedRows() throws {
        let ground = try Ground("id,amount,description\na,1,Mug\n")
        let files = BatchFiles(input: ground.folder.file("in.csv"), results: nil, rejected: nil)
        try ground.folder.write("in.rejected.csv", "my notes\n")
        files.removeOldRejected(style: ground.style)
        #expect(ground.folder.read("in.rejected.csv") == "my notes\n")
        try ground.folder.write("in.rejected.csv", "id,paylink_line,paylink_problem\nx,2,bad\n")
        try check(ground)
        files.removeOldRejected(style: ground.style)
        #expect(ground.folder.read("in.rejected.csv") == nil)
    }
}

@Suite struct BatchInputTests {
    @Test func refusesWhatCannotBeReadTwice() throws {
        let folder = try Folder()
        #expect(try failure { _ = try BatchInput(path: "-") }.code == .usage)
        #expect(try failure { _ = try BatchInput(path: folder.path) }.code == .usage)
        #expect(try failure { _ = try BatchInput(path: folder.file("no.csv")) }.code == .inputFailed)
    }

    @Test func saysAllThatIsWrongWithTheHeader() throws {
        let folder = try Folder()
        let input = try BatchInput(path: try folder.write("in.csv", "id,id,,amount\n"))
        let error = try failure { do { try input.reader().readHeader() } catch { throw input.failure(error) } }
        #expect(error.code == .badInput)
        #expect(error.message.contains("column 2 is called \"id\"") && error.message.contains("column 3 has no name"))
    }
}
