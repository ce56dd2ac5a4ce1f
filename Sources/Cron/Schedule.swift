// An expression in a zone: the instants at which a job is due. Pure: the zone's offsets are looked up by a closure.
//
// Through changes of the offset it does what Debian's cron does. A job with fixed times that fall into a skipped hour
// is due right after the jump (several of them once), and one in a repeated hour is due the first time only. A job
// with a star in front of its minute or hour follows the clock: nothing in a skipped hour, twice in a repeated one.

import Dates

/// When a job is due, as instants.
package struct Schedule: Sendable {
    package let expression: CronExpression
    /// Seconds east of UTC at an instant.
    private let offset: @Sendable (Int64) -> Int64

    private static let day: Int64 = 86_400
    /// No zone's change of offset lies further from its local day than this.
    private static let margin: Int64 = 26 * 3600
    /// How far `next` and `previous` look, in days: 29 February on one of some days of the week may take 40 years.
    private static let horizon: Int64 = 41 * 366

    package init(_ expression: CronExpression, offset: @escaping @Sendable (Int64) -> Int64) {
        self.expression = expression
        self.offset = offset
    }

    package init(_ expression: CronExpression, _ zone: Zone) {
        self.init(expression) { zone.offset(at: $0) }
    }

    /// The first slot after an instant; `nil` when none comes within 41 years.
    package func next(after instant: Int64) -> Int64? {
        let first = localDay(of: instant) - 1
        for number in first...(first + Self.horizon) {
            let found = slots(of: CivilDay(number: number)).first { $0 > instant }
            // Where the clock goes back over midnight, the next day may begin before this one ends.
            guard let found else { continue }
            return Swift.min(found, slots(of: CivilDay(number: number + 1)).first { $0 > instant } ?? found)
        }
        return nil
    }

    /// The last slot at or before an instant; `nil` when there was none for 41 years.
    package func previous(through instant: Int64) -> Int64? {
        let last = localDay(of: instant) + 1
        for number in stride(from: last, through: last - Self.horizon, by: -1) {
            guard let found = slots(of: CivilDay(number: number)).last(where: { $0 <= instant }) else { continue }
            return Swift.max(found, slots(of: CivilDay(number: number - 1)).last { $0 <= instant } ?? found)
        }
        return nil
    }

    /// The slots after one instant and up to another, newest first; at most `limit` of them.
    package func slots(after start: Int64, through end: Int64, limit: Int) -> [Int64] {
        var found: [Int64] = []
        guard start < end else { return found }
        let first = localDay(of: start) - 1, last = localDay(of: end) + 1
        for number in stride(from: last, through: Swift.max(first, last - Self.horizon), by: -1) {
            let ofDay = slots(of: CivilDay(number: number)).filter { $0 > start && $0 <= end }
            found += ofDay.reversed()
            if found.count >= limit + 1440 { break }
        }
        // Days may overlap where the clock goes back over midnight.
        return Array(Set(found).sorted(by: >).prefix(limit))
    }

    // MARK: Changes of the offset

    func changes(between start: Int64, _ end: Int64) -> Bool { offset(start) != offset(end) }

    /// Whether a timer of systemd with the same fields does not start at this slot: the clock does not show the slot's
    /// time then, or has shown it before.
    func isMissedBySystemd(_ slot: Int64) -> Bool {
        let local = slot + offset(slot)
        let (day, second) = local.floored(by: Self.day)
        let isShown =
            expression.matches(CivilDay(number: day)) && second % 60 == 0
            && expression.hour.values.contains(Int(second / 3600))
            && expression.minute.values.contains(Int(second / 60 % 60))
        guard isShown else { return true }
        let earlier = local - offset(slot - Self.margin)
        return earlier < slot && earlier + offset(earlier) == local
    }

    // MARK: One local day

    private func localDay(of instant: Int64) -> Int64 { (instant + offset(instant)).floored(by: Self.day).quotient }

    /// The instants of a local day, in order.
    private func slots(of day: CivilDay) -> [Int64] {
        guard expression.matches(day) else { return [] }
        let midnight = day.number * Self.day
        let before = offset(midnight - Self.margin), after = offset(midnight + Self.day + Self.margin)
        var instants: Set<Int64> = []
        for hour in expression.hour.values {
            for minute in expression.minute.values {
                let local = midnight + Int64(hour) * 3600 + Int64(minute) * 60
                if before == after {
                    instants.insert(local - before)
                } else {
                    instants.formUnion(self.instants(of: local, before, after))
                }
            }
        }
        return instants.sorted()
    }

    /// The instants at which the clock shows a local time, near a change of offset from `before` to `after`.
    private func instants(of local: Int64, _ before: Int64, _ after: Int64) -> [Int64] {
        let shown = [local - before, local - after].filter { $0 + offset($0) == local }.sorted()
        if expression.isWildcard { return shown }
        if let first = shown.first { return [first] }
        return [change(between: local - Swift.max(before, after), local - Swift.min(before, after))]
    }

    /// The instant from which the later offset holds.
    private func change(between low: Int64, _ high: Int64) -> Int64 {
        let old = offset(low)
        var low = low, high = high
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(middle) == old { low = middle } else { high = middle }
        }
        return high
    }
}
