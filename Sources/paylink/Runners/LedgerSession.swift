// The ledger for the commands that show it: opened without being made, read page by page.

import ArgumentParser
import Console
import Ledger
import OneShotPay
import Recorder
import Scripting

/// Options of every `paylink ledger` command.
struct LedgerSession {
    let store: any LedgerStore

    /// Opens an existing ledger.
    /// - Parameter scope: whose rows may be changed; none may without it.
    init(_ options: LedgerOptions, scope: LedgerScope? = nil, command: String) throws {
        do {
            store = try options.place().open(
                scope: scope, run: RunDescription(command: command), creates: false, words: .commands)
        } catch let error as LedgerError {
            throw Self.end(error)
        }
    }

    static func end(_ error: LedgerError) -> ExitCode {
        Terminal.message(error.message)
        return ExitStatus.of(error.code).code
    }

    /// Calls `body` with every row of the query, page by page, until it returns false.
    func forEach(_ query: LinkQuery, _ body: (LinkRecord) throws -> Bool) throws {
        var query = query
        query.limit = 500
        while true {
            let page: [LinkRecord]
            do throws(LedgerError) { page = try store.links(query) } catch { throw Self.end(error) }
            for record in page where try !body(record) { return }
            guard let last = page.last else { return }
            query.after = last.row
        }
    }

    /// The rows of a key, of every account and address.
    func links(key: String) throws -> [LinkRecord] {
        var query = LinkQuery()
        query.keyPrefix = key
        var found: [LinkRecord] = []
        try forEach(query) { record in
            if let other = record.key, other.utf8.elementsEqual(key.utf8) { found.append(record) }
            return true
        }
        return found
    }

    /// The effects of a key, of every account and address.
    func effects(key: String) throws -> [EffectRecord] {
        do throws(LedgerError) { return try store.effects(key: key) } catch { throw Self.end(error) }
    }

    func dismissals(of record: LinkRecord) throws -> [Dismissal] {
        do throws(LedgerError) { return try store.dismissals(of: record.row) } catch { throw Self.end(error) }
    }

    func effectsInDoubt() throws -> [EffectRecord] {
        do throws(LedgerError) { return try store.effectsInDoubt(nil) } catch { throw Self.end(error) }
    }
}

/// Which rows a command is about.
struct LedgerFilters: ParsableArguments {
    @Option(help: ArgumentHelp("Only links last seen as active, paid, underpaid or expired.", valueName: "status"))
    var status: String?

    @Option(
        help: ArgumentHelp(
            "Only rows in this state: prepared, sent, done, rejected, in_doubt or abandoned.", valueName: "state"))
    var state: String?

    @Option(help: ArgumentHelp("Only keys that begin so.", valueName: "text"))
    var keyPrefix: String?

    @Option(help: ArgumentHelp("Only what was recorded in the last so long, such as 7d.", valueName: "duration"))
    var since: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "Only links that were paid, in full or short, in the last so long, whenever they were made.",
            valueName: "duration"))
    var paidSince: DurationArgument?

    @Option(help: ArgumentHelp("Only this account's.", valueName: "user id"))
    var account: String?

    func validate() throws {
        if let status, !LinkQuery.statuses.contains(status) {
            let names = LinkQuery.statuses.joined(separator: ", ")
            throw ValidationError("--status: \(ShownText.line(status)) is none of \(names)")
        }
        if let state, LinkState(rawValue: state) == nil {
            let names = LinkState.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--state: \(ShownText.line(state)) is none of \(names)")
        }
        try [since?.problem("--since"), paidSince?.problem("--paid-since")].throwFirst()
    }

    var query: LinkQuery {
        var query = LinkQuery()
        query.status = status
        query.keyPrefix = keyPrefix
        // What is in doubt because its run has ended is still written as sent.
        if let state = state.flatMap(LinkState.init) { query.states = state == .inDoubt ? [.inDoubt, .sent] : [state] }
        let now = Expiry.unixSeconds(after: .zero)
        if let since { query.createdSince = now - since.duration.components.seconds }
        if let paidSince { query.paidSince = now - paidSince.duration.components.seconds }
        return query
    }

    func accepts(_ record: LinkRecord) -> Bool {
        guard account == nil || record.scope.account == account else { return false }
        switch state.flatMap(LinkState.init) {
        case .inDoubt: return record.isInDoubt
        case .sent: return !record.isInDoubt
        default: return true
        }
    }
}
