// Well-formed files of every shape that spreadsheets and programs write, and what must be read from them.

import CSV
import Testing

@Suite struct ConformanceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let header: [String]
        let rows: [[String]]

        var testDescription: String { name }

        init(_ name: String, _ text: String, _ header: [String], _ rows: [[String]]) {
            (self.name, self.text, self.header, self.rows) = (name, text, header, rows)
        }
    }

    static let cases = [
        Case("simple", "key,amount\nA-1,2.50\n", ["key", "amount"], [["A-1", "2.50"]]),
        Case("header only", "key,amount\n", ["key", "amount"], []),
        Case("header without line end", "key,amount", ["key", "amount"], []),
        Case("last line without line end", "k,v\n1,2\n3,4", ["k", "v"], [["1", "2"], ["3", "4"]]),
        Case(
            "comma in quotes", "first,town\nAda,\"Ulm, Neustadt\"\n", ["first", "town"],
            [["Ada", "Ulm, Neustadt"]]),
        Case(
            "quotes within quotes", "k,v\n1,\"say \"\"yes\"\"\"\n2,\"\"\"\"\n", ["k", "v"],
            [["1", "say \"yes\""], ["2", "\""]]),
        Case(
            "quotes and line ends", "k,v\n1,\"one \"\"\n\"\" two\"\n", ["k", "v"], [["1", "one \"\n\" two"]]),
        Case("LF in a field", "k,v\n\"a\nb\",1\n", ["k", "v"], [["a\nb", "1"]]),
        Case("CRLF in a field", "k,v\r\n\"a\r\nb\",1\r\n", ["k", "v"], [["a\r\nb", "1"]]),
        Case("CR in a field", "k,v\r\n\"a\rb\",1\r\n", ["k", "v"], [["a\rb", "1"]]),
        Case("line end in a header name", "\"k\n1\",v\n2,3\n", ["k\n1", "v"], [["2", "3"]]),
        Case(
            "empty fields", "a,b,c\n1,\"\",\"\"\n2,,\n,,\n", ["a", "b", "c"],
            [["1", "", ""], ["2", "", ""], ["", "", ""]]),
        Case("trailing empty field without line end", "a,b\n1,", ["a", "b"], [["1", ""]]),
        Case(
            "JSON in a field", "k,j\n1,\"{\"\"type\"\": \"\"Point\"\", \"\"at\"\": [1, 2]}\"\n", ["k", "j"],
            [["1", "{\"type\": \"Point\", \"at\": [1, 2]}"]]),
        Case(
            "UTF-8", "k,v\n1,Zürich\n2,Ελλάδα 🇬🇷\n3,日本語\n", ["k", "v"],
            [["1", "Zürich"], ["2", "Ελλάδα 🇬🇷"], ["3", "日本語"]]),
        Case("byte order mark", "\u{FEFF}k,v\n1,2\n", ["k", "v"], [["1", "2"]]),
        Case("byte order mark and quotes", "\u{FEFF}\"k\",v\n1,2\n", ["k", "v"], [["1", "2"]]),
        Case("byte order mark within", "k,v\n\u{FEFF}1,2\n", ["k", "v"], [["\u{FEFF}1", "2"]]),
        Case("CR only", "k,v\r1,2\r3,4\r", ["k", "v"], [["1", "2"], ["3", "4"]]),
        Case("mixed line ends", "k,v\r\n1,2\r3,4\n5,6\r\n", ["k", "v"], [["1", "2"], ["3", "4"], ["5", "6"]]),
        Case("empty lines", "\n\r\nk,v\n\n1,2\n\r\n\r\r3,4\n\n", ["k", "v"], [["1", "2"], ["3", "4"]]),
        Case("one column", "name\nAda\n\n\"\"\nBob\n", ["name"], [["Ada"], [""], ["Bob"]]),
        Case("one column with spaces", "name\n Ada \n \n", ["name"], [[" Ada "], [" "]]),
        Case("semicolons", "k;v\n1,5;2\n", ["k", "v"], [["1,5", "2"]]),
        Case("tabs", "k\tv\n1\t2;3\n\t\n", ["k", "v"], [["1", "2;3"], ["", ""]]),
        Case("delimiters in a quoted header", "\"k,a,b,c\";v;w\n1;2;3\n", ["k,a,b,c", "v", "w"], [["1", "2", "3"]]),
        Case("as many commas as semicolons", "a,b;c\n1,2\n", ["a", "b;c"], [["1", "2"]]),
        Case("tab in a field", "k,v\na\tb,\t\n", ["k", "v"], [["a\tb", "\t"]]),
        Case("spaces around names", " k , v\t\n 1 , 2\n", ["k", "v"], [[" 1 ", " 2"]]),
        Case("control characters", "k,v\n\u{1}\u{B},\u{7F}\u{1F}\n", ["k", "v"], [["\u{1}\u{B}", "\u{7F}\u{1F}"]]),
        Case(
            "fields longer than a word", "k,v\n\"0123456789abcdefg\"\"hij\",0123456789abcdefghij\n", ["k", "v"],
            [["0123456789abcdefg\"hij", "0123456789abcdefghij"]]),
    ]

    @Test(arguments: cases)
    func readsWellFormedFile(_ item: Case) throws {
        let reading = try CSVReading.everyWay(item.text)
        #expect(reading.headerProblems == [])
        #expect(reading.messages == [])
        #expect(reading.header == item.header)
        #expect(reading.rows == item.rows)
    }

    @Test(arguments: cases)
    func readsTheSameFromUTF16(_ item: Case) throws {
        let text = item.text.hasPrefix("\u{FEFF}") ? String(item.text.unicodeScalars.dropFirst()) : item.text
        for isLittle in [true, false] {
            let bytes = ("\u{FEFF}" + text).utf16.flatMap { unit in
                let pair = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
                return isLittle ? pair.reversed() : pair
            }
            let reading = try CSVReading.everyWay(bytes)
            #expect(reading.header == item.header)
            #expect(reading.rows == item.rows)
        }
    }

    @Test func countsPhysicalLines() throws {
        let text = "k,v\r\n\r\n1,\"a\nb\r\nc\rd\"\r\r2,x\n3,y"
        let reading = try CSVReading.everyWay(text)
        #expect(
            reading.records == [
                .good(line: 3, ["1", "a\nb\r\nc\rd"]), .good(line: 8, ["2", "x"]), .good(line: 9, ["3", "y"]),
            ])
    }

    @Test func usesTheDelimiterThatItIsTold() throws {
        let pipe = try #require(CSVDelimiter(UInt8(ascii: "|")))
        let reading = try CSVReading.everyWay("a,b|c\n1,2|3\n", CSVOptions(delimiter: pipe))
        #expect(reading.header == ["a,b", "c"])
        #expect(reading.rows == [["1,2", "3"]])
        let tabbed = try CSVReading.everyWay("a,b\n1,2\n", CSVOptions(delimiter: .tab))
        #expect(tabbed.header == ["a,b"])
    }

    @Test(arguments: ["\"", "\n", "\r", "\0", " ", "a", "Z", "5"])
    func refusesDelimiterThatMeansSomethingElse(_ character: String) throws {
        #expect(CSVDelimiter(try #require(character.utf8.first)) == nil)
    }

    @Test func saysHowTheFileIsWritten() throws {
        let reader = CSVReader(source: source(Array("\u{FEFF}k;v\n1;2\n".utf8), block: 3))
        try reader.readHeader()
        #expect(reader.delimiter == .semicolon)
        #expect(reader.encoding == .utf8)
        let records = CSVRecords()
        while try reader.next(into: records) > 0 {}
        #expect(reader.bytesRead == 11)
        #expect(try reader.next(into: records) == 0)
    }

    @Test func readsManyRecordsInManyChunks() throws {
        let text = "k,v\n" + (0..<30_000).map { "key-\($0),\"value, \($0)\"\n" }.joined()
        for limit in [1, 1000, .max] {
            let reading = try CSVReading.of(Array(text.utf8), block: 10_007, limit: limit)
            #expect(reading.records.count == 30_000)
            #expect(reading.records.last == .good(line: 30_001, ["key-29999", "value, 29999"]))
        }
    }

    @Test func laysFieldsOutOneAfterTheOther() throws {
        let reader = CSVReader(source: source(Array("a,b\n1,\"x\"\"y\"\nbad\n,zz\n".utf8), block: .max))
        let records = CSVRecords()
        #expect(try reader.next(into: records) == 3)
        #expect(records.columnCount == 2)
        #expect(records.bytes.elementsEqual("1x\"yzz".utf8))
        #expect(Array(records.ends) == [1, 4, 4, 4, 4, 6])
        #expect(Array(records.lines) == [2, 3, 4])
        #expect(records.problems.map(\.record) == [1])
        #expect(records.field(2, 1).elementsEqual("zz".utf8))
    }
}
