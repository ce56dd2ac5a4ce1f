// How far each watch has come, so that it need not go through everything since its beginning. Described in docs/ledger.md.

import GRDB

extension LedgerMigrations {
    static func register0011Marks(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("0011 marks") { database in
            try database.execute(
                sql: """
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
    }
}
