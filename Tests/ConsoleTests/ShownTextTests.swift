// Foreign text as it is shown: what a terminal would act on, and what reorders a line, is shown by its number.

import Testing

@testable import Console

@Suite struct ShownTextTests {
    /// Everything that may not reach a terminal, and how it is shown.
    static let unfit: [(scalar: Unicode.Scalar, shown: String)] = [
        ("\u{0}", "\\u{0}"), ("\u{1B}", "\\u{1b}"), ("\n", "\\n"), ("\r", "\\r"), ("\u{7F}", "\\u{7f}"),
        ("\u{9B}", "\\u{9b}"), ("\u{61C}", "\\u{61c}"), ("\u{200E}", "\\u{200e}"), ("\u{200F}", "\\u{200f}"),
        ("\u{2028}", "\\u{2028}"), ("\u{202A}", "\\u{202a}"), ("\u{202B}", "\\u{202b}"), ("\u{202C}", "\\u{202c}"),
        ("\u{202D}", "\\u{202d}"), ("\u{202E}", "\\u{202e}"), ("\u{2066}", "\\u{2066}"), ("\u{2067}", "\\u{2067}"),
        ("\u{2068}", "\\u{2068}"), ("\u{2069}", "\\u{2069}"),
    ]

    @Test(arguments: unfit.indices)
    func showsByNumberWhatATerminalWouldActOn(_ index: Int) {
        let (scalar, shown) = Self.unfit[index]
        let text = "a\(scalar)b"
        #expect(ShownText.line(text) == "a\(shown)b")
        #expect(ShownText.short(text) == "a\(shown)b")
        #expect(ShownText.path(text) == "a\(shown)b")
    }

    @Test func leavesAlone() {
        let text = "Zażółć 柿 שלום مرحبا 🎁 \u{301}\u{200D} ~"
        #expect(ShownText.line(text) == text && ShownText.short(text) == text && ShownText.path(text) == text)
        #expect(ShownText.line("a\tb") == "a\tb")
        #expect(ShownText.lines("a\nb\u{202E}\n") == "a\nb\\u{202e}\n")
    }

    @Test func showsTheBeginningOfATextAndTheEndOfAPath() {
        let long = String(repeating: "x", count: 199) + "yz"
        #expect(ShownText.short(long) == String(repeating: "x", count: 60) + "…")
        #expect(ShownText.short("abc", limit: 2) == "ab…")
        #expect(ShownText.short("ab", limit: 2) == "ab")
        #expect(ShownText.path(long) == "…" + String(repeating: "x", count: 198) + "yz")
    }

    @Test func showsTheBeginningOfBytes() {
        func shown(_ bytes: [UInt8], _ limit: Int) -> String {
            bytes.withUnsafeBytes { ShownText.short($0, limit: limit) }
        }
        #expect(shown(Array("a\u{202E}b\r".utf8) + [0xFF], 10) == "a\\u{202e}b\\r\u{FFFD}")
        #expect(shown(Array("柿柿柿".utf8), 2) == "柿柿…")
        #expect(shown(Array(String(repeating: "x", count: 5_000).utf8), 3) == "xxx…")
        #expect(shown([], 3) == "")
    }

    @Test func writesInstantsInUTC() {
        #expect(TimeText.utc(1_795_608_000) == "2026-11-25 12:00:00 UTC")
        #expect(TimeText.iso(0) == "1970-01-01T00:00:00Z")
    }
}
