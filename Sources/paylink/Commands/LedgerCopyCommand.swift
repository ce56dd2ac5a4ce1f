// `paylink ledger copy`: a ledger's way from a file to a server, or back.

import ArgumentParser
import Batch
import JSON
import Ledger
import Recorder
import Settings

struct LedgerCopyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copy a ledger to another place: from a file to a server, or back.",
        usage: "paylink ledger copy [<options>] <from> <to>",
        discussion: """
            Nothing may use either of them meanwhile. The target is empty, or an earlier copy that broke off: it is gone on \
            with. All rows are compared at the end, and a digest is printed. From then on use the new one alone: what is \
            made in both is made twice.

            Exit status: 0 both have the same rows, 74 they have not, 75 one is in use, 78 the server cannot be used so.

            Example:
              paylink ledger copy ~/.local/state/paylink/ledger.db 'postgres://paylink@db.example/shop'
            """)

    @OptionGroup var files: SettingsFileOptions
    @Flag(help: "Print JSON.") var json = false
    @Argument(help: "The ledger that is there: a file, or postgres://USER@HOST/DATABASE.") var from: String
    @Argument(help: "Where it goes.") var to: String

    func run() throws {
        var settings = ServiceSettings(ledger: nil, choice: files.choice)
        do throws(SettingsProblems) { try settings.load(beside: ".") } catch { throw Terminal.problems(error).code }
        let progress = ProgressReporter(ProgressReporter.Mode.custom == .terminal ? .terminal : .silent)
        let outcome: LedgerCopy.Outcome
        do throws(LedgerError) {
            outcome = try LedgerCopy.run(
                from: settings.ledgerLocation(named: from).place, to: settings.ledgerLocation(named: to).place,
                words: .commands
            ) { _, rows in progress.update(BatchProgress(.copying, done: rows, total: nil, failures: 0)) }
        } catch {
            progress.clear()
            throw LedgerSession.end(error)
        }
        progress.clear()
        guard Terminal.output(json ? Self.json(outcome) : Self.plain(outcome)) else {
            Terminal.message("standard output could not be written")
            throw ExitStatus.inputOutput.code
        }
    }

    private static func plain(_ outcome: LedgerCopy.Outcome) -> String {
        let rows = outcome.rows
        return
            "\(rows["links"] ?? 0) links, \(rows["payments"] ?? 0) payments, \(rows["effects"] ?? 0) effects: the same in "
            + "both, digest \(outcome.digestText); \(outcome.added) rows were copied now"
    }

    private static func json(_ outcome: LedgerCopy.Outcome) -> String {
        let writer = JSONWriter()
        writer.beginObject()
        writer.key("rows")
        writer.beginObject()
        for (name, count) in outcome.rows.sorted(by: { $0.key < $1.key }) {
            writer.key(name)
            writer.int(Int64(count))
        }
        writer.endObject()
        writer.key("copied")
        writer.int(Int64(outcome.added))
        writer.key("digest")
        writer.string(outcome.digestText)
        writer.endObject()
        return writer.string
    }
}
