// How wide a text is on a terminal, and texts made to be so wide.

import Testing

@testable import Console

@Suite struct ShownColumnsTests {
    @Test(arguments: [
        ("", 0), ("order-1", 7), ("Zażółć", 6), ("кофе", 4), ("שלום", 4), ("柿", 2), ("注文・一", 8), ("ﾃﾞ", 2),
        ("ｏｋ", 4), ("カ\u{309A}", 2), ("한국", 4), ("\u{1112}\u{1161}\u{11AB}", 2), ("e\u{301}", 1), ("a\u{200B}b", 2),
        ("\u{FEFF}a", 1), ("🎁", 2), ("☕", 2), ("☎", 1), ("🇹🇷", 2), ("…", 1), ("—", 1), ("𠮷", 2), ("ไก่", 2),
    ])
    func countsColumnsAsATerminalDoes(text: String, columns: Int) {
        #expect(ShownText.columns(of: text) == columns)
    }

    @Test func padsToAWidth() {
        #expect(ShownText.padded("柿の木", to: 8) == "柿の木  ")
        #expect(ShownText.padded("柿", to: 4, onTheLeft: true) == "  柿")
        #expect(ShownText.padded("e\u{301}", to: 3) == "e\u{301}  ")
        #expect(ShownText.padded("too long", to: 3) == "too long")
    }

    @Test(arguments: [
        ("order-1", 7, "order-1"), ("order-12", 7, "order-…"), ("柿柿柿柿", 8, "柿柿柿柿"), ("柿柿柿柿", 7, "柿柿柿…"),
        ("柿柿柿柿", 6, "柿柿…"), ("ae\u{301}io", 3, "ae\u{301}…"), ("柿柿", 1, "…"), ("柿柿", 2, "…"), ("", 0, ""),
    ])
    func cutsToAWidth(text: String, width: Int, shown: String) {
        let fitted = ShownText.fitted(text, to: width)
        #expect(fitted == shown)
        #expect(ShownText.columns(of: fitted) <= width)
    }
}
