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
            var found: [Receipt] = []
            for (link, payments) in content.payments where link.scope == period.scope {
                for noted in payments {
                    let at = noted.seen.madeAt ?? noted.seen.seenAt
                    guard at >= period.since, at < period.before else { continue }
                    let receipt = Receipt(
                        scope: period.scope, payment: noted.payment, at: at,
                        record: content.record(of: link.text, in: period.scope, showing: noted.payment),
                        linkID: link.text)
                    if receipt.place.isBehind(period.place) { found.append(receipt) }
                }
            }
            return Array(found.sorted { $1.place.isBehind($0.place) }.prefix(period.limit))
        }
    }
}

extension LedgerPeriod.Place {
    fileprivate func isBehind(_ other: Self) -> Bool {
        (moment, linkID, paymentID) > (other.moment, other.linkID, other.paymentID)
    }
}

extension MemoryBook.Content {
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
