// A word as a shell must be given it, in commands that messages advise.

package enum ShellWord {
    /// The word itself where no shell would change it, otherwise in quotes.
    package static func quoted(_ text: String) -> String {
        let plain = text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) || "-_.:/@+%,".utf8.contains($0)
        }
        let word = plain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
        // A word that begins with a dash is none of the options.
        return ShownText.line(text.hasPrefix("-") ? "-- " + word : word)
    }
}
