// A script's text as words: names, numbers, strings, signs. Strings and numbers have files of their own.

struct Lexer {
    let bytes: [UInt8]
    var at = 0
    /// Of `at`, counted from 1.
    var line: Int32 = 1
    var symbols = SymbolTable(first: TokenKind.keywords)

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // What an editor puts before the first line, and the line for the system's loader, are none of it.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
        if byte() == UInt8(ascii: "#") { while let next = byte(), !Self.endsLine(next) { at += 1 } }
    }

    func byte(_ ahead: Int = 0) -> UInt8? { at + ahead < bytes.count ? bytes[at + ahead] : nil }

    /// The next word.
    ///
    /// - Throws: for a string or a comment without an end, a wrong escape or a number that is none.
    mutating func next() throws(SyntaxFault) -> Token {
        try skipBlanks()
        var token = Token(kind: .endOfText, start: Int32(at), end: Int32(at), line: line)
        guard let first = byte() else { return token }
        if Self.beginsName(first) {
            while let next = byte(), Self.beginsName(next) || Self.isDigit(next) { at += 1 }
            token.symbol = symbols.symbol(bytes[Int(token.start)..<at])
            let index = Int(token.symbol.index)
            token.kind =
                index < TokenKind.keywords.count ? TokenKind(rawValue: UInt8(index)) ?? .name : .name
        } else if Self.isDigit(first) || (first == UInt8(ascii: ".") && byte(1).map(Self.isDigit) == true) {
            try readNumber(&token)
        } else if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
            token.kind = .string
            token.symbol = try readString(quote: first)
        } else if first == UInt8(ascii: "[") {
            switch longBracket() {
            case .opens(let level):
                token.kind = .string
                token.symbol = try readLongString(level: level)
            case .malformed:
                throw SyntaxFault(
                    code: .syntaxError, offset: Int32(at), message: "a long string begins with '[[' or '[=[', not so")
            case .none:
                token.kind = .openBracket
                at += 1
            }
        } else {
            token.kind = readSign(first)
        }
        token.end = Int32(at)
        return token
    }

    private mutating func readSign(_ first: UInt8) -> TokenKind {
        let second = byte(1)
        func pair(_ sign: Unicode.Scalar) -> Bool { second == UInt8(ascii: sign) }
        let (length, kind): (Int, TokenKind) =
            switch Unicode.Scalar(first) {
            case "+": (1, .plus)
            case "-": (1, .minus)
            case "*": (1, .star)
            case "/": pair("/") ? (2, .doubleSlash) : (1, .slash)
            case "%": (1, .percent)
            case "^": (1, .caret)
            case "#": (1, .hash)
            case "&": (1, .ampersand)
            case "~": pair("=") ? (2, .notEqual) : (1, .tilde)
            case "|": (1, .pipe)
            case "<": pair("=") ? (2, .lessOrEqual) : pair("<") ? (2, .shiftLeft) : (1, .less)
            case ">": pair("=") ? (2, .greaterOrEqual) : pair(">") ? (2, .shiftRight) : (1, .greater)
            case "=": pair("=") ? (2, .equal) : (1, .assign)
            case "(": (1, .openParenthesis)
            case ")": (1, .closeParenthesis)
            case "{": (1, .openBrace)
            case "}": (1, .closeBrace)
            case "]": (1, .closeBracket)
            case ":": pair(":") ? (2, .doubleColon) : (1, .colon)
            case ";": (1, .semicolon)
            case ",": (1, .comma)
            case ".": pair(".") ? (byte(2) == UInt8(ascii: ".") ? (3, .ellipsis) : (2, .concatenation)) : (1, .dot)
            default: (1, .other)
            }
        at += length
        return kind
    }

    /// Goes on to the next word: over blanks, line ends and comments.
    private mutating func skipBlanks() throws(SyntaxFault) {
        while let next = byte() {
            switch next {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): skipLineEnd()
            case UInt8(ascii: " "), UInt8(ascii: "\t"), 0x0B, 0x0C: at += 1
            case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"):
                let start = at
                at += 2
                if case .opens(let level) = longBracket() {
                    try skipLongText(level: level, from: start, what: "comment")
                } else {
                    while let next = byte(), !Self.endsLine(next) { at += 1 }
                }
            default: return
            }
        }
    }

    /// One line end in any of the four forms that Lua knows.
    mutating func skipLineEnd() {
        let first = byte()
        at += 1
        if let second = byte(), Self.endsLine(second), second != first { at += 1 }
        line += 1
    }

    static func endsLine(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    static func beginsName(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
    }

    static func hexDigit(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte - UInt8(ascii: "0") }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }
}
