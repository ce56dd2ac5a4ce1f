// Reads cron expressions. Whatever is refused is named: field, value, what is allowed.

import Dates

extension CronExpression {
    private struct Range {
        var name: String
        var low: Int
        var high: Int
        var names: [String] = []
    }

    private static let ranges = [
        Range(name: "minute", low: 0, high: 59), Range(name: "hour", low: 0, high: 23),
        Range(name: "day of month", low: 1, high: 31),
        Range(
            name: "month", low: 1, high: 12,
            names: ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        Range(name: "day of week", low: 0, high: 7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ]

    private static let nicknames = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// - Throws: ``CronProblem`` that names the field, its value and what is allowed there.
    package init(parsing text: String) throws(CronProblem) {
        let given = text.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard let first = given.first else {
            throw CronProblem("the schedule is empty; give five fields, such as \"0 6 * * *\", or @daily")
        }
        if first.hasPrefix("@") {
            guard given.count == 1, let fields = Self.nicknames[first.lowercased()] else {
                throw Self.badNickname(text, first)
            }
            try self.init(fields: fields.split(separator: " ").map(String.init), text)
        } else {
            try self.init(fields: given, text)
        }
    }

    private init(fields: [String], _ text: String) throws(CronProblem) {
        guard fields.count == 5 else {
            throw CronProblem(
                "the schedule \"\(text)\" has \(fields.count) field(s); it takes five: minute, hour, day of month, "
                    + "month, day of week, such as \"0 6 * * 1-5\"")
        }
        description = fields.joined(separator: " ")
        numeric = zip(fields, Self.ranges).map { field, range in
            range.names.enumerated().filter { !$1.isEmpty }.reduce(field.lowercased()) {
                $0.replacing($1.element, with: String($1.offset))
            }
        }.joined(separator: " ")
        minute = try Self.field(fields[0], Self.ranges[0])
        hour = try Self.field(fields[1], Self.ranges[1])
        day = try Self.field(fields[2], Self.ranges[2])
        month = try Self.field(fields[3], Self.ranges[3])
        var weekday = try Self.field(fields[4], Self.ranges[4])
        if weekday.values.remove(7) != nil { weekday.values.insert(0) }
        self.weekday = weekday
        // With both days restricted either will do, so only a lone day of month can be one that no month has.
        if weekday.isStar,
            !month.values.contains(where: { month in
                day.values.contains { $0 <= CivilDay.daysInMonth(month, leap: true) }
            })
        {
            throw CronProblem("the schedule \"\(text)\" never comes: no month of \(fields[3]) has a day \(fields[2])")
        }
    }

    private static func badNickname(_ text: String, _ name: String) -> CronProblem {
        if name.lowercased() == "@reboot" {
            return CronProblem(
                "the schedule @reboot has no times, so its runs could not be told apart or missed; start the script from "
                    + "a systemd unit instead, or give a time")
        }
        return CronProblem(
            "the schedule \"\(text)\" is not known: use five fields, or @hourly, @daily, @weekly, @monthly or @yearly")
    }

    private static func field(_ text: String, _ range: Range) throws(CronProblem) -> Field {
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            values.formUnion(try Self.part(String(part), of: text, range))
        }
        return Field(values: values, isStar: text.hasPrefix("*"))
    }

    /// `*`, `5`, `1-5`, each with `/step` where it is a range.
    private static func part(_ part: String, of field: String, _ range: Range) throws(CronProblem) -> [Int] {
        func problem(_ why: String) -> CronProblem {
            let names = range.names.isEmpty ? "" : " or \(range.names.contains("sun") ? "SUN to SAT" : "JAN to DEC")"
            return CronProblem(
                "the \(range.name) \"\(field)\": \(why); it takes \(range.low) to \(range.high)\(names), lists (1,5), "
                    + "ranges (1-5) and steps (*/2, 1-9/2)")
        }
        let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var step = 1
        if halves.count == 2 {
            guard let number = number(halves[1]), number >= 1 else {
                throw problem("the step \"\(halves[1])\" is no number from 1")
            }
            step = number
        }
        let low: Int, high: Int
        if halves[0] == "*" {
            (low, high) = (range.low, range.low == 0 && range.high == 7 ? 6 : range.high)
        } else {
            let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
            guard (1...2).contains(ends.count) else { throw problem("\"\(halves[0])\" is no range") }
            var numbers: [Int] = []
            for end in ends {
                guard let value = value(end, range) else {
                    throw problem(end.isEmpty ? "something is missing" : "\"\(end)\" is not known")
                }
                guard (range.low...range.high).contains(value) else { throw problem("\(value) is out of range") }
                numbers.append(value)
            }
            if ends.count == 1, halves.count == 2 { throw problem("a step needs a range or a star before it") }
            (low, high) = (numbers[0], numbers[numbers.count - 1])
            guard low <= high else { throw problem("the range \(halves[0]) goes backwards") }
        }
        return Array(stride(from: low, through: high, by: step))
    }

    private static func value(_ text: String, _ range: Range) -> Int? {
        if let number = number(text) { return number }
        guard text.utf8.count == 3 else { return nil }
        return range.names.firstIndex(of: text.lowercased())
    }

    private static func number(_ text: String) -> Int? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
        return Int(text)
    }
}
