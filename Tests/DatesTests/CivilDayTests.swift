// The calendar, day by day beside the C library's.

import Glibc
import Testing

@testable import Dates

@Suite struct CivilDayTests {
    /// Four centuries and more, in both directions from 1970, with every kind of leap year.
    @Test func agreesWithTheCLibraryDayByDay() {
        for number in Int64(-160_000)...160_000 {
            var seconds = time_t(number * 86_400)
            var parts = tm()
            gmtime_r(&seconds, &parts)
            let day = CivilDay(number: number)
            let (year, month, date) = day.date
            let isSame =
                year == Int64(parts.tm_year) + 1900 && month == Int(parts.tm_mon) + 1 && date == Int(parts.tm_mday)
                && day.weekday == Int(parts.tm_wday) && CivilDay(year: year, month: month, day: date) == day
            guard isSame else {
                Issue.record("day \(number) is \(day.date)")
                return
            }
        }
    }

    @Test func monthsHaveTheirDays() {
        #expect((1...12).map { CivilDay.daysInMonth($0, leap: false) }.reduce(0, +) == 365)
        #expect(CivilDay.daysInMonth(2, leap: true) == 29)
        #expect([1900, 1999, 2000, 2024].map(CivilDay.isLeap) == [false, false, true, true])
    }

    static let times: [(seconds: Int64, date: String, time: String)] = [
        (0, "1970-01-01", "00:00:00"), (-1, "1969-12-31", "23:59:59"), (1_795_608_305, "2026-11-25", "12:05:05"),
        (-62_135_596_800, "0001-01-01", "00:00:00"), (253_402_300_800, "10000-01-01", "00:00:00"),
    ]

    @Test(arguments: times.indices)
    func writesInstants(_ index: Int) {
        let (seconds, date, time) = Self.times[index]
        let civil = CivilTime(unixSeconds: seconds)
        #expect(civil.dateText == date && civil.timeText == time)
    }
}
