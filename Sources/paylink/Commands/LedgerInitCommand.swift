// `paylink ledger init`: the ledger's schema on a PostgreSQL server.

import ArgumentParser
import Console
import Ledger

struct LedgerInitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make the ledger's schema on a PostgreSQL server, or bring it up to date.",
        usage: "paylink ledger init [<options>]",
        discussion: """
            Once for a database, by a role that may create a schema in it; afterwards a role without that right does \
            (docs/postgresql.md has the grants). A file needs no such thing: it is made when it is used first.

            Exit status: 0 the schema is there, 74 the server cannot be reached, 78 it cannot be used so.

            Example:
              paylink ledger init --ledger 'postgres://owner@db.example/shop?sslmode=verify-full'
            """)

    @OptionGroup var record: LedgerOptions

    func run() throws {
        let place = try record.place()
        guard case .server(let server) = place else {
            Terminal.message(
                "ledger init makes a schema on a server: give its address as --ledger postgres://USER@HOST/DATABASE; "
                    + "a file needs none")
            throw ExitStatus.usage.code
        }
        do throws(LedgerError) {
            let made = try PostgresLedger.prepare(server, words: .commands)
            Terminal.message("the ledger \(made.place) \(made.isNew ? "is there now" : "was there already")")
        } catch {
            throw LedgerSession.end(error)
        }
    }
}
