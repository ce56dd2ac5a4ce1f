// What is JSON to the sandbox and what is not.
// Numbers stay text; see MicroUSDTests for their value.

import Testing

@testable import Sandbox

@Suite struct JSONReaderTests {
    @Test(
        arguments: [
            ("null", .null), (" true ", .bool(true)), ("-0.10e+2", .number("-0.10e+2")),
            (#""a\u00e9\n\/""#, .string("aé\n/")),
            (#""\ud83d\ude00""#, .string("😀")), ("[]", .array([])), ("{}", .object([])),
            (
                #"{"b": [1, {"a": null}]}"#,
                .object([JSONMember("b", .array([.number("1"), .object([JSONMember("a", .null)])]))])
            ),
        ] as [(String, JSONValue)])
    func readsJSON(text: String, value: JSONValue) throws {
        #expect(try JSONReader.parse(Array(text.utf8)) == value)
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "01", "1.", ".5", "+1", "1e", "nul", "truex", "1 2",
        "\"a", "\"\u{1}\"", #""\x""#, #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #"{"a":1,"a":2}"#, "NaN",
        "\u{FEFF}{}", "'a'", "[1 2]", "// a\n1",
    ])
    func refusesWhatIsNotJSON(text: String) {
        #expect(throws: JSONReader.Failure.self) { try JSONReader.parse(Array(text.utf8)) }
    }

    @Test func refusesInvalidUTF8AndBottomlessNesting() {
        #expect(throws: JSONReader.Failure.self) { try JSONReader.parse([0x22, 0xFF, 0x22]) }
        let deep = Array(repeating: UInt8(ascii: "["), count: 100_000)
        #expect(throws: JSONReader.Failure.self) { try JSONReader.parse(deep) }
    }

    @Test func writesWhatItReads() throws {
        let value = JSONValue.object([
            JSONMember("text", .string("quote \" back \\ line \n tab \t bell \u{7} é 😀")),
            JSONMember("numbers", .array([.number("1.50"), .number("1e400"), .integer(-3)])),
            JSONMember("flag", .bool(false)), JSONMember("nothing", .null),
        ])
        #expect(try JSONReader.parse(value.bytes) == value)
    }
}
