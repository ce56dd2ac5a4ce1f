// Sums over the ledger: what was asked and what came, for each account, status and currency. Exact, or refused.

import CSV
import JSON
import Ledger
import OneShotPay

struct LedgerTotals {
    static let columns = [
        "account", "base_url", "status", "currency", "count", "asked", "received", "missing", "overpaid",
        "unseen_payments",
    ]
    /// Everything is asked and paid in it.
    private static let currency = "USD"
    /// The order of statuses; what is none of them comes after, in the order of its first row.
    private static let order = ["paid", "underpaid", "active", "expired", "unknown"]

    private struct Group: Hashable {
        var scope: LedgerScope
        var status: String
    }

    private struct Sum {
        var count = 0
        var asked = Money.zero, received = Money.zero, missing = Money.zero, overpaid = Money.zero
        /// Payments that were counted and never seen: what they brought is in no sum.
        var unseen: Int64 = 0
    }

    /// Whether each row of a reusable link is one payment of a period, rather than all that came for it.
    private let isOfPeriod: Bool
    /// The link of the row before: its unseen payments count once.
    private var lastRow: LinkRow?
    private var groups: [Group] = []
    private var sums: [Group: Sum] = [:]

    init(isOfPeriod: Bool = false) { self.isOfPeriod = isOfPeriod }

    /// - Throws: `MoneyError` with code `overflow`, when a sum is beyond what can be held.
    mutating func add(_ record: LinkRecord) throws(MoneyError) {
        let group = Group(scope: record.scope, status: record.link?.shownStatus ?? LedgerText.state(record))
        var sum = sums[group] ?? Sum()
        if sums[group] == nil { groups.append(group) }
        sum.count += 1
        sum.asked = try sum.asked.adding(record.amount)
        sum.received = try sum.received.adding(
            isOfPeriod && record.link?.reusable == true
                ? record.link?.payment?.amount ?? .zero : record.receivedInAll)
        if let link = record.link {
            if let missing = link.missing { sum.missing = try sum.missing.adding(missing) }
            if let overpaid = link.overpaid { sum.overpaid = try sum.overpaid.adding(overpaid) }
            let (unseen, isTooMany) = sum.unseen.addingReportingOverflow(
                record.row == lastRow ? 0 : link.unseenPayments)
            sum.unseen = isTooMany ? .max : unseen
            lastRow = record.row
        }
        sums[group] = sum
    }

    var csv: String {
        var table = CSVTableWriter()
        table.row(Self.columns)
        for (group, sum) in sorted {
            table.row([
                group.scope.account, group.scope.baseURL, group.status, Self.currency, String(sum.count),
                sum.asked.description, sum.received.description, sum.missing.description, sum.overpaid.description,
                String(sum.unseen),
            ])
        }
        return String(decoding: table.bytes, as: UTF8.self)
    }

    /// One array; amounts are strings, as everywhere.
    var json: String {
        let objects = sorted.map { group, sum in
            let writer = JSONWriter()
            writer.beginObject()
            writer.key("account"); writer.string(group.scope.account)
            writer.key("base_url"); writer.string(group.scope.baseURL)
            writer.key("status"); writer.string(group.status)
            writer.key("currency"); writer.string(Self.currency)
            writer.key("count"); writer.int(Int64(sum.count))
            writer.key("asked"); writer.string(sum.asked.description)
            writer.key("received"); writer.string(sum.received.description)
            writer.key("missing"); writer.string(sum.missing.description)
            writer.key("overpaid"); writer.string(sum.overpaid.description)
            writer.key("unseen_payments"); writer.int(sum.unseen)
            writer.endObject()
            return writer.string
        }
        return "[" + objects.map { "\n" + $0 }.joined(separator: ",") + "\n]\n"
    }

    /// Accounts in the order of their first link, statuses in theirs.
    private var sorted: [(Group, Sum)] {
        var scopes: [LedgerScope] = []
        for group in groups where !scopes.contains(group.scope) { scopes.append(group.scope) }
        return scopes.flatMap { scope in
            let own = groups.filter { $0.scope == scope }
            let known = Self.order.flatMap { status in own.filter { $0.status == status } }
            return (known + own.filter { !Self.order.contains($0.status) }).map { ($0, sums[$0] ?? Sum()) }
        }
    }
}
