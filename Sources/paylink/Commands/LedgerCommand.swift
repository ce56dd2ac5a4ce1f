// `paylink ledger`: what was made, as it is recorded; for people, for programs, for a safe place.

import ArgumentParser
import CSV
import Console
import Glibc
import Ledger
import LuaRuntime
import OneShotPay
import Scripting

struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Show what was created, and settle what is in doubt.",
        discussion: """
            Examples:
              paylink ledger list --status active --since 7d
              paylink ledger show order-1001
              paylink ledger sync
              paylink ledger export --csv > links.csv
              paylink ledger export --totals --paid-since 1d
              paylink ledger doubt list
            """,
        subcommands: [
            List.self, Show.self, Export.self, LedgerSyncCommand.self, Backup.self, LedgerCopyCommand.self,
            LedgerInitCommand.self,
            DoubtCommand.self,
        ])

    /// One record after the other on standard output.
    static func print(_ text: String) throws {
        StandardOutput.write(text)
        if StandardOutput.isAbandoned { throw Terminal.lostOutput().code }
    }

    /// Ends a listing: whether all of it has arrived.
    static func finish() throws {
        guard StandardOutput.flush() else { throw Terminal.lostOutput().code }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List links: key, state, amount, when, and what came where it differs.",
            usage: "paylink ledger list [<options>]",
            discussion: """
                Of this account at this address; --all lists every account and address. A line has 80 columns, or those of the \
                terminal: `ledger show KEY` and --json have the rest.
                """)
        @OptionGroup var record: LedgerOptions
        @OptionGroup var filters: LedgerFilters
        @OptionGroup var whose: LedgerScopeOptions
        @Option(help: ArgumentHelp("At most so many.", valueName: "n")) var limit: Int?
        @Flag(help: "Print JSON, one object a line.") var json = false

        func validate() throws {
            if let limit, limit < 0 { throw ValidationError("--limit: \(limit) is below zero") }
        }

        func run() throws {
            let session = try LedgerSession(record, command: "ledger list")
            let scope = try whose.scope(record, filters)
            var query = filters.query
            query.scope = scope
            var table = LedgerTable(width: OutputTable.width, namesScopes: scope == nil)
            var left = limit ?? .max, isFirst = true
            if left > 0 {
                try session.forEach(query) { record in
                    guard filters.accepts(record) else { return true }
                    if isFirst, !json { try OutputTable.printHeadings(table.headings) }
                    isFirst = false
                    try LedgerCommand.print((json ? LedgerText.json(record) : table.line(record)) + "\n")
                    left -= 1
                    return left > 0
                }
            }
            for line in json ? [] : table.legend { try LedgerCommand.print(line + "\n") }
            try LedgerCommand.finish()
            if let scope, !json { try session.tellOfOthers(than: scope) }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show all that is recorded of a key.", usage: "paylink ledger show [<options>] <key>")
        @OptionGroup var record: LedgerOptions
        @Flag(help: "Print JSON, one object a line.") var json = false
        @Argument(help: "The key.", completion: Candidates.keys) var key: String

        func run() throws {
            let session = try LedgerSession(record, command: "ledger show")
            let found = try session.links(key: key)
            let effects = try session.effects(key: key)
            guard !found.isEmpty || !effects.isEmpty else {
                Terminal.message(
                    "the ledger has no key \"\(ShownText.line(key))\"; paylink ledger list shows what it has")
                throw ExitStatus.scriptFailed.code
            }
            for (index, record) in found.enumerated() {
                if index > 0, !json { try LedgerCommand.print("\n") }
                let dismissals = try session.dismissals(of: record)
                try LedgerCommand.print(
                    (json ? LedgerText.json(record, dismissals) : LedgerText.plain(record, dismissals)) + "\n")
            }
            for effect in effects {
                if !found.isEmpty, !json { try LedgerCommand.print("\n") }
                try LedgerCommand.print((json ? LedgerText.json(effect) : LedgerText.plain(effect)) + "\n")
            }
            try LedgerCommand.finish()
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write all links to standard output.", usage: "paylink ledger export [<options>]")
        @OptionGroup var record: LedgerOptions
        @OptionGroup var filters: LedgerFilters
        @Flag(help: "Write CSV (the default).") var csv = false
        @Flag(help: "Write JSON: one array.") var json = false
        @Flag(help: "Write sums by account, status and currency instead: asked, received, missing, overpaid.")
        var totals = false

        func validate() throws {
            if csv, json { throw ValidationError("--csv or --json, not both") }
        }

        func run() throws {
            let session = try LedgerSession(record, command: "ledger export")
            if totals { return try writeTotals(session) }
            var table = CSVTableWriter()
            var isFirst = true
            if json { try LedgerCommand.print("[") } else { table.header(LedgerText.columns) }
            try session.forEach(filters.query) { record in
                guard filters.accepts(record) else { return true }
                if json {
                    try LedgerCommand.print((isFirst ? "\n" : ",\n") + LedgerText.json(record))
                } else {
                    table.row(LedgerText.cells(record))
                    try LedgerCommand.print(String(decoding: table.bytes, as: UTF8.self))
                    table.removeAll()
                }
                isFirst = false
                return true
            }
            try LedgerCommand.print(json ? "\n]\n" : String(decoding: table.bytes, as: UTF8.self))
            try LedgerCommand.finish()
        }

        private func writeTotals(_ session: LedgerSession) throws {
            let query = filters.query
            var totals = LedgerTotals(isOfPeriod: query.paidSince != nil || query.paidBefore != nil)
            try session.forEach(query) { record in
                guard filters.accepts(record) else { return true }
                do throws(MoneyError) { try totals.add(record) } catch {
                    Terminal.message("the sum is too large: \(error.message)")
                    throw ExitStatus.badInput.code
                }
                return true
            }
            try LedgerCommand.print(json ? totals.json : totals.csv)
            try LedgerCommand.finish()
        }
    }

    struct Backup: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy the ledger, also while it is in use, to a new file.",
            usage: "paylink ledger backup [<options>] <file>")
        @OptionGroup var record: LedgerOptions
        @Argument(help: "Where the copy goes; must not exist.") var file: String

        func run() throws {
            guard case .file = try record.place() else {
                Terminal.message(
                    "ledger backup copies a file; a server's ledger is saved by the server's own means (docs/postgresql.md), "
                        + "or copied into a file by paylink ledger copy")
                throw ExitStatus.usage.code
            }
            let session = try LedgerSession(record, command: "ledger backup")
            guard let store = session.store as? SQLiteLedger else { return }
            do throws(LedgerError) { try store.backup(to: file) } catch { throw LedgerSession.end(error) }
        }
    }
}
