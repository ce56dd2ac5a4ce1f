// Which period a report is about, as flags say it.

import ArgumentParser
import Console
import Cron
import Dates
import Jobs
import Recorder
import Report

struct ReportPeriodOptions: ParsableArguments {
    @Flag(help: "The present day, so far.") var today = false
    @Flag(help: "The day before the present one.") var yesterday = false
    @Option(
        help: ArgumentHelp(
            "A month, such as 2026-11; the present one, so far, if nothing is said.", valueName: "yyyy-mm"))
    var month: String?
    @Option(
        help: ArgumentHelp(
            "From this day on, such as 2026-11-02, or for the last so long, such as 7d.", valueName: "day-or-duration"))
    var since: String?
    @Option(help: ArgumentHelp("With --since: through this day.", valueName: "day")) var until: String?
    func validate() throws {
        let given = [
            today ? "--today" : nil, yesterday ? "--yesterday" : nil, month.map { _ in "--month" },
            since.map { _ in "--since" },
        ].compactMap { $0 }
        guard given.count <= 1 else { throw ValidationError("\(given.joined(separator: " or ")), not both") }
        if until != nil, since == nil { throw ValidationError("--until needs --since") }
        _ = try period(now: JobClock.system.now, in: try Zone(named: "UTC"))
    }

    /// - Throws: `ValidationError` for what is no day, month or duration.
    func period(now: Int64, in zone: Zone) throws -> ReportPeriod {
        let present = zone.day(at: now)
        if today { return ReportPeriod(since: zone.beginning(of: present), before: now + 1, zone: zone) }
        if yesterday {
            let day = CivilDay(number: present.number - 1)
            return ReportPeriod(from: day, through: day, zone: zone)
        }
        if let month {
            guard let first = CivilDay(text: month + "-01") else {
                throw ValidationError("--month: \"\(ShownText.line(month))\" is no month such as 2026-11")
            }
            return ReportPeriod(year: first.date.year, month: first.date.month, zone: zone)
        }
        guard let since else {
            let (year, month, _) = present.date
            return ReportPeriod(
                since: zone.beginning(of: CivilDay(year: year, month: month, day: 1)), before: now + 1, zone: zone)
        }
        var last: CivilDay?
        if let until {
            guard let day = CivilDay(text: until) else {
                throw ValidationError("--until: \"\(ShownText.line(until))\" is no day such as 2026-11-02")
            }
            last = day
        }
        let begin: Int64
        if let day = CivilDay(text: since) {
            begin = zone.beginning(of: day)
        } else if let duration = DurationText.parse(since), duration > .zero {
            begin = now - duration.components.seconds
        } else {
            throw ValidationError(
                "--since: \"\(ShownText.line(since))\" is neither a day such as 2026-11-02 nor a duration such as 7d")
        }
        let end = last.map { zone.beginning(of: CivilDay(number: $0.number + 1)) } ?? now + 1
        guard end > begin else {
            let limit = until.map { "--until \($0)" } ?? "now"
            throw ValidationError("--since: \(ShownText.line(since)) is not before \(limit)")
        }
        return ReportPeriod(since: begin, before: end, zone: zone)
    }
}
