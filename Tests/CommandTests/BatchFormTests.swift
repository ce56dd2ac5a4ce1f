// Results and rejected rows have the form of the input, and read back as what they were.

import Foundation
import TestSupport
import Testing

@Suite struct BatchFormTests {
    struct Form: CustomTestStringConvertible {
        var mark = ""
        var separatorLine = ""
        var delimiter = ","
        var lineEnd = "\n"
        var isComma = false
        var options: [String] = []
        /// What results begin with, if not with what the input does.
        var resultMark: String?

        var testDescription: String { "\(mark.debugDescription) \(delimiter) \(lineEnd.debugDescription) \(options)" }
    }

    static let forms = [
        Form(), Form(mark: "\u{FEFF}", lineEnd: "\r\n"), Form(delimiter: ";", lineEnd: "\r\n", isComma: true),
        Form(mark: "\u{FEFF}", separatorLine: "sep=;", delimiter: ";", lineEnd: "\r\n", isComma: true),
        Form(delimiter: "\t"),
        Form(options: ["--bom"], resultMark: "\u{FEFF}"),
    ]

    @Test(arguments: forms) func keepsTheFormOfTheInput(_ form: Form) async throws {
        let fixture = try await BatchFixture.start()
        func line(_ cells: [String]) -> String { cells.joined(separator: form.delimiter) + form.lineEnd }
        let head = form.separatorLine.isEmpty ? "" : form.separatorLine + form.lineEnd
        let amount = form.isComma ? "12,50" : "12.50"
        try fixture.folder.write(
            "in.csv",
            form.mark + head + line(["id", "amount", "description"])
                + line(["a", form.isComma && form.delimiter == "," ? "\"12,50\"" : amount, "Gr\u{FC}ne Tasse"])
                + line(["b", "x", "Mug"]))
        let outcome = try await fixture.batch(
            ["in.csv", "--skip-invalid"] + form.options + (form.isComma ? ["--decimal-comma"] : []))
        #expect(outcome.status == 65, "\(outcome)")
        let mark = form.resultMark ?? form.mark
        let results = try #require(fixture.read("in.links.csv"))
        let names = ["id", "amount", "description", "paylink_id", "paylink_url", "paylink_amount"]
        #expect(results.hasPrefix(mark + head + line(names)), "\(results.debugDescription)")
        #expect(results.hasSuffix(form.delimiter + amount + form.lineEnd), "\(results.debugDescription)")
        let rejected = try #require(fixture.read("in.rejected.csv"))
        #expect(
            rejected.hasPrefix(mark + head + line(["id", "amount", "description", "paylink_line", "paylink_problem"])))
        #expect(rejected.hasSuffix(form.lineEnd))
        // A second run finds its own files, and writes the same bytes.
        _ = try await fixture.batch(
            ["in.csv", "--skip-invalid"] + form.options + (form.isComma ? ["--decimal-comma"] : []))
        #expect(fixture.read("in.links.csv") == results && fixture.read("in.rejected.csv") == rejected)
    }

    /// What looks like a formula gets an apostrophe, and loses it when the rejected rows, mended, are the input.
    @Test func takesRejectedRowsBackAsWhatTheyWere() async throws {
        let fixture = try await BatchFixture.start()
        let keys = ["-abc", "@7", "+A1", "=x", "-5", "plain"]
        let texts = ["=1+1", "'=1+1", "''@x", "-minus", "'quoted'", "say \"hi\""]
        func cell(_ text: String) -> String { "\"" + text.replacing("\"", with: "\"\"") + "\"" }
        func table(_ amount: String) -> String {
            "id,amount,description,-note\n"
                + zip(keys, texts).map { "\(cell($0)),\(amount),\(cell($1)),\(cell($1))\n" }.joined()
        }
        try fixture.folder.write("in.csv", table("x"))
        #expect(try await fixture.batch(["in.csv"]).status == 65)
        #expect(try await fixture.sandbox.requests().isEmpty)
        let rejected = try #require(fixture.read("in.rejected.csv"))
        #expect(rejected.contains("'-abc,x,'=1+1,'=1+1,2,"), "\(rejected)")
        try fixture.folder.write("mended.csv", rejected.replacing(",x,", with: ",1,"))
        let outcome = try await fixture.batch(["mended.csv"])
        #expect(outcome.status == 0, "\(outcome)")
        let links = try await fixture.sandbox.links()
        // One apostrophe of a cell that had one before what looks like a formula is taken for the guard at first.
        let read = ["=1+1", "=1+1", "'@x", "-minus", "'quoted'", "say \"hi\""]
        #expect(links.compactMap { $0["description"]?.string }.sorted() == read.sorted(), "\(links)")
        let header = "id,amount,description,'-note,paylink_id,paylink_url,paylink_amount\n"
        #expect(fixture.read("mended.links.csv")?.hasPrefix(header) == true)
        // The original with the amounts mended orders the very same: nothing is left to make.
        try fixture.folder.write("in.csv", table("1"))
        let again = try await fixture.batch(["in.csv", "--json"])
        #expect(try JSON(parsing: again.output)["recorded"]?.integer == 6, "\(again)")
        #expect(try await fixture.sandbox.links().count == 6)
    }

    @Test func namesTheTitleThatStandsAboveTheHeader() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.folder.write("in.csv", "Orders March 2026\nid,amount,description\na,1,Mug\n")
        let outcome = try await fixture.batch(["in.csv"])
        #expect(outcome.status == 65)
        #expect(
            outcome.errors.contains(
                "in.csv: line 1, column 1: \"Orders March 2026\" stands alone above rows of 3 columns"),
            "\(outcome.errors)")
    }
}
