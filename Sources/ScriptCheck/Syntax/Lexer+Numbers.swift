// Numbers: decimal and hexadecimal, integers and floats, as Lua reads them.

extension Lexer {
    mutating func readNumber(_ token: inout Token) throws(SyntaxFault) {
        let start = at
        var isHex = false
        if byte() == UInt8(ascii: "0"), let mark = byte(1), mark | 0x20 == UInt8(ascii: "x") {
            isHex = true
            at += 1
        }
        at += 1
        // As Lua takes them: all that could be of a number, and then it must be one.
        let exponent = UInt8(ascii: isHex ? "p" : "e")
        while let next = byte() {
            if next | 0x20 == exponent {
                at += 1
                if let sign = byte(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { at += 1 }
            } else if Self.hexDigit(next) != nil || next == UInt8(ascii: ".") {
                at += 1
            } else {
                break
            }
        }
        if let next = byte(), Self.beginsName(next) { at += 1 }
        switch Self.value(of: bytes[start..<at]) {
        case .integer(let value)?: (token.kind, token.integer) = (.integer, value)
        case .number(let value)?: (token.kind, token.number) = (.number, value)
        case nil:
            let text = String(decoding: bytes[start..<min(at, start + 40)], as: UTF8.self)
            throw SyntaxFault(code: .syntaxError, offset: Int32(start), message: "'\(text)' is no number")
        }
    }

    enum Numeral: Equatable {
        case integer(Int64)
        case number(Double)
    }

    /// What a numeral stands for; `nil` when it is none. Signs and blanks are not part of one.
    static func value(of text: ArraySlice<UInt8>) -> Numeral? {
        let isHex =
            text.count > 1 && text.first == UInt8(ascii: "0") && text[text.startIndex + 1] | 0x20 == UInt8(ascii: "x")
        return isHex ? hexadecimal(text.dropFirst(2)) : decimal(text)
    }

    private static func decimal(_ text: ArraySlice<UInt8>) -> Numeral? {
        guard let parts = parts(of: text, exponent: UInt8(ascii: "e"), isDigit: isDigit) else { return nil }
        if !parts.isFraction {
            var value: Int64 = 0
            var fits = true
            for digit in text {
                let (tenfold, isOver) = value.multipliedReportingOverflow(by: 10)
                let (sum, isOverToo) = tenfold.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
                if isOver || isOverToo {
                    fits = false
                    break
                }
                value = sum
            }
            if fits { return .integer(value) }
        }
        // Swift wants a digit on both sides of a point.
        var shown = "0"
        for byte in text {
            if byte | 0x20 == UInt8(ascii: "e"), shown.hasSuffix(".") { shown += "0" }
            shown.unicodeScalars.append(Unicode.Scalar(byte))
        }
        if shown.hasSuffix(".") { shown += "0" }
        return .number(Double(shown) ?? .infinity)
    }

    private static func hexadecimal(_ text: ArraySlice<UInt8>) -> Numeral? {
        guard let parts = parts(of: text, exponent: UInt8(ascii: "p"), isDigit: { hexDigit($0) != nil }) else {
            return nil
        }
        if !parts.isFraction {
            return .integer(Int64(bitPattern: text.reduce(UInt64(0)) { $0 << 4 | UInt64(hexDigit($1) ?? 0) }))
        }
        var value = 0.0
        for byte in parts.whole + parts.fraction { value = value * 16 + Double(hexDigit(byte) ?? 0) }
        // Of a hexadecimal float only the magnitude is ever asked for.
        let shift = max(-5000, min(5000, parts.exponent)) - 4 * min(parts.fraction.count, 2000)
        return .number(shift >= 0 ? value * power(shift) : value / power(-shift))
    }

    private static func power(_ exponent: Int) -> Double {
        var value = 1.0
        for _ in 0..<min(exponent, 5000) { value *= 2 }
        return value
    }

    private struct Parts {
        var whole: ArraySlice<UInt8>
        var fraction: ArraySlice<UInt8> = []
        var exponent = 0
        /// Whether a point or an exponent makes it a float.
        var isFraction = false
    }

    /// Digits, a point, digits, an exponent; at least one digit before it and in it.
    private static func parts(of text: ArraySlice<UInt8>, exponent: UInt8, isDigit: (UInt8) -> Bool) -> Parts? {
        var parts = Parts(whole: text.prefix(while: isDigit))
        var rest = text.dropFirst(parts.whole.count)
        if rest.first == UInt8(ascii: ".") {
            parts.isFraction = true
            parts.fraction = rest.dropFirst().prefix(while: isDigit)
            rest = rest.dropFirst(1 + parts.fraction.count)
        }
        guard !parts.whole.isEmpty || !parts.fraction.isEmpty else { return nil }
        guard let mark = rest.first else { return parts }
        guard mark | 0x20 == exponent else { return nil }
        parts.isFraction = true
        rest = rest.dropFirst()
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        guard !rest.isEmpty, rest.allSatisfy(Self.isDigit) else { return nil }
        for digit in rest { parts.exponent = min(parts.exponent * 10 + Int(digit - UInt8(ascii: "0")), 1_000_000) }
        if isNegative { parts.exponent = -parts.exponent }
        return parts
    }
}
