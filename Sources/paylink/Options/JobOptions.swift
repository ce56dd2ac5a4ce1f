// Options of `paylink run --job` and `watch --once --job`, which `paylink cron add` takes as well: when a job is due and how it behaves.

import ArgumentParser
import Console
import Cron
import HTTPTransport
import Jobs
import OneShotPay

extension CatchUp: ExpressibleByArgument {}

extension WhenBusy: ExpressibleByArgument {}

struct JobOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "When the job is due: five fields as in a crontab, or @hourly, @daily, @weekly, @monthly, @yearly.",
            valueName: "expr"))
    var schedule: String?

    @Option(
        help: ArgumentHelp(
            "The time zone of the schedule, and of the script's os.date or the report's days, such as Europe/Berlin (the machine's).",
            valueName: "name"))
    var zone: String?

    @Option(help: "If the last run still goes on: skip this one, wait for it, or fail with status 75 (skip).")
    var whenBusy: WhenBusy?

    @Option(help: ArgumentHelp("With --when-busy wait: for how long (10m).", valueName: "duration"))
    var waitLimit: DurationArgument?

    @Option(help: "Slots that passed without a run: one run for the latest, a run for all, or none (latest).")
    var catchUp: CatchUp?

    @Option(help: ArgumentHelp("End a run after so long (status 124).", valueName: "duration"))
    var maxRuntime: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "Tell this address of each run: URL/start, then URL or URL/fail. Never fails the job.", valueName: "url"))
    var ping: String?

    func validate() throws {
        if let schedule {
            do throws(CronProblem) { _ = try CronExpression(parsing: schedule) } catch {
                throw ValidationError("--schedule: \(ShownText.line(error.message))")
            }
        }
        if let zone {
            do throws(CronProblem) { _ = try Zone(named: zone) } catch {
                throw ValidationError("--zone: \(ShownText.line(error.message))")
            }
        }
        try [waitLimit?.problem("--wait-limit"), maxRuntime?.problem("--max-runtime")].throwFirst()
        if waitLimit != nil, whenBusy != .wait { throw ValidationError("--wait-limit needs --when-busy wait") }
        if let ping {
            let address: WebAddress
            do throws(WebAddress.Problem) { address = try WebAddress(parsing: ping) } catch {
                throw ValidationError("--ping: the address \(error)")
            }
            guard address.isSecure || address.isLoopback else {
                throw ValidationError("--ping: the address must begin with https://, unless it is this machine's own")
            }
        }
    }

    /// Whether anything was given.
    var isEmpty: Bool { arguments.isEmpty && schedule == nil && zone == nil }

    /// As words for the job's command; the schedule and its zone apart.
    var arguments: [String] {
        var words: [String] = []
        if let whenBusy { words += ["--when-busy", whenBusy.rawValue] }
        if let waitLimit { words += ["--wait-limit", "\(waitLimit)"] }
        if let catchUp { words += ["--catch-up", catchUp.rawValue] }
        if let maxRuntime { words += ["--max-runtime", "\(maxRuntime)"] }
        if let ping { words += ["--ping", ping] }
        return words
    }
}

/// What makes a run one of a job.
struct JobRunOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Run as this job: one at a time, recorded, silent on success unless on a terminal; see paylink runs.",
            valueName: "name"))
    var job: String?

    @OptionGroup(title: "Jobs") var timing: JobOptions

    /// Slots up to this instant, Unix seconds, are none of the job's.
    @Option(help: .hidden)
    var addedAt: Int64?

    func validate() throws { try timing.check(job: job, addedAt: addedAt) }

    /// The job, if the run is one. Called after `validate`.
    func settings() throws(CronProblem) -> JobSettings? { try timing.settings(job: job, addedAt: addedAt) }
}

/// The same for a report, which has a zone without being a job.
struct ReportJobOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Run as this job: one at a time, recorded; see paylink runs.", valueName: "name"))
    var job: String?

    @OptionGroup(title: "Jobs") var timing: JobOptions

    /// Slots up to this instant, Unix seconds, are none of the job's.
    @Option(help: .hidden)
    var addedAt: Int64?

    func validate() throws {
        try timing.check(job: job, addedAt: addedAt, zoneNeedsJob: false)
        if timing.maxRuntime != nil { throw ValidationError(Self.noLimit) }
    }

    static let noLimit = "--max-runtime is for jobs with a script: nothing in a report waits"

    /// The job, if the run is one. Called after `validate`.
    func settings() throws(CronProblem) -> JobSettings? { try timing.settings(job: job, addedAt: addedAt) }
}

extension JobOptions {
    /// Whether the options of a job are given to one.
    fileprivate func check(job: String?, addedAt: Int64?, zoneNeedsJob: Bool = true) throws {
        var own = self
        if !zoneNeedsJob { own.zone = nil }
        if let job {
            if let problem = CronJob.problem(withName: job) {
                throw ValidationError("--job: the job's name \"\(ShownText.line(job))\" \(problem)")
            }
        } else if !own.isEmpty || addedAt != nil {
            throw ValidationError("--schedule, --when-busy and the other options of jobs need --job NAME")
        }
        if schedule == nil, catchUp != nil || addedAt != nil {
            throw ValidationError("--catch-up needs --schedule")
        }
    }

    fileprivate func settings(job: String?, addedAt: Int64?) throws(CronProblem) -> JobSettings? {
        guard let job else { return nil }
        let timing = self
        var settings = JobSettings(name: job)
        settings.since = addedAt
        if let name = timing.zone { settings.zone = try Zone(named: name) }
        if let text = timing.schedule {
            let zone = if let zone = settings.zone { zone } else { try Zone(named: Zone.systemName()) }
            settings.schedule = (Schedule(try CronExpression(parsing: text), zone), zone)
        }
        settings.whenBusy = timing.whenBusy ?? .skip
        settings.waitLimit = timing.waitLimit?.duration ?? .seconds(600)
        settings.catchUp = timing.catchUp ?? .latest
        settings.maxRuntime = timing.maxRuntime?.duration
        settings.ping = timing.ping
        return settings
    }
}
