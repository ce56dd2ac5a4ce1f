// Units for systemd, looked at by systemd itself where it is installed.

import Foundation
import TestSupport
import Testing

@testable import Cron

@Suite struct SystemdTests {
    @Test(arguments: [
        ("0 6 * * *", ["*-*-* 06:00:00 UTC"]), ("*/15 * * * *", ["*-*-* *:00,15,30,45:00 UTC"]),
        ("5 9-17 * * MON-FRI", ["Mon..Fri *-*-* 09..17:05:00 UTC"]), ("0 0 1,15 * *", ["*-*-01,15 00:00:00 UTC"]),
        ("0 0 13 * FRI", ["Fri *-*-* 00:00:00 UTC", "*-*-13 00:00:00 UTC"]),
        ("0 0 * 1-3,12 SUN,SAT", ["Sat,Sun *-01..03,12-* 00:00:00 UTC"]), ("* * * * *", ["*-*-* *:*:00 UTC"]),
        ("0 0 * * SUN,MON,TUE", ["Mon,Tue,Sun *-*-* 00:00:00 UTC"]),
    ])
    func writesCalendarsThatMeanTheSame(_ text: String, _ calendars: [String]) throws {
        #expect(try CronExpression(parsing: text).calendars(zone: "UTC") == calendars)
    }

    @Test(arguments: ["0 6 * * *", "7,37 */6 1,15,31 2,JUN-AUG MON", "*/17 9-17 * * MON-FRI", "0 0 29 2 *"])
    func systemdFindsTheSameNextTime(_ text: String) throws {
        let expression = try CronExpression(parsing: text)
        let now = Int64(Date().timeIntervalSince1970)
        for zone in ["UTC", "Europe/Berlin", "America/New_York"] {
            let schedule = Schedule(expression, try Zone(named: zone))
            var found: [Int64] = []
            for calendar in expression.calendars(zone: zone) {
                guard let output = try Self.systemd(["calendar", "--base-time=@\(now)", calendar]) else { return }
                let line =
                    output.components(separatedBy: "\n").first { $0.contains("(in UTC):") }
                    ?? output.components(separatedBy: "\n").first { $0.contains("Next elapse:") }
                let text = try #require(line, "\(output)").split(separator: " ").map(String.init)
                let date = try #require(text.first { $0.contains("-") }),
                    time = try #require(text.first { $0.filter { $0 == ":" }.count == 2 })
                found.append(try ScheduleTests.instant(date + "T" + time + "Z"))
            }
            #expect(schedule.next(after: now) == found.min(), "\(zone)")
        }
    }

    @Test(arguments: [["report.lua"], ["a b.lua", "100%", "$HOME", "it's", "back\\slash", "\"q\"", ""]])
    func systemdTakesTheUnits(_ arguments: [String]) throws {
        let own = try TemporaryFolder()
        defer { withExtendedLifetime(own) {} }
        let folder = own.path
        var job = try CrontabTests.job("daily", arguments)
        job.program = "/bin/true"
        job.directory = "/tmp"
        let units = SystemdUnit.job(job, longest: 600)
        #expect(units.timer.contains("Persistent=true"))
        #expect(units.service.contains("TimeoutStartSec=630"))
        try units.service.write(toFile: folder + "/paylink-daily.service", atomically: true, encoding: .utf8)
        try units.timer.write(toFile: folder + "/paylink-daily.timer", atomically: true, encoding: .utf8)
        let watch = SystemdUnit.watch(
            program: "/bin/true", script: "my shop.lua", arguments: arguments, directory: "/tmp",
            environment: [CronJob.Variable(name: "A", value: "b c%")])
        for line in ["Type=notify", "Restart=on-failure", "SuccessExitStatus=143", "WatchdogSec=2min"] {
            #expect(watch.contains("\n\(line)\n"))
        }
        try watch.write(toFile: folder + "/paylink-watch.service", atomically: true, encoding: .utf8)
        for name in ["paylink-daily.service", "paylink-daily.timer", "paylink-watch.service"] {
            guard let output = try Self.systemd(["verify", "--man=no", folder + "/" + name]) else { return }
            #expect(!output.contains(folder), "\(output)")
        }
    }

    @Test func wordsAreQuotedForSystemd() throws {
        let units = SystemdUnit.job(try CrontabTests.job("daily", ["100%", "$HOME", "a\\b \"c\""]), longest: nil)
        #expect(units.service.contains("100%% \"$$HOME\"") || units.service.contains("100%% $$HOME"))
        #expect(units.service.contains(#""a\\b \"c\"""#))
        #expect(!units.service.contains("TimeoutStartSec"))
    }

    /// What systemd-analyze prints; `nil`, with the reason printed, where there is none.
    private static func systemd(_ arguments: [String]) throws -> String? {
        let path = "/usr/bin/systemd-analyze"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            print("skipped: there is no \(path) to look at units")
            return nil
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
