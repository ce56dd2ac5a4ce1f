// `paylink ledger doubt`: what nobody knows the outcome of, and a person's word about it.

import ArgumentParser
import Ledger
import NIOCore
import OneShotPay
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
              paylink ledger doubt resolve order-1002 --retry
              paylink ledger doubt resolve ship:order-1001 --happened
            """,
        subcommands: [List.self, Resolve.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what is in doubt, and count possible orphans: links whose address nobody received.")
        @OptionGroup var record: LedgerOptions
        @Flag(help: "Print JSON, one object a line.") var json = false

        func run() throws {
            let session = try LedgerSession(record, command: "ledger doubt list")
            var query = LinkQuery()
            query.isDoubtful = true
            var orphans = 0, open = 0
            try session.forEach(query) { record in
                orphans += record.possibleOrphans + (record.state == .sent && record.isInDoubt ? 1 : 0)
                if record.isInDoubt { open += 1 }
                guard record.isInDoubt || record.possibleOrphans > 0 else { return true }
                if json {
                    try LedgerCommand.print(LedgerText.json(record) + "\n")
                } else {
                    let note = record.isInDoubt ? "" : "  (made; \(record.possibleOrphans) possible orphan(s) before it)"
                    try LedgerCommand.print(LedgerText.line(record) + note + "\n")
                }
                return true
            }
            let effects = try session.effectsInDoubt()
            for effect in effects {
                try LedgerCommand.print((json ? LedgerText.json(effect) : LedgerText.line(effect)) + "\n")
            }
            try LedgerCommand.finish()
            Console.message(
                "\(open) link(s) and \(effects.count) effect(s) in doubt; \(orphans) possible orphan(s) in all: links that may "
                    + "exist without anybody having their address")
        }
    }

    struct Resolve: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say what became of a link or an effect in doubt.")
        @OptionGroup var service: ServiceOptions
        @Argument(help: "The key of the link or the effect.") var key: String
        @Option(help: ArgumentHelp("This link was made: it is fetched and compared.", valueName: "id"))
        var link: LinkArgument?
        @Flag(help: "Nothing was made, or it does not matter: it may be sent, or run, again.") var retry = false
        @Flag(help: "Give it up: it is neither sent nor run again.") var abandon = false
        @Flag(help: "The effect has happened.") var happened = false
        @Option(help: ArgumentHelp("Whose key it is, when several accounts have it.", valueName: "user id"))
        var account: String?

        func validate() throws {
            let given = [link != nil, retry, abandon, happened].filter { $0 }.count
            guard given == 1 else {
                throw ValidationError("Give exactly one of --link ID, --retry, --abandon and --happened")
            }
            try [link?.problem].throwFirst()
        }

        func run() throws {
            let options = service.record
            let session = try LedgerSession(options, command: "ledger doubt resolve")
            let links = try session.links(key: key).filter { account == nil || $0.scope.account == account }
            let effects = try session.effectsInDoubt().filter {
                $0.key == key && (account == nil || $0.scope.account == account)
            }
            session.store.close()
            guard links.count + effects.count > 0 else {
                throw refuse("the ledger has no key \"\(Console.onOneLine(key))\" in doubt; paylink ledger doubt list shows what is")
            }
            let scopes = Set(links.map(\.scope) + effects.map(\.scope))
            guard scopes.count == 1, let scope = scopes.first else {
                let names = scopes.map { "\($0.account) at \($0.baseURL)" }.sorted().joined(separator: ", ")
                throw refuse("several accounts have key \"\(Console.onOneLine(key))\" (\(names)): name one with --account")
            }
            let operation = try operation(on: links.first, isEffect: links.isEmpty)
            let writer = try LedgerSession(options, scope: scope, command: "ledger doubt resolve")
            defer { writer.store.close() }
            let answer: LedgerAnswer?
            do throws(LedgerError) { answer = try writer.store.perform([operation]).first } catch {
                throw LedgerSession.end(error)
            }
            guard answer == .changed(true) else {
                throw refuse(
                    "key \"\(Console.onOneLine(key))\" is not in doubt (it is settled, or under way in another process); nothing was changed"
                )
            }
            Console.message("key \"\(Console.onOneLine(key))\": settled")
        }

        private func operation(on record: LinkRecord?, isEffect: Bool) throws -> LedgerOperation {
            if isEffect {
                guard link == nil else { throw refuse("\"\(Console.onOneLine(key))\" is an effect: use --happened") }
                return .resolveEffect(key: key, happened ? .happened : retry ? .retry : .abandon)
            }
            guard !happened else { throw refuse("\"\(Console.onOneLine(key))\" is a link: use --link ID") }
            if retry { return .resolve(key: key, .retry) }
            if abandon { return .resolve(key: key, .abandon) }
            guard let record, let id = link?.id else { throw ExitStatus.usage.code }
            return .resolve(key: key, .link(try fetch(id, for: record)))
        }

        /// The link, which must be the one that was asked for.
        private func fetch(_ id: PayLinkID, for record: LinkRecord) throws -> PayLink {
            let scope = record.scope
            let call: (outcome: Result<PayLink, LinkFailure>, signal: ExitStatus?) = try ServiceSession.call(
                service, command: "ledger doubt resolve"
            ) { links, done in
                guard links.scope == scope else {
                    let message = "the key belongs to account \(scope.account) at \(scope.baseURL): set its credentials"
                    links.engine.eventLoop.assumeIsolated().execute {
                        done(.failure(LinkFailure(.notFound, message)))
                    }
                    return RecordedCall {}
                }
                return links.get(id, done)
            }
            switch call.outcome {
            case .failure(let failure):
                Console.message("\(failure)")
                throw call.signal?.code ?? ExitStatus.of(failure).code
            case .success(let found):
                guard found.amount == record.amount, found.description == record.description else {
                    throw refuse(
                        "link \(id) is another one: \(found.amount) USD, \"\(Console.onOneLine(found.description))\" instead of "
                            + "\(record.amount) USD, \"\(Console.onOneLine(record.description))\"; nothing was changed")
                }
                return found
            }
        }

        private func refuse(_ message: String) -> ExitCode {
            Console.message(message)
            return ExitStatus.badInput.code
        }
    }
}
