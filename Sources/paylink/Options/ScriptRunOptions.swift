// Options of every command that runs a script: its limits, and what it may reach.

import ArgumentParser
import Console
import LuaRuntime
import Sandbox
import Scripting

struct ScriptLimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("End the script after this long, waits included (exit status 124).", valueName: "duration"))
    var timeout: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "Longest time that the script may compute without waiting. (default: 30s)", valueName: "duration"))
    var maxBusy: DurationArgument?

    @Option(help: ArgumentHelp("Memory that the script may use, such as 64M. (default: 256M)", valueName: "size"))
    var memory: ByteCount?

    func validate() throws {
        try [maxBusy?.problem("--max-busy"), timeout?.problem("--timeout")].throwFirst()
    }

    func apply(to job: inout ScriptJob) {
        job.timeout = timeout?.duration
        job.memory = memory?.bytes
        job.maxBusy = maxBusy?.duration
    }
}

/// What is said while a script runs.
struct ScriptMessageOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Tell of every look at a link that is waited for, and what the waits cost.")
    var verbose = false

    @Option(help: "Messages shown: debug, info, warn or error. [env: PAYLINK_LOG]")
    var logLevel: String?

    func validate() throws {
        if let logLevel, LogLevel(rawValue: logLevel) == nil {
            throw ValidationError("'\(ShownText.line(logLevel))' is no log level: use debug, info, warn or error")
        }
    }

    func apply(to job: inout ScriptJob) {
        job.isVerbose = verbose
        job.logLevel = logLevel.flatMap(LogLevel.init)
    }
}

/// A sandbox inside the process of a script.
struct SandboxOptionsOfScript: ParsableArguments {
    @Flag(help: "Use a sandbox inside this process: no account, no real money; its payer pays after --pay-after.")
    var sandbox = false

    @Option(help: ArgumentHelp("With --sandbox: when each link is paid.", valueName: "duration"))
    var payAfter = DurationArgument(duration: .seconds(2))

    func validate() throws { try [payAfter.problem("--pay-after")].throwFirst() }

    /// What the payer is told needs a sandbox.
    func validate(_ payer: SandboxPayerOptions) throws {
        if !sandbox, let given = payer.firstGiven {
            throw ValidationError("\(given) is for --sandbox, which is absent")
        }
    }

    func apply(_ payer: SandboxPayerOptions, to job: inout ScriptJob) {
        guard sandbox else { return }
        var options = SandboxOptions()
        options.payAfter = payAfter.duration
        payer.apply(to: &options)
        job.sandbox = options
    }
}

enum ScriptArguments {
    /// What stands before the script's name is ours: an option there is one that we do not know.
    static func refuseOption(_ first: String, _ command: any ParsableCommand) throws {
        guard first.hasPrefix("-"), first != "-" else { return }
        if first == "--help" || first == "-h" { throw CleanExit.helpRequest(command) }
        let name = first.split(separator: "=", maxSplits: 1).first.map(String.init) ?? first
        throw ValidationError("Unknown option '\(ShownText.line(name))'; a script's own options come after its name")
    }
}

struct ScriptAccessOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Let the script read files below this folder (repeatable).", valueName: "dir"))
    var allowRead: [String] = []

    @Option(
        help: ArgumentHelp(
            "Let the script read and write files below this folder, or this file; in the folder itself, .lua files too (repeatable).",
            valueName: "dir"))
    var allowWrite: [String] = []

    @Option(
        help: ArgumentHelp(
            "Let the script reach this host with http and mail, such as shop.example:443 (repeatable).",
            valueName: "host"))
    var allowNet: [String] = []

    @Option(
        help: ArgumentHelp(
            "Let the script send mail to this address, to @DOMAIN, or to everybody with * (repeatable).",
            valueName: "address"))
    var allowMail: [String] = []

    @Option(help: ArgumentHelp("Let the script run this program (repeatable).", valueName: "program"))
    var allowRun: [String] = []

    @Option(help: ArgumentHelp("Let os.getenv see this variable (repeatable).", valueName: "name"))
    var allowEnv: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where the script's Lua lives: process (its own, behind a system call filter; the default with --untrusted), half (its own, with as much of that as there is), or none (this one).",
            valueName: "where"))
    var isolation: IsolationChoice?

    func validate() throws {
        for name in allowEnv where Self.isReserved(name) {
            throw ValidationError("--allow-env: \(name) belongs to the credentials, which no script may read")
        }
        for name in allowEnv where name.hasPrefix("PAYLINK_SECRET_") {
            throw ValidationError(
                "--allow-env: \(ShownText.line(name)) holds a secret; the script gets it by secret(\"\(ShownText.line(String(name.dropFirst(15))))\")"
            )
        }
        for folder in allowRead where !FileKind.isFolder(folder) {
            throw ValidationError("--allow-read: \(ShownText.line(folder)) is no folder")
        }
        for path in allowWrite where !FileKind.mayBeAllowed(path) {
            throw ValidationError("--allow-write: \(ShownText.line(path)) is neither a folder nor a file")
        }
        var recipients = MailAccess()
        for text in allowMail {
            do throws(MailAccess.Problem) { try recipients.allow(text) } catch {
                throw ValidationError("--allow-mail: the recipient \"\(ShownText.line(text))\" \(error)")
            }
        }
        var network = NetworkAccess()
        for host in allowNet {
            do throws(NetworkAccess.Problem) { try network.allow(host) } catch {
                throw ValidationError("--allow-net: the host \"\(ShownText.line(host))\" \(error)")
            }
        }
    }

    /// The first of these options that was given.
    var firstGiven: String? {
        let given = [
            ("--allow-read", allowRead), ("--allow-write", allowWrite), ("--allow-net", allowNet),
            ("--allow-mail", allowMail), ("--allow-run", allowRun), ("--allow-env", allowEnv),
        ]
        return given.first { !$0.1.isEmpty }?.0
    }

    /// Whether a variable holds what no script may have as a plain string.
    static func isReserved(_ name: String) -> Bool {
        name == "ONESHOT_USER_ID" || Environment.isSecret(name)
    }

    func apply(to job: inout ScriptJob) {
        job.isolation = isolation
        job.readable = allowRead
        job.writable = allowWrite
        for name in allowEnv { job.options.environment[name] = Environment[name] }
        for host in allowNet { try? job.options.network.allow(host) }  // checked in validate()
        for text in allowMail { try? job.options.recipients.allow(text) }
        for program in allowRun { job.options.programs.allow(program) }
    }
}
