// Command lines for a POSIX shell that every cron hands to it unchanged: words quoted so that they arrive as they are,
// and read back.
//
// Crons differ in what they do to a command first. Debian's takes the backslash from `\%` and `\\` and makes line ends
// of other percent signs; busybox's, bcron and systemd-cron leave all of that as it is; systemd-cron makes one blank of
// several. So no entry has a percent sign, a backslash before one, or white space but single blanks: the shell's own
// printf makes them, from an octal number whose backslash means nothing to any of them.

enum ShellWords {
    private static let opening = "$(printf '"
    private static let closing = "')"

    /// A word as the shell must see it.
    static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26 || "_@+=:,./-".utf8.contains(byte)
            }
        if isPlain { return word }
        var pieces: [Piece] = []
        for scalar in word.unicodeScalars {
            let piece = Piece(scalar, after: pieces.last)
            if piece.kind == pieces.last?.kind {
                pieces[pieces.count - 1].text += piece.text
            } else {
                pieces.append(piece)
            }
        }
        return pieces.isEmpty ? "''" : pieces.map(\.quoted).joined()
    }

    /// A run of characters that are quoted in the same way.
    private struct Piece {
        enum Kind {
            case plain, quote, printed
        }

        var kind: Kind
        var text: String

        init(_ scalar: Unicode.Scalar, after last: Piece?) {
            switch scalar {
            case "'": (kind, text) = (.quote, "'")
            case " " where last?.kind != .plain || last?.text.last != " ": (kind, text) = (.plain, " ")
            case "%", "\\",
                _ where scalar.properties.isWhitespace:
                kind = .printed
                text = String(scalar).utf8.map { byte in
                    let digits = String(byte, radix: 8)
                    return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
                }.joined()
            default: (kind, text) = (.plain, String(scalar))
            }
        }

        var quoted: String {
            switch kind {
            case .plain: "'\(text)'"
            case .quote: "\"\(text)\""
            case .printed: "\"\(opening)\(text)\(closing)\""
            }
        }
    }

    /// A setting before a command: the name stays bare, so that the shell takes it for one.
    static func setting(_ name: String, _ value: String) -> String { name + "=" + quoted(value) }

    /// The words of a line that `quoted` wrote; `nil` when a quote stays open.
    static func split(_ line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Unicode.Scalar?
        var inside = ""
        for scalar in line.unicodeScalars {
            if let open = quote {
                guard scalar == open else {
                    inside.unicodeScalars.append(scalar)
                    continue
                }
                quote = nil
                word = (word ?? "") + (open == "\"" ? printed(inside) ?? inside : inside)
            } else if scalar == "'" || scalar == "\"" {
                quote = scalar
                inside = ""
                word = word ?? ""
            } else if scalar == " " {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = word ?? ""
                word?.unicodeScalars.append(scalar)
            }
        }
        guard quote == nil else { return nil }
        if let word { words.append(word) }
        return words
    }

    /// What the shell's printf makes of the text between double quotes, if it is such a call.
    private static func printed(_ text: String) -> String? {
        guard text.hasPrefix(opening), text.hasSuffix(closing) else { return nil }
        let numbers = text.dropFirst(opening.count).dropLast(closing.count).split(separator: "\\")
        let bytes = numbers.compactMap { UInt8($0, radix: 8) }
        return bytes.count == numbers.count ? String(validating: bytes, as: UTF8.self) : nil
    }
}

/// What Debian's cron does to the command of an entry before a shell sees it. Entries of earlier versions were written
/// for it.
enum CronEscape {
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
