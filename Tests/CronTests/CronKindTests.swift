// Which cron a process is.

import Testing

@testable import Cron

@Suite struct CronKindTests {
    @Test(arguments: [
        ("cron", ["/usr/sbin/cron", "-f"], CronKind.vixie), ("busybox", ["/bin/busybox", "crond", "-f"], .busybox),
        ("bcron-sched", ["bcron-sched"], .bcron), ("crond", ["crond"], .other("crond")),
        ("fcron", ["fcron"], .other("fcron")),
        ("busybox", ["/bin/busybox", "sh"], nil), ("busybox", ["/bin/busybox"], nil),
        ("bcron-exec", ["bcron-exec"], nil),
        ("crontab", ["crontab", "-l"], nil), ("cron.daily", [], nil), ("", [], nil),
    ])
    func isKnownByItsProcess(_ name: String, _ words: [String], _ kind: CronKind?) {
        #expect(CronKind(process: name, words: words) == kind)
    }

    @Test func saysWhereEachDiffers() {
        #expect(CronKind.vixie.differences.isEmpty && CronKind.other("fcron").differences.isEmpty)
        #expect(CronKind.systemdCron.differences.contains { $0.contains("day of week") })
        #expect(CronKind.bcron.differences.contains { $0.contains("@reboot") })
    }
}
