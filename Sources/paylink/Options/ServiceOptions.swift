// How to reach the service, as flags say it; what they leave open, ServiceSettings finds elsewhere.

import ArgumentParser
import Console
import Glibc
import Ledger
import Recorder
import Scripting
import Settings

struct ServiceOptions: ParsableArguments {
    /// Every command that has them hides them in its help, and says this.
    static let hint = "The service, the ledger, settings files: see paylink help options."

    /// A shell completes them all the same: what is hidden is left out of its script.
    static let visibility: ArgumentVisibility =
        CommandLine.arguments.dropFirst().first == "completions" ? .default : .hidden

    @Option(help: "The service's address; plain http only for this machine. [env: PAYLINK_BASE_URL]")
    var baseURL: String?

    @Option(
        help: ArgumentHelp("A PEM file of certificates to trust as well. [env: PAYLINK_CA_FILE]", valueName: "file"))
    var caFile: String?

    @Option(help: "Language of checkout pages: en, es or tr. [env: PAYLINK_LOCALE]")
    var locale: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Requests a second that all waits together may make; a fifth of it is left to creating links. [env: PAYLINK_POLL_RATE]",
            valueName: "n"))
    var pollRate: String?

    @Option(
        help: ArgumentHelp(
            "How long an unpaid link is followed after its end, in case it is paid late; 24h if absent. [env: PAYLINK_LATE_GRACE]",
            valueName: "duration"))
    var lateGrace: String?

    @OptionGroup var record: LedgerOptions

    /// What the flags say. A script's settings file is known only with the script.
    var settings: ServiceSettings {
        ServiceSettings(
            baseURL: baseURL, caFile: caFile, locale: locale, ledger: record.ledger, pollRate: pollRate,
            lateGrace: lateGrace, choice: record.files.choice)
    }

    /// For a command without a script: with the settings files.
    /// - Throws: an exit code, when a settings file is wrong; the problems have been told.
    func loaded() throws -> ServiceSettings {
        var settings = settings
        do throws(SettingsProblems) { try settings.load(beside: ".") } catch { throw Terminal.problems(error).code }
        return settings
    }
}

struct LedgerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where links are recorded: a file, or postgres://USER@HOST/DATABASE; :memory: forgets them at the end. [env: PAYLINK_LEDGER]",
            valueName: "place"))
    var ledger: String?

    @OptionGroup(visibility: ServiceOptions.visibility) var files: SettingsFileOptions

    /// The place that the flag, the environment, a settings file or the platform's custom names.
    /// - Throws: an exit code: a settings file is wrong, or there is no place; the problem has been told.
    func place() throws -> LedgerPlace { try settings().ledgerLocation().place }

    func settings() throws -> ServiceSettings {
        var settings = ServiceSettings(ledger: ledger, choice: files.choice)
        do throws(SettingsProblems) { try settings.load(beside: ".") } catch { throw Terminal.problems(error).code }
        return settings
    }
}

struct SettingsFileOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Read this settings file, and neither paylink.toml nor the user's. [env: PAYLINK_CONFIG]", valueName: "file"
        ))
    var config: String?

    @Option(help: ArgumentHelp("Use this profile of the settings files. [env: PAYLINK_PROFILE]", valueName: "name"))
    var profile: String?

    var choice: SettingsChoice { SettingsChoice(config: config, profile: profile) }
}

/// A duration on the command line.
struct DurationArgument: ExpressibleByArgument, CustomStringConvertible {
    var duration: Duration
    /// What was given, when it is no duration: `problem` then says so under the option's name.
    private var text: String?

    init(duration: Duration) { self.duration = duration }

    init(argument: String) {
        duration = DurationText.parse(argument) ?? .zero
        if duration <= .zero { text = argument }
    }

    /// What is wrong with it, for the option `name`.
    func problem(_ name: String) -> ValidationError? {
        text.map {
            ValidationError("\(name): \"\(ShownText.line($0))\" is no duration above zero: \(DurationText.advice)")
        }
    }

    /// As it can be given again.
    var description: String {
        let (seconds, attoseconds) = duration.components
        return attoseconds == 0 ? "\(seconds)s" : "\(Int64((duration / .milliseconds(1)).rounded(.up)))ms"
    }
}
