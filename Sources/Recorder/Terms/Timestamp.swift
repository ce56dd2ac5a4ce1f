// Moments as people write them in tables: Unix seconds, or a date and time with its offset (RFC 3339).

/// Reads moments for whoever writes terms as text.
package enum Timestamp {
    package static let advice =
        "give Unix seconds, or a date and time with its zone such as 2027-01-31T18:00:00Z or 2027-01-31 18:00+01:00"

    /// Unix seconds; `nil` for anything else, a date without a zone included.
    package static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= 40 else { return nil }
        if bytes.allSatisfy({ $0 &- 0x30 <= 9 }) { return Int64(text) }
        var cursor = Cursor(rest: bytes[...])
        guard let year = cursor.digits(4), cursor.take("-"), let month = cursor.digits(2), cursor.take("-"),
            let day = cursor.digits(2), cursor.take("T") || cursor.take("t") || cursor.take(" "),
            let hour = cursor.digits(2), cursor.take(":"), let minute = cursor.digits(2)
        else { return nil }
        var second = 0
        if cursor.take(":") {
            guard let value = cursor.digits(2) else { return nil }
            second = value
            if cursor.take(".") {
                guard cursor.skipDigits() else { return nil }
            }
        }
        guard let offset = cursor.offset(), cursor.rest.isEmpty, (1...12).contains(month),
            (1...days(year, month)).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        return (dayNumber(year, month, day) * 24 + Int64(hour)) * 3600 + Int64(minute * 60 + second) - Int64(offset)
    }

    private static func days(_ year: Int, _ month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 of the Gregorian calendar; the year counted from March, so that a leap day ends it.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let fromMarch = (month + 9) % 12
        return Int64(365 * y + y / 4 - y / 100 + y / 400 + (153 * fromMarch + 2) / 5 + day - 1 - 719_468)
    }

    private struct Cursor {
        var rest: ArraySlice<UInt8>

        mutating func take(_ character: Character) -> Bool {
            guard let byte = rest.first, byte == character.asciiValue else { return false }
            rest.removeFirst()
            return true
        }

        mutating func digits(_ count: Int) -> Int? {
            guard rest.count >= count else { return nil }
            var value = 0
            for _ in 0..<count {
                let digit = rest.removeFirst() &- 0x30
                guard digit <= 9 else { return nil }
                value = value * 10 + Int(digit)
            }
            return value
        }

        mutating func skipDigits() -> Bool {
            let before = rest.count
            rest = rest.drop { $0 &- 0x30 <= 9 }
            return rest.count < before
        }

        /// Seconds east of UTC.
        mutating func offset() -> Int? {
            if rest.count > 1 { _ = take(" ") }
            if take("Z") || take("z") { return 0 }
            let sign = take("+") ? 1 : take("-") ? -1 : 0
            guard sign != 0, let hours = digits(2) else { return nil }
            _ = take(":")
            guard let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
            return sign * (hours * 3600 + minutes * 60)
        }
    }
}
