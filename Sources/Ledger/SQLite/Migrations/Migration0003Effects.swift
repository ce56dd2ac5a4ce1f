// What must happen once. The columns are described in docs/ledger.md.

extension LedgerMigration {
    static let migration0003 = LedgerMigration(
        "0003 effects",
        """
        CREATE TABLE effects (
            id INTEGER PRIMARY KEY,
            scope_id INTEGER NOT NULL REFERENCES scopes (id),
            key TEXT NOT NULL,
            mode TEXT NOT NULL CHECK (mode IN ('at_most', 'at_least', 'check')),
            state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'open', 'abandoned')),
            run_id INTEGER NOT NULL REFERENCES runs (id),
            token TEXT NOT NULL,
            attempts INTEGER NOT NULL CHECK (attempts > 0),
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            problem TEXT,
            result TEXT,
            UNIQUE (scope_id, key)
        ) STRICT;
        """)
}
