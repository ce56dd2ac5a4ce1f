// A database file as another program uses it.

import CSQLite

package final class SQLiteFile {
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    private let handle: OpaquePointer

    /// Opens a file, or makes it.
    package init(_ path: String) throws {
        var opened: OpaquePointer?
        guard sqlite3_open(path, &opened) == SQLITE_OK, let opened else {
            sqlite3_close(opened)
            throw Failure(description: "\(path) cannot be opened as a database")
        }
        handle = opened
        sqlite3_busy_timeout(handle, 5_000)
    }

    deinit { sqlite3_close(handle) }

    /// Runs statements.
    package func execute(_ statements: String) throws {
        guard sqlite3_exec(handle, statements, nil, nil, nil) == SQLITE_OK else {
            throw Failure(description: String(cString: sqlite3_errmsg(handle)))
        }
    }

    /// One value of each row: the first, or that of another column.
    package func values(_ statement: String, column: Int32 = 0) throws -> [String] {
        var prepared: OpaquePointer?
        guard sqlite3_prepare_v2(handle, statement, -1, &prepared, nil) == SQLITE_OK else {
            throw Failure(description: String(cString: sqlite3_errmsg(handle)))
        }
        defer { sqlite3_finalize(prepared) }
        var values: [String] = []
        while sqlite3_step(prepared) == SQLITE_ROW {
            values.append(sqlite3_column_text(prepared, column).map { String(cString: $0) } ?? "")
        }
        return values
    }

    /// Runs statements in a file that is not kept open.
    package static func execute(_ statements: String, in path: String) throws {
        try SQLiteFile(path).execute(statements)
    }
}
