// The command `paylink`: its subcommands and version.

import ArgumentParser
import Console
import Glibc

@main
enum Main {
    static func main() {
        Environment.hideSecrets()
        if let index = UnreadableArguments.first {
            Terminal.message("argument \(index) is not valid UTF-8 text; nothing was done")
            exit(ExitStatus.badInput.rawValue)
        }
        signal(SIGPIPE, SIG_IGN)  // so is a reader who has gone; what is under way is still recorded
        signal(SIGXFSZ, SIG_IGN)  // a file at its size limit is an error to report, not an end
        signal(SIGCHLD, SIG_DFL)  // whoever starts it may ignore it, and then no program's end could be known
        GivingUp.prepare()
        let arguments = CommandLine.arguments
        if let job = ScriptJob(plain: arguments) { exit(job.run().rawValue) }
        if let topic = HelpTopics(Array(arguments.dropFirst())) {
            exit(Terminal.output(topic.text) ? 0 : Terminal.lostOutput().rawValue)
        }
        do {
            var command = try Paylink.parseAsRoot()
            try command.run()
        } catch {
            end(error, Array(arguments.dropFirst()))
        }
    }

    /// Help and version go to standard output, and it counts whether they arrived; errors to standard error.
    private static func end(_ error: any Error, _ arguments: [String]) -> Never {
        let code = Paylink.exitCode(for: error)
        let text = Paylink.fullMessage(for: error)
        if code == .success {
            if !text.isEmpty, !Terminal.output(text) { exit(Terminal.lostOutput().rawValue) }
        } else if !text.isEmpty {
            Terminal.write(
                ShownText.lines(text) + "\n" + UnknownOptions.note(arguments, text) + UnknownCommands.note(arguments))
        }
        exit(code.rawValue)
    }
}

struct Paylink: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "paylink",
        abstract: "Runs Lua scripts that create 1ShotPay pay links, follow them until they are paid, and act on it.",
        discussion: """
            Try it without an account:
              paylink run --sandbox -e 'local l = assert(paylink.create{ amount = "12.50", description = "Tea" }) print(l:wait().status)'

            With an account, set ONESHOT_USER_ID and ONESHOT_API_TOKEN.
            Exit status: 0 done, 1 the script failed, 64 usage, 65 bad input, 69 service unreachable, 70 internal, \
            74 a file, the ledger or the output cannot be written, 75 unfinished or in doubt: run again, 77 credentials refused, 78 configuration, 124 time limit, \
            130 and 143 interrupted.
            """,
        version: "0.1.0",
        subcommands: [
            RunCommand.self, ReplCommand.self, CreateCommand.self, GetCommand.self, WaitCommand.self, BatchCommand.self,
            WatchCommand.self, LedgerCommand.self, ReportCommand.self, DashboardCommand.self, CronCommand.self,
            RunsCommand.self,
            SandboxCommand.self,
            NewCommand.self, CheckCommand.self, TestCommand.self, TypesCommand.self, DoctorCommand.self,
            ExplainCommand.self, CompletionsCommand.self, ReferenceCommand.self,
        ]
    )
}
