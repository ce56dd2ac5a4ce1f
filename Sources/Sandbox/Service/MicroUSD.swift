// Exact money on the sandbox's side: from a decimal literal to millionths of a dollar and back to text.
// How a locale writes it is MoneyFormat.

/// Reads decimal literals as whole millionths of a US dollar.
enum MicroUSD {
    /// The largest amount accepted: 10¹² USD.
    static let maximum: Int64 = 1_000_000_000_000_000_000

    /// Why a literal is not an amount.
    enum Failure: Error, Equatable {
        case notADecimal, notPositive, tooManyDecimals, tooLarge
    }

    /// The exact value of a JSON number literal such as `12.50` or `1.25e1`, in millionths.
    /// - Throws: ``Failure`` when it is not above 0, not a whole number of millionths, or above ``maximum``.
    static func parse(_ literal: String) throws(Failure) -> Int64 {
        var digits: [UInt8] = []
        var scale = 0  // the value is digits × 10^-scale
        var exponent = 0
        var (negative, seenPoint, seenDigit) = (false, false, false)
        let characters = Array(literal.utf8)
        var index = 0
        if characters.first == UInt8(ascii: "-") {
            negative = true
            index = 1
        }
        scan: while index < characters.count {
            switch characters[index] {
            case let byte where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte):
                digits.append(byte - UInt8(ascii: "0"))
                seenDigit = true
                if seenPoint { scale += 1 }
            case UInt8(ascii: ".") where !seenPoint && seenDigit: seenPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard let value = Int(String(decoding: characters[(index + 1)...], as: UTF8.self)) else {
                    throw .notADecimal
                }
                exponent = min(max(value, -100_000), 100_000)
                break scan
            default: throw .notADecimal
            }
            index += 1
        }
        guard seenDigit else { throw .notADecimal }
        while digits.count > 1, digits.last == 0 {
            digits.removeLast()
            scale -= 1
        }
        guard digits.contains(where: { $0 != 0 }), !negative else { throw .notPositive }
        var shift = exponent - scale + 6
        guard shift >= 0 else { throw .tooManyDecimals }
        var value: Int64 = 0
        for digit in digits {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow, product <= maximum else { throw .tooLarge }
            value = product + Int64(digit)
        }
        while shift > 0 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow, product <= maximum else { throw .tooLarge }
            value = product
            shift -= 1
        }
        guard value <= maximum else { throw .tooLarge }
        return value
    }

    /// The plain decimal text of an amount, with two to six decimals: `12500000` is `12.50`.
    static func decimalText(_ micros: Int64) -> String {
        let parts = parts(micros)
        return "\(parts.whole).\(parts.fraction)"
    }

    /// Whole dollars, and two to six digits of the fraction.
    static func parts(_ micros: Int64) -> (whole: String, fraction: String) {
        let (whole, rest) = max(micros, 0).quotientAndRemainder(dividingBy: 1_000_000)
        var fraction = String(rest)
        fraction = String(repeating: "0", count: 6 - fraction.count) + fraction
        while fraction.count > 2, fraction.hasSuffix("0") { fraction.removeLast() }
        return (String(whole), fraction)
    }
}
