// What cron would see: the same checks in an environment as bare as cron's, and cron itself.

import Console
import Cron
import Glibc
import Jobs

enum CronSurroundings {
    /// Variables of this shell that change what paylink does and that cron does not have, and what to do instead.
    static func missing() -> [(name: String, advice: String)] {
        let keys = [
            ("ONESHOT_USER_ID", "user_id = \"…\""),
            ("ONESHOT_API_TOKEN", "token = { file = \"FILE\" }, a file of mode 0600"),
            ("PAYLINK_BASE_URL", "base_url = \"…\""), ("PAYLINK_CA_FILE", "ca_file = \"…\""),
            ("PAYLINK_LOCALE", "locale = \"…\""), ("PAYLINK_LEDGER", "ledger = \"…\""),
            ("PAYLINK_POLL_RATE", "poll_rate = …"), ("PAYLINK_LATE_GRACE", "late_grace = \"…\""),
            ("PAYLINK_LOG", "log_level = \"…\""),
            ("PAYLINK_MAIL_SERVER", "server = \"…\" under [mail]"),
        ]
        var found: [(String, String)] = []
        for (name, line) in keys where Environment[name] != nil {
            found.append((name, "write \(line) in a settings file"))
        }
        for name in Environment.names(beginningWith: "PAYLINK_SECRET_") {
            let line = "\(name.dropFirst("PAYLINK_SECRET_".count)) = { file = \"FILE\" } under [secrets]"
            found.append((name, "write \(line) in a settings file, and the secret into a file of mode 0600"))
        }
        for name in ["PAYLINK_CONFIG", "PAYLINK_PROFILE"] where Environment[name] != nil {
            found.append((name, "give --\(name.dropFirst(8).lowercased()) in the crontab's command"))
        }
        for name in ["XDG_CONFIG_HOME", "XDG_STATE_HOME"] where Environment[name] != nil {
            found.append(
                (
                    name,
                    "paylink cron add writes it into the job's entry, as is tried below; a line of your own has to set it"
                ))
        }
        let others = [
            "CREDENTIALS_DIRECTORY", "HTTPS_PROXY", "https_proxy", "ALL_PROXY",
            "all_proxy", "NO_PROXY", "no_proxy",
        ]
        for name in others where Environment[name] != nil { found.append((name, "set it in the crontab itself")) }
        return found
    }

    /// Adds whether there is a crontab and a daemon that reads it.
    static func check(_ report: inout DoctorReport) {
        for (name, advice) in missing() {
            report.add(.warning, "cron", "\(name) is set here and not under cron: \(advice)")
        }
        let crontab = ["/usr/bin", "/bin", "/usr/local/bin"].map { $0 + "/crontab" }.first { access($0, X_OK) == 0 }
        if let crontab {
            report.add(.well, "crontab", crontab)
        } else {
            report.add(.warning, "crontab", "there is none: install cron (apt install cron), or use systemd timers")
        }
        if let (kind, place) = daemon() {
            report.add(.well, "cron daemon", "\(kind.description), \(place)")
            for difference in kind.differences { report.add(.well, "cron daemon", difference) }
        } else {
            report.add(.warning, "cron daemon", "none seems to run: entries of a crontab would not be run")
        }
        if let text = try? CrontabProgram().read(), let crontab = try? Crontab(parsing: text),
            let advice = shellAdvice(crontab)
        {
            report.add(.warning, "crontab", advice)
        }
        checkZones(&report)
    }

    /// A shell above the entries that does not read them as sh does.
    static func shellAdvice(_ crontab: Crontab) -> String? {
        guard let shell = crontab.shell else { return nil }
        let name = shell.value.split(separator: "/").last.map(String.init) ?? ""
        guard !["sh", "dash", "bash", "ash", "ksh", "mksh", "zsh", "busybox"].contains(name) else { return nil }
        return
            "line \(shell.line) of your crontab sets SHELL=\(ShownText.line(shell.value)), and cron gives the jobs "
            + "below it to that shell; the entries of paylink are written for sh: set SHELL=/bin/sh above them, or move "
            + "that line below"
    }

    /// Laws about zones change every year: an old database is off by an hour where one did.
    private static func checkZones(_ report: inout DoctorReport) {
        guard let version = Zone.databaseVersion() else {
            return report.add(.warning, "zones", "the version of the zone database cannot be told: no tzdata.zi")
        }
        let thisYear = (try? Zone(named: "UTC"))?.text(JobClock.system.now).prefix(4) ?? ""
        if version.prefix(4) < thisYear {
            report.add(
                .warning, "zones",
                "the zone database is \(version): zones whose law has changed since are an hour off; update tzdata, or "
                    + "check that yours is none of them")
        } else {
            report.add(.well, "zones", "database \(version)")
        }
    }

    static func running() -> CronKind? { daemon()?.kind }

    /// What reads crontabs here, and where it was found.
    private static func daemon() -> (kind: CronKind, place: String)? {
        let generator = CronKind.systemdGenerators.first { access($0, F_OK) == 0 }
        if let generator, access("/run/systemd/system", F_OK) == 0 { return (.systemdCron, generator) }
        guard let folder = opendir("/proc") else { return nil }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let number = Int(name), let text = firstLine("/proc/\(number)/comm") else { continue }
            var words = (firstLine("/proc/\(number)/cmdline") ?? "").split(separator: "\0").map(String.init)
            if text == "crond", let target = realpath("/proc/\(number)/exe", nil) {
                defer { free(target) }
                // A link to busybox, where the process may be seen.
                if String(cString: target).hasSuffix("/busybox") { words = ["busybox", "crond"] }
            }
            if let kind = CronKind(process: words.first == "busybox" ? "busybox" : text, words: words) {
                return (kind, "process \(number)")
            }
        }
        return nil
    }

    private static func firstLine(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(file, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count].prefix { $0 != 0x0A }, as: UTF8.self)
    }

    /// Runs this executable again as cron would: its environment, its folder.
    /// - Returns: the status, or `nil` when it could not be started.
    static func run(_ arguments: [String]) -> ExitStatus? {
        let home = Environment["HOME"] ?? account()?.home ?? "/"
        let name = Environment["LOGNAME"] ?? Environment["USER"] ?? account()?.name ?? "root"
        // An entry of `cron add` carries where state and settings lie.
        let folders = ["XDG_STATE_HOME", "XDG_CONFIG_HOME"].compactMap { name in
            Environment[name].map { "\(name)=\($0)" }
        }
        let environment = ["HOME=\(home)", "LOGNAME=\(name)", "SHELL=/bin/sh", "PATH=/usr/bin:/bin"] + folders
        guard let program = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(program) }
        guard chdir(home) == 0 || chdir("/") == 0 else { return nil }
        var words: [UnsafeMutablePointer<CChar>?] = ([String(cString: program)] + arguments).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var child = pid_t()
        guard posix_spawn(&child, program, nil, nil, &words, &variables) == 0 else { return nil }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { return nil }
        }
        return status & 0x7F == 0 ? ExitStatus(rawValue: (status >> 8) & 0xFF) : .internalError
    }

    private static func account() -> (name: String, home: String)? {
        guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name, let home = entry.pointee.pw_dir else {
            return nil
        }
        return (String(cString: name), String(cString: home))
    }
}
