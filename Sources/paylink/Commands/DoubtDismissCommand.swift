// `paylink ledger doubt dismiss`: possible orphans that somebody has looked for, and nobody need look for again.

import ArgumentParser
import Console
import Glibc
import Ledger
import Scripting

struct DoubtDismissCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dismiss",
        abstract: "Say that possible orphans of settled links need no more attention.",
        usage: "paylink ledger doubt dismiss [<options>] [<keys> ...]",
        discussion: """
            A possible orphan is a link that may exist without anybody having its address. Look into the account; when \
            there is none, or it does not matter, dismiss it. Who did it and when is recorded: paylink ledger show KEY. \
            A link in doubt that has no key, which nobody can ask for again, is given up by it.

            Examples:
              paylink ledger doubt dismiss order-1004
              paylink ledger doubt dismiss '#17'                    the row of a link without a key
              paylink ledger doubt dismiss --all --older-than 30d
            """)
    @OptionGroup var record: LedgerOptions
    @Argument(help: "Keys, or rows such as #17.", completion: Candidates.keys) var keys: [String] = []
    @Flag(help: "Every settled link with possible orphans that the filters leave; at least one filter must be given.")
    var all = false
    @OptionGroup(title: "Filters of --all") var filters: DoubtFilters
    @Option(help: ArgumentHelp("Who says so. (default: the login name and the machine)", valueName: "name"))
    var by: String?

    func validate() throws {
        try DoubtSelection.validate(keys, all: all, filters)
        if filters.effects { throw ValidationError("--effects: only links have possible orphans") }
        if let by, by.isEmpty || by.utf8.count > 200 { throw ValidationError("--by: a name has 1 to 200 characters") }
    }

    func run() throws {
        let session = try LedgerSession(record, command: "ledger doubt dismiss")
        let person = by ?? Person.login
        var decisions = DoubtDecisions()
        if all {
            try filters.forEach(in: session) { entry in
                guard case .link(let record) = entry, !record.isInDoubt || record.key == nil else { return }
                // What is to be sent again is not settled; it is no refusal that all of the others should end with.
                guard record.state != .prepared else { return }
                decisions.add(record.scope, entry.name, .dismiss(record.row, by: person))
            }
        }
        for key in keys {
            let found = try records(key, session).filter { filters.accepts($0.scope, changedAt: $0.updatedAt) }
            if found.isEmpty {
                decisions.refuse(
                    "the ledger has no link with key \"\(ShownText.line(key))\"; paylink ledger doubt list shows what "
                        + "there is"
                )
            }
            for record in found {
                guard record.key == nil || !record.isInDoubt else {
                    decisions.refuse(
                        "key \"\(ShownText.line(key))\" is in doubt: paylink ledger doubt resolve comes first")
                    continue
                }
                decisions.add(record.scope, key, .dismiss(record.row, by: person))
            }
        }
        session.store.close()
        try decisions.perform(
            record, command: "ledger doubt dismiss", whenNone: "no settled link with possible orphans matches",
            said: "dismissed by \(ShownText.line(person))"
        ) { "key \"\($0)\" has no possible orphans, or is under way; nothing was changed" }
    }

    /// The links of a key, of every account; or the row that `#17` names.
    private func records(_ key: String, _ session: LedgerSession) throws -> [LinkRecord] {
        let found = try session.links(key: key)
        guard found.isEmpty, key.hasPrefix("#"), let row = Int64(key.dropFirst()), row > 0 else { return found }
        var query = LinkQuery()
        query.after = row - 1
        query.limit = 1
        do throws(LedgerError) { return try session.store.links(query).filter { $0.row == row } } catch {
            throw LedgerSession.end(error)
        }
    }
}
