// One prepared statement: values in, steps, columns out, with nothing between them and SQLite.

import CSQLite
import JSON

/// A prepared statement. Used only where its connection may be used.
final class PreparedStatement {
    private let handle: OpaquePointer
    /// The index that the next bound value gets, from 1.
    private var nextParameter: Int32 = 1
    /// For the links of its rows.
    private(set) lazy var scratch = JSONScratch()

    /// - Parameter isKept: for as long as the connection, and not for one use.
    init(_ sql: String, on database: SQLiteDatabase, isKept: Bool = false) throws(SQLiteFailure) {
        let connection = try database.open()
        var prepared: OpaquePointer?
        let flags = isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
        let code = sqlite3_prepare_v3(connection, sql, -1, flags, &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw SQLiteFailure(of: connection, code: code) }
        handle = prepared
    }

    deinit { sqlite3_finalize(handle) }

    // MARK: Values

    /// Begins anew: the next value bound is the first.
    func begin() -> PreparedStatement {
        sqlite3_reset(handle)
        nextParameter = 1
        return self
    }

    @discardableResult
    func bind(_ value: Int64) -> PreparedStatement {
        sqlite3_bind_int64(handle, nextParameter, value)
        nextParameter += 1
        return self
    }

    @discardableResult
    func bind(_ value: Int) -> PreparedStatement { bind(Int64(value)) }

    @discardableResult
    func bind(_ value: Bool) -> PreparedStatement { bind(value ? 1 : 0 as Int64) }

    @discardableResult
    func bindNull() -> PreparedStatement {
        sqlite3_bind_null(handle, nextParameter)
        nextParameter += 1
        return self
    }

    @discardableResult
    func bind(_ text: String?) -> PreparedStatement {
        guard var text else { return bindNull() }
        text.withUTF8 { bind(utf8: UnsafeRawBufferPointer($0)) }
        return self
    }

    /// Binds a copy of text.
    func bind(utf8 text: UnsafeRawBufferPointer) {
        let start = text.baseAddress?.assumingMemoryBound(to: CChar.self)
        // SQLite takes a null pointer for NULL, and an empty string has one.
        sqlite3_bind_text64(
            handle, nextParameter, start ?? Self.empty, UInt64(text.count), Self.copied, UInt8(SQLITE_UTF8))
        nextParameter += 1
    }

    // Safe because: -1 is the value that SQLite documents for "make a copy"; it is never called.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    // Safe because: never written to, and never freed.
    nonisolated(unsafe) private static let empty = UnsafePointer(UnsafeMutablePointer<CChar>.allocate(capacity: 1))

    // MARK: Steps

    /// Goes to the next row; false after the last.
    func step() throws(SQLiteFailure) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            let failure = SQLiteFailure(of: sqlite3_db_handle(handle), code: code)
            sqlite3_reset(handle)
            throw failure
        }
    }

    /// Runs a statement that gives no rows.
    func run() throws(SQLiteFailure) {
        _ = try step()
        sqlite3_reset(handle)
    }

    /// Rows changed by the statement that ran last on the connection.
    var changes: Int { Int(sqlite3_changes(sqlite3_db_handle(handle))) }

    /// The id of the row that was inserted last on the connection.
    var insertedRow: Int64 { sqlite3_last_insert_rowid(sqlite3_db_handle(handle)) }

    /// Ends reading. A statement that is left in the middle of its rows holds the ledger's snapshot.
    func end() { sqlite3_reset(handle) }

    // MARK: Columns, from 0

    func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
    /// A count. Whatever a damaged file says, sums of such numbers do not overflow.
    func int(_ column: Int32) -> Int { Int(Int32(clamping: sqlite3_column_int64(handle, column))) }
    func bool(_ column: Int32) -> Bool { sqlite3_column_int64(handle, column) != 0 }
    func isNumber(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_INTEGER }
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func text(_ column: Int32) -> String { withText(column) { String(decoding: $0, as: UTF8.self) } }
    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func withText<Value>(_ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
        let start = UnsafeRawPointer(sqlite3_column_text(handle, column))
        return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }
}
