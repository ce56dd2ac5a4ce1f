// One connection to a ledger's file and the statements that were prepared on it.

import GRDB

/// The database behind a store. Everything is used only inside `access`, where GRDB lets its connection be used.
final class LedgerConnection {
    private let queue: DatabaseQueue
    private let database: Database
    private var statements = [PreparedStatement?](repeating: nil, count: LedgerSQL.allCases.count)

    init(_ queue: DatabaseQueue) {
        self.queue = queue
        database = queue.inDatabase { $0 }
    }

    /// Runs a body where statements may run.
    func access<Value>(_ body: () throws -> Value) throws -> Value {
        try queue.inDatabase { _ in
            do { return try body() } catch { throw translated(error) }
        }
    }

    /// Reads as of one moment.
    func snapshot<Value>(_ body: () throws -> Value) throws -> Value {
        try access {
            // Each statement on its own would take and give back SQLite's locks for every row.
            try database.beginTransaction(.deferred)
            defer { try? database.rollback() }
            return try body()
        }
    }

    /// Runs a body in a transaction, all or nothing.
    ///
    /// IMMEDIATE: a transaction that reads first, and then finds that others have written meanwhile, could not go on.
    /// - Parameter undo: called, while others are still shut out, when nothing comes of it.
    func transaction<Value>(_ body: () throws -> Value, undo: () -> Void) throws -> Value {
        try access {
            try database.beginTransaction(.immediate)
            do {
                let value = try body()
                try database.commit()
                return value
            } catch {
                // Asked before anything else is done with the connection.
                let failure = translated(error)
                undo()
                // What this could not take back is taken back with the connection, or by the next one.
                try? database.rollback()
                throw failure
            }
        }
    }

    /// A statement that is prepared once, ready for its first value.
    func prepared(_ sql: LedgerSQL) throws(SQLiteFailure) -> PreparedStatement {
        if let statement = statements[sql.rawValue] { return statement.begin() }
        let statement = try PreparedStatement(sql.text, on: database)
        statements[sql.rawValue] = statement
        return statement
    }

    /// A statement for one use.
    func prepare(_ sql: String) throws(SQLiteFailure) -> PreparedStatement {
        try PreparedStatement(sql, on: database)
    }

    private func translated(_ error: any Error) -> any Error {
        (error as? DatabaseError).map { SQLiteFailure($0, on: database.sqliteConnection) } ?? error
    }

    func close() {
        statements.removeAll()
        try? queue.close()
    }
}
