// How far each watch has come, so that it need not go through everything since its beginning; and links by their status.
// Described in docs/ledger.md.

extension LedgerMigration {
    static let migration0011 = LedgerMigration(
        "0011 marks",
        """
        CREATE TABLE followed (
            scope_id INTEGER NOT NULL REFERENCES scopes (id),
            prefix TEXT NOT NULL,
            event TEXT NOT NULL,
            key_prefix TEXT NOT NULL,
            since INTEGER NOT NULL,
            claimed_before INTEGER NOT NULL,
            PRIMARY KEY (scope_id, prefix, event, key_prefix)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX effects_unsettled ON effects (scope_id, key)
            WHERE state <> 'done' AND state <> 'abandoned';

        DROP INDEX links_open;
        -- A link that is made is in one of them, as before.
        CREATE INDEX links_open ON links (scope_id, id) WHERE status = 'active' OR is_open;
        CREATE INDEX links_by_status ON links (scope_id, status, id) WHERE status <> 'active';
        """)
}
