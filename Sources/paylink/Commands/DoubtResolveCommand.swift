// `paylink ledger doubt resolve`: what the operator decides of links and effects in doubt, one or many.

import ArgumentParser
import Console
import Ledger
import NIOCore
import OneShotPay
import Recorder
import Scripting

struct DoubtResolveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Say what became of links or effects in doubt.",
        usage: "paylink ledger doubt resolve [<options>] [<keys> ...]",
        discussion: """
            Each key is told on a line of its own. Those that can be resolved are, also when others cannot: then the \
            status is 65.

            \(ServiceOptions.hint)
            """)
    @OptionGroup(visibility: .hidden) var service: ServiceOptions
    @Argument(help: "The keys of links or effects.", completion: Candidates.keys) var keys: [String] = []
    @Flag(help: "Everything in doubt that the filters leave; at least one filter must be given.") var all = false
    @OptionGroup(title: "Filters of --all") var filters: DoubtFilters
    @Option(help: ArgumentHelp("This link was made: it is fetched and compared. For one key.", valueName: "id"))
    var link: LinkArgument?
    @Flag(help: "Nothing was made, or it does not matter: it may be sent, or run, again.") var retry = false
    @Flag(help: "Give it up: it is neither sent nor run again.") var abandon = false
    @Flag(help: "The effect has happened.") var happened = false
    @Flag(help: "It is about the effect, where a link has the same key.") var effect = false

    func validate() throws {
        let given = [link != nil, retry, abandon, happened].filter { $0 }.count
        guard given == 1 else {
            throw ValidationError("Give exactly one of --link ID, --retry, --abandon and --happened")
        }
        try DoubtSelection.validate(keys, all: all, filters)
        if effect, link != nil { throw ValidationError("--link is for links, --effect for effects") }
        if link != nil, all || keys.count > 1 { throw ValidationError("--link ID is for one key") }
        if filters.links, effect || happened { throw ValidationError("--links leaves no effect to resolve") }
        try [link?.problem].throwFirst()
    }

    func run() throws {
        let session = try LedgerSession(service.record, command: "ledger doubt resolve")
        var decisions = DoubtDecisions()
        if all {
            try filters.forEach(in: session) { entry in
                switch entry {
                case .effect(let record):
                    decisions.add(record.scope, record.key, .resolveEffect(key: record.key, verdict))
                case .link(let record):
                    // A settled link with possible orphans has nothing to resolve: they can be dismissed.
                    guard record.isInDoubt, !happened, !effect else { return }
                    guard let key = record.key else {
                        return decisions.refuse(
                            "\(entry.name) has no key, so nothing can send it again: "
                                + "paylink ledger doubt dismiss '\(entry.name)' ends it"
                        )
                    }
                    decisions.add(record.scope, key, .resolve(key: key, retry ? .retry : .abandon))
                }
            }
        }
        for key in keys {
            do throws(DoubtRefusal) { try decide(key, session, &decisions) } catch { decisions.refuse(error) }
        }
        session.store.close()
        try decisions.perform(
            service.record, command: "ledger doubt resolve", whenNone: "nothing in doubt matches",
            said: retry ? "open again: the next run or watch takes it up" : "settled"
        ) { key in
            "key \"\(key)\" is not in doubt (it is settled, or under way in another process), or the link "
                + "belongs to another key; nothing was changed"
        }
    }

    private var verdict: EffectVerdict { happened ? .happened : retry ? .retry : .abandon }

    // MARK: One key

    private struct Found {
        var link: LinkRecord?
        var effects: [EffectRecord]
    }

    private func decide(
        _ key: String, _ session: LedgerSession, _ decisions: inout DoubtDecisions
    ) throws(DoubtRefusal) {
        let found = try find(key, session)
        guard let scope = found.link?.scope ?? found.effects.first?.scope else {
            throw DoubtRefusal(
                "the ledger has no key \"\(ShownText.line(key))\" in doubt; paylink ledger doubt list shows what is")
        }
        decisions.add(scope, key, try operation(key, found))
    }

    /// What has the key, in one account.
    private func find(_ key: String, _ session: LedgerSession) throws(DoubtRefusal) -> Found {
        let links: [LinkRecord]
        let effects: [EffectRecord]
        do {
            links = try session.links(key: key).filter { filters.accepts($0.scope, changedAt: $0.updatedAt) }
            effects = try session.effects(key: key).filter { filters.accepts($0.scope, changedAt: $0.updatedAt) }
        } catch {
            throw DoubtRefusal("key \"\(ShownText.line(key))\" could not be read", status: error as? ExitCode)
        }
        let scopes = Set(links.map(\.scope) + effects.map(\.scope))
        guard scopes.count <= 1 else {
            let names = scopes.map { "\($0.account) at \($0.baseURL)" }.sorted().joined(separator: ", ")
            throw DoubtRefusal(
                "several accounts have key \"\(ShownText.line(key))\" (\(names)): name one with --account")
        }
        return Found(link: links.first, effects: effects)
    }

    private func operation(_ key: String, _ found: Found) throws(DoubtRefusal) -> LedgerOperation {
        let shown = ShownText.line(key)
        let isLinkOpen = found.link.map { $0.isInDoubt || $0.state == .abandoned } ?? false
        let isEffectOpen = found.effects.contains { $0.isInDoubt || $0.state == .abandoned }
        if happened || effect || (found.link == nil || !isLinkOpen && isEffectOpen) && link == nil {
            guard !found.effects.isEmpty else { throw DoubtRefusal("\"\(shown)\" is a link: use --link ID") }
            return .resolveEffect(key: key, verdict)
        }
        guard let record = found.link else { throw DoubtRefusal("\"\(shown)\" is an effect: use --happened") }
        if isEffectOpen, link == nil {
            throw DoubtRefusal(
                "both a link and an effect with key \"\(shown)\" are in doubt: --effect is for the effect, --link ID for the link"
            )
        }
        guard let id = link?.id else { return .resolve(key: key, retry ? .retry : .abandon) }
        return .resolve(key: key, .link(try fetch(id, for: record, key)))
    }

    /// The link, which must be the one that was asked for, in every term.
    private func fetch(_ id: PayLinkID, for record: LinkRecord, _ key: String) throws(DoubtRefusal) -> PayLink {
        let scope = record.scope
        guard let order = LinkOrder(terms: record.terms, key: record.key) else {
            throw DoubtRefusal("the terms of key \"\(ShownText.line(key))\" cannot be read: \(record.terms)")
        }
        let call: (outcome: Result<PayLink, LinkFailure>, signal: ExitStatus?)
        do {
            call = try ServiceSession.call(service, command: "ledger doubt resolve") { links, done in
                guard links.scope == scope else {
                    let message = "the key belongs to account \(scope.account) at \(scope.baseURL): set its credentials"
                    links.engine.eventLoop.assumeIsolated().execute {
                        done(.failure(LinkFailure(.notFound, message)))
                    }
                    return RecordedCall {}
                }
                return links.get(id, page: links.engine.page(for: order.request), done)
            }
        } catch {
            throw DoubtRefusal("link \(id) was not fetched: \(error)", status: error as? ExitCode)
        }
        switch call.outcome {
        case .failure(let failure):
            throw DoubtRefusal("\(failure)", status: call.signal?.code ?? ExitStatus.of(failure).code)
        case .success(let found):
            if let difference = order.firstDifference(from: found) {
                throw DoubtRefusal(
                    "link \(id) is another one: it has \(ShownText.line(difference)), and \(record.terms) was asked for; nothing was changed"
                )
            }
            return found
        }
    }
}
