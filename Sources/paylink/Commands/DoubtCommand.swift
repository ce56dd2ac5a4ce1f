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
                    let note = record.isInDoubt ? "" : "  (\(record.possibleOrphans) possible orphan(s) on the way)"
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
        @Flag(help: "It is about the effect, where a link has the same key.") var effect = false
        @Option(help: ArgumentHelp("Whose key it is, when several accounts have it.", valueName: "user id"))
        var account: String?

        func validate() throws {
            let given = [link != nil, retry, abandon, happened].filter { $0 }.count
            guard given == 1 else {
                throw ValidationError("Give exactly one of --link ID, --retry, --abandon and --happened")
            }
            if effect, link != nil { throw ValidationError("--link is for links, --effect for effects") }
            try [link?.problem].throwFirst()
        }

        func run() throws {
            let found = try find()
            let scopes = Set((found.link.map { [$0.scope] } ?? []) + found.effects.map(\.scope))
            guard let scope = scopes.first else {
                throw refuse(
                    "the ledger has no key \"\(Console.onOneLine(key))\" in doubt; paylink ledger doubt list shows what is"
                )
            }
            let operation = try operation(found)
            let writer = try LedgerSession(service.record, scope: scope, command: "ledger doubt resolve")
            defer { writer.store.close() }
            let answer: LedgerAnswer?
            do throws(LedgerError) {
                answer = try writer.store.perform([operation]).first
                _ = try writer.store.perform([.endRun(exitStatus: 0)])
            } catch {
                throw LedgerSession.end(error)
            }
            guard answer == .changed(true) else {
                throw refuse(
                    "key \"\(Console.onOneLine(key))\" is not in doubt (it is settled, or under way in another process), or the link "
                        + "belongs to another key; nothing was changed")
            }
            let what = retry ? "open again: the next run or watch takes it up" : "settled"
            Console.message("key \"\(Console.onOneLine(key))\": \(what)")
        }

        private struct Found {
            var link: LinkRecord?
            var effects: [EffectRecord]
        }

        /// What has the key, in one account.
        private func find() throws -> Found {
            let session = try LedgerSession(service.record, command: "ledger doubt resolve")
            defer { session.store.close() }
            let links = try session.links(key: key).filter { account == nil || $0.scope.account == account }
            let effects = try session.effects(key: key).filter { account == nil || $0.scope.account == account }
            let scopes = Set(links.map(\.scope) + effects.map(\.scope))
            guard scopes.count <= 1 else {
                let names = scopes.map { "\($0.account) at \($0.baseURL)" }.sorted().joined(separator: ", ")
                throw refuse(
                    "several accounts have key \"\(Console.onOneLine(key))\" (\(names)): name one with --account")
            }
            return Found(link: links.first, effects: effects)
        }

        private func operation(_ found: Found) throws -> LedgerOperation {
            let shown = Console.onOneLine(key)
            let isLinkOpen = found.link.map { $0.isInDoubt || $0.state == .abandoned } ?? false
            let isEffectOpen = found.effects.contains { $0.isInDoubt || $0.state == .abandoned }
            if happened || effect || (found.link == nil || !isLinkOpen && isEffectOpen) && link == nil {
                guard !found.effects.isEmpty else { throw refuse("\"\(shown)\" is a link: use --link ID") }
                return .resolveEffect(key: key, happened ? .happened : retry ? .retry : .abandon)
            }
            guard let record = found.link else { throw refuse("\"\(shown)\" is an effect: use --happened") }
            if isEffectOpen, link == nil {
                throw refuse(
                    "both a link and an effect with key \"\(shown)\" are in doubt: --effect is for the effect, --link ID for the link"
                )
            }
            guard let id = link?.id else { return .resolve(key: key, retry ? .retry : .abandon) }
            return .resolve(key: key, .link(try fetch(id, for: record)))
        }

        /// The link, which must be the one that was asked for, in every term.
        private func fetch(_ id: PayLinkID, for record: LinkRecord) throws -> PayLink {
            let scope = record.scope
            guard let order = LinkOrder(terms: record.terms, key: record.key) else {
                throw refuse("the terms of key \"\(Console.onOneLine(key))\" cannot be read: \(record.terms)")
            }
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
                return links.get(id, page: links.engine.page(for: order.request), done)
            }
            switch call.outcome {
            case .failure(let failure):
                Console.message("\(failure)")
                throw call.signal?.code ?? ExitStatus.of(failure).code
            case .success(let found):
                if let difference = order.firstDifference(from: found) {
                    throw refuse(
                        "link \(id) is another one: it has \(Console.onOneLine(difference)), and \(record.terms) was asked for; nothing was changed"
                    )
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
