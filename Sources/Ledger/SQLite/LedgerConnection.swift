// One connection to a ledger's file and the statements that were prepared on it.

import CSQLite
import Synchronization

/// The database behind a store. Two stores may share it, and be used on threads of their own: everything is done inside
/// `access`, by one at a time.
final class LedgerConnection {
    private let database: SQLiteDatabase
    private let gate = Mutex(())
    private var statements = [PreparedStatement?](repeating: nil, count: LedgerSQL.allCases.count)

    init(_ database: SQLiteDatabase) { self.database = database }

    /// Runs a body where statements may run.
    func access<Value>(_ body: () throws -> Value) throws -> Value {
        var result: Result<Value, any Error>?
        gate.withLock { _ in result = Result { try body() } }
        guard let result else { throw SQLiteFailure(of: nil, code: SQLITE_MISUSE) }
        return try result.get()
    }

    /// Reads as of one moment.
    func snapshot<Value>(_ body: () throws -> Value) throws -> Value {
        try access {
            // Each statement on its own would take and give back SQLite's locks for every row.
            try prepared(.begin).run()
            defer { rollBack() }
            return try body()
        }
    }

    /// Runs a body in a transaction, all or nothing.
    ///
    /// IMMEDIATE: a transaction that reads first, and then finds that others have written meanwhile, could not go on.
    /// - Parameter undo: called, while others are still shut out, when nothing comes of it.
    func transaction<Value>(_ body: () throws -> Value, undo: () -> Void) throws -> Value {
        try access {
            try prepared(.beginImmediate).run()
            do {
                let value = try body()
                try prepared(.commit).run()
                return value
            } catch {
                undo()
                rollBack()
                throw error
            }
        }
    }

    /// Some failures have taken it back already. What this cannot take back is taken back with the connection, or by the
    /// next one.
    private func rollBack() {
        guard let handle = database.handle, sqlite3_get_autocommit(handle) == 0 else { return }
        try? prepared(.rollBack).run()
    }

    /// A statement that is prepared once, ready for its first value.
    func prepared(_ sql: LedgerSQL) throws(SQLiteFailure) -> PreparedStatement {
        if let statement = statements[sql.rawValue] { return statement.begin() }
        let statement = try PreparedStatement(sql.text, on: database, isKept: true)
        statements[sql.rawValue] = statement
        return statement
    }

    /// A statement for one use.
    func prepare(_ sql: String) throws(SQLiteFailure) -> PreparedStatement {
        try PreparedStatement(sql, on: database)
    }

    func close() {
        gate.withLock { _ in
            statements.removeAll()
            database.close()
        }
    }
}
