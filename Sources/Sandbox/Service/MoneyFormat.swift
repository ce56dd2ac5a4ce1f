// US dollars as each locale of the checkout page writes them, exactly: no rounding, two to six decimals.
// Patterns are those of Unicode CLDR for en-US, es-ES and tr-TR.

extension Route.Locale {
    /// The amount (micro-USDC) as money: `$1,234.50`, `1234,50 US$`, `$1.234,50`.
    func money(_ micros: Int64) -> String {
        let (whole, fraction) = MicroUSD.parts(micros)
        switch self {
        case .en: return "$" + Self.grouped(whole, by: ",") + "." + fraction
        // Spanish groups from five digits on, and sets a no-break space before the sign.
        case .es: return (whole.count < 5 ? whole : Self.grouped(whole, by: ".")) + "," + fraction + "\u{A0}US$"
        case .tr: return "$" + Self.grouped(whole, by: ".") + "," + fraction
        }
    }

    private static func grouped(_ digits: String, by separator: Character) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(separator) }
            text.append(digit)
        }
        return text
    }
}
