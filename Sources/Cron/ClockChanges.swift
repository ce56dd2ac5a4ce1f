// What systemd's timers leave out when a zone's clock changes, as further times for them. Seen with systemd 252: a time
// in a skipped hour is left out with its whole day, and a repeated hour is met the first time only.

import Dates

extension Schedule {
    private static let years: Int64 = 10

    /// `OnCalendar` values, in UTC, for the slots of the next ten years that the calendar of the same fields misses.
    package func calendarsAtClockChanges(from now: Int64) -> [String] {
        var minutes: [Int64: [Int64]] = [:]
        let end = now + Self.years * 366 * 86_400
        for start in stride(from: now, to: end, by: 86_400) where changes(between: start, start + 86_400) {
            // A slot of the day before or after may be moved by it.
            for slot in slots(after: start - 86_400, through: start + 2 * 86_400, limit: 3 * 1440 * 2)
            where slot > now && isMissedBySystemd(slot) {
                let (hour, second) = slot.floored(by: 3600)
                minutes[hour, default: []].append(second / 60)
            }
        }
        return minutes.sorted { $0.key < $1.key }.map { hour, found in
            let (day, hourOfDay) = hour.floored(by: 24)
            let date = CivilDay(number: day).date
            let list =
                Set(found).count == 60 ? "*" : Set(found).sorted().map { Self.two($0) }.joined(separator: ",")
            return
                "\(date.year)-\(Self.two(Int64(date.month)))-\(Self.two(Int64(date.day))) \(Self.two(hourOfDay)):\(list):00 UTC"
        }
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
