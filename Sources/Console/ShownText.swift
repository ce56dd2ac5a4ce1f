// Foreign text in messages: bounded, and on one line.

/// A script's, a file's or a server's text in a message.
package enum ShownText {
    package static func short(_ text: String) -> String {
        let plain = text.unicodeScalars.prefix(60).map { $0.value < 32 || $0.value == 127 ? "?" : String($0) }.joined()
        return text.unicodeScalars.count > 60 ? plain + "…" : plain
    }

    /// A path: its end tells more than its beginning.
    package static func path(_ path: String) -> String {
        let plain = path.unicodeScalars.suffix(200).map { $0.value < 32 || $0.value == 127 ? "?" : String($0) }.joined()
        return path.unicodeScalars.count > 200 ? "…" + plain : plain
    }
}
