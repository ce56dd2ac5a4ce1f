// `paylink runs`: what became of scheduled jobs.

import ArgumentParser
import Ledger

struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List the runs of jobs, and show one with the end of what it wrote.",
        discussion: """
            Examples:
              paylink runs --job daily-report --limit 7
              paylink runs show 12
            """,
        subcommands: [List.self, Show.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List runs, the newest first.", usage: "paylink runs list [<options>]")
        @OptionGroup var record: LedgerOptions
        @Option(help: ArgumentHelp("Only this job's.", valueName: "name"), completion: Candidates.jobs) var job: String?
        @Option(help: ArgumentHelp("At most so many.", valueName: "n")) var limit = 20
        @Flag(help: "Print JSON, one object a line.") var json = false

        func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit: \(limit) is not above zero") }
        }

        func run() throws {
            let found = try RunsCommand.read(record) { book throws(LedgerError) in
                try book.runs(job: job, limit: limit)
            }
            let width = OutputTable.width
            if !json, !found.isEmpty { try OutputTable.printHeadings(JobText.headings) }
            for record in found {
                let text = json ? JobText.json(record, withTail: false) : JobText.line(record, width: width)
                try LedgerCommand.print(text + "\n")
            }
            try LedgerCommand.finish()
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show all that is recorded of a run.", usage: "paylink runs show [<options>] <id>")
        @OptionGroup var record: LedgerOptions
        @Flag(help: "Print JSON.") var json = false
        @Argument(help: "The run's id.") var id: Int64

        func run() throws {
            guard let found = try RunsCommand.read(record, { book throws(LedgerError) in try book.run(id) }) else {
                Terminal.message("no run \(id) is recorded; paylink runs shows what is")
                throw ExitStatus.scriptFailed.code
            }
            try LedgerCommand.print((json ? JobText.json(found, withTail: true) : JobText.plain(found)) + "\n")
            try LedgerCommand.finish()
        }
    }

    /// Reads from an existing ledger.
    static func read<Value>(
        _ record: LedgerOptions, _ body: (any JobBook) throws(LedgerError) -> Value
    ) throws -> Value {
        do {
            let book = try record.place().openJobs(command: "runs", creates: false, words: .commands)
            defer { book.close() }
            return try body(book)
        } catch let error as LedgerError {
            throw LedgerSession.end(error)
        }
    }
}
