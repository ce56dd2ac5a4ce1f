// Rows of the ledger as lines that fit a terminal. What does not fit is shortened; money never is.

import Console
import Ledger
import OneShotPay

/// Makes the lines of `ledger list`: key, state, amount, when it was recorded, and what came where it is not what was
/// asked.
struct LedgerTable {
    private static let keyWidth = 20
    private static let shortestKey = 8

    /// Columns of a line.
    let width: Int
    /// Whether each line tells whose the link is.
    let namesScopes: Bool
    private var scopes: [LedgerScope] = []

    init(width: Int, namesScopes: Bool) {
        self.width = width
        self.namesScopes = namesScopes
    }

    /// What the columns are called.
    var headings: String {
        let scope = namesScopes ? ShownText.padded("", to: 3) + "  " : ""
        return ShownText.padded("key", to: namesScopes ? Self.keyWidth - 5 : Self.keyWidth) + "  " + scope
            + ShownText.padded("status", to: 9) + "  " + ShownText.padded("amount", to: 13, onTheLeft: true)
            + "  made (UTC)"
    }

    mutating func line(_ record: LinkRecord) -> String {
        var columns = [
            ShownText.padded(record.link?.shownStatus ?? LedgerText.state(record), to: 9),
            ShownText.padded("\(record.amount) USD", to: 13, onTheLeft: true), Self.minute(record.createdAt),
        ]
        if namesScopes { columns.insert(ShownText.padded(number(record.scope), to: 3), at: 0) }
        var keyWidth = namesScopes ? Self.keyWidth - 5 : Self.keyWidth
        // What is left of the line when every column has what it needs.
        func room() -> Int { width - keyWidth - columns.reduce(0) { $0 + ShownText.columns(of: $1) + 2 } }
        if let link = record.link, link.unseenPayments > 0 { columns.append("\(link.unseenPayments) not seen") }
        if let received = record.link?.payment?.amount, received != record.amount {
            columns.append("received \(received)")
        } else if let url = record.link?.url, ShownText.columns(of: url) + 2 <= room() {
            columns.append(url)
        } else if record.link == nil, let problem = record.problem, room() > 10 {
            columns.append(ShownText.fitted(ShownText.line(problem), to: room() - 2))
        }
        if room() < 0 { keyWidth = max(Self.shortestKey, keyWidth + room()) }
        // Amounts of many digits: the day will do, or what `ledger show` says.
        let time = namesScopes ? 3 : 2
        if room() < 0 { columns[time] = String(columns[time].prefix(10)) }
        if room() < 0 { columns.remove(at: time) }
        let shownName = ShownText.padded(name(record, keyWidth), to: keyWidth)
        return ([shownName] + columns).joined(separator: "  ").trimmingEnd()
    }

    /// What the numbers of the column stand for.
    var legend: [String] {
        guard namesScopes, !scopes.isEmpty else { return [] }
        return [""]
            + scopes.enumerated().map { "#\($0 + 1): account \(ShownText.line($1.account)) at \($1.baseURL)" }
    }

    private mutating func number(_ scope: LedgerScope) -> String {
        if let place = scopes.firstIndex(of: scope) { return "#\(place + 1)" }
        scopes.append(scope)
        return "#\(scopes.count)"
    }

    /// The key; without one the end of the link's id, which tells links apart where its beginning is only the time.
    private func name(_ record: LinkRecord, _ width: Int) -> String {
        if let key = record.key { return ShownText.fitted(ShownText.line(key), to: width) }
        guard let id = record.link?.id.description else { return ShownText.fitted("(no key)", to: width) }
        return "(no key) …".count < width ? "(no key) …" + id.suffix(width - 10) : "…" + id.suffix(width - 1)
    }

    /// UTC, to the minute.
    private static func minute(_ unixSeconds: Int64) -> String {
        String(LedgerText.moment(unixSeconds).prefix(16)).replacing("T", with: " ")
    }
}

extension String {
    fileprivate func trimmingEnd() -> String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
