// Foreign text in messages: bounded, on one line, and in the order in which it was written.

/// A script's, a file's or a server's text, fit to be shown to somebody.
///
/// What a terminal would act on (C0 and C1 controls, DEL), what breaks a line (U+2028, U+2029) and what reorders it
/// (bidirectional embeddings, overrides, isolates and marks) is shown by its number, so that nobody reads other text
/// than there is.
package enum ShownText {
    /// The whole text on one line; tabs stay.
    package static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { isUnfit($0) && $0 != "\t" }) else { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            if scalar == "\t" { shown.unicodeScalars.append(scalar) } else { append(scalar, to: &shown) }
        }
        return shown
    }

    /// Lines stay lines; each is made as by ``line(_:)``.
    package static func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0)) }.joined(separator: "\n")
    }

    /// The beginning of a text on one line: at most `limit` scalars of it, a cut shown as `…`.
    package static func short(_ text: some StringProtocol, limit: Int = 60) -> String {
        var shown = ""
        var count = 0
        for scalar in text.unicodeScalars {
            if count == limit { return shown + "…" }
            count += 1
            append(scalar, to: &shown)
        }
        return shown
    }

    /// The same between quotation marks.
    package static func quoted(_ text: some StringProtocol) -> String { "\"\(short(text))\"" }

    package static func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
        let window = UnsafeRawBufferPointer(rebasing: bytes.prefix(400))
        return quoted(String(decoding: window, as: UTF8.self))
    }

    /// `"a", "b" and 3 more`: at most 20 names.
    package static func list(_ names: [String]) -> String {
        let shown = names.prefix(20).map { quoted($0) }.joined(separator: ", ")
        return names.count > 20 ? "\(shown) and \(names.count - 20) more" : shown
    }

    /// The beginning of bytes that should be UTF-8, as by ``short(_:limit:)``; what is not becomes U+FFFD.
    package static func short(_ bytes: UnsafeRawBufferPointer, limit: Int) -> String {
        // Four bytes are the longest scalar; what lies beyond cannot be among the first `limit` of them.
        let window = UnsafeRawBufferPointer(rebasing: bytes.prefix(limit &* 4 &+ 4))
        let text = short(String(decoding: window, as: UTF8.self), limit: limit)
        return window.count < bytes.count && !text.hasSuffix("…") ? text + "…" : text
    }

    /// A path: its end tells more than its beginning.
    package static func path(_ path: String) -> String {
        let isCut = path.unicodeScalars.count > 200
        var shown = isCut ? "…" : ""
        for scalar in path.unicodeScalars.suffix(200) { append(scalar, to: &shown) }
        return shown
    }

    private static func append(_ scalar: Unicode.Scalar, to shown: inout String) {
        guard isUnfit(scalar) else { return shown.unicodeScalars.append(scalar) }
        switch scalar.value {
        case 0x09: shown += "\\t"
        case 0x0A: shown += "\\n"
        case 0x0D: shown += "\\r"
        default: shown += "\\u{" + String(scalar.value, radix: 16) + "}"
        }
    }

    private static func isUnfit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20..<0x7F: false
        case 0..<0x20, 0x7F..<0xA0: true
        case 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

}
