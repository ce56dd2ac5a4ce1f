// `paylink run`: one script, from a file, standard input or the command line.

import ArgumentParser
import Glibc
import LuaRuntime
import Recorder
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
            \(ServiceOptions.hint)
            """
    )

    @OptionGroup(title: "Script") var input: ScriptInputOptions
    @OptionGroup(title: "Script") var sandboxed: SandboxOptionsOfScript
    @OptionGroup(title: "Rights") var access: ScriptAccessOptions
    @OptionGroup(title: "Rights") var trust: ScriptTrustOptions
    @OptionGroup(title: "Limits") var creating: CreationLimitOptions
    @OptionGroup(title: "Limits") var running: ScriptLimitOptions
    @OptionGroup(title: "Sandbox") var payer: SandboxPayerOptions
    @OptionGroup(visibility: .hidden) var service: ServiceOptions
    @OptionGroup(title: "Jobs") var scheduled: JobRunOptions
    @OptionGroup var messages: ScriptMessageOptions

    @Flag(help: .hidden) var benchCalls = false

    @Argument(
        parsing: .captureForPassthrough, help: "The script (- for standard input) and its arguments.",
        completion: Candidates.scripts)
    var script: [String] = []

    mutating func run() throws {
        var job = ScriptJob(inputOfJob)
        job.service = service.settings
        running.apply(to: &job)
        messages.apply(to: &job)
        sandboxed.apply(payer, to: &job)
        access.apply(to: &job)
        job.options.offersBenchCalls = benchCalls
        if trust.untrusted {
            job.options.isUntrusted = true
            job.service.choice.skipsBeside = true
        }
        job.limits = creating.limits(isUntrusted: trust.untrusted)
        let status = try scheduled.settings().map { job.run(as: $0) } ?? job.run()
        if status != .done { throw ExitCode(status.rawValue) }
    }

    /// What stands before the script's name is ours; everything after it is the script's, options included.
    mutating func validate() throws {
        try sandboxed.validate(payer)
        if trust.untrusted, let given = access.firstGiven {
            throw ValidationError(
                "--untrusted takes every permission away, and \(given) would give one: leave out one of them")
        }
        guard input.code == nil else { return }
        guard let first = script.first else {
            throw ValidationError("Missing the script: a file, - for standard input, or -e CODE")
        }
        try ScriptArguments.refuseOption(first, self)
    }

    private var inputOfJob: ScriptJob.Input {
        if let code = input.code { return .code(code, arguments: script) }
        return .file(script.first ?? "-", arguments: Array(script.dropFirst()))
    }
}

struct ScriptInputOptions: ParsableArguments {
    @Option(name: .customShort("e"), help: ArgumentHelp("Run this code instead of a file.", valueName: "code"))
    var code: String?
}

struct ScriptTrustOptions: ParsableArguments {
    @Flag(
        help:
            "Leave the script nothing but computing, its arguments, standard output, and --max-links links (0) in a ledger of its own."
    )
    var untrusted = false
}

/// What a run may ask for.
struct CreationLimitOptions: ParsableArguments {
    @Flag(help: "Send nothing: count the links that would be made, and their total.")
    var dryRun = false

    @Option(help: ArgumentHelp("Make at most so many links.", valueName: "n"))
    var maxLinks: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Ask for at most so much in all, in USD.", valueName: "usd"))
    var maxTotal: AmountArgument?

    func validate() throws {
        if let maxLinks, maxLinks < 0 { throw ValidationError("--max-links: \(maxLinks) is below zero") }
        try maxTotal?.validate("--max-total")
    }

    func limits(isUntrusted: Bool) -> CreationLimits {
        CreationLimits(
            maximumLinks: maxLinks ?? (isUntrusted ? 0 : nil), maximumTotal: maxTotal?.amount, isDryRun: dryRun)
    }
}
