// Links that ended unpaid are followed for a while, in case they are paid late. The columns are described in docs/ledger.md.

extension LedgerMigration {
    static let migration0007 = LedgerMigration(
        "0007 late payments",
        """
        ALTER TABLE links ADD COLUMN ended_at INTEGER;
        ALTER TABLE links ADD COLUMN looked_at INTEGER;

        -- What ended before is taken as ended when it changed last.
        UPDATE links SET ended_at = coalesce(expired_at, updated_at)
        WHERE state = 'done' AND NOT is_open AND json_valid(link)
            AND (link ->> 'reuseable' OR link ->> 'status' <> 1 OR payment_mark IS NULL);
        CREATE INDEX links_ended ON links (scope_id, ended_at) WHERE ended_at IS NOT NULL;
        """)
}
