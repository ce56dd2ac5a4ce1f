// How far each watch has come, so that it need not go through everything since its beginning. Described in docs/ledger.md.

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
        """)
}
