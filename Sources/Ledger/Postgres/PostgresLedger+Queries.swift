// Reading the ledger without changing it. What `paylink watch` reads is in PostgresLedger+Following.swift.

package import OneShotPay

extension PostgresLedger {
    package func links(keys: [String]) throws(LedgerError) -> [LinkRecord?] {
        let scope = try ownScope()
        let found = try read { (connection) throws(PostgresFailure) in
            try publishable(connection, Self.linksByKeys) {
                $0.bind(scope.baseURL)
                $0.bind(scope.account)
                $0.bind(texts: keys)
            }.linkRecords(scope)
        }
        let byKey = Dictionary(found.map { ($0.key, $0) }) { first, _ in first }
        return keys.map { byKey[$0] ?? nil }
    }

    package func record(of id: PayLinkID) throws(LedgerError) -> LinkRecord? {
        let scope = try ownScope()
        return try read { (connection) throws(PostgresFailure) in
            try publishable(connection, Self.linkByLinkID) {
                $0.bind(scope.baseURL)
                $0.bind(scope.account)
                $0.bind(id.description)
            }.linkRecords(scope)
        }.first
    }

    package func links(rows: [LinkRow]) throws(LedgerError) -> [LinkRecord] {
        let scope = try ownScope()
        let found = try read { (connection) throws(PostgresFailure) in
            try connection.query(Self.linksByRows, until: deadline) {
                $0.bind("{\(rows.map(String.init).joined(separator: ","))}")
            }.linkRecords(scope)
        }
        let byRow = Dictionary(found.map { ($0.row, $0) }) { first, _ in first }
        return rows.compactMap { byRow[$0] }
    }

    package func payments(of id: PayLinkID) throws(LedgerError) -> [SeenPayment] {
        let scope = try ownScope()
        return try patiently { (connection) throws(PostgresFailure) in
            let found = try connection.query(Self.paymentsOfLink, until: deadline) {
                $0.bind(scope.baseURL)
                $0.bind(scope.account)
                $0.bind(id.description)
            }
            var payments: [SeenPayment] = []
            for row in 0..<found.count {
                let payment: Payment
                do { payment = try Payment(json: found.bytes(row, 0)) } catch {
                    throw PostgresFailure(kind: .damaged, message: "a payment of link \(id) cannot be read: \(error)")
                }
                payments.append(
                    SeenPayment(payment, seenAt: found.int64(row, 1), reportedAt: found.optionalInt64(row, 2)))
            }
            return payments
        }
    }

    package func keysOfOtherAccounts(among keys: [String]) throws(LedgerError) -> [(key: String, account: String)] {
        let scope = try ownScope()
        let found = try patiently { (connection) throws(PostgresFailure) in
            let found = try connection.query(Self.keysOfOthers, until: deadline) {
                $0.bind(scope.baseURL)
                $0.bind(scope.account)
                $0.bind(texts: keys)
            }
            return (0..<found.count).map { (key: found.text($0, 0), account: found.text($0, 1)) }
        }
        return keys.flatMap { key in found.filter { $0.key == key } }
    }

    package func effect(key: String) throws(LedgerError) -> EffectRecord? {
        let scope = try ownScope()
        return try read { (connection) throws(PostgresFailure) in
            try connection.query(Self.effectByKey, until: deadline) {
                $0.bind(scope.baseURL)
                $0.bind(scope.account)
                $0.bind(key)
            }.effectRecords()
        }.first
    }

    package func effectsInDoubt(_ scope: LedgerScope?) throws(LedgerError) -> [EffectRecord] {
        try read { (connection) throws(PostgresFailure) in
            try connection.query(Self.effectsUnsettled, until: deadline) {
                $0.bind(scope?.account)
                $0.bind(scope?.baseURL)
            }.effectRecords()
        }.filter(\.isInDoubt)
    }

    package func effects(key: String) throws(LedgerError) -> [EffectRecord] {
        try read { (connection) throws(PostgresFailure) in
            try connection.query(Self.effectsByKey, until: deadline) { $0.bind(key) }.effectRecords()
        }
    }

    package func records(of id: PayLinkID) throws(LedgerError) -> [LinkRecord] {
        try read { (connection) throws(PostgresFailure) in
            try connection.query(Self.linksByLinkID, until: deadline) { $0.bind(id.description) }.linkRecordsOfScopes()
        }
    }

    package func scopes() throws(LedgerError) -> [LedgerScope] {
        try patiently { (connection) throws(PostgresFailure) in
            let found = try connection.query(Self.scopesWithLinks, until: deadline)
            return (0..<found.count).map { LedgerScope(account: found.text($0, 0), baseURL: found.text($0, 1)) }
        }
    }

    package func dismissals(of row: LinkRow) throws(LedgerError) -> [Dismissal] {
        try patiently { (connection) throws(PostgresFailure) in
            let found = try connection.query(Self.dismissalsOfRow, until: deadline) { $0.bind(row) }
            return (0..<found.count).map {
                Dismissal(orphans: found.int($0, 0), by: found.text($0, 1), at: found.int64($0, 2))
            }
        }
    }

    // MARK: Reading

    func ownScope() throws(LedgerError) -> LedgerScope {
        if let scope { return scope }
        throw LedgerError(.failed, "the ledger \(place) was opened without an account, and keys belong to one")
    }

    /// Reads what somebody may publish. A commit that was never answered may be seen here, after a restart, and be gone after a
    /// failover: so where a standby has a name, one more commit is waited for, behind which it is there as well.
    private func publishable(
        _ connection: PostgresConnection, _ statement: PostgresStatement, _ bind: (inout PostgresBatch) -> Void
    ) throws(PostgresFailure) -> PostgresResult {
        var batch = PostgresBatch()
        batch.add(statement)
        bind(&batch)
        batch.add(Self.awaitStandby)
        return try connection.run(batch, until: deadline)[0]
    }

    private static let awaitStandby = PostgresStatement(
        "await standby",
        """
        SELECT CASE WHEN current_setting('synchronous_standby_names') <> '' AND NOT pg_is_in_recovery()
            THEN pg_logical_emit_message(true, 'paylink', '') END
        """)

    /// Reads records and who is alive as of one moment.
    ///
    /// A run may record an end and die between the reading of its row and the question whether it lives. So when a run
    /// that holds a row turns out to be dead, everything is read again: from then on its rows change no more.
    func read<Record: HeldRecord>(
        _ body: (PostgresConnection) throws(PostgresFailure) -> [Record]
    ) throws(LedgerError) -> [Record] {
        try patiently { (connection) throws(PostgresFailure) in
            var liveness = PostgresLiveness(own: lifeline?.run)
            while true {
                var records = try body(connection)
                if try !liveness.judge(&records, on: connection, until: deadline) { return records }
            }
        }
    }

    private static let scopeJoin =
        "JOIN paylink.scopes ON scopes.id = links.scope_id AND base_url = $1 AND account = $2"
    private static let linksByKeys = PostgresStatement(
        "links by keys",
        "SELECT \(PostgresSQL.linkColumns) FROM paylink.links \(scopeJoin) WHERE key = ANY ($3::text[])")
    private static let linkByLinkID = PostgresStatement(
        "link by id",
        """
        SELECT \(PostgresSQL.linkColumns) FROM paylink.links \(scopeJoin) WHERE link_id = $3
        ORDER BY key IS NULL, links.id LIMIT 1
        """)
    private static let linksByLinkID = PostgresStatement(
        "links by id",
        """
        SELECT \(PostgresSQL.linkColumns), account, base_url FROM paylink.links
        JOIN paylink.scopes ON scopes.id = scope_id WHERE link_id = $1 ORDER BY key IS NULL, links.id
        """)
    private static let linksByRows = PostgresStatement(
        "links by rows", "SELECT \(PostgresSQL.linkColumns) FROM paylink.links WHERE links.id = ANY ($1::bigint[])")
    private static let paymentsOfLink = PostgresStatement(
        "payments of link",
        """
        SELECT payment, seen_at, reported_at FROM paylink.payments
        JOIN paylink.scopes ON scopes.id = scope_id AND base_url = $1 AND account = $2
        WHERE link_id = $3 ORDER BY seen_at, made_at NULLS FIRST, payment_id
        """)
    private static let keysOfOthers = PostgresStatement(
        "keys of others",
        """
        SELECT key, account FROM paylink.links JOIN paylink.scopes ON scopes.id = scope_id
        WHERE base_url = $1 AND account <> $2 AND key = ANY ($3::text[]) AND state IN ('done', 'sent', 'in_doubt')
        ORDER BY scopes.id
        """)
    private static let effectByKey = PostgresStatement(
        "effect by key",
        """
        SELECT \(PostgresSQL.effectColumns), account, base_url FROM paylink.effects
        JOIN paylink.scopes ON scopes.id = scope_id AND base_url = $1 AND account = $2 WHERE key = $3
        """)
    private static let effectsByKey = PostgresStatement(
        "effects by key",
        """
        SELECT \(PostgresSQL.effectColumns), account, base_url FROM paylink.effects
        JOIN paylink.scopes ON scopes.id = scope_id WHERE key = $1 ORDER BY effects.id
        """)
    private static let scopesWithLinks = PostgresStatement(
        "scopes",
        """
        SELECT account, base_url FROM paylink.scopes
        WHERE EXISTS (SELECT FROM paylink.links WHERE scope_id = scopes.id) ORDER BY id
        """)
    private static let effectsUnsettled = PostgresStatement(
        "effects unsettled",
        """
        SELECT \(PostgresSQL.effectColumns), account, base_url FROM paylink.effects
        JOIN paylink.scopes ON scopes.id = scope_id
        WHERE state <> 'done' AND state <> 'abandoned' AND state <> 'open' AND ($1::text IS NULL OR (account = $1 AND base_url = $2::text))
        ORDER BY effects.id
        """)
    private static let dismissalsOfRow = PostgresStatement(
        "dismissals of row",
        "SELECT orphans, dismissed_by, dismissed_at FROM paylink.dismissals WHERE link_row = $1 ORDER BY id")
}

extension PostgresUnit {
    private static let linkByRow = PostgresStatement(
        "link by row", "SELECT \(PostgresSQL.linkColumns) FROM paylink.links WHERE links.id = $1")
    private static let effectOfScope = PostgresStatement(
        "effect of scope", "SELECT \(PostgresSQL.effectColumns) FROM paylink.effects WHERE scope_id = $1 AND key = $2")

    /// The row as this transaction sees it.
    func record(_ row: LinkRow) throws(PostgresFailure) -> LinkRecord {
        var records = try query(Self.linkByRow) { $0.bind(row) }.linkRecords(scope)
        var liveness = PostgresLiveness(own: run)
        _ = try liveness.judge(&records, on: connection, until: deadline)
        guard let record = records.first else { throw .lost("row \(row) of links is gone") }
        return record
    }

    mutating func record(effect key: String) throws(PostgresFailure) -> EffectRecord {
        let row = try ownScope()
        let found = try query(Self.effectOfScope) {
            $0.bind(row)
            $0.bind(key)
        }
        guard found.count > 0 else { throw .lost("the effect '\(key)' is gone") }
        var records = [try found.effectRecord(0, scope)]
        var liveness = PostgresLiveness(own: run)
        _ = try liveness.judge(&records, on: connection, until: deadline)
        return records[0]
    }
}

extension PostgresConnection {
    func query(
        _ statement: PostgresStatement, until deadline: ContinuousClock.Instant,
        _ bind: (inout PostgresBatch) -> Void = { _ in }
    ) throws(PostgresFailure) -> PostgresResult {
        var batch = PostgresBatch()
        batch.add(statement)
        bind(&batch)
        return try run(batch, until: deadline)[0]
    }
}

extension PostgresResult {
    /// All rows of ``PostgresSQL/linkColumns``.
    func linkRecords(_ scope: LedgerScope) throws(PostgresFailure) -> [LinkRecord] {
        var records: [LinkRecord] = []
        for row in 0..<count { records.append(try linkRecord(row, scope)) }
        return records
    }

    /// The same, with the account and the address behind them.
    func linkRecordsOfScopes() throws(PostgresFailure) -> [LinkRecord] {
        var records: [LinkRecord] = []
        for row in 0..<count {
            let scope = LedgerScope(
                account: text(row, PostgresSQL.linkWidth), baseURL: text(row, PostgresSQL.linkWidth + 1))
            records.append(try linkRecord(row, scope))
        }
        return records
    }

    /// All rows of ``PostgresSQL/effectColumns`` with the account and the address behind them.
    func effectRecords() throws(PostgresFailure) -> [EffectRecord] {
        var records: [EffectRecord] = []
        for row in 0..<count {
            let scope = LedgerScope(
                account: text(row, PostgresSQL.effectWidth), baseURL: text(row, PostgresSQL.effectWidth + 1))
            records.append(try effectRecord(row, scope))
        }
        return records
    }
}
