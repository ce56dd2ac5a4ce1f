// A period's links and payments, in memory: everything is gone through.

import OneShotPay

extension MemoryLedger {
    package func links(madeIn period: LedgerPeriod) throws(LedgerError) -> [LinkRecord] {
        try onBook { content, _ in
            let found = content.links.indices.map(content.record).filter {
                $0.scope == period.scope && $0.createdAt >= period.since && $0.createdAt < period.before
                    && ($0.createdAt, $0.row) > (period.place.moment, period.place.row)
            }
            return Array(found.sorted { ($0.createdAt, $0.row) < ($1.createdAt, $1.row) }.prefix(period.limit))
        }
    }

    package func receipts(in period: LedgerPeriod) throws(LedgerError) -> [Receipt] {
        try onBook { content, _ in
            let found = content.receipts(period.scope).filter {
                $0.at >= period.since && $0.at < period.before && $0.place.isBehind(period.place)
            }
            return Array(found.sorted { $1.place.isBehind($0.place) }.prefix(period.limit))
        }
    }

    package func newestReceipts(_ scope: LedgerScope, limit: Int) throws(LedgerError) -> [Receipt] {
        try onBook { content, _ in
            Array(content.receipts(scope).sorted { $0.place.isBehind($1.place) }.prefix(limit))
        }
    }
}

extension LedgerPeriod.Place {
    fileprivate func isBehind(_ other: Self) -> Bool {
        (moment, linkID, paymentID) > (other.moment, other.linkID, other.paymentID)
    }
}

extension MemoryBook.Content {
    /// All payments of an account, in no order.
    fileprivate func receipts(_ scope: LedgerScope) -> [Receipt] {
        payments.flatMap { link, payments in
            link.scope != scope
                ? []
                : payments.map { noted in
                    Receipt(
                        scope: scope, payment: noted.payment, at: noted.seen.madeAt ?? noted.seen.seenAt,
                        record: record(of: link.text, in: scope, showing: noted.payment), linkID: link.text)
                }
        }
    }

    /// A link's row as if a payment were its newest; one with a key before one without.
    fileprivate func record(of id: String, in scope: LedgerScope, showing payment: Payment) -> LinkRecord? {
        let places = (PayLinkID(id).flatMap { linksByID[$0] } ?? []).filter { links[$0].record.scope == scope }.sorted()
        guard let place = places.first(where: { links[$0].record.key != nil }) ?? places.first else { return nil }
        var record = record(place)
        (record.paymentsSeen, record.receivedInAll) = (0, .zero)
        record.link = links[place].record.link.map { $0.showing(payment) }
        record.link?.isKnownLate = links[place].isPaidLate && links[place].record.link?.payment?.id == payment.id
        return record
    }
}
