// The zone of a job is that of its script's os.date and os.time: daylight saving, the day's borders, and UTC.

import Foundation
import Testing

@Suite struct JobZoneTests {
    /// Runs code as a job in a zone on a machine that keeps another one, and gives what it printed.
    private func printed(_ code: String, zone: String? = "Europe/Berlin", machine: String = "UTC") async throws
        -> String
    {
        let fixture = try JobFixture()
        let options = zone.map { ["--zone", $0] } ?? []
        let outcome = try await fixture.run(["run", "--job", "daily"] + options + ["-e", code], ["TZ": machine])
        #expect(outcome.status == 0, "\(outcome)")
        return try await fixture.show(1)["log_tail"]?.string ?? "(nothing)"
    }

    /// Instants around both changes of 2026: 29 March and 25 October, at 01:00 UTC.
    static let moments: [(instant: Int, zone: String, text: String, isSummer: Bool)] = [
        (1_774_745_999, "Europe/Berlin", "2026-03-29 01:59:59 CET +0100", false),
        (1_774_746_000, "Europe/Berlin", "2026-03-29 03:00:00 CEST +0200", true),
        (1_792_889_999, "Europe/Berlin", "2026-10-25 02:59:59 CEST +0200", true),
        (1_792_890_000, "Europe/Berlin", "2026-10-25 02:00:00 CET +0100", false),
        (1_774_746_000, "America/New_York", "2026-03-28 21:00:00 EDT -0400", true),
        (1_774_746_000, "Asia/Kolkata", "2026-03-29 06:30:00 IST +0530", false),
        (1_774_746_000, "UTC", "2026-03-29 01:00:00 UTC +0000", false),
    ]

    @Test(arguments: moments.indices)
    func tellsTimeInTheZoneOfTheJob(_ index: Int) async throws {
        let (instant, zone, text, isSummer) = Self.moments[index]
        let code = """
            print(os.date("%Y-%m-%d %H:%M:%S %Z %z", \(instant)))
            print(os.date("*t", \(instant)).isdst, os.time(os.date("*t", \(instant))) == \(instant))
            print(os.date("!%Y-%m-%d %H:%M:%S", \(instant)), os.date("!*t", \(instant)).isdst)
            """
        let utc = ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(instant)))
            .replacing("T", with: " ").replacing("Z", with: "")
        #expect(
            try await printed(code, zone: zone, machine: "Asia/Tokyo")
                == "\(text)\n\(isSummer)\ttrue\n\(utc)\tfalse\n")
    }

    /// A day has 23 hours in spring and 25 in autumn, and days follow each other without a gap.
    @Test func daysBeginAndEndInTheZone() async throws {
        let code = """
            local function midnight(month, day) return os.time{ year = 2026, month = month, day = day, hour = 0 } end
            print(midnight(3, 29), (midnight(3, 30) - midnight(3, 29)) // 3600, (midnight(10, 26) - midnight(10, 25)) // 3600)
            local hours, at = 0, midnight(1, 1)
            for day = 1, 365 do
              local next = midnight(1, 1 + day)
              hours, at = hours + (next - at) // 3600, next
            end
            print(hours, os.date("%Y-%m-%d %H:%M", at))
            """
        #expect(try await printed(code) == "1774738800\t23\t25\n8760\t2027-01-01 00:00\n")
    }

    /// Every hour of a year, the doubled one included, survives the way there and back.
    @Test func timesSurviveTheWayThereAndBack() async throws {
        let code = """
            local lost = 0
            for hour = 0, 366 * 24 do
              local at = 1767225600 + hour * 3600
              if os.time(os.date("*t", at)) ~= at then lost = lost + 1 end
            end
            print(lost)
            """
        #expect(try await printed(code) == "0\n")
    }

    @Test func withoutAZoneTheMachinesIsKept() async throws {
        #expect(try await printed(#"print(os.date("%H:%M %Z", 0))"#, zone: nil, machine: "Asia/Tokyo") == "09:00 JST\n")
    }

    /// The day of the slot, as the script sees it and as the record has it.
    @Test func theSlotAndTheScriptAgreeOnTheDay() async throws {
        let fixture = try JobFixture()
        // 2026-03-29T22:30:00Z is 00:30 of the next day in Berlin.
        let now = 1_774_823_400
        let outcome = try await fixture.run(
            [
                "run", "--job", "daily", "--schedule", "15 0 * * *", "--zone", "Europe/Berlin", "-e",
                #"print(run.slot_text, os.date("%Y-%m-%dT%H:%M %Z", run.slot)) os.exit(9)"#,
            ], now: now)
        #expect(outcome.errors.contains("2026-03-30T00:15:00+02:00\t2026-03-30T00:15 CEST"), "\(outcome)")
    }
}
