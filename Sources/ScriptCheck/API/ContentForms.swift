// The forms of durations and amounts, by the rules of lh_duration.c and lh_money.c: whether a text or a number is one.

enum DurationForm {
    private static let longestText = 64
    private static let longestSeconds = 10.0 * 366 * 86_400

    /// Seconds; `nil` when the text is no duration.
    static func seconds(_ text: [UInt8]) -> Double? {
        guard (1...longestText).contains(text.count) else { return nil }
        var rest = text[...]
        var total = 0.0
        var smallest = Double.infinity
        while !rest.isEmpty {
            let digits = rest.prefix { Lexer.isDigit($0) || $0 == UInt8(ascii: ".") }
            let unit = rest.dropFirst(digits.count).prefix { ($0 | 0x20) &- UInt8(ascii: "a") < 26 }
            guard let amount = decimal(digits), let scale = scale(unit, isAlone: digits.count == text.count),
                scale < smallest  // largest unit first, each once
            else { return nil }
            smallest = scale
            total += amount * scale
            guard total <= longestSeconds else { return nil }
            rest = rest.dropFirst(digits.count + unit.count)
        }
        return total
    }

    static func isDuration(seconds: Double) -> Bool { seconds >= 0 && seconds <= longestSeconds }

    private static func scale(_ unit: ArraySlice<UInt8>, isAlone: Bool) -> Double? {
        switch String(decoding: unit, as: UTF8.self) {
        case "" where isAlone: 1
        case "ms": 0.001
        case "s": 1
        case "m": 60
        case "h": 3600
        case "d": 86_400
        case "w": 7 * 86_400
        default: nil
        }
    }

    private static func decimal(_ digits: ArraySlice<UInt8>) -> Double? {
        let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = parts.first, !whole.isEmpty,
            let value = Double(String(decoding: whole, as: UTF8.self)), value < 1_000_000_000
        else { return nil }
        guard parts.count == 2 else { return value }
        guard (1...9).contains(parts[1].count) else { return nil }
        return Double(String(decoding: digits, as: UTF8.self))
    }
}

enum AmountForm {
    /// Why a text is no amount; `nil` when it is one.
    static func problem(_ text: [UInt8]) -> String? {
        var digits = text[...]
        if digits.first == UInt8(ascii: "-") { digits = digits.dropFirst() }
        let parts = digits.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(Lexer.isDigit) }
        guard isPlain, let whole = parts.first else { return "is no amount" }
        if parts.count == 2, parts[1].dropFirst(6).contains(where: { $0 != UInt8(ascii: "0") }) {
            return "has more than 6 decimals"
        }
        let significant = whole.drop { $0 == UInt8(ascii: "0") }
        if significant.count > 13 { return "is too large" }
        return nil
    }

    /// Why a number that is no integer is no amount: it must be exact to 6 decimals.
    static func problem(_ number: Double) -> String? {
        guard number.magnitude < 4_294_967_296 else { return "is too large for a number with decimals" }
        let scaled = (number * 1_000_000).rounded(.toNearestOrAwayFromZero)
        return scaled / 1_000_000 == number ? nil : "is not exact to 6 decimals"
    }

    static func problem(_ integer: Int64) -> String? {
        integer.multipliedReportingOverflow(by: 1_000_000).overflow ? "is too large" : nil
    }
}
