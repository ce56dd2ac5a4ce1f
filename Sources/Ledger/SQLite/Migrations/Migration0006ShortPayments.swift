// Short payments are events of their own. The columns are described in docs/ledger.md.

extension LedgerMigration {
    static let migration0006 = LedgerMigration(
        "0006 short payments",
        """
        ALTER TABLE links ADD COLUMN underpaid_mark TEXT;
        ALTER TABLE links ADD COLUMN underpaid_at INTEGER;
        CREATE INDEX links_underpaid ON links (scope_id, underpaid_at) WHERE underpaid_at IS NOT NULL;
        """)
}
