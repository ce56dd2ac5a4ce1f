// From a row to an order, or to everything that is wrong with it.

import Batch
import CSV
import OneShotPay
import Recorder
import Scripting
import Testing

@Suite struct RowReaderTests {
    /// Reads the first row of a table with the columns given.
    private func read(
        _ cells: KeyValuePairs<String, String>, _ change: (inout BatchTerms) -> Void = { _ in }
    ) throws -> (order: LinkOrder?, problems: [RowProblem]) {
        var writer = CSVTableWriter(guardsFormulas: false)
        let named = Dictionary(uniqueKeysWithValues: Array(cells).map { ($0.key, $0.value) })
        let all = ["id": "A1", "amount": "12.50", "description": "Mug"].merging(named) { $1 }
        let names = all.keys.sorted()
        writer.row(names)
        writer.row(names.map { all[$0] ?? "" })
        var terms = BatchTerms()
        change(&terms)
        let table = try records(of: String(decoding: writer.bytes, as: UTF8.self))
        let reader = RowReader(columns: try BatchColumns(header: table.header, terms: terms), terms: terms)
        var problems: [RowProblem] = []
        return (reader.order(table.records, 0, line: 2, &problems), problems)
    }

    @Test func takesEveryTerm() throws {
        let payer = "123e4567-e89b-12d3-a456-426614174000"
        let (order, problems) = try read([
            "expires_in": "15m", "media_url": "https://example.com/m.png", "payer": payer, "reusable": "Yes",
            "locale": "tr", "close_on_complete": "1",
        ])
        #expect(problems.isEmpty)
        let made = try #require(order)
        #expect(made.key == "A1")
        #expect(made.request.amount == Money(microUSDC: 12_500_000))
        #expect(made.request.description == "Mug")
        #expect(made.expiry == .after(.seconds(900)))
        #expect(made.request.mediaURL == "https://example.com/m.png")
        #expect(made.request.payer?.description == payer)
        #expect(made.request.reusable && made.request.closeOnComplete)
        #expect(made.request.locale == .turkish)
    }

    @Test func takesEmptyOptionalCellsForAbsent() throws {
        let (order, _) = try read([
            "expires_in": "", "expires_at": "", "media_url": "", "payer": "", "reusable": "", "locale": "",
            "close_on_complete": "",
        ])
        #expect(order == (try read([:])).order)
        #expect(order != nil)
    }

    @Test func usesTheOptionForRowsThatDoNotSay() throws {
        #expect(try read(["expires_in": ""]) { $0.expiresIn = .seconds(60) }.order?.expiry == .after(.seconds(60)))
        #expect(try read(["expires_in": "2h"]) { $0.expiresIn = .seconds(60) }.order?.expiry == .after(.seconds(7200)))
    }

    static let bad: [(String, String, String)] = [
        ("id", "", "the key is empty"), ("id", "  ", "the key is empty"),
        ("id", " A1", "begins with U+0020 (space), its character 1"),
        ("id", "\u{A0}", "the key is empty"), ("id", "A1\t", "ends with U+0009"),
        ("id", "1001\u{A0}", "ends with U+00A0 (no-break space), its character 5"),
        ("id", "10\u{200B}01", "contains U+200B (zero width space), its character 3"),
        ("id", "1.00123E+11", "a number that a spreadsheet has shortened"),
        ("id", "1,00123E+11", "a number that a spreadsheet has shortened"), ("id", "#REF!", "a spreadsheet's error"),
        ("id", "'=A1", "the apostrophe"),
        ("id", "A\u{7}1", "control character"),
        ("id", String(repeating: "k", count: 513), "1 to 512 bytes, not 513"),
        ("amount", "12,50", "\"12,50\" has a comma"), ("amount", "", "the amount is empty"),
        ("amount", "0", "a link needs more than 0"), ("amount", "-1", "a link needs more than 0"),
        ("amount", "1.0000001", "more than 6 decimals"), ("amount", "1000000001", "more than the limit"),
        ("amount", "$5", "currency sign"), ("amount", " 5", "has a space around it"),
        ("description", "", "is empty"), ("description", String(repeating: "x", count: 16_385), "is longer than"),
        ("expires_in", "soon", "\"soon\" is no duration"), ("expires_in", "0", "could never be paid"),
        ("expires_at", "tomorrow", "\"tomorrow\" is no moment"), ("expires_at", "1767225600000", "not milliseconds"),
        ("media_url", "ftp://example.com/a.png", "ftp"), ("payer", "somebody", "is no user id"),
        ("reusable", "maybe", "neither true nor false"), ("close_on_complete", "2", "neither true nor false"),
        ("locale", "de", "use en, es or tr"),
    ]

    @Test(arguments: bad) func namesTheCellThatIsBad(_ column: String, _ cell: String, _ says: String) throws {
        let (order, problems) = try read([column: cell])
        #expect(order == nil)
        #expect(problems.count == 1)
        #expect(problems.first?.place == "column \"\(column)\"")
        #expect(problems.first?.line == 2)
        #expect(problems.first?.message.contains(says) == true, "\(problems)")
    }

    @Test func findsAllThatIsWrongWithARow() throws {
        let (order, problems) = try read([
            "id": "", "amount": "x", "description": "", "payer": "x", "media_url": "x", "expires_in": "0",
        ])
        #expect(order == nil)
        #expect(
            Set(problems.map(\.place)) == [
                "column \"id\"", "column \"amount\"", "column \"description\"", "column \"payer\"",
                "column \"media_url\"", "column \"expires_in\"",
            ])
    }

    @Test func refusesTwoExpiries() throws {
        let problems = try read(["expires_in": "1h", "expires_at": "1900000000"]).problems
        #expect(problems.map(\.place) == ["column \"expires_at\""])
    }

    @Test func laysATemplatesProblemToTheRow() throws {
        let (order, problems) = try read(["note": ""]) { $0.description = "{note}" }
        #expect(order == nil)
        #expect(problems.map(\.place) == [nil])
        #expect(problems.first?.description.hasPrefix("line 2: description is empty") == true)
    }

    static let ambiguous: [(String, String)] = [
        ("1.234", "1234 USD or 1.234 USD: if the point is this file's decimal sign, say --decimal-point"),
        ("12.500", "12500 USD or 12.500 USD"), ("999.000", "999000 USD or 999.000 USD"),
        ("1,234", "1234 USD or 1.234 USD: if the comma is this file's decimal sign, say --decimal-comma"),
        ("12,500", "12500 USD or 12.500 USD"), ("-1.234", "-1234 USD or -1.234 USD"),
    ]

    @Test(arguments: ambiguous) func refusesAmountsWithTwoReadings(_ cell: String, _ says: String) throws {
        let (order, problems) = try read(["amount": cell])
        #expect(order == nil)
        #expect(problems.map(\.place) == ["column \"amount\""])
        #expect(problems.first?.message.hasPrefix("\"\(cell)\" may mean \(says)") == true, "\(problems)")
    }

    @Test(arguments: [
        ("1.234", "1.234", DecimalSign.point), ("12.500", "12.50", .point), ("1,234", "1.234", .comma),
        ("12,500", "12.50", .comma), ("0.125", "0.125", nil), ("1234.500", "1234.50", nil), ("1.2345", "1.2345", nil),
        ("1.23", "1.23", nil), ("1234", "1234.00", nil),
    ])
    func takesAmountsWithOneReading(_ cell: String, _ amount: String, _ sign: DecimalSign?) throws {
        let (order, problems) = try read(["amount": cell]) { $0.decimalSign = sign }
        #expect(problems.isEmpty)
        #expect(order?.request.amount.description == amount)
    }

    @Test(arguments: [
        ("12,5O", "\"12,5O\" is not an amount"), ("1,2345678", "\"1,2345678\" has more than 6 decimals"),
        ("5,", "\"5,\" needs a digit before and after the comma; write 0,50 or 12"),
        ("12.50", "\"12.50\" has a dot; with a decimal comma write 1234,50"),
        ("1,2,3", "\"1,2,3\" has more than one comma"), ("1.234,50", "\"1.234,50\" has a dot"),
        ("1\u{A0}234,50", "\"1\u{A0}234,50\" has U+00A0 (no-break space) in it; leave it out and write 1234,50"),
        ("1'234,50", "\"1'234,50\" has U+0027 (apostrophe) in it; leave it out and write 1234,50"),
        ("1 234,5O", "\"1 234,5O\" has U+0020 (space) in it; write digits alone, such as 12,50"),
        (String(repeating: "12,5O", count: 10), "\"" + String(repeating: "12,5O", count: 8) + "…\" is not an amount"),
    ])
    func speaksOfTheAmountAsItIsWritten(_ cell: String, _ says: String) throws {
        let problems = try read(["amount": cell]) { $0.decimalSign = .comma }.problems
        #expect(problems.first?.message.hasPrefix(says) == true, "\(problems)")
    }

    @Test(arguments: ["73928e03", "12E-3", "1e5", "A 1", "'1001", "=A1"]) func takesIdsForKeys(_ cell: String) throws {
        #expect(try read(["id": cell]).order?.key == cell)
    }

    static let commas: [(String, String?)] = [
        ("12,50", "12.50"), ("12", "12.00"), ("0,000001", "0.000001"), ("1.234,50", nil), ("12.50", nil),
        ("1,2,3", nil),
        (",5", nil), ("5,", nil), ("1 234,50", nil), ("", nil), ("1'234,50", nil),
    ]

    @Test(arguments: commas) func readsDecimalCommasWhenAsked(_ cell: String, _ amount: String?) throws {
        let (order, problems) = try read(["amount": cell]) { $0.decimalSign = .comma }
        #expect(order?.request.amount.description == amount)
        #expect(problems.isEmpty == (amount != nil))
    }
}

@Suite struct TimestampTests {
    static let cases: [(String, Int64?)] = [
        ("0", 0), ("1767225600", 1_767_225_600), ("1970-01-01T00:00:00Z", 0), ("1970-01-02 00:00Z", 86_400),
        ("2027-01-31T18:00:00Z", 1_801_418_400), ("2027-01-31T18:00:00+01:00", 1_801_414_800),
        ("2027-01-31 18:00 -0530", 1_801_438_200), ("2024-02-29T12:00:00.250Z", 1_709_208_000),
        ("2000-03-01T00:00:00z", 951_868_800), ("2023-02-29T00:00:00Z", nil), ("2027-01-31T18:00:00", nil),
        ("2027-01-31", nil), ("31.01.2027", nil), ("2027-13-01T00:00:00Z", nil), ("2027-01-31T24:00:00Z", nil),
        ("", nil),
        ("-5", nil), ("1e9", nil), ("99999999999999999999", nil), ("2027-01-31T18:00:00Zx", nil),
    ]

    @Test(arguments: cases) func readsMomentsWithAZone(_ text: String, _ seconds: Int64?) {
        #expect(Timestamp.parse(text) == seconds)
    }
}
