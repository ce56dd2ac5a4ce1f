// A Unix time as a date and a time of day in UTC.

/// Year, month, day, hour, minute and second of a Unix time in UTC. Leap seconds have no number, as in Unix time.
package struct CivilTime: Hashable, Sendable {
    package let day: CivilDay
    package let secondOfDay: Int64

    package init(unixSeconds: Int64) {
        let (number, second) = unixSeconds.floored(by: 86_400)
        day = CivilDay(number: number)
        secondOfDay = second
    }

    /// `2026-11-28`.
    package var dateText: String {
        let (year, month, day) = day.date
        let digits = String(abs(year))
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return (year < 0 ? "-" : "") + padded + "-" + Self.two(Int64(month)) + "-" + Self.two(Int64(day))
    }

    /// `09:05:00`.
    package var timeText: String {
        Self.two(secondOfDay / 3600) + ":" + Self.two(secondOfDay / 60 % 60) + ":" + Self.two(secondOfDay % 60)
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
