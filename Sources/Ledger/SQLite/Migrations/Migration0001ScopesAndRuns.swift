// Accounts and the processes that wrote. The columns are described in docs/ledger.md.

extension LedgerMigration {
    static let migration0001 = LedgerMigration(
        "0001 scopes and runs",
        """
        CREATE TABLE scopes (
            id INTEGER PRIMARY KEY,
            account TEXT NOT NULL,
            base_url TEXT NOT NULL,
            UNIQUE (base_url, account)
        ) STRICT;

        -- AUTOINCREMENT: an id is never given twice, for it is also the run's byte in the file of locks.
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            command TEXT NOT NULL,
            pid INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            ended_at INTEGER,
            exit_status INTEGER,
            CHECK ((ended_at IS NULL) = (exit_status IS NULL))
        ) STRICT;
        """)
}
