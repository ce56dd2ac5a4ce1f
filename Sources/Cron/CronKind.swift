// Programs that read crontabs, known by their processes or files, and where they read one otherwise than Debian's cron.

/// A cron.
package enum CronKind: Sendable, Hashable {
    case vixie, busybox, bcron, systemdCron
    /// One that is only known by name.
    case other(String)

    /// The cron that a process is; `nil` if it is none.
    /// - Parameters:
    ///   - name: the kernel's name of the process.
    ///   - words: its command line.
    package init?(process name: String, words: [String]) {
        let applet = words.dropFirst().first
        switch name {
        case "busybox" where applet == "crond": self = .busybox
        case "cron": self = .vixie
        case "bcron-sched": self = .bcron
        case "crond", "fcron", "dcron", "anacron", "busybox-cron": self = .other(name)
        default: return nil
        }
    }

    package var description: String {
        switch self {
        case .vixie: "cron"
        case .busybox: "busybox crond"
        case .bcron: "bcron"
        case .systemdCron: "systemd-cron"
        case .other(let name): name
        }
    }

    /// What an entry of paylink has to expect of it that differs from Debian's cron; whole sentences.
    package var differences: [String] {
        switch self {
        case .vixie, .other: []
        case .busybox: ["its entries have no @reboot line: \(Self.missedSlots)"]
        case .bcron: ["it leaves out @reboot lines: \(Self.missedSlots)", Self.bothDays]
        case .systemdCron:
            [
                Self.bothDays,
                "it leaves percent signs escaped and makes one blank of several; entries of paylink have neither",
                "systemd leaves out times that the clock skips: a job that is due then is made up for at its next start",
            ]
        }
    }

    private static let missedSlots =
        "a slot that passed while the machine was off is made up for at the job's next start, not at once"
    private static let bothDays =
        "it takes a day of month and a day of week together for both at once; entries of paylink name them in two "
        + "lines"

    /// The generator of systemd-cron: there is no process to know it by.
    package static let systemdGenerators = ["/usr/lib", "/lib"].map {
        $0 + "/systemd/system-generators/systemd-crontab-generator"
    }
}
