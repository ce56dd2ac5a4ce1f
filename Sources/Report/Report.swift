// A report as it is read from a ledger: the sums of a period, told apart by time, by key or by description.

package import Ledger
import OneShotPay

package struct Report: Sendable {
    package struct Group: Sendable {
        package var name: String
        /// As an axis shows it.
        package var label: String
        package var figures = ReportFigures()
    }

    package let scope: LedgerScope
    package let period: ReportPeriod
    package let grouping: ReportGrouping
    package private(set) var total = ReportFigures()
    package private(set) var groups: [Group] = []
    /// The same by time, for pictures, whatever the groups are.
    package private(set) var overTime: [Group]
    package private(set) var times = PaymentTimes()

    /// The largest groups, and the others added up, as much as anybody looks at.
    package private(set) var shownGroups: [Group] = []
    /// How many groups the last of ``shownGroups`` stands for; 0 when all are shown.
    package private(set) var addedUp = 0
    private static let mostShown = 100

    private let buckets: ReportBuckets
    /// By the bytes of their names: what Swift takes for the same text may be two keys.
    private var places: [[UInt8]: Int] = [:]

    /// Reads a period from a ledger: what is recorded of it at this moment.
    /// - Parameter isCancelled: asked now and then whether anybody still wants it.
    /// - Throws: `LedgerError`, or `MoneyError` when a sum is beyond what can be held, or `CancellationError`.
    package init(
        _ store: any LedgerStore, _ scope: LedgerScope, _ period: ReportPeriod, by grouping: ReportGrouping? = nil,
        isCancelled: () -> Bool = { false }
    ) throws {
        var read = 0
        func step() throws {
            read &+= 1
            if read & 0xFF == 0, isCancelled() { throw CancellationError() }
        }
        self.scope = scope
        self.period = period
        let asked = grouping ?? .usual(for: period)
        buckets = ReportBuckets(period, by: asked.isOfTime ? asked : .usual(for: period))
        self.grouping = asked.isOfTime ? buckets.grouping : asked
        overTime = buckets.list.map { Group(name: $0.name, label: $0.label) }
        let span = LedgerPeriod(scope, since: period.since, before: period.before)
        try store.forEachLink(in: span) { record in
            try step()
            try total.add(record)
            try overTime[buckets.index(of: record.createdAt)].figures.add(record)
            times.add(record)
            if let place = place(key: record.key, description: record.description) {
                try groups[place].figures.add(record)
            }
        }
        try store.forEachReceipt(in: span) { receipt in
            try step()
            try total.add(receipt)
            try overTime[buckets.index(of: receipt.at)].figures.add(receipt)
            let record = receipt.record
            if let place = place(key: record?.key, description: record?.description) {
                try groups[place].figures.add(receipt)
            }
        }
        times.sort()
        if self.grouping.isOfTime {
            groups = overTime
        } else {
            groups.sort { ($1.figures.received.sum, $0.name) < ($0.figures.received.sum, $1.name) }
        }
        shownGroups = groups.filter { $0.figures != ReportFigures() }
        if !self.grouping.isOfTime, shownGroups.count > Self.mostShown {
            addedUp = shownGroups.count - Self.mostShown + 1
            var rest = Group(name: "", label: "")
            for group in shownGroups.suffix(addedUp) { try rest.figures.add(group.figures) }
            shownGroups = shownGroups.dropLast(addedUp) + [rest]
        }
    }

    /// The group of a link, where groups are not of time.
    private mutating func place(key: String?, description: String?) -> Int? {
        let name: String
        switch grouping {
        case .hour, .day, .month: return nil
        case .key: name = key.map(Self.prefix) ?? ""
        case .description: name = description ?? ""
        }
        let bytes = Array(name.utf8)
        if let place = places[bytes] { return place }
        places[bytes] = groups.count
        groups.append(Group(name: name, label: name))
        return groups.count - 1
    }

    /// What a key begins with, up to its first digit: `order-` of `order-1001`.
    static func prefix(of key: String) -> String {
        String(key.prefix { !("0"..."9").contains($0) })
    }
}
