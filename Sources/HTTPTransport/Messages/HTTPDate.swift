// Reads the three date forms of HTTP (RFC 9110, 5.6.7): IMF-fixdate, RFC 850 and asctime. All are in UTC.

import Dates

/// Dates as HTTP headers write them.
package enum HTTPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// Unix seconds, or `nil` when `text` is in none of the three forms.
    package static func parse(_ text: String) -> Int64? {
        if let seconds = fixdate(text) { return seconds }
        let words = text.lowercased().split { $0 == " " || $0 == "," || $0 == "-" }.map(String.init)
        switch words.count {
        case 6:  // Sun, 06 Nov 1994 08:49:37 GMT, or Sunday, 06-Nov-94 08:49:37 GMT
            guard words[5] == "gmt" || words[5] == "utc" else { return nil }
            return seconds(day: words[1], month: words[2], year: words[3], time: words[4])
        case 5:  // Sun Nov  6 08:49:37 1994
            return seconds(day: words[2], month: words[1], year: words[4], time: words[3])
        default:
            return nil
        }
    }

    /// The form that every server of today writes, without making strings: `Sun, 06 Nov 1994 08:49:37 GMT`. Each reply
    /// has one.
    private static func fixdate(_ text: String) -> Int64? {
        var text = text
        return text.withUTF8 { bytes in
            func number(_ at: Int, _ count: Int) -> Int64? {
                var value: Int64 = 0
                for byte in bytes[at..<at + count] {
                    guard byte &- 0x30 <= 9 else { return nil }
                    value = value * 10 + Int64(byte - 0x30)
                }
                return value
            }
            func name(_ at: Int) -> UInt32 { bytes[at..<at + 3].reduce(0) { $0 << 8 | UInt32($1 | 0x20) } }
            func has(_ byte: Unicode.Scalar, _ places: Int...) -> Bool {
                places.allSatisfy { bytes[$0] == UInt8(ascii: byte) }
            }
            guard bytes.count == 29, bytes[..<3].allSatisfy({ ($0 | 0x20) &- 0x61 < 26 }), has(",", 3),
                has(" ", 4, 7, 11, 16, 25), has(":", 19, 22),
                name(26) == 0x676D74,  // "gmt"
                let month = monthNames.firstIndex(of: name(8)),
                let day = number(5, 2), (1...31).contains(day), let year = number(12, 4), year >= 100,
                let hour = number(17, 2), hour < 24, let minute = number(20, 2), minute < 60,
                let second = number(23, 2), second <= 60
            else { return nil }
            let date = CivilDay(year: year, month: month + 1, day: Int(day))
            return date.number * 86_400 + hour * 3_600 + minute * 60 + second
        }
    }

    /// The three letters of each, as one number.
    private static let monthNames = months.map { $0.utf8.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } }

    private static func seconds(day: String, month: String, year: String, time: String) -> Int64? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, let hour = number(clock[0]), let minute = number(clock[1]),
            let second = number(clock[2]),
            hour < 24, minute < 60, second <= 60,
            let day = number(day), (1...31).contains(day),
            let month = months.firstIndex(of: month), var year = number(year)
        else { return nil }
        // Two digits: RFC 850 dates are all of the past century but for those that clearly are not.
        if year < 70 { year += 2000 } else if year < 100 { year += 1900 }
        let date = CivilDay(year: year, month: month + 1, day: Int(day))
        return date.number * 86_400 + hour * 3_600 + minute * 60 + second
    }

    private static func number(_ text: some StringProtocol) -> Int64? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
        return Int64(text)
    }
}
