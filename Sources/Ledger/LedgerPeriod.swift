// What was recorded and what came in a period, a page at a time and in the order of time: what reports are made from.

package import OneShotPay

/// A period of one account, and how much of it has been read.
package struct LedgerPeriod: Sendable, Hashable {
    package var scope: LedgerScope
    /// Unix seconds: at or after.
    package var since: Int64
    /// Unix seconds: before.
    package var before: Int64
    /// What was read last: the next page begins behind it.
    package var after: Place?
    package var limit = 500

    package init(_ scope: LedgerScope, since: Int64, before: Int64) {
        self.scope = scope
        self.since = since
        self.before = before
    }

    /// Where something lies in the order of time.
    package struct Place: Sendable, Hashable {
        /// Unix seconds.
        package var moment: Int64
        /// Of a link.
        package var row: LinkRow = 0
        /// Of a payment.
        package var linkID = ""
        package var paymentID = ""

        package init(moment: Int64, row: LinkRow) {
            self.moment = moment
            self.row = row
        }

        package init(moment: Int64, linkID: String, paymentID: String) {
            self.moment = moment
            self.linkID = linkID
            self.paymentID = paymentID
        }
    }

    /// Behind which the next page begins.
    var place: Place { after ?? Place(moment: .min, row: 0) }
    /// Nothing before that is looked at.
    var start: Int64 { max(since, place.moment) }
}

/// One payment that was seen.
package struct Receipt: Sendable, Hashable {
    package var scope: LedgerScope
    package var payment: Payment
    /// When it was made, by the service's clock; where that is not known, when it was seen. Unix seconds.
    package var at: Int64
    /// The row of its link, as if this payment were its newest and without what came in all; `nil` where the ledger has none.
    package var record: LinkRecord?
    package var linkID: String

    package var place: LedgerPeriod.Place {
        LedgerPeriod.Place(moment: at, linkID: linkID, paymentID: payment.id.description)
    }
}

extension LinkRecord {
    /// Where it lies among the links of a period.
    package var placeInPeriod: LedgerPeriod.Place { LedgerPeriod.Place(moment: createdAt, row: row) }
}

extension LedgerStore {
    /// Calls `body` with each link that was first claimed in the period, in the order of that time.
    package func forEachLink(in period: LedgerPeriod, _ body: (LinkRecord) throws -> Void) throws {
        var period = period
        while true {
            let page = try links(madeIn: period)
            for record in page { try body(record) }
            guard page.count == period.limit, let last = page.last else { return }
            period.after = last.placeInPeriod
        }
    }

    /// Calls `body` with each payment that was made in the period, in the order of that time.
    package func forEachReceipt(in period: LedgerPeriod, _ body: (Receipt) throws -> Void) throws {
        var period = period
        while true {
            let page = try receipts(in: period)
            for receipt in page { try body(receipt) }
            guard page.count == period.limit, let last = page.last else { return }
            period.after = last.place
        }
    }
}
