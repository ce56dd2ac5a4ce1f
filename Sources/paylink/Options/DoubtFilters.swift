// Which entries of the doubts a command is about, and how each is called.

import ArgumentParser
import Console
import Ledger
import OneShotPay
import Recorder
import Scripting

/// Something that nobody knows the outcome of, or a settled link with possible orphans.
enum DoubtEntry {
    case link(LinkRecord)
    case effect(EffectRecord)

    var scope: LedgerScope {
        switch self {
        case .link(let record): record.scope
        case .effect(let record): record.scope
        }
    }

    /// What a person calls it; a link without a key is called by the number of its row.
    var name: String {
        switch self {
        case .link(let record): DoubtText.name(record)
        case .effect(let record): record.key
        }
    }
}

struct DoubtFilters: ParsableArguments {
    @Option(help: ArgumentHelp("Only keys that begin so.", valueName: "text")) var keyPrefix: String?
    @Flag(help: "Only links.") var links = false
    @Flag(help: "Only effects.") var effects = false
    @Option(help: ArgumentHelp("Only what has not changed for so long, such as 2d.", valueName: "duration"))
    var olderThan: DurationArgument?
    @Option(help: ArgumentHelp("Whose they are, when several accounts have some.", valueName: "user id"))
    var account: String?

    func validate() throws {
        if links, effects { throw ValidationError("--links or --effects, not both") }
        try [olderThan?.problem("--older-than")].throwFirst()
    }

    var isEmpty: Bool { !narrows && account == nil }
    /// Whether they say more than whose the doubts are.
    var narrows: Bool { keyPrefix != nil || links || effects || olderThan != nil }

    /// Calls `body` with every entry that the filters leave: links first, then effects.
    func forEach(in session: LedgerSession, _ body: (DoubtEntry) throws -> Void) throws {
        if !effects {
            var query = LinkQuery()
            query.isDoubtful = true
            query.keyPrefix = keyPrefix
            try session.forEach(query) { record in
                if accepts(record.scope, changedAt: record.updatedAt) { try body(.link(record)) }
                return true
            }
        }
        guard !links else { return }
        for effect in try session.effectsInDoubt() {
            guard keyPrefix.map({ effect.key.utf8.starts(with: $0.utf8) }) ?? true,
                accepts(effect.scope, changedAt: effect.updatedAt)
            else { continue }
            try body(.effect(effect))
        }
    }

    func accepts(_ scope: LedgerScope, changedAt: Int64) -> Bool {
        guard account == nil || scope.account == account else { return false }
        guard let olderThan else { return true }
        return changedAt <= Expiry.unixSeconds(after: .zero) - olderThan.duration.components.seconds
    }
}

/// What a watch's effect is about: the order behind the link that its key names.
struct DoubtOrder {
    var link: PayLinkID
    /// The link's key; without one its description.
    var name: String
}

extension LedgerSession {
    /// The order that an effect of `paylink watch` is about; `nil` when its key names no link that is recorded.
    func order(of effect: EffectRecord) throws -> DoubtOrder? {
        // The payment's id of a reusable link looks like one, too: it comes last.
        for part in effect.key.split(separator: ":") {
            guard let id = PayLinkID(String(part)) else { continue }
            let found: [LinkRecord]
            do throws(LedgerError) { found = try store.records(of: id) } catch { throw Self.end(error) }
            guard let record = found.first(where: { $0.scope == effect.scope }) else { continue }
            return DoubtOrder(link: id, name: record.key ?? record.description)
        }
        return nil
    }
}

/// Doubts as lines for a person.
enum DoubtText {
    static func name(_ record: LinkRecord) -> String { record.key ?? "#\(record.row)" }

    /// Key, state, amount, when, and what went wrong; without a key what it was for.
    static func line(_ record: LinkRecord) -> String {
        let orphans = record.isInDoubt ? nil : "\(record.possibleOrphans) possible orphan(s) on the way"
        let order = record.key == nil ? "\"\(record.description)\"" : nil
        return line(
            name(record), LedgerText.state(record), "\(record.amount) USD", record.updatedAt,
            [order, orphans ?? record.problem])
    }

    /// The effect's key, mode, when, the order that it is about, and what went wrong.
    static func line(_ effect: EffectRecord, order: DoubtOrder?) -> String {
        line(
            effect.key, "effect", effect.mode.rawValue, effect.updatedAt,
            [
                order.map { "order \($0.name)" },
                effect.problem ?? "begun, and its end was never recorded",
            ])
    }

    private static func line(
        _ name: String, _ state: String, _ what: String, _ at: Int64, _ notes: [String?]
    ) -> String {
        [
            ShownText.padded(ShownText.line(name), to: 24), ShownText.padded(state, to: 10),
            ShownText.padded(what, to: 14),
            LedgerText.moment(at), ShownText.line(notes.compactMap { $0 }.joined(separator: ": ")),
        ].joined(separator: "  ")
    }
}
