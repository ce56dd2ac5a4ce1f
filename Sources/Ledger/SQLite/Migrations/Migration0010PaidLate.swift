// Whether a payment came after the link had been seen as ended. The column is described in docs/ledger.md.

extension LedgerMigration {
    static let migration0010 = LedgerMigration(
        "0010 paid late",
        "ALTER TABLE links ADD COLUMN is_paid_late INTEGER NOT NULL DEFAULT 0 CHECK (is_paid_late IN (0, 1))")
}
