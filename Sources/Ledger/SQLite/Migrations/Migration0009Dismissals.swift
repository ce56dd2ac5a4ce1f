// Possible orphans that a person has dismissed: who, when, how many. The columns are described in docs/ledger.md.

extension LedgerMigration {
    static let migration0009 = LedgerMigration(
        "0009 dismissals",
        """
        CREATE TABLE dismissals (
            id INTEGER PRIMARY KEY,
            link_row INTEGER NOT NULL REFERENCES links (id),
            orphans INTEGER NOT NULL CHECK (orphans > 0),
            dismissed_by TEXT NOT NULL,
            dismissed_at INTEGER NOT NULL,
            run_id INTEGER NOT NULL REFERENCES runs (id)
        ) STRICT;
        CREATE INDEX dismissals_by_link ON dismissals (link_row);
        """)
}
