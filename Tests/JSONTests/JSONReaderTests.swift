// The JSON reader: RFC 8259 in both directions, places of errors, and that no input harms it.

import Chance
import Testing

@testable import JSON

@Suite struct JSONReaderTests {
    /// Reads everything and writes it down compactly: strings quoted, literals as they stand.
    static func trace(_ text: String, depth: Int = 128) throws -> String {
        try trace(Array(text.utf8), depth: depth)
    }

    static func trace(_ bytes: [UInt8], depth: Int = 128) throws -> String {
        try bytes.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes, maximumDepth: depth)
            var trace = ""
            while true {
                switch try reader.next() {
                case .beginObject: trace += "{"
                case .endObject: trace += "}"
                case .beginArray: trace += "["
                case .endArray: trace += "]"
                case .key: trace += "<\(reader.string)>"
                case .string: trace += "'\(reader.string)'"
                case .number: trace += "#\(reader.string)"
                case .bool(let value): trace += value ? "T" : "F"
                case .null: trace += "N"
                case .end: return trace
                }
            }
        }
    }

    @Test(arguments: [
        ("{}", "{}"), ("[]", "[]"), (" [ ] ", "[]"), ("null", "N"), ("true", "T"), ("\tfalse\r\n", "F"), ("\"\"", "''"),
        ("0", "#0"), ("-0", "#-0"), ("-12.5e+3", "#-12.5e+3"), ("1E400", "#1E400"), ("[1,2]", "[#1#2]"),
        ("{\"a\":1,\"a\":[{}]}", "{<a>#1<a>[{}]}"), ("{\"\":null}", "{<>N}"),
        (#""\"\\\/\b\f\n\r\t""#, "'\"\\/\u{8}\u{c}\n\r\t'"), (#""\u0041\u00e9\u20AC""#, "'Aé€'"),
        (#""x\uD83D\uDE00y""#, "'x😀y'"),
        (#""\u0000""#, "'\u{0}'"), ("\"Grüße, 世界 😀\"", "'Grüße, 世界 😀'"), ("\"\u{7f}\"", "'\u{7f}'"),
        (
            "\"a long plain text that passes eight bytes at a time\"",
            "'a long plain text that passes eight bytes at a time'"
        ),
        (#"["1234567\n","12345678\n","123456789\n"]"#, "['1234567\n''12345678\n''123456789\n']"),
    ])
    func readsJSON(text: String, trace: String) throws {
        #expect(try Self.trace(text) == trace)
    }

    @Test(arguments: [
        ("", JSONError.Code.unexpectedEnd), ("  ", .unexpectedEnd), ("{", .unexpectedEnd), ("[1", .unexpectedEnd),
        ("{\"a\"", .unexpectedEnd), ("{\"a\":", .unexpectedEnd), ("\"abc", .unexpectedEnd), ("\"\\", .unexpectedEnd),
        ("\"\\u12", .unexpectedEnd), ("tru", .unexpectedEnd), ("-", .unexpectedEnd), ("1.", .unexpectedEnd),
        ("1e", .unexpectedEnd),
        ("tru3", .invalidLiteral), ("nul!", .invalidLiteral), ("True", .unexpectedByte), ("NaN", .unexpectedByte),
        ("+1", .unexpectedByte),
        (".5", .unexpectedByte), ("'a'", .unexpectedByte), ("{a:1}", .unexpectedByte), ("{\"a\" 1}", .unexpectedByte),
        ("[1 2]", .unexpectedByte), ("[1,]", .unexpectedByte), ("{\"a\":1,}", .unexpectedByte),
        ("[1}", .unexpectedByte), ("{]", .unexpectedByte),
        ("]", .unexpectedByte), ("01", .invalidNumber), ("-01", .invalidNumber), ("1.x", .invalidNumber),
        ("1e+x", .invalidNumber),
        ("-x", .invalidNumber), ("1 2", .trailingData), ("{}x", .trailingData), ("nulll", .trailingData),
        ("\"a\nb\"", .controlCharacter),
        ("\"\u{0}\"", .controlCharacter), (#""\x""#, .invalidEscape), (#""\u12G4""#, .invalidEscape),
        (#""\uD800""#, .loneSurrogate),
        (#""\uDC00""#, .loneSurrogate), (#""\uD800\u0041""#, .loneSurrogate), (#""\uD800x""#, .loneSurrogate),
        ("\u{FEFF}", .unexpectedEnd), ("\u{FEFF}\u{FEFF}1", .unexpectedByte), (" \u{FEFF}1", .unexpectedByte),
        ("// x", .unexpectedByte), ("[1,,2]", .unexpectedByte), ("[,1]", .unexpectedByte), ("{,}", .unexpectedByte),
        ("{1:2}", .unexpectedByte),
    ])
    func refusesWhatIsNotJSON(text: String, code: JSONError.Code) {
        let error = #expect(throws: JSONError.self) { try Self.trace(text) }
        #expect(error?.code == code, "\(text.debugDescription): \(String(describing: error))")
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xC3, 0x28], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28],
        ] as [[UInt8]])
    func refusesBytesThatAreNotUTF8(bytes: [UInt8]) {
        let error = #expect(throws: JSONError.self) { try Self.trace([0x22] + bytes + [0x22, 0x20, 0x20, 0x20]) }
        #expect(error?.code == .invalidUTF8)
    }

    @Test func saysWhere() {
        let error = #expect(throws: JSONError.self) { try Self.trace("{\n  \"a\": 1,\n  \"b\" 2\n}") }
        #expect(error?.line == 3)
        #expect(error?.column == 7)
        #expect(error?.offset == 18)
    }

    @Test func boundsNesting() throws {
        for depth in [1, 63, 64, 65, 128, 200] {
            let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            #expect(try Self.trace(text, depth: depth) == text)
            let error = #expect(throws: JSONError.self) { try Self.trace(text, depth: depth - 1) }
            #expect(error?.code == .tooDeep)
        }
        let mixed = String(repeating: "{\"a\":[", count: 64) + String(repeating: "]}", count: 64)
        #expect(try Self.trace(mixed).count == 64 * 7)
    }

    @Test func staysAtAnError() {
        let bytes = Array("[1 x".utf8)
        bytes.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes)
            _ = try? reader.next()
            _ = try? reader.next()
            let first = #expect(throws: JSONError.self) { try reader.next() }
            let second = #expect(throws: JSONError.self) { try reader.next() }
            #expect(first == second)
        }
    }

    @Test(
        arguments: [
            ("0", 0, 0.0), ("-7", -7, -7.0), ("9223372036854775807", Int64.max, 9.223372036854775807e18),
            ("-9223372036854775808", Int64.min, -9.223372036854775808e18),
            ("9223372036854775808", nil, 9.223372036854775808e18),
            ("1.0", nil, 1.0), ("1e2", nil, 100.0), ("0.1", nil, 0.1), ("5e-324", nil, Double.leastNonzeroMagnitude),
            ("1e400", nil, nil),
            ("9007199254740993", 9_007_199_254_740_993, 9_007_199_254_740_992.0),
            ("1.7976931348623157e308", nil, 1.7976931348623157e308),
        ] as [(String, Int64?, Double?)])
    func convertsNumbers(text: String, integer: Int64?, double: Double?) throws {
        try Array(text.utf8).withUnsafeBytes { bytes in
            var reader = JSONReader(bytes)
            _ = try reader.next()
            #expect(reader.int64 == integer)
            #expect(reader.double == double)
        }
    }

    @Test(arguments: ["1e400", "-1e400", "1e-400", "0.5e-99999999999999999999"])
    func hasNoDoubleForWhatIsBeyondAll(text: String) throws {
        try Array(text.utf8).withUnsafeBytes { bytes in
            var reader = JSONReader(bytes)
            _ = try reader.next()
            #expect(reader.int64 == nil && reader.double == nil)
        }
    }

    @Test func passesOverValues() throws {
        try Array(#"{"a":{"b":[1,{"c":2}]},"d":3}"#.utf8).withUnsafeBytes { bytes in
            var reader = JSONReader(bytes)
            var keys: [String] = []
            _ = try reader.next()
            while try reader.next() == .key {
                keys.append(reader.string)
                try reader.skipRest(of: reader.next())
            }
            #expect(keys == ["a", "d"])
            #expect(try reader.next() == .end)
        }
    }

    /// Whatever becomes of valid text, reading it ends, in the end or in an error, and what is accepted is stable.
    @Test func survivesRandomMutations() throws {
        let seeds = [
            #"{"id":"01a3185c-5000-79cb-b3d3-3b666a1e21da","amount":12500000,"a":[true,false,null,-1.5e-3]}"#,
            #"[[[["\u00e9\uD83D\uDE00\n"],{"k":{"k":[]}}]],"plain text of some length","Grüße 😀"]"#,
        ].map { Array($0.utf8) }
        let splices = Array("{}[]\",:\\u0019eE+-.tfn \u{1}é😀".utf8) + [0xC3, 0xFF, 0x80, 0xF4]
        var random = SplitMix(seed: 42)
        let scratch = JSONScratch(capacity: 16)
        for _ in 0..<100_000 {
            var bytes = seeds[Int(random.next() % 2)]
            for _ in 0...random.next() % 4 {
                guard !bytes.isEmpty else { break }
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[place] = splices[Int(random.next() % UInt64(splices.count))]
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(splices[Int(random.next() % UInt64(splices.count))], at: place)
                default: bytes.removeSubrange(place...)
                }
            }
            bytes.withUnsafeBytes { bytes in
                var reader = JSONReader(bytes, scratch: scratch, maximumDepth: 16)
                var steps = 0
                while let token = try? reader.next(), token != .end {
                    steps += 1
                    if token == .string || token == .key { #expect(validates(reader.text)) }
                    if token == .number { _ = (reader.int64, reader.double) }
                    #expect(steps <= bytes.count)
                }
            }
        }
    }

    private func validates(_ bytes: UnsafeRawBufferPointer) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil
    }
}
