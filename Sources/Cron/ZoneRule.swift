// The rule at the end of a zone's file, such as `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX, with the extensions of RFC 9636).

import Dates

/// Standard time, and perhaps the part of each year that has another. Two are equal when every instant has the same
/// offset by both, as far as their text tells.
struct ZoneRule: Sendable, Equatable {
    private var standard: Int64
    private var summer: Summer?

    private struct Summer: Sendable, Equatable {
        var offset: Int64
        var start, end: Change
    }

    /// The same offset for ever.
    init(always offset: Int64) { standard = offset }

    /// A moment of each year, in local time.
    private struct Change: Sendable, Equatable {
        enum Day: Sendable, Equatable {
            case monthWeekDay(Int, Int, Int)
            /// 1 to 365; 29 February is never counted.
            case withoutLeapDay(Int)
            /// 0 to 365.
            case ofYear(Int)
        }
        var day: Day
        var seconds: Int64 = 7200
    }

    func offset(at instant: Int64) -> Int64 {
        guard let summer else { return standard }
        let year = CivilDay(number: (instant + standard).floored(by: 86_400).quotient).date.year
        let start = Self.local(summer.start, year) - standard
        let end = Self.local(summer.end, year) - summer.offset
        let isSummer = start < end ? instant >= start && instant < end : instant >= start || instant < end
        return isSummer ? summer.offset : standard
    }

    private static func local(_ change: Change, _ year: Int64) -> Int64 {
        let first = CivilDay(year: year, month: 1, day: 1).number
        let day: Int64
        switch change.day {
        case .ofYear(let number): day = first + Int64(number)
        case .withoutLeapDay(let number):
            day = first + Int64(number) - (number >= 60 && CivilDay.isLeap(year) ? 0 : 1)
        case .monthWeekDay(let month, let week, let weekday):
            let begin = CivilDay(year: year, month: month, day: 1)
            var inMonth = (weekday - begin.weekday + 7) % 7 + (week - 1) * 7
            if inMonth >= CivilDay.daysInMonth(month, leap: CivilDay.isLeap(year)) { inMonth -= 7 }
            day = begin.number + Int64(inMonth)
        }
        return day * 86_400 + change.seconds
    }

    // MARK: Reading

    /// `nil` when the text is no rule.
    init?(_ text: String) {
        var rest = Substring(text)
        guard Self.skipName(&rest), let west = Self.time(&rest) else { return nil }
        standard = -west
        guard !rest.isEmpty else { return }
        guard Self.skipName(&rest) else { return nil }
        var offset = standard + 3600
        if let first = rest.first, first != "," {
            guard let west = Self.time(&rest) else { return nil }
            offset = -west
        }
        guard let start = Self.change(&rest), let end = Self.change(&rest), rest.isEmpty else { return nil }
        summer = Summer(offset: offset, start: start, end: end)
    }

    /// `CET` or `<+0330>`.
    private static func skipName(_ rest: inout Substring) -> Bool {
        if rest.first == "<" {
            guard let end = rest.firstIndex(of: ">") else { return false }
            rest = rest[rest.index(after: end)...]
            return true
        }
        let name = rest.prefix { $0.isASCII && $0.isLetter }
        rest = rest.dropFirst(name.count)
        return name.count >= 3
    }

    /// `[+-]hh[:mm[:ss]]` as seconds.
    private static func time(_ rest: inout Substring) -> Int64? {
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        let text = rest.prefix { $0.isASCII && $0.isNumber || $0 == ":" }
        rest = rest.dropFirst(text.count)
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
        guard (1...3).contains(parts.count), parts.allSatisfy({ $0.map { $0 < 1000 } ?? false }) else { return nil }
        let seconds = zip(parts, [3600, 60, 1]).reduce(Int64(0)) { $0 + ($1.0 ?? 0) * $1.1 }
        return isNegative ? -seconds : seconds
    }

    /// `,M3.5.0/2`, `,J60/2` or `,59/2`.
    private static func change(_ rest: inout Substring) -> Change? {
        guard rest.first == "," else { return nil }
        let text = rest.dropFirst().prefix { $0 != "," && $0 != "/" }
        rest = rest.dropFirst(1 + text.count)
        let day: Change.Day
        if text.hasPrefix("M") {
            let parts = text.dropFirst().split(separator: ".").compactMap { Int($0) }
            guard parts.count == 3, (1...12).contains(parts[0]), (1...5).contains(parts[1]), (0...6).contains(parts[2])
            else { return nil }
            day = .monthWeekDay(parts[0], parts[1], parts[2])
        } else if text.hasPrefix("J") {
            guard let number = Int(text.dropFirst()), (1...365).contains(number) else { return nil }
            day = .withoutLeapDay(number)
        } else {
            guard let number = Int(text), (0...365).contains(number) else { return nil }
            day = .ofYear(number)
        }
        var change = Change(day: day)
        if rest.first == "/" {
            rest = rest.dropFirst()
            guard let seconds = time(&rest) else { return nil }
            change.seconds = seconds
        }
        return change
    }
}
