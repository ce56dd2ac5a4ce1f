// `paylink run`: one script, from a file, standard input or the command line.

import ArgumentParser
import Glibc
import LuaRuntime
import NIOCore
import NIOPosix
import OneShotPay
import Sandbox
import Scripting

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a Lua script.",
        discussion: """
            Examples:
              paylink run checkout.lua order-1001
              paylink run --sandbox docs/examples/checkout.lua
              paylink run -e 'print(paylink.usd("0.10") * 3)'
              echo 'print(arg[1])' | paylink run - hello

            A script may begin with #!/usr/bin/env -S paylink run and be executed itself.
            """
    )

    @OptionGroup var service: ServiceOptions

    @Flag(help: "Use a sandbox inside this process: no account, no real money; its payer pays after --pay-after.")
    var sandbox = false

    @Option(help: ArgumentHelp("With --sandbox: when each link is paid.", valueName: "duration"))
    var payAfter = DurationArgument(argument: "2s")!  // Safe because: a constant that a test parses.

    @Option(name: .customShort("e"), help: ArgumentHelp("Run this code instead of a file.", valueName: "code"))
    var code: String?

    @Option(help: ArgumentHelp("End the script after this long, waits included (exit status 124).", valueName: "duration"))
    var timeout: DurationArgument?

    @Option(help: ArgumentHelp("Longest time that the script may compute without waiting.", valueName: "duration"))
    var maxBusy = DurationArgument(argument: "30s")!  // Safe because: a constant that a test parses.

    @Option(help: ArgumentHelp("Memory that the script may use, such as 64M.", valueName: "size"))
    var memory = ByteCount(argument: "256M")!  // Safe because: a constant that a test parses.

    @Option(help: ArgumentHelp("Let os.getenv see this variable (repeatable).", valueName: "name"))
    var allowEnv: [String] = []

    @Option(help: "Messages shown: debug, info, warn or error. [env: PAYLINK_LOG]")
    var logLevel: String?

    @Flag(help: .hidden) var benchCalls = false

    @Argument(parsing: .captureForPassthrough, help: "The script (- for standard input) and its arguments.")
    var script: [String] = []

    mutating func run() throws {
        let (source, arguments) = try input()
        let options = try options(arguments)
        var session: SandboxSession?
        defer { session?.stop() }
        var configuration: OneShotPayConfiguration
        var credentials: Credentials?
        do {
            configuration = try service.configuration()
            if sandbox {
                let started = try SandboxSession.start(payAfter: payAfter.duration)
                session = started
                configuration.baseURL = started.server.baseURL
                credentials = started.credentials
            } else {
                credentials = try ServiceOptions.credentials()
            }
        } catch {
            Console.message("\(error)")
            throw ExitStatus.configuration.code
        }
        let runner = ScriptRunner(configuration: configuration, credentials: credentials, options: options) { Console.log($0) }
        let status = run(source, runner)
        if !StandardOutput.flush() {
            Console.message("standard output could not be written")
            throw ExitStatus.inputOutput.code
        }
        if status != 0 {
            session?.stop()
            throw ExitCode(status)
        }
    }

    /// Runs the script on a loop of its own and reports how it failed.
    private func run(_ source: ScriptSource, _ runner: ScriptRunner) -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let control = ScriptControl(group.next())
        let interruption = Interruption(
            timeout: timeout?.duration, gently: { control.stop($0) }, firmly: { control.interrupt($0) })
        defer { interruption.end() }
        do {
            switch try control.start(runner, source).wait() {
            case .finished(let status):
                return status
            case .failed(let failure):
                Console.failure(failure, source: source)
                return ExitStatus.of(failure).rawValue
            case .stopped(.deadline):
                Console.message("\(source.name): not done within the time limit; ended")
                return ExitStatus.timeLimit.rawValue
            case .stopped:
                Console.message("\(source.name): interrupted; every task was ended")
                return (interruption.status ?? .interrupted).rawValue
            }
        } catch let failure as ScriptFailure {
            Console.failure(failure, source: source)
            return ExitStatus.internalError.rawValue
        } catch {
            Console.message("\(error)")
            return ExitStatus.internalError.rawValue
        }
    }

    private func input() throws -> (ScriptSource, [String]) {
        if let code { return (ScriptFile.inline(code), script) }
        guard let path = script.first else { throw ValidationError("Missing the script: a file, - for standard input, or -e CODE") }
        do throws(ScriptFile.Problem) {
            return (try ScriptFile.load(path), Array(script.dropFirst()))
        } catch {
            Console.message(error.message)
            throw error.status.code
        }
    }

    private func options(_ arguments: [String]) throws -> ScriptOptions {
        var options = ScriptOptions(arguments: arguments)
        options.limits.memory = memory.bytes
        options.limits.stretch = maxBusy.duration
        options.offersBenchCalls = benchCalls
        for name in allowEnv { options.environment[name] = Environment[name] }
        if let name = logLevel ?? Environment["PAYLINK_LOG"] {
            guard let level = LogLevel(rawValue: name) else {
                throw ValidationError("'\(Console.onOneLine(name))' is no log level: use debug, info, warn or error")
            }
            options.logLevel = level
        }
        return options
    }
}
