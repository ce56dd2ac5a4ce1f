// Command lines for a POSIX shell: words quoted so that they arrive unchanged, and read back.

enum ShellWords {
    /// A word as the shell must see it. No backslash is used: cron takes some away.
    static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26 || "_@%+=:,./-".utf8.contains(byte)
            }
        return isPlain ? word : "'" + word.replacing("'", with: "'\"'\"'") + "'"
    }

    /// A setting before a command: the name stays bare, so that the shell takes it for one.
    static func setting(_ name: String, _ value: String) -> String { name + "=" + quoted(value) }

    /// The words of a line that `quoted` wrote; `nil` when a quote stays open.
    static func split(_ line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == " " {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { return nil }
        if let word { words.append(word) }
        return words
    }
}

/// What cron itself does to the command of an entry before a shell sees it.
enum CronEscape {
    static func escaped(_ command: String) -> String {
        command.replacing("\\", with: "\\\\").replacing("%", with: "\\%")
    }

    static func unescaped(_ text: String) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                if character != "%", character != "\\" { result.append("\\") }
                result.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return isEscaped ? result + "\\" : result
    }
}
