// Short payments are events of their own. The columns are described in docs/ledger.md.

import GRDB

extension LedgerMigrations {
    static func register0006ShortPayments(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("0006 short payments") { database in
            try database.execute(
                sql: """
                    ALTER TABLE links ADD COLUMN underpaid_mark TEXT;
                    ALTER TABLE links ADD COLUMN underpaid_at INTEGER;
                    CREATE INDEX links_underpaid ON links (scope_id, underpaid_at) WHERE underpaid_at IS NOT NULL;
                    """)
        }
    }
}
