// Days, months and hours of a report in zones whose clocks change.

import Cron
import Dates
import Testing

@testable import Report

@Suite struct PeriodTests {
    private func day(_ text: String) throws -> CivilDay { try #require(CivilDay(text: text)) }

    @Test(
        arguments: [
            // zone, day, its first instant, its hours
            ("UTC", "2026-11-28", "2026-11-28T00:00:00+00:00", 24),
            ("Europe/Berlin", "2026-03-29", "2026-03-29T00:00:00+01:00", 23),
            ("Europe/Berlin", "2026-10-25", "2026-10-25T00:00:00+02:00", 25),
            // The clock goes on at midnight: the day begins at one.
            ("America/Asuncion", "2023-10-01", "2023-10-01T01:00:00-03:00", 23),
            // The clock is set back at midnight to eleven of the day before.
            ("America/Asuncion", "2023-03-26", "2023-03-26T00:00:00-04:00", 24),
            ("America/Asuncion", "2023-03-25", "2023-03-25T00:00:00-03:00", 25),
            // A day that was left out is empty; the next one begins when it would have.
            ("Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00", 0),
        ])
    func aDayBeginsAtItsFirstInstant(zone name: String, text: String, first: String, hours: Int64) throws {
        let zone = try Zone(named: name)
        let period = ReportPeriod(from: try day(text), through: try day(text), zone: zone)
        #expect(zone.text(period.since) == first)
        #expect(period.before - period.since == hours * 3600)
    }

    @Test func hoursAreThoseOfTheClock() throws {
        let zone = try Zone(named: "Europe/Berlin")
        let buckets = ReportBuckets(
            ReportPeriod(from: try day("2026-10-25"), through: try day("2026-10-25"), zone: zone), by: .hour)
        #expect(buckets.list.count == 25)
        #expect(buckets.list[2...3].map(\.name) == ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"])
        #expect(Set(buckets.list.map(\.name)).count == 25)
        for (index, bucket) in buckets.list.enumerated() {
            #expect(buckets.index(of: bucket.since) == index)
            #expect(buckets.index(of: bucket.since + 3599) == index)
        }
    }

    @Test func monthsReachFromFirstToLast() throws {
        let zone = try Zone(named: "Europe/Berlin")
        let february = ReportPeriod(year: 2028, month: 2, zone: zone)
        #expect(february.dayCount == 29)
        #expect(february.days.first.text == "2028-02-01" && february.days.last.text == "2028-02-29")
        let long = ReportPeriod(from: try day("2025-11-15"), through: try day("2026-02-03"), zone: zone)
        #expect(ReportBuckets(long, by: .month).list.map(\.name) == ["2025-11", "2025-12", "2026-01", "2026-02"])
        #expect(ReportGrouping.usual(for: long) == .month && ReportGrouping.usual(for: february) == .day)
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "2026-00-10", "26-01-01", "2026-1-1", "2026-01-01 ", "", "0000-01-01", "２０２６-01-01",
    ])
    func whatIsNoDayIsRefused(text: String) { #expect(CivilDay(text: text) == nil) }

    @Test func aCenturyByHoursIsTakenByLargerParts() throws {
        let zone = try Zone(named: "UTC")
        let period = ReportPeriod(from: try day("1970-01-01"), through: try day("2069-12-31"), zone: zone)
        #expect(ReportBuckets(period, by: .hour).list.count == 1_200)
        #expect(ReportBuckets(period, by: .day).list.count == 1_200)
    }
}
