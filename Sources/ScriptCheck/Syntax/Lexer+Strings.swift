// Strings: in quotes, with escapes, and long ones.

extension Lexer {
    enum LongBracket {
        case opens(level: Int)
        /// `[=` without a second bracket.
        case malformed
        case none
    }

    /// What `[`, `[[`, `[=[`, … at this place begins.
    func longBracket() -> LongBracket {
        guard byte() == UInt8(ascii: "[") else { return .none }
        var level = 0
        while byte(1 + level) == UInt8(ascii: "=") { level += 1 }
        if byte(1 + level) == UInt8(ascii: "[") { return .opens(level: level) }
        return level == 0 ? .none : .malformed
    }

    /// Goes on behind the end of a long string or comment. Gives the offsets of what is in it.
    @discardableResult mutating func skipLongText(level: Int, from start: Int, what: String) throws(SyntaxFault)
        -> Range<
            Int
        >
    {
        at += level + 2
        if let next = byte(), Self.endsLine(next) { skipLineEnd() }
        let first = at
        while let next = byte() {
            if Self.endsLine(next) {
                skipLineEnd()
            } else if next == UInt8(ascii: "]") {
                let end = at
                at += 1
                var found = 0
                while byte() == UInt8(ascii: "=") { (found, at) = (found + 1, at + 1) }
                if found == level, byte() == UInt8(ascii: "]") {
                    at += 1
                    return first..<end
                }
            } else {
                at += 1
            }
        }
        let end = "]" + String(repeating: "=", count: level) + "]"
        throw SyntaxFault(
            code: .syntaxError, offset: Int32(start), message: "this \(what) has no end: '\(end)' is missing")
    }

    mutating func readLongString(level: Int) throws(SyntaxFault) -> Symbol {
        let inside = try skipLongText(level: level, from: at, what: "string")
        guard bytes[inside].contains(UInt8(ascii: "\r")) else { return symbols.symbol(bytes[inside]) }
        // Every form of a line end is one line feed in the value.
        var value: [UInt8] = []
        var index = inside.lowerBound
        while index < inside.upperBound {
            let next = bytes[index]
            index += 1
            guard Self.endsLine(next) else {
                value.append(next)
                continue
            }
            value.append(UInt8(ascii: "\n"))
            if index < inside.upperBound, Self.endsLine(bytes[index]), bytes[index] != next { index += 1 }
        }
        return symbols.symbol(value[...])
    }

    mutating func readString(quote: UInt8) throws(SyntaxFault) -> Symbol {
        let start = at
        at += 1
        var value: [UInt8] = []
        var copied = at
        while let next = byte() {
            if next == quote {
                let rest = bytes[copied..<at]
                at += 1
                return symbols.symbol(value.isEmpty ? rest : (value + rest)[...])
            }
            if Self.endsLine(next) { break }
            if next == UInt8(ascii: "\\") {
                value += bytes[copied..<at]
                try readEscape(into: &value)
                copied = at
            } else {
                at += 1
            }
        }
        throw SyntaxFault(
            code: .syntaxError, offset: Int32(start),
            message: "this string has no end: a closing \(Unicode.Scalar(quote)) is missing on its line")
    }

    private mutating func readEscape(into value: inout [UInt8]) throws(SyntaxFault) {
        let start = at
        at += 1
        guard let letter = byte() else { return }  // the text ends: the string has no end
        at += 1
        switch Unicode.Scalar(letter) {
        case "a": value.append(7)
        case "b": value.append(8)
        case "f": value.append(12)
        case "n": value.append(10)
        case "r": value.append(13)
        case "t": value.append(9)
        case "v": value.append(11)
        case "\\", "\"", "'": value.append(letter)
        case "\n", "\r":
            at -= 1
            skipLineEnd()
            value.append(10)
        case "x":
            var code: UInt8 = 0
            for _ in 0..<2 {
                guard let digit = byte().flatMap(Self.hexDigit) else {
                    throw escapeFault(start, "'\\x' takes two hexadecimal digits")
                }
                code = code << 4 | digit
                at += 1
            }
            value.append(code)
        case "z":
            while let next = byte(), next == 32 || (9...13).contains(next) {
                if Self.endsLine(next) { skipLineEnd() } else { at += 1 }
            }
        case "u": try readCodePoint(start, into: &value)
        case "0"..."9":
            var code = Int(letter - UInt8(ascii: "0"))
            for _ in 0..<2 {
                guard let next = byte(), Self.isDigit(next) else { break }
                code = code * 10 + Int(next - UInt8(ascii: "0"))
                at += 1
            }
            guard let byte = UInt8(exactly: code) else { throw escapeFault(start, "'\\\(code)' is more than 255") }
            value.append(byte)
        default: throw escapeFault(start, "there is no such escape in a string; a backslash itself is '\\\\'")
        }
    }

    /// `\u{…}`: any number below 2^31, in the form of UTF-8 that has up to six bytes.
    private mutating func readCodePoint(_ start: Int, into value: inout [UInt8]) throws(SyntaxFault) {
        guard byte() == UInt8(ascii: "{") else {
            throw escapeFault(start, "'\\u' takes digits in braces, as in '\\u{20AC}'")
        }
        at += 1
        var code: UInt32 = 0
        var digits = 0
        while let digit = byte().flatMap(Self.hexDigit) {
            guard code < 1 << 27 else { throw escapeFault(start, "'\\u' takes a number below 2^31") }
            code = code << 4 | UInt32(digit)
            (digits, at) = (digits + 1, at + 1)
        }
        guard digits > 0, byte() == UInt8(ascii: "}") else {
            throw escapeFault(start, "'\\u' takes hexadecimal digits in braces, as in '\\u{20AC}'")
        }
        at += 1
        if code < 0x80 { return value.append(UInt8(code)) }
        var tail: [UInt8] = []
        var most: UInt32 = 0x3F  // the largest that fits into the first byte
        repeat {
            tail.append(UInt8(0x80 | code & 0x3F))
            code >>= 6
            most >>= 1
        } while code > most
        value.append(UInt8(truncatingIfNeeded: ~most << 1 | code))
        value += tail.reversed()
    }

    private func escapeFault(_ start: Int, _ message: String) -> SyntaxFault {
        SyntaxFault(code: .syntaxError, offset: Int32(start), message: message)
    }
}
