// JSON in C: the same errors at the same places as Swift's reader, and no two numbers as one.

import Chance
import JSON
import OneShotPay
import Testing

@testable import Scripting

@Suite struct JSONComputingTests {
    /// Where and why Swift's reader refuses a text.
    private static func problem(_ text: String) -> String? {
        Array(text.utf8).withUnsafeBytes { bytes in
            var reader = JSONReader(bytes, maximumDepth: 100)
            do throws(JSONError) {
                while try reader.next() != .end {}
                return nil
            } catch {
                return "line \(error.line), column \(error.column): \(error.message)"
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func textsAreRefusedWhereSwiftRefusesThem(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let pieces = [
            "{", "}", "[", "]", "\"a\"", "\"b\":", ":", ",", "1", "-", "0", "1.5", "e3", "true", "fals", "null", "\"",
            "\\",
            "\\n", "\\u00e9", "\\ud83d", "\\ude00", " ", "\n", "\t", "é", "\u{1F600}", "\u{1}", "x", "\u{FEFF}",
        ]
        let starts = ["", "[", "{\"a\":", "[1,", "[[", "{\"a\":{\"b\":[", "\""]
        var texts = (0..<8_000).map { _ in
            (starts.randomElement(using: &random) ?? "") + Computing.text(of: pieces, upTo: 8, &random)
        }
        texts += [String(repeating: "[", count: 101), String(repeating: "[", count: 100), "\u{FEFF}[1]", "[1]x", ""]
        let answers = try Computing.answers(
            texts, "local value, problem = host.json_decode(text) return problem or \"\"")
        for (text, answer) in zip(texts, answers) {
            #expect(answer == Self.problem(text) ?? "", "\(text.debugDescription)")
        }
        #expect(answers.contains(""))
    }

    @Test(arguments: [
        ("[9223372036854775807,-9223372036854775808]", "[9223372036854775807,-9223372036854775808]"),
        ("[9223372036854775808,-9223372036854775809]", #"["9223372036854775808","-9223372036854775809"]"#),
        ("[1e22,9007199254740992.0,1.50e1,-0,-0.0]", "[1e+22,9007199254740992.0,15.0,0,-0.0]"),
        ("[9007199254740993.0,9007199254740993e0]", #"["9007199254740993.0","9007199254740993e0"]"#),
        ("[9007199254740993000e-3,12345678901234567.8]", #"["9007199254740993000e-3",1.2345678901234568e+16]"#),
        ("[1.8446744073709551616e19]", #"["1.8446744073709551616e19"]"#),
        ("[0e99999999999999999999,0.1234567890123456789]", "[0.0,0.12345678901234568]"),
        (#"{"b":1,"a":{},"é":[],"":null}"#, #"{"":null,"a":{},"b":1,"é":[]}"#),
        (#"["\ud83d\ude00\u00e9\u0000\/","a\"b\\c\n\u001f"]"#, #"["😀é\u0000/","a\"b\\c\n\u001f"]"#),
        (#"{"a":1,"a":2}"#, #"{"a":2}"#), ("null", "null"), ("false", "false"),
    ])
    func valuesAreWrittenAsTheyWereRead(text: String, written: String) throws {
        let answer = try Computing.answers(
            [text],
            "local value = host.json_decode(text) return host.json_encode(value) or select(2, host.json_encode(value))")
        #expect(answer == [written])
    }

    @Test(arguments: ["1e400", "-1e400", "1e-400", "0.5e-99999999999999999999", "123456789.5e99999999999999999999"])
    func numbersBeyondAllAreRefusedWithTheirPlace(text: String) throws {
        let answer = try Computing.answers(
            ["[1,\n\(text)]"], "local value, problem = host.json_decode(text) return problem")
        #expect(
            answer == [
                "line 2, column 1: a number that is too large or too close to zero to be read; write it as a string"
            ])
    }

    /// Different whole numbers are never given as one: not as an integer, nor as a double that is let through.
    @Test func twoWholeNumbersAreNeverOneDouble() throws {
        var random = SplitMix(seed: 5)
        let ids = (0..<3_000).map { _ in random.next() >> (random.next() % 8) }
        for suffix in ["", ".0", "e0", "0e-1", "00e2"] {
            let texts = ids.flatMap { ["\($0)\(suffix)", "\($0 ^ 1)\(suffix)"] }
            let answers = try Computing.answers(
                texts,
                """
                local value = host.json_decode(text)
                local kind = math.type(value)
                return kind == "float" and string.format("%.17g", value) or (kind or "text") .. " " .. value
                """)
            for pair in stride(from: 0, to: answers.count, by: 2) {
                #expect(answers[pair] != answers[pair + 1], "\(texts[pair])")
            }
        }
    }

    @Test func strictlyUTF8IsWritten() throws {
        let answers = try Computing.answers(
            ["80", "C3", "C080", "EDA080", "F5808080", "E282AC", "F09F9880"],
            "return host.json_encode((string.gsub(text, '..', function(pair) return string.char(tonumber(pair, 16)) end))) or 'none'"
        )
        #expect(answers == ["none", "none", "none", "none", "none", "\"€\"", "\"😀\""])
    }
}
