// Five fields that say when a job is due, as Vixie cron reads them. Reading them is in CronExpression+Parsing.swift.

import Dates

/// When a job is due, in the local time of some zone.
package struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// One field: its values, and whether it was written with a star in front.
    struct Field: Sendable, Hashable {
        var values: Set<Int>
        var isStar: Bool

        var sorted: [Int] { values.sorted() }
    }

    /// The five fields as text, with names such as `@daily` spelled out.
    package let description: String
    /// The same with numbers for names: ranges of names are beyond some crons.
    package let numeric: String
    let minute, hour, day, month, weekday: Field

    /// Whether it follows the clock through changes of the zone's offset, as Debian's cron decides: a star in front of
    /// the minute or the hour. Other jobs have fixed times, each of which comes once a day.
    var isWildcard: Bool { minute.isStar || hour.isStar }

    func matches(_ day: CivilDay) -> Bool {
        let date = day.date
        guard month.values.contains(date.month) else { return false }
        let isDay = self.day.values.contains(date.day), isWeekday = weekday.values.contains(day.weekday)
        // Vixie's rule: two restricted fields add up, otherwise both must hold.
        return self.day.isStar || weekday.isStar ? isDay && isWeekday : isDay || isWeekday
    }
}
