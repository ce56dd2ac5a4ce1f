// What somebody decides of something in doubt, in the browser: performed at once, and recorded with who did it.

import Ledger

/// What can be decided.
enum DoubtAction: String, Sendable, CaseIterable {
    /// Of a link in doubt.
    case retry, abandon
    /// Of possible orphans.
    case dismiss
    /// Of an effect in doubt.
    case happened
    case retryEffect = "retry_effect"
    case abandonEffect = "abandon_effect"

    /// What there is to decide of a link's row.
    static func of(_ record: LinkRecord) -> [DoubtAction] {
        // Without a key nobody can ask for it again: there is nothing to open.
        if record.isInDoubt { return record.key == nil ? [.dismiss] : [.retry, .abandon] }
        return record.possibleOrphans > 0 && record.state != .prepared ? [.dismiss] : []
    }

    static let ofEffects: [DoubtAction] = [.happened, .retryEffect, .abandonEffect]
    var isOfEffect: Bool { Self.ofEffects.contains(self) }
}

struct DoubtDecision: Sendable {
    var action: DoubtAction
    /// A link's row, or the key of an effect.
    var subject: String

    /// `nil`: there is no such thing to decide.
    init?(_ fields: FormFields) {
        guard let action = fields["action"].flatMap(DoubtAction.init), let subject = fields["subject"] else {
            return nil
        }
        guard action.isOfEffect || LinkRow(subject) != nil else { return nil }
        (self.action, self.subject) = (action, subject)
    }

    /// What it is about, as people call it; `nil` when it is not there any more.
    func name(in store: any LedgerStore) throws(LedgerError) -> String? {
        if action.isOfEffect { return try store.effect(key: subject)?.key }
        return try record(in: store).map { $0.key ?? "#\($0.row)" }
    }

    private func record(in store: any LedgerStore) throws(LedgerError) -> LinkRecord? {
        guard let row = LinkRow(subject) else { return nil }
        return try store.links(rows: [row]).first
    }

    /// - Returns: whether anything was changed: what is settled, or under way elsewhere, is left as it is.
    func perform(_ sources: DashboardSources) throws(LedgerError) -> Bool {
        let reader = try sources.open("dashboard")
        defer { reader.close() }
        guard let operation = try operation(reader, sources.person), let name = try name(in: reader) else {
            return false
        }
        // The run's command tells who decided what, for as long as the ledger lasts.
        let store = try sources.open("dashboard: \(action.rawValue) \(name), by \(sources.person)")
        defer { store.close() }
        let answer = try store.perform([operation])
        _ = try store.perform([.endRun(exitStatus: 0)])
        return answer == [.changed(true)]
    }

    private func operation(_ store: any LedgerStore, _ person: String) throws(LedgerError) -> LedgerOperation? {
        switch action {
        case .happened: return .resolveEffect(key: subject, .happened)
        case .retryEffect: return .resolveEffect(key: subject, .retry)
        case .abandonEffect: return .resolveEffect(key: subject, .abandon)
        case .retry, .abandon, .dismiss:
            guard let record = try record(in: store), DoubtAction.of(record).contains(action) else { return nil }
            if action == .dismiss { return .dismiss(record.row, by: person) }
            return record.key.map { .resolve(key: $0, action == .retry ? .retry : .abandon) }
        }
    }
}
