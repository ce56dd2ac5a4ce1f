// What spreadsheets add that is no data, and names with characters that nobody sees.

import CSV
import Testing

@Suite struct SpreadsheetExtrasTests {
    private let options = CSVOptions(allowsSpreadsheetExtras: true)

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let rows: [[String]]
        var testDescription: String { name }

        init(_ name: String, _ text: String, _ rows: [[String]]) {
            (self.name, self.text, self.rows) = (name, text, rows)
        }
    }

    static let cases = [
        Case("sep line", "sep=;\r\nid;amount\r\n1;2,50\r\n", [["1", "2,50"]]),
        Case("sep line behind a mark", "\u{FEFF}sep=;\nid;amount\n1;2,50\n", [["1", "2,50"]]),
        Case("sep line of any case", "SEP=;\rid;amount\r1;2\r", [["1", "2"]]),
        Case("quoted sep line", "\"sep=;\"\nid;amount\n1;2\n", [["1", "2"]]),
        Case("sep line with a tab", "sep=\t\nid\tamount\n1\t2\n", [["1", "2"]]),
        Case("sep line against the count", "sep=;\nid;a,b,c,d\n1;2\n", [["1", "2"]]),
        Case("sep line and an empty line", "sep=,\n\nid,amount\n1,2\n", [["1", "2"]]),
        Case("rows of empty cells", "id,amount\n1,2\n,\n\"\",\"\"\n3,4\n,\n", [["1", "2"], ["3", "4"]]),
        Case("rows of blank cells", "id,amount\n \t,\u{A0}\n1,2\n\u{3000}\u{200B},\"\n\"\n", [["1", "2"]]),
        Case("blank rows of another width", "id,amount\n,,,,\n1,2\n \n", [["1", "2"]]),
        Case("blank rows above the header", ",,\nid,amount,\n1,2,\n", [["1", "2"]]),
        Case(
            "empty columns at the end", "id,amount,,\n1,2,,\n3,4\n5,6, ,\u{A0}\n",
            [["1", "2"], ["3", "4"], ["5", "6"]]),
        Case("an empty last cell is a cell", "id,amount\n1,\n,2\n", [["1", ""], ["", "2"]]),
    ]

    @Test(arguments: cases) func passesOverWhatIsNoData(_ item: Case) throws {
        let reading = try CSVReading.everyWay(item.text, options)
        #expect(reading.headerProblems == [])
        #expect(reading.messages == [])
        #expect(reading.rows == item.rows)
    }

    @Test func countsLinesBehindWhatItPassesOver() throws {
        let reading = try CSVReading.everyWay("sep=,\nid,amount,\n,,\n\"1\",2,\n\" \n \",,\n3,4,\n", options)
        #expect(reading.records == [.good(line: 4, ["1", "2"]), .good(line: 7, ["3", "4"])])
    }

    @Test func takesTheDelimiterThatItIsToldAgainstTheFirstLine() throws {
        let told = CSVOptions(delimiter: .comma, allowsSpreadsheetExtras: true)
        #expect(try CSVReading.everyWay("sep=;\nid,amount\n1,2\n", told).rows == [["1", "2"]])
    }

    @Test(arguments: ["sep=\n1\n", "sep=x\n1\n", "sep=;x\n", "sepp=;x\n", "sep\n1\n", "sep"])
    func takesOtherFirstLinesForNames(_ text: String) throws {
        #expect(try CSVReading.everyWay(text, options).header.first?.hasPrefix("sep") == true)
    }

    @Test func keepsEveryRowOfOneColumn() throws {
        #expect(try CSVReading.everyWay("id\n\"\"\n1\n \n", options).rows == [[""], ["1"], [" "]])
    }

    @Test func namesDataBehindTheColumns() throws {
        let reading = try CSVReading.everyWay("id,amount,\n1,2,x\n", options)
        #expect(reading.records == [.bad(.surplusFields, line: 2, column: 5, ["1", "2", "x"])])
    }

    @Test func namesRowsThatAreWiderThanTheHeader() throws {
        let reading = try CSVReading.everyWay("id,amount\n1,2,,\n3,4\n", options)
        #expect(
            reading.records == [
                .bad(.surplusFields, line: 2, column: 5, ["1", "2", "", ""]), .good(line: 3, ["3", "4"]),
            ])
    }

    @Test func stillNamesBadBytesAndQuotesInThem() throws {
        let reading = try CSVReading.everyWay(Array("id,amount\n1,2,".utf8) + [0xFF, 0x0A], options)
        #expect(reading.records == [.bad(.invalidBytes, line: 2, column: 5, ["1", "2", "\u{FFFD}"])])
    }

    @Test(arguments: ["Orders 2026,,\nid,amount,note\n", ",,Orders 2026\nid,amount,note\n"])
    func saysThatATitleStandsAboveTheHeader(_ text: String) throws {
        let problems = try CSVReading.everyWay(text, options).headerProblems
        #expect(problems.map(\.kind) == [.titleRow])
        #expect(problems.first?.message.contains("\"Orders 2026\" stands alone") == true)
    }

    @Test func stillRefusesAColumnWithoutAName() throws {
        #expect(try CSVReading.everyWay("id,,amount,\n", options).headerProblems.map(\.kind) == [.emptyName])
    }

    @Test func readsAllOfItAsDataUnlessAllowed() throws {
        let reading = try CSVReading.everyWay("id,amount\n,\n1,2,\n")
        #expect(
            reading.records == [.good(line: 2, ["", ""]), .bad(.surplusFields, line: 3, column: 5, ["1", "2", ""])])
    }
}

@Suite struct TitleTests {
    private let options = CSVOptions(allowsSpreadsheetExtras: true)

    @Test(arguments: [
        ("Orders March 2026\nid,amount,note\n1,2,3\n", "rows of 3 columns"),
        ("Orders\nid;amount\n1;2\n3;4\n", "rows of 2 columns"),
        ("Orders March 2026\r\nas of today\r\n\r\nid\tamount\r\n1\t2\r\n", "rows of 2 columns"),
        ("\u{FEFF}sep=;\nOrders\nid;amount\n1;2\n", "rows of 2 columns"),
        ("Orders\n\"a,b\nc\",x\n1,2\n", "rows of 2 columns"),
    ])
    func tellsATitleThatNothingPads(_ text: String, _ says: String) throws {
        let problems = try CSVReading.everyWay(text, options).headerProblems
        #expect(problems.map(\.kind) == [.titleRow])
        #expect(problems.first?.message.contains("stands alone above \(says), like the title of a table") == true)
    }

    @Test(arguments: [
        "id\n1\n2\n", "note\nhello, world\nbye\n", "note\n\"a,b\"\n\"c,d\"\n", "id\n", "id", "Orders\nid,amount,note",
        "id\n1,2\n3\n4,5\n",
    ])
    func letsTablesOfOneColumnPass(_ text: String) throws {
        #expect(try CSVReading.everyWay(text, options).headerProblems.isEmpty)
    }

    @Test func asksOnlyWhereSpreadsheetsAreMeant() throws {
        #expect(try CSVReading.everyWay("Orders\nid,amount\n1,2\n").headerProblems.isEmpty)
        let told = CSVOptions(delimiter: .comma, allowsSpreadsheetExtras: true)
        #expect(try CSVReading.everyWay("note\na;b\nc;d\n", told).headerProblems.isEmpty)
    }
}

@Suite struct NameRuleTests {
    static let invisible: [(String, String)] = [
        ("1001 ", "ends with U+0020 (space), its character 5"),
        ("1001\u{A0}", "ends with U+00A0 (no-break space), its character 5"),
        ("\u{2007}1001", "begins with U+2007 (figure space), its character 1"),
        ("1001\u{3000}", "ends with U+3000 (ideographic space), its character 5"),
        ("1001\u{85}", "ends with U+0085"), ("1001\u{2028}", "ends with U+2028 (line separator)"),
        ("\t1001", "begins with U+0009"),
        ("10\u{200B}01", "contains U+200B (zero width space), its character 3"),
        ("\u{FEFF}1001", "begins with U+FEFF (zero width no-break space), its character 1"),
        ("10\u{AD}01", "contains U+00AD (soft hyphen), its character 3"),
        ("1001\u{200E}", "ends with U+200E (left-to-right mark)"), ("é\u{202E}1", "contains U+202E"),
        ("1\u{2060}1", "contains U+2060 (word joiner)"), ("1\u{E0001}1", "contains U+E0001"),
        (" ", "begins with U+0020"), ("10\u{A0}01", "contains U+00A0 (no-break space), its character 3"),
        ("10 0\u{2007}1", "contains U+2007 (figure space), its character 5"),
        ("10\u{202F}01", "contains U+202F (narrow no-break space)"), ("10\u{3000}01", "contains U+3000"),
        ("10\u{2009}01", "contains U+2009 (thin space)"), ("10\u{2028}01", "contains U+2028"),
        ("10\u{205F}01", "contains U+205F"), ("10\u{1680}01", "contains U+1680"), ("10\u{85}01", "contains U+0085"),
        ("10\u{200D}01", "contains U+200D (zero width joiner)"), ("می\u{200C}خواهم", "contains U+200C"),
        ("10\u{3164}01", "contains U+3164 (hangul filler)"), ("1\u{34F}0", "contains U+034F"),
        ("10\u{2800}", "ends with U+2800"), ("10\u{FE0F}", "ends with U+FE0F"),
    ]

    @Test(arguments: invisible) func namesWhatNobodySees(_ name: String, _ says: String) {
        #expect(InvisibleCharacter.first(in: name)?.description.hasPrefix(says) == true)
    }

    @Test(arguments: ["1001", "10 01", "Zürich 7", "注文-1", "a b c", "-", "", "é", "🧾"])
    func letsOtherNamesPass(_ name: String) {
        #expect(InvisibleCharacter.first(in: name) == nil)
    }

    /// Words of Persian and Hindi need the joiners; between digits or at an end they are as unseen as elsewhere.
    @Test func letsNamesOfColumnsHaveTheJoinersOfTheirWords() throws {
        let names = ["می\u{200C}خواهم", "क्\u{200D}ष", "شماره"]
        for name in names { #expect(InvisibleCharacter.first(in: name, allowsJoiners: true) == nil, "\(name)") }
        for name in ["10\u{200D}01", "id\u{200C}", "\u{200D}id", "a\u{200C} b", "a\u{200C}\u{200C}b", "a\u{200B}b"] {
            #expect(InvisibleCharacter.first(in: name, allowsJoiners: true) != nil, "\(name)")
        }
        let reading = try CSVReading.everyWay(names.joined(separator: ",") + "\n1,2,3\n")
        #expect(reading.headerProblems.isEmpty && reading.header == names)
    }

    @Test func saysThatASpaceWithinANameIsNoOrdinaryOne() throws {
        let problems = try CSVReading.everyWay("order\u{A0}id,amount\n1,2\n").headerProblems
        #expect(
            problems.map(\.message) == [
                "the name of column 1, \"order\u{A0}id\", contains U+00A0 (no-break space), its character 6, which looks "
                    + "like an ordinary space; write an ordinary space"
            ])
    }

    @Test func refusesSuchNamesOfColumns() throws {
        let problems = try CSVReading.everyWay("id,am\u{AD}ount,note\u{A0} \n1,2,3\n").headerProblems
        #expect(
            problems.map(\.description) == [
                "line 1, column 4: the name of column 2, \"am\u{AD}ount\", contains U+00AD (soft hyphen), its character 3, "
                    + "which is seen by nobody; remove it",
                "line 1, column 12: the name of column 3, \"note\u{A0}\", ends with U+00A0 (no-break space), its character "
                    + "5, which is seen by nobody; remove it",
            ])
    }

    static let mangled = [
        "1.00123E+11", "1,00123E+11", "1.00123e+11", "-1.5E+20", "1E+11", "1e+05", "2E-05", "1.2E-7", "#REF!", "#N/A",
        "#NAME?", "#DIV/0!", "#VALUE!", "#BEZUG!", "#NV", "#¡REF!", "#N/D", "Err:502", "####", "'=A1", "'@home",
        "'-abc",
    ]

    @Test(arguments: mangled) func refusesWhatASpreadsheetMade(_ name: String) {
        #expect(SpreadsheetTrace.problem(with: name) != nil)
    }

    static let legal = [
        "73928e03", "1e5", "12E-3", "1E5", "12E+11", "1.5E10", "E+11", "1.E+11", ".5E+11", "1.00123E+11-A", "A1.5E+11",
        "#",
        "#1001", "#A!", "#REF", "#order!", "Err:", "Err:x", "'", "'1001", "'-5", "=A1", "1.00123", "",
    ]

    @Test(arguments: legal) func letsIdsPass(_ name: String) {
        #expect(SpreadsheetTrace.problem(with: name) == nil)
    }
}
