// CSVReader against the reference parser on random bytes, and against the writer's output.

import CSV
import Chance
import Testing

@Suite struct DifferentialTests {
    private static let soup: [[UInt8]] = [
        [0x2C], [0x2C], [0x22], [0x22], [0x22, 0x22], [0x0A], [0x0D], [0x0D, 0x0A], [0x61], [0x62, 0x63], [0x20],
        [0x09],
        Array("0123456789abcdef".utf8), Array("ä€🧾".utf8), [0xC3], [0xA9], [0xED, 0xA0, 0x80], [0xFF], [0xE2, 0x82],
        [0xE0, 0x80], [0xF0, 0x9F, 0xA7], [0xF4, 0x90], [0x80], [0x00], [0x3B],
        Array("\n1,2\n".utf8), Array("\r\n\"x\",\"y\"\r\n".utf8), [0x0B], [0x7F],
    ]

    @Test(arguments: 0..<4)
    func agreesWithTheReference(_ part: Int) throws {
        var random = SplitMix(seed: UInt64(part) &* 7919 &+ 20_260_101)
        for round in 0..<5_000 {
            let columnCount = Int.random(in: 1...3, using: &random)
            let header = Array((["a", "b", "c"].prefix(columnCount).joined(separator: ",") + "\n").utf8)
            var bytes = header
            // Few kinds of bytes at a time make deep cases likelier.
            let kinds = (0..<Int.random(in: 2...8, using: &random)).map { _ in Self.soup.randomElement(using: &random)!
            }
            for _ in 0..<Int.random(in: 0...24, using: &random) { bytes += kinds.randomElement(using: &random)! }
            let maximum = Int.random(in: 0..<8, using: &random) == 0 ? Int.random(in: 8...40, using: &random) : 1 << 20
            let options = CSVOptions(delimiter: .comma, maximumRecordBytes: maximum)
            let block = Bool.random(using: &random) ? Int.max : Int.random(in: 1...20, using: &random)
            let limit = Bool.random(using: &random) ? 4096 : Int.random(in: 1...3, using: &random)

            let found = try CSVReading.of(bytes, options, block: block, limit: limit).records
            let parser = ReferenceParser(bytes, columnCount: columnCount, maximumRecordBytes: maximum)
            let expected = Array(parser.records().dropFirst())
            if found != expected {
                Issue.record("part \(part), round \(round), block \(block): \(bytes)\n\(found)\n\(expected)")
                return
            }
        }
    }

    @Test(arguments: [CSVDelimiter.comma, .semicolon, .tab])
    func readsBackWhatTheWriterWrote(_ delimiter: CSVDelimiter) throws {
        let pieces = [
            "", " ", "\"", ",", ";", "\t", "\n", "\r", "\r\n", "a", "=1+1", "long enough for a word", "ä€🧾", "'",
        ]
        var random = SplitMix(seed: 42)
        for round in 0..<500 {
            let columnCount = Int.random(in: 1...4, using: &random)
            let rows = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                (0..<columnCount).map { _ in
                    (0..<Int.random(in: 0...4, using: &random)).map { _ in pieces.randomElement(using: &random)! }
                        .joined()
                }
            }
            let header = (0..<columnCount).map { "column \($0)" }
            let lineEnd: CSVTableWriter.LineEnd = round % 2 == 0 ? .lineFeed : .carriageReturnLineFeed
            var writer = CSVTableWriter(delimiter: delimiter, lineEnd: lineEnd, guardsFormulas: false)
            writer.row(header)
            for row in rows { writer.row(row) }
            let reading = try CSVReading.everyWay(writer.bytes, CSVOptions(delimiter: delimiter))
            #expect(reading.messages == [])
            #expect(reading.header == header)
            #expect(reading.rows == rows)
        }
    }

    @Test func neverCrashesOnAnyBytes() throws {
        var random = SplitMix(seed: 7)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? UInt8.random(in: 0...255, using: &random) : Self.soup.randomElement(using: &random)![0]
            }
            let options = CSVOptions(
                encoding: CSVEncoding.allCases.randomElement(using: &random)!,
                maximumRecordBytes: Int.random(in: 1...100, using: &random))
            _ = try CSVReading.everyWay(bytes, options)
        }
    }
}
