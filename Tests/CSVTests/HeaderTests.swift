// Headers that cannot be used, and encodings other than UTF-8.

import CSV
import Testing

@Suite struct HeaderTests {
    struct Case: Sendable {
        let text: String
        let problems: [String]
    }

    static let cases = [
        Case(text: "", problems: ["line 1, column 1: the file is empty; its first line must name the columns"]),
        Case(text: "\u{FEFF}", problems: ["line 1, column 1: the file is empty; its first line must name the columns"]),
        Case(
            text: "\n\r\n",
            problems: ["line 1, column 1: the file has only empty lines; its first line must name the columns"]),
        Case(
            text: "a,\"ä\nb\",, a ,\"\"\n1,2,3,4,5\n",
            problems: [
                "line 2, column 4: column 3 has no name; give it one, or remove it",
                "line 2, column 5: column 4 is called \"a\" like column 1; rename one of them",
                "line 2, column 9: column 5 has no name; give it one, or remove it",
            ]),
        Case(
            text: "a,b\"c\n",
            problems: [
                "line 1, column 4: "
                    + "a quote within a field that does not begin with one; quote the field and double it"
            ]),
        Case(text: "\"a,b\n1,2\n", problems: ["line 1, column 1: this quote is not closed before the end of the file"]),
        Case(
            text: "k\0,\0v\0\n\0",
            problems: ["line 1, column 2: a NUL byte; is it UTF-16 without a byte order mark, or no text file?"]),
        Case(
            text: String(repeating: ",", count: 16_384) + "\n",
            problems: ["line 1, column 16384: 16385 columns; at most 16384 are possible"]),
    ]

    @Test(arguments: cases)
    func namesEveryProblemOfTheHeader(_ item: Case) throws {
        let reading = try CSVReading.everyWay(item.text)
        #expect(reading.headerProblems.map(\.description) == item.problems)
    }

    @Test func throwsTheSameErrorAgain() {
        let reader = CSVReader(source: source([], block: 1))
        let records = CSVRecords()
        for _ in 0..<2 {
            let error = #expect(throws: CSVHeaderError.self) { try reader.next(into: records) }
            #expect(error?.problems.map(\.kind) == [.noHeader])
        }
    }

    @Test(arguments: [CSVDelimiter.comma, nil])
    func beginsTheHeaderAnewAfterAFailedRead(_ delimiter: CSVDelimiter?) throws {
        struct Failure: Error {}
        for failing in 2...4 {
            let honest = source(Array("name,\"am\"\"ount\"\n1,2\n".utf8), block: 4)
            var calls = 0
            let reader = CSVReader(options: CSVOptions(delimiter: delimiter)) { buffer in
                calls += 1
                if calls == failing { throw Failure() }
                return try honest(buffer)
            }
            #expect(throws: Failure.self) { try reader.readHeader() }
            try reader.readHeader()
            #expect(reader.header == ["name", "am\"ount"])
        }
    }

    @Test func refusesAHeaderThatIsTooLong() throws {
        let reading = try CSVReading.everyWay(
            "\"" + String(repeating: "x\n", count: 80), CSVOptions(maximumRecordBytes: 99))
        #expect(reading.headerProblems.map(\.kind) == [.recordTooLong])
    }

    @Test func readsVeryManyColumns() throws {
        let header = (0..<16_384).map { "c\($0)" }
        let text = header.joined(separator: ",") + "\n" + String(repeating: ",", count: 16_383) + "\n"
        let reading = try CSVReading.of(Array(text.utf8))
        #expect(reading.header == header)
        #expect(reading.rows.map(\.count) == [16_384])
    }

    // MARK: Encodings

    private func bigEndian(_ units: some Sequence<UInt16>) -> [UInt8] {
        units.flatMap { (unit: UInt16) -> [UInt8] in [UInt8(unit >> 8), UInt8(unit & 0xFF)] }
    }

    private let windows1252 = CSVOptions(encoding: .windows1252)

    @Test func readsWindows1252WhenAsked() throws {
        let bytes: [UInt8] = Array("k,v\n".utf8) + [0x80, 0xE4, 0x2C, 0x9F, 0xFF, 0x0A]
        #expect(try CSVReading.everyWay(bytes, windows1252).rows == [["€ä", "Ÿÿ"]])
    }

    @Test(arguments: [0x81, 0x8D, 0x8F, 0x90, 0x9D] as [UInt8])
    func namesBytesThatWindows1252DoesNotDefine(_ byte: UInt8) throws {
        let reading = try CSVReading.everyWay(Array("k,v\n1,ab".utf8) + [0xE4, byte, 0x0A], windows1252)
        #expect(reading.records == [.bad(.invalidBytes, line: 2, column: 6, ["1", "abä\u{FFFD}"])])
        let digits = String(byte, radix: 16, uppercase: true)
        #expect(reading.messages == ["the byte 0x\(digits) stands for nothing in Windows-1252"])
    }

    @Test func letsAByteOrderMarkDecide() throws {
        #expect(try CSVReading.everyWay("\u{FEFF}k,ä\n1,ö\n", windows1252).header == ["k", "ä"])
    }

    @Test func readsUTF16WithoutMarkWhenAsked() throws {
        let bytes = bigEndian("k,ä\n1,🧾\n".utf16)
        let reading = try CSVReading.everyWay(bytes, CSVOptions(encoding: .utf16BigEndian))
        #expect(reading.header == ["k", "ä"])
        #expect(reading.rows == [["1", "🧾"]])
    }

    @Test(
        arguments: [
            ([0xD83E], "half a surrogate pair"), ([0xDDFE], "half a surrogate pair"),
            ([0xD83E, 0xD83E], "half a surrogate pair"), ([0xDDFE, 0xD83E], "half a surrogate pair"),
        ] as [([UInt16], String)])
    func namesLoneSurrogates(_ units: [UInt16], says: String) throws {
        for tail in ["\n2,y\n", ""] {
            let text: [UInt16] = [0xFEFF] + Array("k,v\n1,ä".utf16) + units + Array(tail.utf16)
            let reading = try CSVReading.everyWay(bigEndian(text))
            let repaired = "ä" + String(repeating: "\u{FFFD}", count: units.count)
            #expect(reading.records.first == .bad(.invalidBytes, line: 2, column: 4, ["1", repaired]))
            #expect(reading.records.count == (tail.isEmpty ? 1 : 2))
            #expect(reading.messages.first?.contains(says) == true)
        }
    }

    @Test func namesAHalfCharacterAtTheEndOfUTF16() throws {
        let bytes = bigEndian("\u{FEFF}k,v\n1,2".utf16) + [0x00]
        let reading = try CSVReading.everyWay(bytes)
        #expect(reading.records == [.bad(.invalidBytes, line: 2, column: 4, ["1", "2\u{FFFD}"])])
        #expect(reading.messages == ["the file ends within a character of UTF-16"])
    }
}
