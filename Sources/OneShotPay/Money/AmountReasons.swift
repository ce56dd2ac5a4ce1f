// Why a text is no amount, in words that show the text as it was written and what to write instead.

import Console

/// The reasons to refuse one text.
struct AmountReasons {
    let bytes: UnsafeRawBufferPointer
    let sign: DecimalSign

    private var text: String { "\"" + ShownText.short(bytes, limit: 40) + "\"" }
    private var example: String { sign.write("12.50") }

    /// The reason for a byte that has no place in an amount.
    func reason(for byte: UInt8) -> MoneyError {
        if Self.isSpace(bytes[0]) || Self.isSpace(bytes[bytes.count - 1]) {
            return MoneyError(
                .surroundingSpace, "\(text) has a space around it; write the number alone, such as \(example)")
        }
        let plain = "write US dollars as digits with at most one \(sign.name), such as \(example)"
        switch byte {
        case sign.byte: return MoneyError(.repeatedDot, "\(text) has more than one \(sign.name); \(plain)")
        case UInt8(ascii: ","):
            return MoneyError(
                .comma, "\(text) has a comma; use a dot for decimals and no separator for thousands, such as 1234.50")
        case UInt8(ascii: "."):
            return MoneyError(.dot, "\(text) has a dot; with a decimal comma write 1234,50, without a dot")
        case UInt8(ascii: "$"):
            return MoneyError(.currencySign, "\(text) has a currency sign; write the number alone, such as \(example)")
        case 0x80...: return foreignCharacter
        case UInt8(ascii: " "), UInt8(ascii: "'"):
            if let grouping { return grouping }
        case UInt8(ascii: "+"):
            return MoneyError(.plusSign, "\(text) has a plus sign; leave it out")
        case UInt8(ascii: "e"), UInt8(ascii: "E"):
            if (bytes[0] &- UInt8(ascii: "0")) <= 9 {
                return MoneyError(.exponent, "\(text) has an exponent; write all digits, such as 1000 for 1e3")
            }
        default:
            break
        }
        return MoneyError(.notANumber, "\(text) is not an amount; \(plain)")
    }

    var missingDigits: MoneyError {
        MoneyError(
            .missingDigits,
            "\(text) needs a digit before and after the \(sign.name); write \(sign.write("0.50")) or 12")
    }

    var tooManyDecimals: MoneyError {
        // A wrong character further on says more than the count of decimals.
        for byte in bytes.dropFirst(bytes[0] == UInt8(ascii: "-") ? 1 : 0)
        where (byte &- UInt8(ascii: "0")) > 9 && byte != sign.byte {
            return reason(for: byte)
        }
        return MoneyError(
            .tooManyDecimals,
            "\(text) has more than 6 decimals; the smallest amount is \(sign.write("0.000001")) USD")
    }

    var tooLarge: MoneyError {
        MoneyError(
            .tooLarge, "\(text) is too large; the most that can be held is \(sign.write("9223372036854.775807")) USD")
    }

    // MARK: Characters that are not ASCII, or look like nothing

    /// For a character beyond ASCII, of which the first is named: a no-break space looks like none at all.
    private var foreignCharacter: MoneyError {
        let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
        guard let scalar = scalars.first(where: { !$0.isASCII }) else {
            return MoneyError(.notANumber, "\(text) is not an amount; write US dollars as digits, such as \(example)")
        }
        let properties = scalar.properties
        if properties.generalCategory == .currencySymbol {
            return MoneyError(.currencySign, "\(text) has a currency sign; write the number alone, such as \(example)")
        }
        if let grouping { return grouping }
        let isAtAnEnd = scalar == scalars.first || scalar == scalars.last
        return MoneyError(
            properties.isWhitespace && isAtAnEnd ? .surroundingSpace : .notANumber,
            "\(text) has \(Self.name(of: scalar)) in it; write the number alone, such as \(example)")
    }

    /// For a number whose thousands are set apart by spaces or apostrophes, of whatever kind; `nil` for any other text.
    private var grouping: MoneyError? {
        let scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
        guard let place = scalars.indices.dropFirst().dropLast().first(where: { Self.groupsThousands(scalars[$0]) }),
            Self.isDigit(scalars[place - 1]), Self.isDigit(scalars[place + 1])
        else { return nil }
        var rest = String.UnicodeScalarView()
        rest.append(contentsOf: scalars.filter { !Self.groupsThousands($0) })
        let advice =
            advice(String(rest)).map { "leave it out and write \($0)" } ?? "write digits alone, such as \(example)"
        return MoneyError(.notANumber, "\(text) has \(Self.name(of: scalars[place])) in it; \(advice)")
    }

    /// What a text without its grouping is as an amount, if that is certain.
    private func advice(_ text: String) -> String? {
        if Self.isAmount(text, sign) { return text }
        guard Self.isAmount(text, sign.other) else { return nil }
        return String(text.map { String($0) == sign.other.rawValue ? Character(sign.rawValue) : $0 })
    }

    private static func isAmount(_ text: String, _ sign: DecimalSign) -> Bool {
        Array(text.utf8).withUnsafeBytes { (try? Money(parsing: $0, sign: sign)) != nil }
    }

    private static func groupsThousands(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || scalar == "'" || scalar == "\u{2019}"
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func name(of scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return scalar.properties.name.map { "\(code) (\($0.lowercased()))" } ?? code
    }
}
