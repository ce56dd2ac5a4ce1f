// A database file, open in SQLite. Statements are prepared in PreparedStatement.swift.

import CSQLite

/// A connection to a database file. Used from one thread at a time.
final class SQLiteDatabase {
    /// As long as it is open.
    private(set) var handle: OpaquePointer?
    /// Asked by SQLite for as long as the connection is there.
    private let patience: Patience

    private static let isPrepared: Void = { _ = csqlite_forget_memory_statistics() }()

    /// Opens a file, or makes it.
    init(path: String, patience: Patience) throws(SQLiteFailure) {
        self.patience = patience
        _ = Self.isPrepared
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
        handle = opened
        guard code == SQLITE_OK else {
            let failure = SQLiteFailure(of: opened, code: opened == nil ? code : sqlite3_extended_errcode(opened))
            close()
            throw failure
        }
        sqlite3_extended_result_codes(opened, 1)
        let waiting: @convention(c) (UnsafeMutableRawPointer?, Int32) -> Int32 = { context, _ in
            guard let context else { return 0 }
            // Safe because: it is asked within calls on the connection alone, and that keeps it.
            return Unmanaged<Patience>.fromOpaque(context).takeUnretainedValue().wait() ? 1 : 0
        }
        sqlite3_busy_handler(opened, waiting, Unmanaged.passUnretained(patience).toOpaque())
    }

    deinit { close() }

    /// Statements that are left are refused from now on.
    func close() {
        // What they still hold is given back with the last of them.
        sqlite3_close_v2(handle)
        handle = nil
    }

    /// Runs statements that give nothing.
    func execute(_ statements: String) throws(SQLiteFailure) {
        let connection = try open()
        let code = sqlite3_exec(connection, statements, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteFailure(of: connection, code: code) }
    }

    /// The first value of a statement's first row.
    func number(_ statement: String) throws(SQLiteFailure) -> Int64? {
        let read = try PreparedStatement(statement, on: self)
        return try read.step() && !read.isNull(0) ? read.int64(0) : nil
    }

    func text(_ statement: String) throws(SQLiteFailure) -> String? {
        let read = try PreparedStatement(statement, on: self)
        return try read.step() ? read.optionalText(0) : nil
    }

    /// Runs a body all or nothing.
    func transaction(_ body: () throws(SQLiteFailure) -> Void) throws(SQLiteFailure) {
        try execute("BEGIN IMMEDIATE")
        do throws(SQLiteFailure) {
            try body()
            try execute("COMMIT")
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }

    func open() throws(SQLiteFailure) -> OpaquePointer {
        guard let handle else { throw SQLiteFailure(of: nil, code: SQLITE_MISUSE) }
        return handle
    }
}
