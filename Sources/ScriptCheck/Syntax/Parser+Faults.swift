// What is said of a word that cannot stand where it stands.

extension Parser {
    /// The mistake that a word other than the wanted one is.
    func unexpected(_ wanted: String) -> SyntaxFault {
        SyntaxFault(
            code: .syntaxError, offset: token.start, message: "expected \(wanted), found \(shown(token))\(advice())")
    }

    /// A value where a statement belongs: often a misspelt keyword.
    func valueAlone(_ id: ExpressionID, _ opening: Token) -> SyntaxFault {
        if case .name(let name, _) = syntax[id].kind {
            let text = lexer.symbols.text(name)
            if text == "continue" {
                return SyntaxFault(
                    code: .syntaxError, offset: opening.start,
                    message: "Lua has no 'continue': write 'goto continue', and '::continue::' at the end of the loop")
            }
            if let near = Suggestion.nearest(to: text, among: TokenKind.keywords) {
                return SyntaxFault(
                    code: .syntaxError, offset: opening.start,
                    message: "'\(text)' alone is no statement (did you mean '\(near)'?)")
            }
        }
        // Where the next word stands on a line of its own, it is not the one to look at.
        if token.line != opening.line || token.kind == .endOfText {
            return SyntaxFault(
                code: .syntaxError, offset: opening.start,
                message: "a value alone is no statement: call it, or assign it")
        }
        return unexpected("'=' or a call, as a value alone is no statement")
    }

    private func shown(_ token: Token) -> String {
        if token.kind == .endOfText { return "the end of the text" }
        let text = lexer.bytes[Int(token.start)..<Int(token.end)]
        if token.kind == .other {
            guard let first = text.first else { return "nothing" }
            if first < 0x80 {
                return first < 0x20 || first == 0x7F ? "the byte \(first)" : "'\(Unicode.Scalar(first))'"
            }
            return characterShown(at: Int(token.start))
        }
        // A long text is told by its beginning, and by its first line.
        let line = text.prefix { !Lexer.endsLine($0) }.prefix(40)
        let whole = String(decoding: line, as: UTF8.self)
        return token.kind == .string ? "the string \(whole)\(line.count < text.count ? "…" : "")" : "'\(whole)'"
    }

    /// A character beyond ASCII, which no name and no sign of Lua has.
    private func characterShown(at start: Int) -> String {
        let bytes = lexer.bytes[start..<min(start + 4, lexer.bytes.count)]
        guard let scalar = String(decoding: bytes, as: UTF8.self).unicodeScalars.first, scalar != "\u{FFFD}" else {
            return "the byte \(lexer.bytes[start])"
        }
        let code = String(scalar.value, radix: 16, uppercase: true)
        let number = "U+" + String(repeating: "0", count: max(0, 4 - code.count)) + code
        return scalar.properties.isAlphabetic ? "'\(scalar)' (\(number))" : "the character \(number)"
    }

    /// What Lua writes for something that other languages have.
    private func advice() -> String {
        let at = Int(token.start)
        func byte(_ offset: Int) -> UInt8? {
            lexer.bytes.indices.contains(at + offset) ? lexer.bytes[at + offset] : nil
        }
        func pair(_ text: StaticString, from offset: Int = 0) -> Bool {
            text.withUTF8Buffer { byte(offset) == $0[0] && byte(offset + 1) == $0[1] }
        }
        if pair("!=") { return ": Lua writes '~=' for unequal" }
        if byte(0) == UInt8(ascii: "!") { return ": Lua writes 'not'" }
        func isPart(_ text: StaticString) -> Bool { pair(text, from: -1) || pair(text) }
        if isPart("&&") { return ": Lua writes 'and'" }
        if isPart("||") { return ": Lua writes 'or'" }
        if isPart("+=") || isPart("-=") || isPart("*=") || isPart("/=") {
            return ": Lua has no such assignment; write 'x = x + 1'"
        }
        if isPart("++") { return ": Lua has no '++'; write 'x = x + 1'" }
        if byte(0) == UInt8(ascii: "?") { return ": Lua writes 'a and b or c' for a choice" }
        if token.kind == .assign { return " (a comparison is '==')" }
        for quote: StaticString in ["\u{201C}", "\u{201D}", "\u{201E}", "\u{2018}", "\u{2019}"] {
            let isThere = quote.withUTF8Buffer { quote in (0..<quote.count).allSatisfy { byte($0) == quote[$0] } }
            if isThere { return ": write a plain quote" }
        }
        if pair("\u{A0}") { return ", a blank that is not the usual one" }
        if token.kind == .other, let first = byte(0), first >= 0x80 { return ": names have letters a-z only" }
        return ""
    }
}
