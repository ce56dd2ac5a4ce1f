// What cron would see: the same checks in an environment as bare as cron's, and cron itself.

import Glibc

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
            found.append((name, "paylink cron add writes it into the job's entry; a line of your own has to set it"))
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
        if let daemon = runningDaemon() {
            report.add(.well, "cron daemon", daemon)
        } else {
            report.add(.warning, "cron daemon", "none seems to run: entries of a crontab would not be run")
        }
    }

    /// The name of a process that reads crontabs.
    private static func runningDaemon() -> String? {
        guard let folder = opendir("/proc") else { return nil }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let number = Int(name), let text = firstLine("/proc/\(number)/comm") else { continue }
            if ["cron", "crond", "fcron", "dcron", "busybox-cron"].contains(text) {
                return "\(text), process \(number)"
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
        let environment = ["HOME=\(home)", "LOGNAME=\(name)", "SHELL=/bin/sh", "PATH=/usr/bin:/bin"]
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
