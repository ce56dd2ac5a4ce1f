// Money, numbers and days as the service's three languages write them, exactly: nothing is rounded.
// Patterns are those of Unicode CLDR for en-US, es-ES and tr-TR.

/// A language of the service's pages.
package enum PageLanguage: String, Sendable, Hashable, CaseIterable {
    case english = "en"
    case spanish = "es"
    case turkish = "tr"

    /// An amount of micro-USDC as money, with two to six decimals: `$1,234.50`, `1234,50 US$`, `$1.234,50`.
    /// - Parameter shortest: whether whole dollars are written without decimals.
    package func money(_ micros: Int64, shortest: Bool = false) -> String {
        let (whole, rest) = micros.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        var fraction = String(rest)
        fraction = String(repeating: "0", count: 6 - fraction.count) + fraction
        while fraction.count > 2, fraction.hasSuffix("0") { fraction.removeLast() }
        let sign = micros < 0 ? "-" : ""
        let number = sign + number(whole) + (shortest && rest == 0 ? "" : decimalMark + fraction)
        return switch self {
        case .english, .turkish: sign + "$" + number.dropFirst(sign.count)
        // A no-break space before the sign.
        case .spanish: number + "\u{A0}US$"
        }
    }

    /// A whole number with its groups: `12,345`.
    package func number(_ number: some BinaryInteger) -> String {
        let digits = String(number.magnitude)
        // Spanish groups from five digits on.
        guard digits.count > 3, self != .spanish || digits.count > 4 else { return String(number) }
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(groupMark) }
            text.append(digit)
        }
        return text
    }

    /// The same in two parts, where a page may break it: `$1,234` and `.50`.
    package func moneyParts(_ micros: Int64) -> (whole: String, rest: String) {
        let text = money(micros)
        guard let mark = text.lastIndex(of: Character(decimalMark)) else { return (text, "") }
        return (String(text[..<mark]), String(text[mark...]))
    }

    /// So many thousandths as a share with one decimal, or none where it is whole: `12.5%`, `12,5 %`, `%12,5`.
    package func percent(thousandths: Int) -> String {
        let number = "\(thousandths / 10)" + (thousandths % 10 == 0 ? "" : "\(decimalMark)\(thousandths % 10)")
        return switch self {
        case .english: number + "%"
        case .spanish: number + "\u{A0}%"
        case .turkish: "%" + number
        }
    }

    private var decimalMark: String { self == .english ? "." : "," }
    private var groupMark: Character { self == .english ? "," : "." }
}
