// The rows of a ledger's file, as they are, for a copy.

/// A ledger's file that is copied from or to.
final class SQLiteTables: LedgerTables {
    private let store: SQLiteLedger

    init(_ store: SQLiteLedger) { self.store = store }

    var place: String { store.path }

    func close() { store.close() }

    func livingRun() throws(LedgerError) -> String? {
        try store.runs(limit: 1_000).first(where: \.isAlive).map { "process \($0.pid) (\($0.command))" }
    }

    func rows(of table: LedgerTable, after key: [CopyValue]?, limit: Int) throws(LedgerError) -> [[CopyValue]] {
        let keys = table.keys.joined(separator: ", ")
        let places = table.keys.map { _ in "?" }.joined(separator: ", ")
        let text = """
            SELECT \(table.columns.map(\.name).joined(separator: ", ")) FROM \(table.name)
            \(key == nil ? "" : "WHERE (\(keys)) > (\(places))") ORDER BY \(keys) LIMIT \(limit)
            """
        return try store.read { connection in
            let read = try connection.prepare(text)
            for value in key ?? [] { read.bind(value) }
            defer { read.end() }
            var rows: [[CopyValue]] = []
            while try read.step() { rows.append(table.columns.indices.map { read.copyValue(Int32($0)) }) }
            return rows
        }
    }

    func insert(_ rows: [[CopyValue]], into table: LedgerTable) throws(LedgerError) {
        let text = """
            INSERT INTO \(table.name) (\(table.columns.map(\.name).joined(separator: ", ")))
            VALUES (\(table.columns.map { _ in "?" }.joined(separator: ", ")))
            """
        try store.patiently { connection in
            try connection.transaction {
                let insert = try connection.prepare(text)
                for row in rows {
                    _ = insert.begin()
                    for value in row { insert.bind(value) }
                    try insert.run()
                }
                try store.identity.check()
            } undo: {
            }
        }
    }

    /// The file gives numbers behind its highest by itself.
    func endCopy() throws(LedgerError) {
        try store.patiently { connection in
            try connection.transaction {
                try connection.prepare("DELETE FROM followed").run()
            } undo: {
            }
        }
    }
}

extension PreparedStatement {
    fileprivate func bind(_ value: CopyValue) {
        switch value {
        case .null: bindNull()
        case .number(let number): bind(number)
        case .text(let text): text.withUnsafeBytes { bind(utf8: $0) }
        }
    }

    fileprivate func copyValue(_ column: Int32) -> CopyValue {
        if isNull(column) { return .null }
        return isNumber(column) ? .number(int64(column)) : .text(withText(column) { Array($0) })
    }
}
