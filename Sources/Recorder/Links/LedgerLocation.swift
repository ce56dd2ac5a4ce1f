// Where a run's ledger is, and how a run gets its recorded service.

package import Advice
package import Console
package import Ledger
package import NIOCore
package import OneShotPay

/// Where links and effects are recorded.
public enum LedgerLocation: Sendable, Hashable {
    /// In this process, and forgotten with it: for sandboxes and tests.
    case memory
    /// In a SQLite database, made if it is not there.
    case file(String)
    /// In a PostgreSQL server's database, whose schema `paylink ledger init` has made: `postgres://user@host/database`,
    /// and the role's password where one is needed.
    case server(address: String, password: String?)

    package var place: LedgerPlace {
        switch self {
        case .memory: .memory
        case .file(let path): .file(path)
        case .server(let address, let password): .server(LedgerServer(address: address, password: password))
        }
    }
}

extension LedgerLocation: CustomStringConvertible, CustomReflectable {
    public var description: String {
        switch self {
        case .memory: ":memory:"
        case .file(let path): path
        case .server(let address, _): address
        }
    }
    /// What is dumped has no password in it.
    public var customMirror: Mirror { Mirror(self, children: ["place": description]) }
}

extension RecordedLinks {
    /// A service on a loop, with its ledger; the ledger is opened at its first use.
    /// - Parameters:
    ///   - opened: gives a ledger that is open already, for the scope of the account; then no other is opened.
    ///   - words: what messages call the means that they advise.
    /// - Throws: `OneShotPayError` with code `invalid_configuration`.
    package static func open(
        configuration: OneShotPayConfiguration, credentials: Credentials, ledger location: LedgerLocation,
        opened: (@Sendable (LedgerScope) -> any LedgerStore)? = nil, command: String,
        limits: CreationLimits = CreationLimits(), words: AdviceWords = .neutral,
        on loop: any EventLoop
    ) throws(OneShotPayError) -> RecordedLinks {
        let engine = try PayLinkEngine(configuration: configuration, credentials: credentials, eventLoop: loop)
        let scope = LedgerScope(account: credentials.userID, baseURL: engine.defaultPage.baseURL)
        let told = NIOLoopBoundBox<((String) -> Void)?>.makeBoxSendingValue(nil, eventLoop: loop)
        let writer = LedgerWriter(
            open: { () throws(LedgerError) in
                let store: any LedgerStore
                if let opened {
                    store = opened(scope)
                } else {
                    store = try location.place.open(scope: scope, run: RunDescription(command: command), words: words)
                }
                for weakness in store.weaknesses { loop.execute { told.value?(weakness) } }
                return store
            },
            deliver: { body in loop.execute(body) },
            place: location == .memory && opened == nil ? .caller : .thread)
        let links = RecordedLinks(
            engine: engine, ledger: writer, account: credentials.userID, limits: limits, words: words)
        if case .server = location { links.sharesAccount = true }
        told.value = { [weak links] in links?.warn(LogMessage(level: .warn, text: $0, fields: [])) }
        return links
    }

    /// What a run should tell at its end: requests without an answer, and what a dry run would have done.
    package var closingMessages: [LogMessage] {
        var messages: [LogMessage] = []
        let orphans = engine.statistics.possibleOrphans
        if orphans > 0 {
            messages.append(
                LogMessage(
                    level: .warn,
                    text:
                        "the answer to \(orphans) request(s) to create a link never came: as many links may exist that "
                        + "nobody has the address of; \(words(.doubtList)) shows them", fields: []))
        }
        if limits.isDryRun {
            messages.append(
                LogMessage(
                    level: .info,
                    text:
                        "dry run: \(limits.links) link(s) of \(limits.total) USD in all would be made; nothing was sent",
                    fields: []))
            for order in planned {
                let key = order.key.map { [(name: "key", value: $0)] } ?? []
                messages.append(
                    LogMessage(
                        level: .info, text: "would make",
                        fields: key + [
                            ("amount", "\(order.request.amount)"), ("description", order.request.description),
                        ]
                    ))
            }
            if limits.links > planned.count {
                messages.append(
                    LogMessage(level: .info, text: "… and \(limits.links - planned.count) more", fields: []))
            }
        }
        return messages
    }
}
