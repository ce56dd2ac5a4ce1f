// How many columns of a terminal a text takes, and texts made to take so many.

extension ShownText {
    /// Columns of one line, as terminals count them: each scalar for itself.
    ///
    /// Two for what is wide or fullwidth by East Asian Width (Unicode Standard Annex #11, emoji among it), none for
    /// combining marks, format characters and the vowels and finals of Hangul that join the letter before them, one
    /// for everything else. What a terminal would act on is no matter of this: ``line(_:)`` comes before it.
    package static func columns(of text: some StringProtocol) -> Int {
        text.unicodeScalars.reduce(0) { $0 + columns(of: $1) }
    }

    /// The text with spaces behind or before it, so that it takes `width` columns; one that is wider stays as it is.
    package static func padded(_ text: String, to width: Int, onTheLeft: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - columns(of: text)))
        return onTheLeft ? space + text : text + space
    }

    /// The beginning of a text that takes at most `width` columns, a cut shown as `…`. Letters stay with their marks.
    package static func fitted(_ text: String, to width: Int) -> String {
        guard columns(of: text) > width else { return text }
        var end = text.startIndex
        var room = width - 1
        while end < text.endIndex {
            let next = text.index(after: end)
            room -= columns(of: text[end..<next])
            guard room >= 0 else { break }
            end = next
        }
        return String(text[..<end]) + "…"
    }

    private static func columns(of scalar: Unicode.Scalar) -> Int {
        // Most text needs no look at the tables. U+00AD is a format character, and terminals show a hyphen.
        guard scalar.value >= 0x300 else { return 1 }
        if isConjoining(scalar.value) { return 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return isWide(scalar) ? 2 : 1
        }
    }

    /// Vowels and finals that a terminal draws into the syllable begun before them.
    private static func isConjoining(_ value: UInt32) -> Bool {
        (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FF).contains(value)
    }

    /// W and F of EastAsianWidth.txt, in whole blocks where nobody has assigned the rest of one.
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4CF,
            0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60,
            0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x20000...0x2FFFD,
            0x30000...0x3FFFD:
            true
        // Halves of a flag: two columns for both.
        case 0x1F1E6...0x1F1FF: false
        default: scalar.properties.isEmojiPresentation
        }
    }
}
