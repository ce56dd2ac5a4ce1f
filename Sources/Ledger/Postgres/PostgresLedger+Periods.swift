// What pages and reports show: a period's links and payments, by the indexes of their times; effects by their keys; the
// newest runs.

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
            try connection.query(Self.receiptsInPeriod, until: deadline) {
                $0.bind(period.scope.baseURL)
                $0.bind(period.scope.account)
                $0.bind(period.start)
                $0.bind(period.before)
                $0.bind(period.place.moment)
                $0.bind(period.place.linkID)
                $0.bind(period.place.paymentID)
                $0.bind(Int64(period.limit))
            }.receipts(period.scope)
        }
    }

    package func newestReceipts(_ scope: LedgerScope, limit: Int) throws(LedgerError) -> [Receipt] {
        try read { (connection) throws(PostgresFailure) in
            try connection.query(Self.receiptsNewestFirst, until: deadline) {
                $0.bind(scope.baseURL)
                $0.bind(scope.account)
                $0.bind(Int64(limit))
            }.receipts(scope)
        }
    }

    package func runs(command: String, limit: Int) throws(LedgerError) -> [RunRecord] {
        try patiently { (connection) throws(PostgresFailure) in
            let found = try connection.query(Self.newestRuns, until: deadline) {
                $0.bind(command)
                $0.bind(Int64(limit))
            }
            return (0..<found.count).map { row in
                RunRecord(
                    id: found.int64(row, 0), command: found.text(row, 1),
                    pid: Int32(truncatingIfNeeded: found.int64(row, 2)),
                    startedAt: found.int64(row, 3), endedAt: found.optionalInt64(row, 4),
                    exitStatus: found.optionalInt64(row, 5).map { Int32(truncatingIfNeeded: $0) },
                    isAlive: found.bool(row, 6))
            }
        }
    }

    private static let newestRuns = PostgresStatement(
        "newest runs",
        """
        SELECT r.id, command, pid, started_at, ended_at, exit_status,
            ended_at IS NULL AND coalesce(l.until > clock_timestamp(), false)
        FROM paylink.runs r LEFT JOIN paylink.leases l ON l.run_id = r.id
        WHERE r.id > (SELECT max(id) FROM paylink.runs) - \(RunRecord.mostLookedAt) AND starts_with(command, $1::text)
        ORDER BY r.id DESC LIMIT $2::bigint
        """)

    package func effects(from first: String, before end: String, limit: Int) throws(LedgerError) -> [EffectRecord] {
        let scope = try ownScope()
        return try read { (connection) throws(PostgresFailure) in
            try connection.query(Self.effectsInRange, until: deadline) {
                $0.bind(scope.baseURL)
                $0.bind(scope.account)
                $0.bind(first)
                $0.bind(end)
                $0.bind(Int64(limit))
            }.effectRecords()
        }
    }

    private static let effectsInRange = PostgresStatement(
        "effects in range",
        """
        SELECT \(PostgresSQL.effectColumns), account, base_url FROM paylink.effects
        JOIN paylink.scopes ON scopes.id = scope_id
        WHERE \(ownScope(of: "effects")) AND key >= $3::text AND key < $4::text ORDER BY key LIMIT $5::bigint
        """)

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

    private static let receipts = """
        SELECT \(PostgresSQL.linkColumns(PostgresJSON.withPayment, isLate: PostgresJSON.isNewestLate, sums: false)),
            p.payment, coalesce(p.made_at, p.seen_at), p.link_id
        FROM paylink.payments p
        LEFT JOIN paylink.links ON links.id = (
            SELECT id FROM paylink.links l WHERE l.link_id = p.link_id AND l.scope_id = p.scope_id
            ORDER BY l.key IS NULL, l.id LIMIT 1)
        WHERE \(ownScope(of: "p"))
        """

    private static let receiptsInPeriod = PostgresStatement(
        "receipts of period",
        """
        \(receipts) AND coalesce(p.made_at, p.seen_at) >= $3::bigint
            AND coalesce(p.made_at, p.seen_at) < $4::bigint
            AND (coalesce(p.made_at, p.seen_at), p.link_id, p.payment_id) > ($5::bigint, $6::text, $7::text)
        ORDER BY coalesce(p.made_at, p.seen_at), p.link_id, p.payment_id LIMIT $8::bigint
        """)

    private static let receiptsNewestFirst = PostgresStatement(
        "newest receipts",
        """
        \(receipts)
        ORDER BY coalesce(p.made_at, p.seen_at) DESC, p.link_id DESC, p.payment_id DESC LIMIT $3::bigint
        """)
}

extension PostgresResult {
    fileprivate func receipts(_ scope: LedgerScope) throws(PostgresFailure) -> [Receipt] {
        let width = PostgresSQL.linkWidth
        var receipts: [Receipt] = []
        for row in 0..<count {
            let payment: Payment, linkID = text(row, width + 2)
            do { payment = try Payment(json: bytes(row, width)) } catch {
                throw PostgresFailure(
                    kind: .damaged, message: "a payment of link \(linkID) cannot be read: \(error)")
            }
            receipts.append(
                Receipt(
                    scope: scope, payment: payment, at: int64(row, width + 1),
                    record: isNull(row, 0) ? nil : try linkRecord(row, scope), linkID: linkID))
        }
        return receipts
    }
}

extension Receipt: HeldRecord {
    var run: Int64 { record?.run ?? 0 }
    var isRunAlive: Bool {
        get { record?.isRunAlive ?? false }
        set { record?.isRunAlive = newValue }
    }
    var isUnderWay: Bool { record?.isHeld ?? false }
}
