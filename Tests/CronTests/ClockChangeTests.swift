// Times at which a timer of systemd would miss a slot of the job, since the clock changes.

import Dates
import Foundation
import Testing

@testable import Cron

@Suite struct ClockChangeTests {
    /// Berlin's summer of 2026 and 2027, by hand: the test stays true whatever laws come.
    private static func offset(_ instant: Int64) -> Int64 {
        let summers: [(Int64, Int64)] = [(1_774_746_000, 1_792_890_000), (1_806_195_600, 1_824_944_400)]
        return summers.contains { $0.0 <= instant && instant < $0.1 } ? 7200 : 3600
    }

    private static let january: Int64 = 1_767_225_600

    @Test(arguments: [
        ("0 6 * * *", []), ("30 2 * * *", ["2026-03-29 01:00:00 UTC", "2027-03-28 01:00:00 UTC"]),
        ("15,45 2 * * *", ["2026-03-29 01:00:00 UTC", "2027-03-28 01:00:00 UTC"]),
        // The calendar meets three o'clock, where two o'clock is due.
        ("0 2,3 * * *", []), ("30 2 1 * *", []),
        ("30 2 * * SUN", ["2026-03-29 01:00:00 UTC", "2027-03-28 01:00:00 UTC"]),
        // What follows the clock is due twice in the repeated hour.
        ("*/20 * * * *", ["2026-10-25 01:00,20,40:00 UTC", "2027-10-31 01:00,20,40:00 UTC"]),
        ("0 * 25 * *", ["2026-10-25 01:00:00 UTC"]),
        ("* * * * *", ["2026-10-25 01:*:00 UTC", "2027-10-31 01:*:00 UTC"]),
    ])
    func namesTheSlotsThatSystemdMisses(_ text: String, _ calendars: [String]) throws {
        let schedule = Schedule(try CronExpression(parsing: text), offset: Self.offset)
        #expect(schedule.calendarsAtClockChanges(from: Self.january) == calendars)
    }

    @Test func aZoneWithoutChangesHasNone() throws {
        for text in ["30 2 * * *", "* * * * *"] {
            #expect(Schedule(try CronExpression(parsing: text)) { _ in 3600 }.calendarsAtClockChanges(from: 0).isEmpty)
        }
    }

    /// In zones of all kinds: what systemd would do by its own rules, and these times, make the job's slots.
    @Test(arguments: [
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca",
    ])
    func calendarAndTheseTimesMakeAllSlots(_ name: String) throws {
        let zone = try Zone(named: name)
        for text in ["30 2 * * *", "15 0 * * *", "*/30 * * * *", "0 1-3 * * *"] {
            let expression = try CronExpression(parsing: text)
            let schedule = Schedule(expression, zone)
            let missed = Set(
                try schedule.calendarsAtClockChanges(from: Self.january).flatMap { calendar in
                    let parts = calendar.split(separator: " ")
                    let time = parts[1].split(separator: ":")
                    let minutes =
                        time[1] == "*"
                        ? (0..<60).map { $0 < 10 ? "0\($0)" : "\($0)" } : time[1].split(separator: ",").map(String.init)
                    return try minutes.map { try ScheduleTests.instant("\(parts[0])T\(time[0]):\($0):00Z") }
                })
            let end = Self.january + 2 * 366 * 86_400
            let all = Set(schedule.slots(after: Self.january, through: end, limit: 100_000))
            // systemd: the first instant at which the clock shows the time, and none where it never does.
            var shown: Set<String> = []
            var calendar: Set<Int64> = []
            let changes = stride(from: Self.january, through: end, by: 86_400).filter {
                zone.offset(at: $0) != zone.offset(at: $0 + 86_400)
            }
            let near = { (instant: Int64) in changes.contains { instant > $0 - 86_400 && instant <= $0 + 2 * 86_400 } }
            for instant in changes.flatMap({ Array(stride(from: $0 - 86_400 + 60, through: $0 + 2 * 86_400, by: 60)) })
            {
                let local = zone.text(instant).prefix(16)
                let (day, second) = (instant + zone.offset(at: instant)).floored(by: 86_400)
                guard expression.matches(CivilDay(number: day)), expression.hour.values.contains(Int(second / 3600)),
                    expression.minute.values.contains(Int(second / 60 % 60)), shown.insert(String(local)).inserted
                else { continue }
                calendar.insert(instant)
            }
            #expect(all.filter(near).subtracting(calendar) == missed.filter(near), "\(text)")
            #expect(missed.allSatisfy { near($0) || $0 > end }, "\(text)")
        }
    }
}
