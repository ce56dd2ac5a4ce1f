// Reads an amount from decimal text, strictly: what is not plainly an amount is refused with its own reason.
// Works on raw bytes, so that a CSV cell or a JSON slice needs no String first.

extension Money {
    /// Reads an amount of US dollars: digits, optionally one dot and up to six decimals, optionally a leading minus.
    ///
    /// Further decimals are accepted only if they are zeros (`"12.5000000"`).
    ///
    /// - Throws: ``MoneyError``, whose message says what to write instead.
    public init(parsing text: String) throws(MoneyError) {
        var text = text
        let result: Result<Money, MoneyError> = text.withUTF8 { bytes in
            do throws(MoneyError) {
                return .success(try Money(parsing: UnsafeRawBufferPointer(bytes)))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    /// Reads an amount from UTF-8 bytes; see ``init(parsing:)-(String)``.
    package init(parsing bytes: UnsafeRawBufferPointer) throws(MoneyError) {
        guard !bytes.isEmpty else {
            throw MoneyError(.empty, "the amount is empty; write US dollars such as 12.50")
        }
        var index = 0
        let negative = bytes[0] == UInt8(ascii: "-")
        if negative { index = 1 }

        var micro: UInt64 = 0
        var wholeDigits = 0
        var decimals = 0
        var sawDot = false
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "."), !sawDot {
                sawDot = true
                continue
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9 else { throw Self.reason(for: byte, in: bytes) }
            if sawDot {
                decimals += 1
                if decimals > 6 {
                    guard digit == 0 else { throw Self.reasonForDecimals(bytes) }
                    continue
                }
            } else {
                wholeDigits += 1
            }
            let (shifted, tooLarge) = micro.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(UInt64(digit))
            guard !tooLarge, !carry else { throw Self.reasonForSize(bytes) }
            micro = sum
        }
        guard wholeDigits > 0, !sawDot || decimals > 0 else {
            throw MoneyError(
                .missingDigits, "\(Self.quoted(bytes)) needs a digit before and after the dot; write 0.50 or 12")
        }
        for _ in min(decimals, 6)..<6 {
            let (shifted, tooLarge) = micro.multipliedReportingOverflow(by: 10)
            guard !tooLarge else { throw Self.reasonForSize(bytes) }
            micro = shifted
        }
        guard micro <= UInt64(Int64.max) else { throw Self.reasonForSize(bytes) }
        self.init(microUSDC: negative ? -Int64(micro) : Int64(micro))
    }

    // MARK: Reasons

    private static func reason(for byte: UInt8, in bytes: UnsafeRawBufferPointer) -> MoneyError {
        let text = quoted(bytes)
        if isSpace(bytes[0]) || isSpace(bytes[bytes.count - 1]) {
            return MoneyError(.surroundingSpace, "\(text) has a space around it; write the number alone, such as 12.50")
        }
        let plain = "write US dollars as digits with at most one dot, such as 12.50"
        switch byte {
        case UInt8(ascii: ","):
            return MoneyError(
                .comma, "\(text) has a comma; use a dot for decimals and no separator for thousands, such as 1234.50")
        case UInt8(ascii: "$"):
            return MoneyError(.currencySign, "\(text) has a currency sign; write the number alone, such as 12.50")
        case 0x80...:
            return reasonForForeignCharacter(bytes)
        case UInt8(ascii: "+"):
            return MoneyError(.plusSign, "\(text) has a plus sign; leave it out")
        case UInt8(ascii: "."):
            return MoneyError(.repeatedDot, "\(text) has more than one dot; \(plain)")
        case UInt8(ascii: "e"), UInt8(ascii: "E"):
            if (bytes[0] &- UInt8(ascii: "0")) <= 9 {
                return MoneyError(.exponent, "\(text) has an exponent; write all digits, such as 1000 for 1e3")
            }
        default:
            break
        }
        return MoneyError(.notANumber, "\(text) is not an amount; \(plain)")
    }

    /// For a character beyond ASCII, of which the first is named: a no-break space looks like none at all.
    private static func reasonForForeignCharacter(_ bytes: UnsafeRawBufferPointer) -> MoneyError {
        let text = quoted(bytes)
        let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
        guard let scalar = scalars.first(where: { !$0.isASCII }) else {
            return MoneyError(.notANumber, "\(text) is not an amount; write US dollars as digits, such as 12.50")
        }
        let properties = scalar.properties
        if properties.generalCategory == .currencySymbol {
            return MoneyError(.currencySign, "\(text) has a currency sign; write the number alone, such as 12.50")
        }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        let name = properties.name.map { "\(code) (\($0.lowercased()))" } ?? code
        let isAtAnEnd = scalar == scalars.first || scalar == scalars.last
        return MoneyError(
            properties.isWhitespace && isAtAnEnd ? .surroundingSpace : .notANumber,
            "\(text) has \(name) in it; write the number alone, such as 12.50")
    }

    private static func reasonForDecimals(_ bytes: UnsafeRawBufferPointer) -> MoneyError {
        // A wrong character further on says more than the count of decimals.
        for byte in bytes.dropFirst(bytes[0] == UInt8(ascii: "-") ? 1 : 0)
        where (byte &- UInt8(ascii: "0")) > 9 && byte != UInt8(ascii: ".") {
            return reason(for: byte, in: bytes)
        }
        return MoneyError(
            .tooManyDecimals, "\(quoted(bytes)) has more than 6 decimals; the smallest amount is 0.000001 USD")
    }

    private static func reasonForSize(_ bytes: UnsafeRawBufferPointer) -> MoneyError {
        MoneyError(.tooLarge, "\(quoted(bytes)) is too large; the most that can be held is 9223372036854.775807 USD")
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
    }

    private static func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
        "\"" + DisplayText.excerpt(of: bytes, limit: 40) + "\""
    }
}
