// Jobs of a crontab for a person, as JSON, and as systemd units; and what this process's surroundings are called.

import Cron
import Glibc
import JSON
import Jobs
import OneShotPay
import Recorder
import Scripting

enum CronText {
    static func line(_ entry: Crontab.Job) -> String {
        guard let job = CronJob(name: entry.name, lines: entry.lines) else {
            return JobText.pad(entry.name, 20) + "  edited by hand: paylink cron show \(entry.name)"
        }
        return [
            JobText.pad(job.name, 20), JobText.pad(job.expression.description, 16), JobText.pad(job.zone, 20),
            next(job, 1).first ?? "never",
        ].joined(separator: "  ")
    }

    static func json(_ entry: Crontab.Job) -> String {
        let job = CronJob(name: entry.name, lines: entry.lines)
        let writer = JSONWriter()
        writer.beginObject()
        writer.key("job"); writer.string(entry.name)
        writer.key("schedule")
        if let job { writer.string(job.expression.description) } else { writer.null() }
        writer.key("zone")
        if let job { writer.string(job.zone) } else { writer.null() }
        writer.key("next")
        if let next = job.flatMap({ next($0, 1).first }) { writer.string(next) } else { writer.null() }
        writer.key("directory")
        if let job { writer.string(job.directory) } else { writer.null() }
        writer.key("command")
        if let job { writer.string(job.task.words.joined(separator: " ")) } else { writer.null() }
        writer.key("arguments")
        writer.beginArray()
        for word in job?.arguments ?? [] { writer.string(word) }
        writer.endArray()
        writer.endObject()
        return writer.string
    }

    /// The next slots of a job, in its zone.
    static func next(_ job: CronJob, _ count: Int) -> [String] {
        guard let zone = try? Zone(named: job.zone) else { return [] }
        let schedule = Schedule(job.expression, zone)
        var instant = JobClock.system.now
        var texts: [String] = []
        while texts.count < count, let slot = schedule.next(after: instant) {
            texts.append(zone.text(slot))
            instant = slot
        }
        return texts
    }

    // MARK: systemd

    static func units(_ job: CronJob) -> String {
        let index = job.arguments.firstIndex(of: "--max-runtime").map { $0 + 1 }
        let longest = index.flatMap { job.arguments.indices.contains($0) ? job.arguments[$0] : nil }
            .flatMap(DurationText.parse)?.components.seconds
        let changes = (try? Zone(named: job.zone)).map {
            Schedule(job.expression, $0).calendarsAtClockChanges(from: JobClock.system.now)
        }
        let units = SystemdUnit.job(job, longest: longest, changes: changes ?? [])
        return """
            # ~/.config/systemd/user/paylink-\(job.name).service
            \(units.service)
            # ~/.config/systemd/user/paylink-\(job.name).timer
            # Then: paylink cron remove \(job.name)
            #       systemctl --user daemon-reload && systemctl --user enable --now paylink-\(job.name).timer
            #       loginctl enable-linger   (so that it runs while you are not logged in)
            \(units.timer)
            """
    }

    static func watchUnit(_ script: String) -> String {
        """
        # ~/.config/systemd/user/paylink-watch.service
        # Then: systemctl --user daemon-reload && systemctl --user enable --now paylink-watch.service
        #       loginctl enable-linger   (so that it runs while you are not logged in)
        \(SystemdUnit.watch(
            program: Surroundings.program, script: script, arguments: [], directory: Surroundings.directory,
            environment: Surroundings.environment([])))
        """
    }
}

/// Where this process runs: what a job of its must find again.
enum Surroundings {
    /// The path by which this executable was called: a symbolic link that an update points elsewhere stays one.
    static var program: String {
        let exe = "/proc/self/exe"
        let called = CommandLine.arguments.first ?? ""
        let candidates: [String]
        if called.contains("/") {
            candidates = [called.hasPrefix("/") ? called : directory + "/" + called]
        } else {
            candidates = (Environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
                .map { "\($0)/\(called)" }
        }
        if let path = candidates.first(where: { FileKind.isSame($0, exe) }) { return path }
        guard let path = realpath(exe, nil) else { return "paylink" }
        defer { free(path) }
        return String(cString: path)
    }

    /// The working directory, by the name that the shell has for it if that is a good one: it may lead over a symbolic
    /// link, such as to the newest release.
    static var directory: String {
        if let name = Environment["PWD"], name.hasPrefix("/"), FileKind.isSame(name, "."),
            !name.split(separator: "/").contains(where: { $0 == "." || $0 == ".." })
        {
            return name
        }
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }

    /// What cron would not give: the PATH, where state and settings lie, and the variables named.
    /// - Parameter path: the PATH to give it instead of the present one.
    static func environment(_ names: [String], path: String? = nil) -> [CronJob.Variable] {
        var seen: Set<String> = []
        return (["PATH", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] + names).compactMap { name in
            guard seen.insert(name).inserted else { return nil }
            if name == "PATH", let path { return CronJob.Variable(name: name, value: path) }
            guard let value = Environment[name] else { return nil }
            return CronJob.Variable(name: name, value: name == "PATH" ? foldersThere(value) : value)
        }
    }

    /// The folders of a PATH that there are, each once: cron takes short commands only, and version managers and WSL
    /// make a PATH longer than that.
    private static func foldersThere(_ path: String) -> String {
        var seen: Set<Substring> = []
        let folders = path.split(separator: ":").filter { folder in
            FileKind.isFolder(String(folder)) && seen.insert(folder).inserted
        }
        return folders.isEmpty ? path : folders.joined(separator: ":")
    }
}
