// Whether a payment came after the link had been seen as ended. The column is described in docs/ledger.md.

import GRDB

extension LedgerMigrations {
    static func register0010PaidLate(in migrator: inout DatabaseMigrator) {
        migrator.registerMigration("0010 paid late") { database in
            try database.execute(
                sql:
                    "ALTER TABLE links ADD COLUMN is_paid_late INTEGER NOT NULL DEFAULT 0 CHECK (is_paid_late IN (0, 1))"
            )
        }
    }
}
