// A period's links and payments, by the indexes of their times.

import OneShotPay

extension SQLiteLedger {
    package func links(madeIn period: LedgerPeriod) throws(LedgerError) -> [LinkRecord] {
        try consistently { connection, liveness in
            guard let row = try connection.findScope(period.scope) else { return [] }
            let read = try connection.prepare(
                """
                SELECT \(LedgerSQL.linkColumns) FROM links INDEXED BY links_made
                WHERE scope_id = ? AND created_at > 0 AND created_at >= ? AND created_at < ?
                    AND (created_at, links.id) > (?, ?)
                ORDER BY created_at, links.id LIMIT ?
                """)
            read.bind(row).bind(period.start).bind(period.before).bind(period.place.moment).bind(period.place.row)
                .bind(period.limit)
            var records: [LinkRecord] = []
            while try read.step() { records.append(try read.linkRecord(period.scope, &liveness)) }
            return records
        }
    }

    package func receipts(in period: LedgerPeriod) throws(LedgerError) -> [Receipt] {
        try consistently { connection, liveness in
            guard let row = try connection.findScope(period.scope) else { return [] }
            let read = try connection.prepare(Self.receiptsInPeriod)
            read.bind(row).bind(period.start).bind(period.before).bind(period.place.moment).bind(period.place.linkID)
                .bind(period.place.paymentID).bind(period.limit)
            return try read.receipts(period.scope, &liveness)
        }
    }

    package func newestReceipts(_ scope: LedgerScope, limit: Int) throws(LedgerError) -> [Receipt] {
        try consistently { connection, liveness in
            guard let row = try connection.findScope(scope) else { return [] }
            let read = try connection.prepare(Self.receiptsNewestFirst)
            read.bind(row).bind(limit)
            return try read.receipts(scope, &liveness)
        }
    }

    private static let receipts = """
        SELECT \(LedgerSQL.linkColumns(
            "json_set(link, '$.mostRecentPayment', json(p.payment))", isLate: LedgerSQL.isNewestLate, sums: false)), \
            p.payment, coalesce(p.made_at, p.seen_at), p.link_id
        FROM payments p INDEXED BY payments_made
        LEFT JOIN links ON links.id = (
            SELECT id FROM links l INDEXED BY links_by_link_id
            WHERE l.link_id = p.link_id AND l.scope_id = p.scope_id ORDER BY l.key IS NULL, l.id LIMIT 1)
        """

    private static let receiptsInPeriod = """
        \(receipts)
        WHERE p.scope_id = ? AND coalesce(p.made_at, p.seen_at) >= ? AND coalesce(p.made_at, p.seen_at) < ?
            AND (coalesce(p.made_at, p.seen_at), p.link_id, p.payment_id) > (?, ?, ?)
        ORDER BY coalesce(p.made_at, p.seen_at), p.link_id, p.payment_id LIMIT ?
        """

    private static let receiptsNewestFirst = """
        \(receipts)
        WHERE p.scope_id = ?
        ORDER BY coalesce(p.made_at, p.seen_at) DESC, p.link_id DESC, p.payment_id DESC LIMIT ?
        """
}

extension PreparedStatement {
    fileprivate func receipts(_ scope: LedgerScope, _ liveness: inout Liveness) throws -> [Receipt] {
        let width = LedgerSQL.linkWidth
        var receipts: [Receipt] = []
        while try step() {
            let payment: Payment, linkID = text(width + 2)
            do { payment = try withText(width) { try Payment(json: $0) } } catch {
                throw SQLiteFailure(damage: "a payment of link \(linkID): \(error)")
            }
            receipts.append(
                Receipt(
                    scope: scope, payment: payment, at: int64(width + 1),
                    record: isNull(0) ? nil : try linkRecord(scope, &liveness), linkID: linkID))
        }
        return receipts
    }
}
