// Makes foreign bytes fit to print: bounded, and with every control character visible.

package enum DisplayText {
    /// At most `limit` characters of `bytes` as text, with control characters and line breaks escaped.
    ///
    /// Invalid UTF-8 becomes U+FFFD. A cut is shown as `…`.
    static func excerpt(of bytes: UnsafeRawBufferPointer, limit: Int) -> String {
        // Four bytes are the longest scalar; what lies beyond cannot be among the first `limit` characters.
        let window = UnsafeRawBufferPointer(rebasing: bytes.prefix(limit &* 4 &+ 4))
        return excerpt(of: String(decoding: window, as: UTF8.self), limit: limit, isCut: window.count < bytes.count)
    }

    /// At most `limit` characters of `text`, with control characters and line breaks escaped.
    package static func excerpt(of text: String, limit: Int) -> String {
        excerpt(of: text, limit: limit, isCut: false)
    }

    private static func excerpt(of text: String, limit: Int, isCut: Bool) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            if count == limit { return result + "…" }
            count += 1
            switch scalar.value {
            case 0x0A: result += "\\n"
            case 0x0D: result += "\\r"
            case 0x09: result += "\\t"
            // C0, DEL and C1 controls; line separators; marks that reorder text on a terminal.
            case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069:
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return isCut ? result + "…" : result
    }
}
