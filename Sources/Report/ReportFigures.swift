// The sums of a report: what was asked, what came, and what became of what was asked. Exact, or refused.

import Ledger
package import OneShotPay

/// How many, and how much.
package struct Tally: Sendable, Hashable {
    package var count = 0
    package var sum = Money.zero

    package init() {}

    mutating func add(_ money: Money) throws(MoneyError) {
        count += 1
        sum = try sum.adding(money)
    }
}

/// The sums of a period, or of one group in it.
package struct ReportFigures: Sendable, Hashable {
    /// Links that were made in the period, and what they ask.
    package var asked = Tally()
    /// Of these, how they stand now: paid in full, paid short, open, ended without a payment.
    package var paid = Tally(), short = Tally(), open = Tally(), ended = Tally()
    /// Requests of the period whose outcome nobody knows: perhaps there is a link.
    package var inDoubt = Tally()
    /// Requests of the period that brought no link: refused, given up, or not sent yet.
    package var notMade = 0
    /// Requests of the period that may each have made a link which nobody knows of.
    package var possibleOrphans = 0

    /// Payments that were made in the period, whenever their links were.
    package var received = Tally()
    /// Of these: at least what was asked; less; after the link had ended; more, by how much.
    package var receivedInFull = Tally(), receivedShort = Tally(), receivedLate = Tally(), beyond = Tally()
    /// What the short ones lacked.
    package var lacking = Money.zero
    /// Of what was received, for links that the ledger has no row of.
    package var unknown = Tally()
    /// Links of the period that the service says are paid, and shows no payment of: what came is in no sum.
    package var unshown = 0
    /// Payments of the period's links that were counted by the service and never seen: what they brought is in no sum.
    package var unseenPayments: Int64 = 0

    package init() {}

    /// A link that was claimed in the period.
    mutating func add(_ record: LinkRecord) throws(MoneyError) {
        possibleOrphans += record.possibleOrphans
        guard let link = record.link else {
            if record.isInDoubt { try inDoubt.add(record.amount) } else { notMade += 1 }
            return
        }
        try asked.add(record.amount)
        if link.reusable {
            let (sum, isTooMany) = unseenPayments.addingReportingOverflow(link.unseenPayments)
            unseenPayments = isTooMany ? .max : sum
        }
        switch link.settlement {
        case .full: try paid.add(record.amount)
        case .short: try short.add(record.amount)
        case .unseen:
            unshown += 1
            try paid.add(record.amount)
        case .unpaid: if link.isOpen { try open.add(record.amount) } else { try ended.add(record.amount) }
        }
    }

    /// A payment that was made in the period.
    mutating func add(_ receipt: Receipt) throws(MoneyError) {
        let amount = receipt.payment.amount
        try received.add(amount)
        guard let link = receipt.record?.link else { return try unknown.add(amount) }
        if link.isPaidLate { try receivedLate.add(amount) }
        guard link.payerDefinedAmount || amount >= link.amount else {
            try receivedShort.add(amount)
            lacking = try lacking.adding(link.amount.above(amount))
            return
        }
        try receivedInFull.add(amount)
        if !link.payerDefinedAmount, amount > link.amount {
            try beyond.add(amount.above(link.amount))
        }
    }
}

extension ReportFigures {
    /// The figures of two groups together.
    mutating func add(_ other: ReportFigures) throws(MoneyError) {
        for path in Self.tallies {
            self[keyPath: path].count += other[keyPath: path].count
            self[keyPath: path].sum = try self[keyPath: path].sum.adding(other[keyPath: path].sum)
        }
        lacking = try lacking.adding(other.lacking)
        notMade += other.notMade
        possibleOrphans += other.possibleOrphans
        unshown += other.unshown
        let (sum, isTooMany) = unseenPayments.addingReportingOverflow(other.unseenPayments)
        unseenPayments = isTooMany ? .max : sum
    }

    private static var tallies: [WritableKeyPath<ReportFigures, Tally>] {
        [
            \.asked, \.paid, \.short, \.open, \.ended, \.inDoubt, \.received, \.receivedInFull, \.receivedShort,
            \.receivedLate,
            \.beyond, \.unknown,
        ]
    }
}

/// How long the links of a period took from their making to their payment.
package struct PaymentTimes: Sendable, Hashable {
    /// Seconds, of those that were paid.
    private var seconds: [Int64] = []
    /// Links that can be paid once, and were made in the period.
    package private(set) var links = 0
    private var isSorted = true

    package var paid: Int { seconds.count }

    mutating func add(_ record: LinkRecord) {
        guard let link = record.link, !link.reusable else { return }
        links += 1
        guard let paidAt = link.payment?.createdAt, link.settlement == .full else { return }
        let (taken, isTooLong) = paidAt.subtractingReportingOverflow(link.createdAt ?? record.createdAt)
        seconds.append(isTooLong ? .max : max(0, taken))
        isSorted = false
    }

    mutating func sort() {
        seconds.sort()
        isSorted = true
    }

    /// Within how many seconds so many hundredths of those that were paid had been; `nil` where none was.
    package func within(hundredths: Int) -> Int64? {
        guard isSorted, !seconds.isEmpty else { return nil }
        return seconds[min(seconds.count - 1, max(0, (seconds.count * hundredths + 99) / 100 - 1))]
    }

    /// How many were paid within so many seconds.
    package func count(within limit: Int64) -> Int {
        var low = 0, high = seconds.count
        while low < high {
            let middle = (low + high) / 2
            if seconds[middle] <= limit { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Steps that show a minute as well as a week. Seconds.
    package static let steps: [Int64] = [
        30, 60, 120, 300, 600, 1_800, 3_600, 3 * 3_600, 12 * 3_600, 86_400, 3 * 86_400, 7 * 86_400,
    ]
}
