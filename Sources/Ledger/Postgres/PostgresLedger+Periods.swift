// A period's links and payments, by the indexes of their times.

import OneShotPay

extension PostgresLedger {
    package func links(madeIn period: LedgerPeriod) throws(LedgerError) -> [LinkRecord] {
        try read { (connection) throws(PostgresFailure) in
            try connection.query(Self.linksInPeriod, until: deadline) {
                $0.bind(period.scope.baseURL)
                $0.bind(period.scope.account)
                $0.bind(period.start)
                $0.bind(period.before)
                $0.bind(period.place.moment)
                $0.bind(period.place.row)
                $0.bind(Int64(period.limit))
            }.linkRecords(period.scope)
        }
    }

    package func receipts(in period: LedgerPeriod) throws(LedgerError) -> [Receipt] {
        try read { (connection) throws(PostgresFailure) in
            let found = try connection.query(Self.receiptsInPeriod, until: deadline) {
                $0.bind(period.scope.baseURL)
                $0.bind(period.scope.account)
                $0.bind(period.start)
                $0.bind(period.before)
                $0.bind(period.place.moment)
                $0.bind(period.place.linkID)
                $0.bind(period.place.paymentID)
                $0.bind(Int64(period.limit))
            }
            let width = PostgresSQL.linkWidth
            var receipts: [Receipt] = []
            for row in 0..<found.count {
                let payment: Payment, linkID = found.text(row, width + 2)
                do { payment = try Payment(json: found.bytes(row, width)) } catch {
                    throw PostgresFailure(
                        kind: .damaged, message: "a payment of link \(linkID) cannot be read: \(error)")
                }
                receipts.append(
                    Receipt(
                        scope: period.scope, payment: payment, at: found.int64(row, width + 1),
                        record: found.isNull(row, 0) ? nil : try found.linkRecord(row, period.scope), linkID: linkID))
            }
            return receipts
        }
    }

    private static func ownScope(of table: String) -> String {
        "\(table).scope_id = (SELECT id FROM paylink.scopes WHERE base_url = $1 AND account = $2)"
    }

    private static let linksInPeriod = PostgresStatement(
        "links of period",
        """
        SELECT \(PostgresSQL.linkColumns) FROM paylink.links
        WHERE \(ownScope(of: "links")) AND created_at > 0 AND created_at >= $3::bigint AND created_at < $4::bigint
            AND (created_at, links.id) > ($5::bigint, $6::bigint)
        ORDER BY created_at, links.id LIMIT $7::bigint
        """)

    private static let receiptsInPeriod = PostgresStatement(
        "receipts of period",
        """
        SELECT \(PostgresSQL.linkColumns(PostgresJSON.withPayment, isLate: PostgresJSON.isNewestLate, sums: false)),
            p.payment, coalesce(p.made_at, p.seen_at), p.link_id
        FROM paylink.payments p
        LEFT JOIN paylink.links ON links.id = (
            SELECT id FROM paylink.links l WHERE l.link_id = p.link_id AND l.scope_id = p.scope_id
            ORDER BY l.key IS NULL, l.id LIMIT 1)
        WHERE \(ownScope(of: "p")) AND coalesce(p.made_at, p.seen_at) >= $3::bigint
            AND coalesce(p.made_at, p.seen_at) < $4::bigint
            AND (coalesce(p.made_at, p.seen_at), p.link_id, p.payment_id) > ($5::bigint, $6::text, $7::text)
        ORDER BY coalesce(p.made_at, p.seen_at), p.link_id, p.payment_id LIMIT $8::bigint
        """)
}

extension Receipt: HeldRecord {
    var run: Int64 { record?.run ?? 0 }
    var isRunAlive: Bool {
        get { record?.isRunAlive ?? false }
        set { record?.isRunAlive = newValue }
    }
    var isUnderWay: Bool { record?.isHeld ?? false }
}
