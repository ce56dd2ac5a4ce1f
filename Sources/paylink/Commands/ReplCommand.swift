// `paylink repl`: the Lua API at a prompt.

import ArgumentParser
import Recorder
import Sandbox
import Scripting

struct ReplCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repl",
        abstract: "Try the Lua API at a prompt.",
        discussion: """
            What is typed runs as a script would, and what it gives is shown; _ is the last result. Local variables are \
            kept as globals. Tab completes names, Ctrl-C interrupts what runs, Ctrl-D ends. From anything but a \
            terminal it reads lines and shows no prompt.

            Examples:
              paylink repl --sandbox                   no account: pay(link) pays a link
              paylink repl --sandbox helpers.lua       run a script first
              echo 'paylink.usd("0.10") * 3' | paylink repl
            \(ServiceOptions.hint)
            """
    )

    @OptionGroup(title: "Session") var sandboxed: SandboxOptionsOfPrompt
    @OptionGroup(title: "Rights") var access: ScriptAccessOptions
    @OptionGroup(title: "Limits") var creating: CreationLimitOptions
    @OptionGroup(title: "Limits") var running: ScriptLimitOptions
    @OptionGroup(title: "Sandbox") var payer: SandboxPayerOptions
    @OptionGroup(visibility: .hidden) var service: ServiceOptions
    @OptionGroup var messages: ScriptMessageOptions

    @Argument(
        parsing: .captureForPassthrough, help: "A script to run before the prompt, and its arguments.",
        completion: Candidates.scripts)
    var script: [String] = []

    func validate() throws {
        try sandboxed.validate(payer)
        if let isolation = access.isolation, isolation != .none {
            throw ValidationError("--isolation: a prompt's Lua lives in paylink's own process")
        }
        guard let first = script.first else { return }
        try ScriptArguments.refuseOption(first, self)
        if first == "-" { throw ValidationError("Standard input is for what is typed; name a file") }
    }

    mutating func run() throws {
        let arguments = Array(script.dropFirst())
        var job = ScriptJob(script.first.map { .file($0, arguments: arguments) } ?? .code("", arguments: []))
        job.isPrompt = true
        job.service = service.settings
        running.apply(to: &job)
        messages.apply(to: &job)
        sandboxed.apply(payer, to: &job)
        access.apply(to: &job)
        // Whatever the settings say of scripts: a stop of what is typed leaves the rest only here.
        job.isolation = IsolationChoice.none
        job.limits = creating.limits(isUntrusted: false)
        let status = job.run()
        if status != .done { throw status.code }
    }
}

/// A sandbox whose payer sits at the prompt.
struct SandboxOptionsOfPrompt: ParsableArguments {
    @Flag(help: "Use a sandbox inside this process: no account, no real money; pay(link) pays a link.")
    var sandbox = false

    @Option(
        help: ArgumentHelp("With --sandbox: pay each link after so long, as well.", valueName: "duration"))
    var payAfter: DurationArgument?

    func validate() throws { try [payAfter?.problem("--pay-after")].throwFirst() }

    func validate(_ payer: SandboxPayerOptions) throws {
        if !sandbox, let given = payAfter == nil ? payer.firstGiven : "--pay-after" {
            throw ValidationError("\(given) is for --sandbox, which is absent")
        }
    }

    func apply(_ payer: SandboxPayerOptions, to job: inout ScriptJob) {
        guard sandbox else { return }
        var options = SandboxOptions()
        options.payAfter = payAfter?.duration
        payer.apply(to: &options)
        job.sandbox = options
    }
}
