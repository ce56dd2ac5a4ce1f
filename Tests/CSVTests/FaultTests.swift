// Records that break the rules: each is named with its place, keeps its fields, and does not disturb the others.

import CSV
import Testing

@Suite struct FaultTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let bad: CSVReading.Record
        /// Part of the message.
        let says: String

        var testDescription: String { text.debugDescription }

        init(_ text: String, _ bad: CSVReading.Record, _ says: String) {
            (self.text, self.bad, self.says) = (text, bad, says)
        }
    }

    /// The second record of a file, between good ones.
    static let cases = [
        Case("x", .bad(.missingFields, line: 3, column: 2, ["x"]), "1 field where the header names 2"),
        Case(" ", .bad(.missingFields, line: 3, column: 2, [" "]), "1 field where"),
        Case("\"\"", .bad(.missingFields, line: 3, column: 3, [""]), "1 field where"),
        Case("x,y,z,", .bad(.surplusFields, line: 3, column: 5, ["x", "y", "z", ""]), "4 fields where"),
        Case("x,y,", .bad(.surplusFields, line: 3, column: 5, ["x", "y", ""]), "3 fields where"),
        Case("äöü,\"y\nz\",w", .bad(.surplusFields, line: 4, column: 4, ["äöü", "y\nz", "w"]), "3 fields where"),
        Case("x,5\" pipe", .bad(.strayQuote, line: 3, column: 4, ["x", "5\" pipe"]), "quote within a field"),
        Case("ä 5\",\"y,\nz\"", .bad(.strayQuote, line: 3, column: 4, ["ä 5\"", "y,\nz"]), "quote within a field"),
        Case(" \"x\",y", .bad(.strayQuote, line: 3, column: 2, [" \"x\"", "y"]), "does not begin with one"),
        Case("\"x\"y,z", .bad(.textAfterQuote, line: 3, column: 4, ["xy", "z"]), "must be doubled"),
        Case("\"a\r\nb\" ,z", .bad(.textAfterQuote, line: 4, column: 3, ["a\r\nb ", "z"]), "after the closing quote"),
        Case("\"a \"b\" c\",z", .bad(.textAfterQuote, line: 3, column: 5, ["a b\" c\"", "z"]), "after the closing"),
        Case("x,\0y", .bad(.nulByte, line: 3, column: 3, ["x", "\0y"]), "NUL byte"),
        Case("\"\n\0\",y", .bad(.nulByte, line: 4, column: 1, ["\n\0", "y"]), "NUL byte"),
        Case("a\0\",b", .bad(.nulByte, line: 3, column: 2, ["a\0\"", "b"]), "NUL byte"),
    ]

    @Test(arguments: cases)
    func namesFaultAndGoesOn(_ item: Case) throws {
        let reading = try CSVReading.everyWay("k,v\n1,2\n" + item.text + "\n3,4\n")
        #expect(reading.records.count == 3)
        #expect(reading.records.first == .good(line: 2, ["1", "2"]))
        #expect(reading.records.dropFirst().first == item.bad)
        #expect(reading.rows.last == ["3", "4"])
        #expect(reading.messages.first?.contains(item.says) == true, "\(reading.messages)")
    }

    @Test(arguments: [
        ("\"x,y\n3,4\n", 3, 1), ("x,\"", 3, 3), ("x,\"y\"\"", 3, 3), ("\"a\nb\",\"c\n\0", 4, 4),
    ])
    func namesWhereAnUnclosedQuoteOpens(_ text: String, line: Int, column: Int) throws {
        let reading = try CSVReading.everyWay("k,v\n1,2\n" + text)
        #expect(reading.records.count == 2)
        guard case .bad(.unclosedQuote, line, column, _) = reading.records.last else {
            Issue.record("\(String(describing: reading.records.last))")
            return
        }
    }

    @Test(
        arguments: [
            ([0x63, 0xE9, 0x2C, 0x64], 2, "0xE9 is not UTF-8", ["c\u{FFFD}", "d"]),
            ([0xC3, 0x2C, 0xA9], 1, "0xC3 is not UTF-8", ["\u{FFFD}", "\u{FFFD}"]),
            ([0xC3, 0xA9, 0x2C, 0xED, 0xA0, 0x80], 3, "0xED", ["é", "\u{FFFD}\u{FFFD}\u{FFFD}"]),
            ([0x2C, 0xF4, 0x90, 0x80, 0x80], 2, "0xF4", ["", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"]),
            ([0x2C, 0xE2, 0x82, 0x41], 2, "0xE2", ["", "\u{FFFD}A"]),
            ([0x2C, 0xF0, 0x9F, 0xA7, 0x41], 2, "0xF0", ["", "\u{FFFD}A"]),
            ([0x2C, 0xC0, 0xAF], 2, "0xC0", ["", "\u{FFFD}\u{FFFD}"]),
            ([0x31, 0x2C, 0xE2, 0x82], 3, "0xE2", ["1", "\u{FFFD}"]),
        ] as [([UInt8], Int, String, [String])])
    func namesBytesThatAreNotUTF8(_ bytes: [UInt8], column: Int, says: String, fields: [String]) throws {
        let reading = try CSVReading.everyWay(Array("k,v\nä,2\n".utf8) + bytes + Array("\n3,€\n".utf8))
        #expect(
            reading.records == [
                .good(line: 2, ["ä", "2"]), .bad(.invalidBytes, line: 3, column: column, fields),
                .good(line: 4, ["3", "€"]),
            ])
        #expect(reading.messages.first?.contains(says) == true, "\(reading.messages)")
    }

    @Test func namesTheEarliestOfSeveralFaults() throws {
        let bytes: [UInt8] = Array("k,v\na\"b,".utf8) + [0xFF] + Array("\n".utf8) + [0xFF] + Array("a\"b,\n".utf8)
        let reading = try CSVReading.everyWay(bytes)
        #expect(
            reading.records == [
                .bad(.strayQuote, line: 2, column: 2, ["a\"b", "\u{FFFD}"]),
                .bad(.invalidBytes, line: 3, column: 1, ["\u{FFFD}a\"b", ""]),
            ])
    }

    @Test(arguments: [
        "1,\(String(repeating: "x", count: 200))\n3,4\n", "\"1,\n2,3\n" + String(repeating: "4,5\n", count: 50),
    ])
    func endsAtARecordThatIsTooLong(_ text: String) throws {
        let reading = try CSVReading.everyWay("k,v\nA,B\n" + text, CSVOptions(maximumRecordBytes: 100))
        #expect(reading.records == [.good(line: 2, ["A", "B"]), .bad(.recordTooLong, line: 3, column: 1, [])])
        #expect(reading.messages.first?.contains("longer than 100 bytes; perhaps a quote is not closed") == true)
    }

    @Test func readsARecordOfExactlyTheMaximum() throws {
        let field = String(repeating: "x", count: 98)
        let reading = try CSVReading.everyWay("k,v\n1,\(field)\n1,\(field)", CSVOptions(maximumRecordBytes: 100))
        #expect(reading.rows == [["1", field], ["1", field]])
        let longer = try CSVReading.everyWay("k,v\n1,\(field)x", CSVOptions(maximumRecordBytes: 100))
        #expect(longer.records == [.bad(.recordTooLong, line: 2, column: 1, [])])
    }

    @Test func readsARecordLargerThanItsBuffers() throws {
        let field = String(repeating: "0123456789\n", count: 200_000)
        let text = Array("k,v\n1,\"\(field)\"\n2,x\n".utf8)
        let reading = try CSVReading.of(text, block: 50_021)
        #expect(reading.records == [.good(line: 2, ["1", field]), .good(line: 200_003, ["2", "x"])])
    }

    @Test func keepsOnlySoMuchOfABadRecord() throws {
        let row = String(repeating: "x", count: 40_000) + "," + String(repeating: "y", count: 40_000) + ",z"
        let reading = try CSVReading.of(Array("k,v\n\(row)\n".utf8))
        guard case .bad(.surplusFields, 2, 80_003, let fields) = reading.records.first else {
            Issue.record("\(reading.records.count)")
            return
        }
        #expect(fields.map(\.utf8.count) == [40_000, 65_536 - 40_000, 0])
    }

    @Test func describesAProblemWithItsPlace() throws {
        let reader = CSVReader(source: source(Array("k,v\n1\n".utf8), block: .max))
        let records = CSVRecords()
        #expect(try reader.next(into: records) == 1)
        #expect(records.problems.map(\.description) == ["line 2, column 2: 1 field where the header names 2"])
        #expect(records.problems.map(\.isFatal) == [false])
    }

    @Test func throwsWhatTheSourceThrows() throws {
        struct Broken: Error {}
        var reads = 0
        let reader = CSVReader { buffer in
            reads += 1
            guard reads != 2 else { throw Broken() }
            guard reads < 4 else { return 0 }
            buffer.copyBytes(from: Array(reads == 1 ? "k,v\n1,".utf8 : "2\n3,4\n".utf8))
            return 6
        }
        let records = CSVRecords()
        #expect(throws: Broken.self) { try reader.next(into: records) }
        #expect(try reader.next(into: records) == 2)
        #expect(records.string(0, 1) == "2")
    }

    @Test func survivesASourceThatClaimsTooMuch() throws {
        var reads = 0
        let reader = CSVReader { buffer in
            reads += 1
            buffer.initializeMemory(as: UInt8.self, repeating: 0x61)
            return reads == 1 ? .max : reads == 2 ? -5 : 0
        }
        try reader.readHeader()
        #expect(reader.header.count == 1)
    }

    @Test func reportsTheSystemsErrorForADescriptor() throws {
        let reader = CSVReader(fileDescriptor: -1)
        let error = #expect(throws: CSVReadFailure.self) { try reader.readHeader() }
        #expect(error?.description == "Bad file descriptor")
    }
}
