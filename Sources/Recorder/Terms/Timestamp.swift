// Moments as people write them in tables: Unix seconds, or a date and time with its offset (RFC 3339).

import Dates

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
            (1...CivilDay.daysInMonth(month, leap: CivilDay.isLeap(Int64(year)))).contains(day), hour < 24, minute < 60,
            second < 60
        else { return nil }
        let date = CivilDay(year: Int64(year), month: month, day: day)
        return (date.number * 24 + Int64(hour)) * 3600 + Int64(minute * 60 + second) - Int64(offset)
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
