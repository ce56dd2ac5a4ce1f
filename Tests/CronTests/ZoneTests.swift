// Zones against Foundation's, which reads the same database with other code.

import Foundation
import Testing

@testable import Cron

@Suite struct ZoneTests {
    @Test(arguments: [
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata",
        "America/Sao_Paulo", "Pacific/Apia", "Europe/Dublin", "America/Godthab", "Africa/Cairo",
        "Antarctica/Troll", "UTC", "Etc/GMT+5", "Asia/Gaza",
    ])
    // Zones whose laws changed in 2026 are left out: the system's database and Foundation's may be of different years.
    func agreesWithFoundation(_ name: String) throws {
        let zone = try Zone(named: name), other = try #require(TimeZone(identifier: name))
        // Every 31 h from 1975 to 2036: where the two differ outside, it is about rules of today for far years.
        var different: [Int64] = []
        for instant in stride(from: Int64(157_766_400), to: 2_082_758_400, by: 111_600) {
            let date = Date(timeIntervalSince1970: Double(instant))
            if zone.offset(at: instant) != Int64(other.secondsFromGMT(for: date)) { different.append(instant) }
        }
        #expect(different.isEmpty, "\(different.count) instants, the first \(different.first ?? 0)")
    }

    @Test(arguments: ["Mars/Olympus", "", "../../etc/passwd", "/etc/localtime", "Europe", "europe berlin", "zone.tab"])
    func refusesWhatIsNoZone(_ name: String) {
        let problem = #expect(throws: CronProblem.self) { try Zone(named: name) }
        #expect(problem?.message.contains("\"\(name)\"") == true)
        #expect(problem?.message.contains("Europe/Berlin") == true)
    }

    @Test(arguments: [
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2050-07-01T00:00:00Z", 7200),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2050-01-01T00:00:00Z", 3600),
        ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2050-01-01T00:00:00Z", 39_600),
        ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2050-07-01T00:00:00Z", 37_800),
        ("EST5", "2050-07-01T00:00:00Z", -18_000), ("<-03>3", "2050-07-01T00:00:00Z", -10_800),
        ("XXX3YYY,J60/0,J61/0", "2048-03-01T12:00:00Z", -7200), ("XXX3YYY,59/0,60/0", "2048-02-29T12:00:00Z", -7200),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2050-01-01T00:00:00Z", 0),
        ("EET-2EEST,M3.4.4/50,M10.4.4/50", "2050-06-01T00:00:00Z", 10_800),
    ])
    func followsRulesBeyondTheTable(_ rule: String, _ instant: String, _ offset: Int64) throws {
        #expect(try #require(ZoneRule(rule)).offset(at: try ScheduleTests.instant(instant)) == offset)
    }

    @Test(arguments: [
        "", "A1", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0x",
    ])
    func takesNoBrokenRule(_ rule: String) {
        #expect(ZoneRule(rule) == nil)
    }

    @Test func takesNoBrokenFile() {
        #expect(ZoneFile([]) == nil)
        #expect(ZoneFile(Array("TZif2".utf8) + [UInt8](repeating: 0xFF, count: 100)) == nil)
        #expect(ZoneFile(Array("TZif2".utf8) + [UInt8](repeating: 0, count: 39)) == nil)
    }

    @Test(arguments: [
        ("UTC", "Etc/UTC", true), ("UTC", "Zulu", true), ("UTC", "Universal", true), ("UTC", "Etc/GMT", true),
        ("UTC", "GMT0", true), ("Asia/Calcutta", "Asia/Kolkata", true), ("US/Eastern", "America/New_York", true),
        ("Europe/Berlin", "Europe/Berlin", true), ("Europe/Kiev", "Europe/Kyiv", true),
        // Each with a history of its own.
        ("Africa/Abidjan", "UTC", true), ("Europe/Berlin", "Europe/Paris", true),
        ("Europe/London", "UTC", false), ("Europe/London", "Europe/Lisbon", true), ("Europe/Berlin", "UTC", false),
        ("Europe/Berlin", "Africa/Algiers", false), ("Asia/Kolkata", "Asia/Kathmandu", false),
        ("Etc/GMT+1", "Etc/GMT-1", false), ("Australia/Sydney", "Australia/Brisbane", false),
    ])
    func aZoneIsWhatItsRulesAre(_ one: String, _ other: String, _ isSame: Bool) throws {
        // In the middle of January 2026, when Berlin and Algiers, or London and UTC, show the same.
        let now = try ScheduleTests.instant("2026-01-15T00:00:00Z")
        let one = try Zone(named: one), other = try Zone(named: other)
        #expect(one.agrees(with: other, from: now) == isSame && other.agrees(with: one, from: now) == isSame)
    }

    @Test func knowsTheMachinesZone() throws {
        #expect(throws: Never.self) { try Zone(named: Zone.systemName()) }
    }
}
