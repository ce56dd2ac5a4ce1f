// Foreign text in messages: bounded, and on one line.

/// A script's, a file's or a server's text in a message.
package enum ShownText {
    /// The beginning of a text; control characters become question marks.
    package static func short(_ text: some StringProtocol, limit: Int = 60) -> String {
        var shown = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            if count == limit { return String(shown) + "…" }
            count += 1
            shown.append(isControl(scalar) ? "?" : scalar)
        }
        return String(shown)
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

    /// A path: its end tells more than its beginning.
    package static func path(_ path: String) -> String {
        let plain = path.unicodeScalars.suffix(200).map { isControl($0) ? "?" : String($0) }.joined()
        return path.unicodeScalars.count > 200 ? "…" + plain : plain
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 32 || (127..<160).contains(scalar.value)
    }
}
