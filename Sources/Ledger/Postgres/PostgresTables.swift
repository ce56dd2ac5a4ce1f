// The rows of a ledger on a server, as they are, for a copy.

/// A server's ledger that is copied from or to.
final class PostgresTables: LedgerTables {
    private let store: PostgresLedger

    init(_ store: PostgresLedger) { self.store = store }

    var place: String { store.place }

    func close() { store.close() }

    private static let living = PostgresStatement(
        "living run",
        "SELECT pid, host, command FROM paylink.runs r WHERE ended_at IS NULL AND paylink.lives(r) ORDER BY id LIMIT 1")

    func livingRun() throws(LedgerError) -> String? {
        try store.patiently { (connection) throws(PostgresFailure) in
            let found = try connection.query(Self.living, until: store.deadline)
            guard found.count > 0 else { return nil }
            return "process \(found.text(0, 0)) on \(found.text(0, 1)) (\(found.text(0, 2)))"
        }
    }

    func rows(of table: LedgerTable, after key: [CopyValue]?, limit: Int) throws(LedgerError) -> [[CopyValue]] {
        let columns = table.columns.map { $0.isFlag ? "\($0.name)::integer" : $0.name }
        let keys = table.keys.joined(separator: ", ")
        let places = table.keys.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let statement = PostgresStatement(
            "copy from \(table.name) \(key == nil)",
            """
            SELECT \(columns.joined(separator: ", ")) FROM paylink.\(table.name)
            \(key == nil ? "" : "WHERE (\(keys)) > (\(places))") ORDER BY \(keys) LIMIT \(limit)
            """)
        let isNumber = table.columns.map { table.isNumber($0) }
        return try store.patiently { (connection) throws(PostgresFailure) in
            let found = try connection.query(statement, until: store.deadline) {
                for value in key ?? [] { $0.bind(value) }
            }
            return (0..<found.count).map { row in
                isNumber.indices.map { column in
                    if found.isNull(row, column) { return .null }
                    return isNumber[column]
                        ? .number(found.int64(row, column)) : .text(Array(found.bytes(row, column)))
                }
            }
        }
    }

    func insert(_ rows: [[CopyValue]], into table: LedgerTable) throws(LedgerError) {
        var columns = table.columns.map(\.name)
        var values = table.columns.enumerated().map { $1.isFlag ? "$\($0 + 1)::text::boolean" : "$\($0 + 1)" }
        // Where the source has one host only, it does not say which.
        if table.name == "runs" {
            columns.append("host")
            values.append("'copied'")
        }
        let statement = PostgresStatement(
            "copy to \(table.name)",
            """
            INSERT INTO paylink.\(table.name) (\(columns.joined(separator: ", ")))
            \(table.isNumbered ? "OVERRIDING SYSTEM VALUE" : "") VALUES (\(values.joined(separator: ", ")))
            ON CONFLICT DO NOTHING
            """)
        // An answer that is lost is asked for by doing it again: what is there stays.
        try store.patiently { (connection) throws(PostgresFailure) in
            var batch = PostgresBatch()
            for row in rows {
                batch.add(statement)
                for value in row { batch.bind(value) }
            }
            _ = try connection.run(batch, until: store.deadline)
        }
    }

    func endCopy() throws(LedgerError) {
        try store.patiently { (connection) throws(PostgresFailure) in
            try connection.execute(
                "UPDATE paylink.followed SET claimed_before = since, next_before = since", until: store.deadline)
            for table in LedgerTable.all where table.isNumbered {
                try connection.execute(
                    """
                    SELECT setval(pg_get_serial_sequence('paylink.\(table.name)', 'id'), max(id))
                    FROM paylink.\(table.name) HAVING max(id) IS NOT NULL
                    """, until: store.deadline)
            }
        }
    }
}

extension LedgerTable {
    /// Columns of text, by their names; all others are numbers.
    private static let texts: Set<String> = [
        "account", "base_url", "command", "key", "state", "link_id", "status", "url", "locale", "known_id", "problem",
        "description", "terms", "link", "payment_mark", "underpaid_mark", "payment_id", "event", "payment", "mode",
        "token",
        "result", "name", "dismissed_by", "job", "outcome", "slot_text", "reason", "log_tail",
    ]

    fileprivate func isNumber(_ column: Column) -> Bool { !Self.texts.contains(column.name) }
}

extension PostgresBatch {
    fileprivate mutating func bind(_ value: CopyValue) {
        switch value {
        case .null: bindNull()
        case .number(let number): bind(number)
        case .text(let text): bind(utf8: text)
        }
    }
}
