// From a path to a database that is ours, whole, migrated and in WAL mode. One process at a time is in here.

import Advice
import CSQLite
import Glibc

/// Opens the ledger in a file, making it if there is none.
struct LedgerOpening {
    /// What marks an SQLite file as a ledger of paylink ("pylk"); `file` shows it.
    static let applicationID: Int32 = 0x7079_6C6B

    let file: LedgerFile
    let locks: RunLocks
    let options: SQLiteLedger.Options
    let patience: Patience

    func open() throws(LedgerError) -> (SQLiteDatabase, LedgerIdentity) {
        patience.begin()
        while try !locks.take(0) {
            guard patience.wait() else {
                throw LedgerError(
                    .busy,
                    "another process has been opening the ledger \(file.path) for more than "
                        + "\(patience.limit.components.seconds) s; end it, then run again")
            }
        }
        defer { locks.give(0) }
        try file.create()
        var identity = try LedgerIdentity(databaseOf: file)
        let database = try connected()
        try identity.noteCompanions(locks: locks)
        try identity.check()
        return (database, identity)
    }

    private func connected() throws(LedgerError) -> SQLiteDatabase {
        while true {
            do { return try connect() } catch {
                if let error = error as? LedgerError { throw error }
                let failure = error as? SQLiteFailure ?? SQLiteFailure(damage: "\(error)")
                if failure.isBusy, patience.wait() { continue }
                throw LedgerError(failure, path: file.path, waited: patience.limit, options.words)
            }
        }
    }

    private func connect() throws -> SQLiteDatabase {
        let database = try SQLiteDatabase(path: file.path, patience: patience)
        try configure(database)
        try checkOwner(of: database)
        guard try LedgerMigration.standing(of: database) != .newer else {
            throw LedgerError(
                .newer,
                "the ledger \(file.path) was made by a newer paylink; update paylink, or \(options.words(.ledger(.another)))"
            )
        }
        guard try database.text("PRAGMA journal_mode = WAL") == "wal" else {
            throw LedgerError(
                .failed,
                "the ledger \(file.path) lies on a file system without shared memory (a network share?); "
                    + options.words(.ledger(.onLocalDisk)))
        }
        // The first reading in this mode opens the log beside the file, too.
        if try LedgerMigration.standing(of: database) == .incomplete { try LedgerMigration.migrate(database) }
        return database
    }

    private func configure(_ database: SQLiteDatabase) throws(SQLiteFailure) {
        // Deleted content need not be overwritten: nothing is deleted, and nothing in here is a secret.
        try database.execute(
            """
            PRAGMA foreign_keys = ON;
            PRAGMA synchronous = FULL;
            PRAGMA wal_autocheckpoint = \(options.checkpointPages);
            PRAGMA journal_size_limit = 67108864;
            PRAGMA cache_size = -16000;
            PRAGMA secure_delete = OFF;
            """)
        if let pages = options.maximumPages { try database.execute("PRAGMA max_page_count = \(pages)") }
    }

    /// Makes sure that the file is a ledger, or empty, and can be written.
    private func checkOwner(of database: SQLiteDatabase) throws {
        // SQLite opens what it may not write for reading, and says so only at the first write.
        guard sqlite3_db_readonly(database.handle, "main") == 0 else {
            throw LedgerError(opening: file.path, systemError: EACCES, options.words)
        }
        switch try database.number("PRAGMA application_id") ?? 0 {
        case Int64(Self.applicationID): return
        case 0 where try database.number("SELECT count(*) FROM sqlite_master") == 0:
            // What is marked as ours has been made durable, whoever is killed in between.
            try file.syncDirectories()
            try database.execute("PRAGMA application_id = \(Self.applicationID)")
        default:
            throw LedgerError(
                .corrupt,
                "\(file.path) is the database of another application, and was left as it is; "
                    + options.words(.ledger(.another)))
        }
    }
}
