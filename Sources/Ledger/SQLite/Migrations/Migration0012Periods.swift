// Links by when they were made, and payments by when they were: what a report of a period goes through. Described in
// docs/ledger.md.

extension LedgerMigration {
    static let migration0012 = LedgerMigration(
        "0012 periods",
        """
        -- The condition holds for all: it keeps SQLite from taking the index where only the account is given.
        CREATE INDEX links_made ON links (scope_id, created_at) WHERE created_at > 0;
        CREATE INDEX payments_made ON payments (scope_id, coalesce(made_at, seen_at));
        """)
}
