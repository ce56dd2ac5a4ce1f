// The hours, days or months that a period consists of, each with the instant at which it begins.

import Cron
import Dates

/// By what the sums of a report are told apart.
package enum ReportGrouping: String, Sendable, CaseIterable {
    case hour, day, month
    /// By what the key begins with, up to its first digit.
    case key
    case description

    /// What shows a period well.
    package static func usual(for period: ReportPeriod) -> ReportGrouping {
        period.dayCount <= 2 ? .hour : period.dayCount <= 62 ? .day : .month
    }

    package var isOfTime: Bool { self == .hour || self == .day || self == .month }
}

/// Equal parts of a period, by the clock of its zone.
package struct ReportBuckets: Sendable {
    package struct Bucket: Sendable {
        package var since: Int64
        /// As data: `2026-11-28`, `2026-11`, `2026-11-28T14:00+01:00`.
        package var name: String
        /// As an axis shows it.
        package var label: String
    }

    /// More than anybody looks at; what is longer is taken by larger parts.
    package static let most = 2_000

    package let list: [Bucket]
    /// By what they are: larger parts than were asked for, where there would be too many.
    package let grouping: ReportGrouping

    /// - Parameter grouping: by hour, day or month.
    package init(_ period: ReportPeriod, by grouping: ReportGrouping) {
        var list: [Bucket] = []
        let zone = period.zone, (first, last) = period.days
        self.grouping = Self.possible(grouping, for: period)
        switch self.grouping {
        case .hour:
            // By the clock: an hour that comes twice is two, and one that is left out none.
            var instant = period.since - (period.since + zone.offset(at: period.since)).floored(by: 3600).remainder
            while instant < period.before {
                let text = zone.text(instant)
                list.append(
                    Bucket(
                        since: instant, name: String(text.prefix(16) + text.suffix(6)),
                        label: String(text.dropFirst(11).prefix(5))))
                let next = instant + 3600
                let beyond = (next + zone.offset(at: next)).floored(by: 3600).remainder
                // Where the clock changes by half an hour, an hour is cut short: the next one begins with the clock's.
                instant = next - beyond > instant ? next - beyond : next
            }
        case .month:
            var (year, month, _) = first.date
            let (lastYear, lastMonth, _) = last.date
            while (year, month) <= (lastYear, lastMonth) {
                let day = CivilDay(year: year, month: month, day: 1)
                let name = String(day.text.prefix(7))
                list.append(Bucket(since: zone.beginning(of: day), name: name, label: name))
                (year, month) = month == 12 ? (year + 1, 1) : (year, month + 1)
            }
        default:
            for number in first.number...last.number {
                let day = CivilDay(number: number)
                list.append(
                    Bucket(since: zone.beginning(of: day), name: day.text, label: String(day.text.dropFirst(5))))
            }
        }
        self.list = list
    }

    /// Parts of which there are not too many.
    private static func possible(_ grouping: ReportGrouping, for period: ReportPeriod) -> ReportGrouping {
        let days = Int(clamping: period.dayCount)
        if grouping == .hour, days <= most / 24 { return .hour }
        return grouping == .month || days > most ? .month : .day
    }

    /// The part in which an instant lies; the first one for what lies before.
    package func index(of instant: Int64) -> Int {
        var low = 0, high = list.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if list[middle].since <= instant { low = middle } else { high = middle }
        }
        return low
    }
}
