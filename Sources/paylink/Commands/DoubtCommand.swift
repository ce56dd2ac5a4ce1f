// `paylink ledger doubt`: what nobody knows the outcome of. What a person says of it is in DoubtResolveCommand and
// DoubtDismissCommand.

import ArgumentParser
import Ledger
import Scripting

struct DoubtCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doubt",
        abstract: "List what is in doubt, and resolve it.",
        discussion: """
            A request that was cut off between sending and answer may have made a link; an effect that broke off may \
            have happened. Look into the account (or the world), then say what is true.

            Examples:
              paylink ledger doubt list
              paylink ledger doubt resolve order-1001 --link 01890a5d-ac96-774b-bcce-b302099a8057
              paylink ledger doubt resolve order-1002 order-1003 --retry
              paylink ledger doubt resolve ship:order-1001 --happened
              paylink ledger doubt resolve --all --effects --key-prefix watch:fulfil: --retry
              paylink ledger doubt dismiss order-1004
            """,
        subcommands: [List.self, DoubtResolveCommand.self, DoubtDismissCommand.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what is in doubt, and count possible orphans: links whose address nobody received.",
            usage: "paylink ledger doubt list [<options>]")
        @OptionGroup var record: LedgerOptions
        @OptionGroup var filters: DoubtFilters
        @Flag(help: "Print JSON, one object a line.") var json = false

        func run() throws {
            let session = try LedgerSession(record, command: "ledger doubt list")
            var orphans = 0, links = 0, effects = 0
            try filters.forEach(in: session) { entry in
                switch entry {
                case .link(let record):
                    orphans += record.possibleOrphans + (record.state == .sent && record.isInDoubt ? 1 : 0)
                    if record.isInDoubt { links += 1 }
                    try LedgerCommand.print((json ? LedgerText.json(record) : DoubtText.line(record)) + "\n")
                case .effect(let effect):
                    effects += 1
                    let order = try session.order(of: effect)
                    try LedgerCommand.print(
                        (json ? LedgerText.json(effect, order: order) : DoubtText.line(effect, order: order)) + "\n")
                }
            }
            try LedgerCommand.finish()
            if links == 0, effects == 0, orphans == 0 {
                return Terminal.message(filters.isEmpty ? "nothing is in doubt" : "nothing in doubt matches")
            }
            Terminal.message(
                "\(links) link(s) and \(effects) effect(s) in doubt; \(orphans) possible orphan(s) in all: links that "
                    + "may exist without anybody having their address")
        }
    }
}
