// Reads the three date forms of HTTP (RFC 9110, 5.6.7): IMF-fixdate, RFC 850 and asctime. All are in UTC.

/// Dates as HTTP headers write them.
enum HTTPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// Unix seconds, or `nil` when `text` is in none of the three forms.
    static func parse(_ text: String) -> Int64? {
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
        return daysSinceEpoch(year: year, month: Int64(month) + 1, day: day) * 86_400 + hour * 3_600 + minute * 60
            + second
    }

    private static func number(_ text: some StringProtocol) -> Int64? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
        return Int64(text)
    }

    /// Days from 1970-01-01 in the Gregorian calendar. Years are counted from March, so that the leap day comes
    /// last, and in cycles of 400 years, which always have 146,097 days.
    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let cycle = shifted / 400
        let yearOfCycle = shifted % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
        return cycle * 146_097 + dayOfCycle - 719_468
    }
}
