// Finds links for somebody who looks: by indexes where there are some, and else through so many of the newest at a time.

import Ledger
import OneShotPay

/// What is asked of the list of links.
struct LinkFinder: Sendable, Hashable {
    var text: String?
    /// One of ``states``.
    var state: String?
    /// Rows before this one.
    var before: LinkRow?

    static let states = ["active", "paid", "underpaid", "expired", "in_doubt", "rejected", "abandoned"]
    static let shown = 50
    /// Rows that one page looks through where no index helps.
    private static let window: LinkRow = 20_000
    private static let mostText = 400

    init(_ fields: FormFields) {
        text = fields["q"].map { String($0.prefix(Self.mostText)) }
        state = fields["state"].flatMap { Self.states.contains($0) ? $0 : nil }
        before = fields["before"].flatMap(LinkRow.init).flatMap { $0 > 0 ? $0 : nil }
    }

    var isPlain: Bool { text == nil && state == nil }

    struct Found: Sendable {
        var records: [LinkRecord] = []
        /// The row before which there may be more.
        var older: LinkRow?
        /// How many rows were looked through, where there are more.
        var lookedThrough: LinkRow?
    }

    func find(in store: any LedgerStore, _ scope: LedgerScope) throws(LedgerError) -> Found {
        if let id = text.flatMap({ PayLinkID($0) }), before == nil {
            let records = try store.records(of: id).filter { $0.scope == scope }
            if !records.isEmpty { return Found(records: records) }
        }
        var query = LinkQuery()
        query.scope = scope
        query.limit = Self.shown + 1
        query.before = before ?? .max
        switch state {
        case "in_doubt"?: query.states = [.inDoubt, .sent]
        case "rejected"?: query.states = [.rejected]
        case "abandoned"?: query.states = [.abandoned]
        default: query.status = state
        }
        // Of these there is an index.
        if text == nil, let state, ["active", "paid", "expired"].contains(state) {
            let records = try links(query, store), isMore = records.count > Self.shown
            return Found(records: Array(records.prefix(Self.shown)), older: isMore ? records[Self.shown - 1].row : nil)
        }
        var first: [LinkRecord] = []
        if let text {
            if before == nil {
                var keys = query
                keys.keyPrefix = text
                first = try links(keys, store)
            }
            query.search = LinkSearch(text, amount: Self.amount(text))
        }
        var newest = LinkQuery()
        newest.before = .max
        newest.limit = 1
        let end = min(query.before ?? .max, try store.links(newest).first.map { $0.row + 1 } ?? 1)
        query.before = end
        query.after = max(0, end - 1 - Self.window)
        let inWindow = try links(query, store)
        let known = Set(first.map(\.row)), shown = inWindow.prefix(Self.shown)
        var result = Found(records: first.prefix(Self.shown) + shown.filter { !known.contains($0.row) })
        if inWindow.count > Self.shown {
            result.older = shown.last?.row
        } else if query.after > 0 {
            result.older = query.after + 1
            result.lookedThrough = end - 1 - query.after
        }
        return result
    }

    private func links(_ query: LinkQuery, _ store: any LedgerStore) throws(LedgerError) -> [LinkRecord] {
        let records = try store.links(query)
        return state == "in_doubt" ? records.filter(\.isInDoubt) : records
    }

    /// An amount as somebody types it: `12.50`, `12,50`, `$12.50`.
    private static func amount(_ text: String) -> Money? {
        let plain = text.filter { !" $\u{A0}".contains($0) }.replacing("US", with: "")
        return (try? Money(parsing: plain)) ?? (try? Money(parsing: plain.replacing(",", with: ".")))
    }
}
