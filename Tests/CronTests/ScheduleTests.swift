// Slots: next, previous, all; through changes of the clock in real zones; days that are rare.

import Dates
import Testing

@testable import Cron

@Suite struct ScheduleTests {
    static func schedule(_ text: String, _ zone: String = "UTC") throws -> (Schedule, Zone) {
        let zone = try Zone(named: zone)
        return (Schedule(try CronExpression(parsing: text), zone), zone)
    }

    /// An instant from `2026-03-29T00:00:00Z`.
    static func instant(_ text: String) throws -> Int64 {
        let numbers = text.split { !$0.isNumber }.compactMap { Int64($0) }
        try #require(numbers.count == 6)
        return CivilDay(year: numbers[0], month: Int(numbers[1]), day: Int(numbers[2])).number * 86_400
            + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var expression: String
        var zone = "UTC"
        /// UTC.
        var from: String
        var slots: [String]
        var testDescription: String { "\(name): \(expression), \(zone)" }
    }

    static let cases = [
        Case(
            name: "each minute", expression: "* * * * *", from: "2026-01-31T23:58:30Z",
            slots: ["2026-01-31T23:59:00+00:00", "2026-02-01T00:00:00+00:00", "2026-02-01T00:01:00+00:00"]),
        Case(
            name: "a slot is not after itself", expression: "0 6 * * *", from: "2026-01-31T06:00:00Z",
            slots: ["2026-02-01T06:00:00+00:00"]),
        Case(
            name: "29 February", expression: "0 0 29 2 *", from: "2026-01-01T00:00:00Z",
            slots: ["2028-02-29T00:00:00+00:00", "2032-02-29T00:00:00+00:00"]),
        Case(
            name: "29 February over a year that is no leap year", expression: "0 0 29 2 *",
            from: "2096-03-01T00:00:00Z", slots: ["2104-02-29T00:00:00+00:00"]),
        Case(
            name: "31st", expression: "30 12 31 * *", from: "2026-01-31T13:00:00Z",
            slots: ["2026-03-31T12:30:00+00:00", "2026-05-31T12:30:00+00:00"]),
        Case(
            name: "day of month or day of week", expression: "0 0 13 * FRI", from: "2026-02-06T00:00:00Z",
            slots: [
                "2026-02-13T00:00:00+00:00", "2026-02-20T00:00:00+00:00", "2026-02-27T00:00:00+00:00",
                "2026-03-06T00:00:00+00:00", "2026-03-13T00:00:00+00:00",
            ]),
        Case(
            name: "a star with a step restricts both", expression: "0 0 */10 * MON", from: "2026-01-01T00:00:00Z",
            slots: ["2026-05-11T00:00:00+00:00", "2026-06-01T00:00:00+00:00"]),
        Case(
            name: "a skipped time is due right after the jump", expression: "30 2 * * *", zone: "Europe/Berlin",
            from: "2026-03-28T12:00:00Z",
            slots: ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]),
        Case(
            name: "two skipped times and the one after them are one", expression: "0,30 2,3 * * *",
            zone: "Europe/Berlin", from: "2026-03-28T12:00:00Z",
            slots: ["2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:00:00+02:00"]),
        Case(
            name: "a repeated time is due once, the first time", expression: "30 2 * * *", zone: "Europe/Berlin",
            from: "2026-10-24T12:00:00Z",
            slots: ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]),
        Case(
            name: "hourly follows the clock over the jump", expression: "0 * * * *", zone: "Europe/Berlin",
            from: "2026-03-28T23:30:00Z",
            slots: ["2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00"]),
        Case(
            name: "hourly runs twice in the repeated hour", expression: "0 * * * *", zone: "Europe/Berlin",
            from: "2026-10-24T23:30:00Z",
            slots: ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"]),
        Case(
            name: "a star in the minute follows the clock too", expression: "*/30 2 * * *", zone: "Europe/Berlin",
            from: "2026-03-28T23:30:00Z",
            slots: ["2026-03-30T02:00:00+02:00", "2026-03-30T02:30:00+02:00"]),
        Case(
            name: "New York, spring", expression: "15 2 * * *", zone: "America/New_York",
            from: "2026-03-07T12:00:00Z", slots: ["2026-03-08T03:00:00-04:00", "2026-03-09T02:15:00-04:00"]),
        Case(
            name: "New York, autumn", expression: "30 1 * * *", zone: "America/New_York",
            from: "2026-10-31T12:00:00Z", slots: ["2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"]),
        Case(
            name: "half an hour skipped", expression: "15 2 * * *", zone: "Australia/Lord_Howe",
            from: "2026-10-03T00:00:00Z", slots: ["2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"]),
        Case(
            name: "half an hour repeated, fixed", expression: "45 1 * * *", zone: "Australia/Lord_Howe",
            from: "2026-04-04T00:00:00Z", slots: ["2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"]),
        Case(
            name: "half an hour repeated, by the clock", expression: "*/15 * * * *", zone: "Australia/Lord_Howe",
            from: "2026-04-04T14:40:00Z",
            slots: [
                "2026-04-05T01:45:00+11:00", "2026-04-05T01:30:00+10:30", "2026-04-05T01:45:00+10:30",
                "2026-04-05T02:00:00+10:30",
            ]),
        Case(
            name: "no changes, half an hour off", expression: "0 6 * * *", zone: "Asia/Kolkata",
            from: "2026-03-28T12:00:00Z", slots: ["2026-03-29T06:00:00+05:30", "2026-03-30T06:00:00+05:30"]),
        Case(
            name: "the clock goes back over midnight", expression: "30 23 * * *", zone: "America/Havana",
            from: "2024-11-02T12:00:00Z", slots: ["2024-11-02T23:30:00-04:00", "2024-11-03T23:30:00-05:00"]),
        Case(
            name: "midnight itself is skipped", expression: "0 0 * * *", zone: "America/Havana",
            from: "2026-03-07T12:00:00Z", slots: ["2026-03-08T01:00:00-04:00", "2026-03-09T00:00:00-04:00"]),
        Case(
            name: "beyond the zone's table, by its rule", expression: "30 2 * * *", zone: "Europe/Berlin",
            from: "2060-03-27T12:00:00Z", slots: ["2060-03-28T03:00:00+02:00", "2060-03-29T02:30:00+02:00"]),
    ]

    @Test(arguments: cases)
    func findsTheNextSlots(_ given: Case) throws {
        let (schedule, zone) = try Self.schedule(given.expression, given.zone)
        var instant = try Self.instant(given.from)
        for expected in given.slots {
            let slot = try #require(schedule.next(after: instant))
            #expect(zone.text(slot) == expected)
            instant = slot
        }
    }

    @Test(arguments: cases)
    func findsTheSameSlotsBackwardsAndAllAtOnce(_ given: Case) throws {
        let (schedule, zone) = try Self.schedule(given.expression, given.zone)
        let start = try Self.instant(given.from)
        var slots: [Int64] = []
        while slots.count < given.slots.count { slots.append(try #require(schedule.next(after: slots.last ?? start))) }
        let last = try #require(slots.last)
        var instant = last + 59
        for expected in given.slots.reversed() {
            let slot = try #require(schedule.previous(through: instant))
            #expect(zone.text(slot) == expected)
            instant = slot - 1
        }
        #expect(schedule.slots(after: start, through: last, limit: 100).map(zone.text) == given.slots.reversed())
        #expect(schedule.slots(after: start, through: last, limit: 1).map(zone.text) == given.slots.suffix(1))
    }

    @Test func givesUpOnWhatHardlyEverComes() throws {
        // Leap days that are Sundays, in a zone without changes: every 28 years.
        let (schedule, zone) = try Self.schedule("0 0 29 2 */7")
        #expect(
            schedule.next(after: try Self.instant("2026-01-01T00:00:00Z")).map(zone.text) == "2032-02-29T00:00:00+00:00"
        )
        #expect(
            schedule.next(after: try Self.instant("2033-01-01T00:00:00Z")).map(zone.text) == "2060-02-29T00:00:00+00:00"
        )
    }

    @Test func everySlotOfAYearIsWhereTheClockShowsIt() throws {
        let (schedule, zone) = try Self.schedule("*/17 */5 * * *", "Europe/Berlin")
        var instant = try Self.instant("2026-01-01T00:00:00Z")
        let end = try Self.instant("2027-01-01T00:00:00Z")
        var count = 0
        while let slot = schedule.next(after: instant), slot < end {
            let local = (slot + zone.offset(at: slot)).floored(by: 86_400).remainder
            #expect(local % 60 == 0 && (local / 60 % 60) % 17 == 0 && (local / 3600) % 5 == 0)
            #expect(schedule.previous(through: slot) == slot)
            instant = slot
            count += 1
        }
        #expect(count > 7000)
    }
}
