// Options of every command that runs a script: its limits, and what it may reach.

import ArgumentParser
import LuaRuntime
import Scripting

struct ScriptLimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("End the script after this long, waits included (exit status 124).", valueName: "duration"))
    var timeout: DurationArgument?

    @Option(help: ArgumentHelp("Longest time that the script may compute without waiting.", valueName: "duration"))
    var maxBusy = DurationArgument(duration: .seconds(30))

    @Option(help: ArgumentHelp("Memory that the script may use, such as 64M.", valueName: "size"))
    var memory = ByteCount(bytes: 256 << 20)

    @Option(help: "Messages shown: debug, info, warn or error. [env: PAYLINK_LOG]")
    var logLevel: String?

    func validate() throws {
        try [maxBusy.problem("--max-busy"), timeout?.problem("--timeout")].throwFirst()
        if let logLevel, LogLevel(rawValue: logLevel) == nil {
            throw ValidationError("'\(Console.onOneLine(logLevel))' is no log level: use debug, info, warn or error")
        }
    }

    func apply(to options: inout ScriptOptions) {
        options.limits.memory = memory.bytes
        options.limits.stretch = maxBusy.duration
        if let level = logLevel.flatMap(LogLevel.init) ?? Environment["PAYLINK_LOG"].flatMap(LogLevel.init) {
            options.logLevel = level
        }
    }
}

struct ScriptAccessOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Let the script read files below this folder (repeatable).", valueName: "dir"))
    var allowRead: [String] = []

    @Option(help: ArgumentHelp("Let the script read and write files below this folder (repeatable).", valueName: "dir"))
    var allowWrite: [String] = []

    @Option(
        help: ArgumentHelp(
            "Let the script reach this host with http and mail, such as shop.example:443 (repeatable).",
            valueName: "host"))
    var allowNet: [String] = []

    @Option(help: ArgumentHelp("Let the script run this program (repeatable).", valueName: "program"))
    var allowRun: [String] = []

    @Option(help: ArgumentHelp("Let os.getenv see this variable (repeatable).", valueName: "name"))
    var allowEnv: [String] = []

    func validate() throws {
        for name in allowEnv where ["ONESHOT_API_TOKEN", "ONESHOT_USER_ID"].contains(name) {
            throw ValidationError("--allow-env: \(name) belongs to the credentials, which no script may read")
        }
        for name in allowEnv where name.hasPrefix("PAYLINK_SECRET_") {
            throw ValidationError(
                "--allow-env: \(Console.onOneLine(name)) holds a secret; the script gets it by secret(\"\(Console.onOneLine(String(name.dropFirst(15))))\")"
            )
        }
        for (name, folders) in [("--allow-read", allowRead), ("--allow-write", allowWrite)] {
            for folder in folders where !FileKind.isFolder(folder) {
                throw ValidationError("\(name): \(Console.onOneLine(folder)) is no folder")
            }
        }
        var network = NetworkAccess()
        for host in allowNet {
            do throws(NetworkAccess.Problem) { try network.allow(host) } catch {
                throw ValidationError("--allow-net: the host \"\(Console.onOneLine(host))\" \(error)")
            }
        }
    }

    /// Everything but files, which `ScriptJob` decides with the script's own folder.
    func apply(to options: inout ScriptOptions) {
        for name in allowEnv { options.environment[name] = Environment[name] }
        for host in allowNet { try? options.network.allow(host) }  // checked in validate()
        for program in allowRun { options.programs.allow(program) }
    }
}
