// A failed call of SQLite, as it comes, before it is known what the user should be told.

import CSQLite
import Glibc

/// What SQLite said when a call failed.
struct SQLiteFailure: Error {
    /// The extended result code.
    var code: Int32
    var message: String
    /// The system's error behind it, or 0.
    var systemError: Int32

    var primaryCode: Int32 { code & 0xFF }

    /// Whether another process or thread is in the way, so that trying again can help.
    var isBusy: Bool {
        primaryCode == SQLITE_BUSY || primaryCode == SQLITE_LOCKED || primaryCode == SQLITE_PROTOCOL
    }

    /// The failure of the call that was just made on a connection.
    init(of connection: OpaquePointer?, code: Int32) {
        self.code = code
        message = String(cString: connection == nil ? sqlite3_errstr(code) : sqlite3_errmsg(connection))
        systemError = Self.systemError(on: connection)
    }

    /// Content that SQLite can read and we cannot.
    init(damage: String) {
        self.init(code: SQLITE_CORRUPT, message: damage, systemError: 0)
    }

    /// A file that is none of SQLite's.
    init(notADatabase reason: String) {
        self.init(code: SQLITE_NOTADB, message: reason, systemError: 0)
    }

    /// SQLite keeps the system's error of most failures, but not of a failed commit.
    private static func systemError(on connection: OpaquePointer?) -> Int32 {
        let last = errno
        let kept = connection == nil ? 0 : sqlite3_system_errno(connection)
        return kept == 0 ? last : kept
    }

    private init(code: Int32, message: String, systemError: Int32) {
        self.code = code
        self.message = message
        self.systemError = systemError
    }
}
