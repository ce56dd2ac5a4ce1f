// Which time a report is about: from one instant to another, on days that begin at midnight in a zone.

package import Cron
package import Dates

/// A span of time in a zone.
package struct ReportPeriod: Sendable {
    package let zone: Zone
    /// Unix seconds: at or after.
    package let since: Int64
    /// Unix seconds: before.
    package let before: Int64

    package init(since: Int64, before: Int64, zone: Zone) {
        self.since = since
        self.before = max(before, since)
        self.zone = zone
    }

    /// Whole days.
    /// - Parameter last: the last of them.
    package init(from first: CivilDay, through last: CivilDay, zone: Zone) {
        self.init(
            since: zone.beginning(of: first), before: zone.beginning(of: CivilDay(number: last.number + 1)), zone: zone)
    }

    /// A month, from its first day through its last.
    package init(year: Int64, month: Int, zone: Zone) {
        let last = CivilDay.daysInMonth(month, leap: CivilDay.isLeap(year))
        self.init(
            from: CivilDay(year: year, month: month, day: 1), through: CivilDay(year: year, month: month, day: last),
            zone: zone)
    }

    /// The days on which it begins and ends.
    package var days: (first: CivilDay, last: CivilDay) {
        (zone.day(at: since), zone.day(at: max(since, before - 1)))
    }

    /// How many days it touches.
    package var dayCount: Int64 { days.last.number - days.first.number + 1 }
}

extension Zone {
    /// The local day at an instant.
    package func day(at instant: Int64) -> CivilDay {
        CivilDay(number: (instant + offset(at: instant)).floored(by: 86_400).quotient)
    }

    /// The first instant of a local day: its midnight, or the end of the gap where a change of the clock leaves that out.
    package func beginning(of day: CivilDay) -> Int64 {
        let midnight = day.number * 86_400
        let before = offset(at: midnight - 86_400), after = offset(at: midnight + 86_400)
        let found = [midnight - before, midnight - after].filter { $0 + offset(at: $0) == midnight }
        if let first = found.min() { return first }
        // Midnight is left out: the day begins when the clock changes.
        var low = midnight - max(before, after), high = midnight - min(before, after)
        while low < high {
            let middle = low + (high - low) / 2
            if self.day(at: middle).number >= day.number { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension CivilDay {
    /// `2026-11-28`.
    package var text: String { CivilTime(unixSeconds: number * 86_400).dateText }

    /// A day written as `2026-11-28`; `nil` when there is no such day from 1970 to 2100.
    package init?(text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy { $0 &- 0x30 <= 9 } }), let year = Int64(parts[0]),
            let month = Int(parts[1]), let day = Int(parts[2]), (1...12).contains(month), (1970...2100).contains(year),
            (1...CivilDay.daysInMonth(month, leap: CivilDay.isLeap(year))).contains(day)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }
}
