// What cron expressions mean, and how bad ones are refused.

import Testing

@testable import Cron

@Suite struct CronExpressionTests {
    struct Field: Sendable, CustomTestStringConvertible {
        var text: String
        var minutes: [Int]
        var testDescription: String { text }
    }

    @Test(arguments: [
        Field(text: "0", minutes: [0]), Field(text: "59", minutes: [59]), Field(text: "007", minutes: [7]),
        Field(text: "1,5,3", minutes: [1, 3, 5]), Field(text: "10-13", minutes: [10, 11, 12, 13]),
        Field(text: "*/20", minutes: [0, 20, 40]), Field(text: "5-20/5", minutes: [5, 10, 15, 20]),
        Field(text: "1-2,50-59/4,7", minutes: [1, 2, 7, 50, 54, 58]), Field(text: "*/99", minutes: [0]),
    ])
    func readsValuesRangesListsAndSteps(_ field: Field) throws {
        #expect(try CronExpression(parsing: "\(field.text) * * * *").minute.sorted == field.minutes)
    }

    @Test(arguments: [
        ("* * * JAN,mar-May *", [1, 3, 4, 5]), ("* * * 2/1 *", []), ("* * * dec *", [12]),
    ])
    func readsNamesOfMonths(_ text: String, _ months: [Int]) {
        #expect((try? CronExpression(parsing: text).month.sorted) ?? [] == months)
    }

    @Test(arguments: [
        ("* * * * 0", [0]), ("* * * * 7", [0]), ("* * * * SUN", [0]), ("* * * * MON-FRI", [1, 2, 3, 4, 5]),
        ("* * * * 5-7", [0, 5, 6]), ("* * * * *", [0, 1, 2, 3, 4, 5, 6]), ("* * * * */2", [0, 2, 4, 6]),
    ])
    func takesZeroAndSevenForSunday(_ text: String, _ days: [Int]) throws {
        #expect(try CronExpression(parsing: text).weekday.sorted == days)
    }

    @Test(arguments: [
        ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"), ("@Yearly", "0 0 1 1 *"), ("  5\t6 * * 1 ", "5 6 * * 1"),
    ])
    func spellsNicknamesOut(_ text: String, _ fields: String) throws {
        #expect(try CronExpression(parsing: text).description == fields)
    }

    @Test func writesNumbersForCronsThatKnowNoRangesOfNames() throws {
        #expect(try CronExpression(parsing: "*/5 6 * JAN-mar,Dec MON-FRI").numeric == "*/5 6 * 1-3,12 1-5")
    }

    /// The expression, and what the message must name.
    @Test(arguments: [
        ("", ["empty", "0 6 * * *"]), ("* * * *", ["4 field", "five"]), ("* * * * * *", ["6 field"]),
        ("60 * * * *", ["minute", "60", "0 to 59"]), ("* 24 * * *", ["hour", "24", "0 to 23"]),
        ("* * 0 * *", ["day of month", "\"0\"", "1 to 31"]), ("* * * 13 *", ["month", "13", "JAN to DEC"]),
        ("* * * * 8", ["day of week", "8", "SUN to SAT"]), ("* * * * FRX", ["day of week", "FRX"]),
        ("a * * * *", ["minute", "\"a\""]), ("1- * * * *", ["minute", "missing"]),
        ("5-1 * * * *", ["minute", "5-1", "backwards"]), ("*/0 * * * *", ["minute", "step", "\"0\""]),
        ("5/2 * * * *", ["minute", "step", "range"]), ("1,,2 * * * *", ["minute", "missing"]),
        ("1-2-3 * * * *", ["minute", "no range"]), ("-1 * * * *", ["minute", "missing"]),
        ("99999999999999999999 * * * *", ["minute"]), ("１ * * * *", ["minute"]),
        ("0 0 31 2 *", ["never", "31"]), ("0 0 30,31 2 *", ["never"]), ("0 0 31 4,6 *", ["never"]),
        ("@reboot", ["@reboot", "no times"]), ("@fortnightly", ["@fortnightly", "@daily"]), ("@daily x", ["@daily x"]),
    ])
    func refusesWithTheFieldItsValueAndWhatIsAllowed(_ text: String, _ parts: [String]) {
        let problem = #expect(throws: CronProblem.self) { try CronExpression(parsing: text) }
        for part in parts { #expect(problem?.message.contains(part) == true, "\(problem?.message ?? "")") }
    }
}
