// What `paylink watch` looks for. The columns are described in docs/ledger.md.

extension LedgerMigration {
    static let migration0004 = LedgerMigration(
        "0004 following",
        """
        ALTER TABLE links ADD COLUMN is_open INTEGER NOT NULL DEFAULT 0 CHECK (is_open IN (0, 1));
        ALTER TABLE links ADD COLUMN payment_mark TEXT;
        ALTER TABLE links ADD COLUMN paid_at INTEGER;
        ALTER TABLE links ADD COLUMN expired_at INTEGER;

        -- What was recorded before is taken as seen when it changed last.
        UPDATE links SET
            is_open = link ->> 'status' <> 2 AND NOT coalesce(link ->> 'archived', 0)
                AND NOT coalesce(link ->> 'ignoredByRequestedPayer', 0)
                AND (coalesce(link ->> 'reuseable', 0) OR link ->> 'status' <> 1),
            payment_mark = CASE
                WHEN link ->> 'reuseable' THEN ':' || (link ->> '$.mostRecentPayment.id')
                WHEN link ->> 'status' = 1 THEN '' END,
            expired_at = CASE WHEN link ->> 'status' = 2 THEN updated_at END
        WHERE state = 'done' AND json_valid(link);
        UPDATE links SET paid_at = updated_at WHERE payment_mark IS NOT NULL;

        -- Of rows only: a create appends one entry, and no index of times is touched before a payment.
        CREATE INDEX links_open ON links (id) WHERE is_open;
        CREATE INDEX links_paid ON links (scope_id, paid_at) WHERE paid_at IS NOT NULL;
        CREATE INDEX links_expired ON links (scope_id, expired_at) WHERE expired_at IS NOT NULL;

        CREATE TABLE followers (
            id INTEGER PRIMARY KEY,
            scope_id INTEGER NOT NULL REFERENCES scopes (id),
            name TEXT NOT NULL,
            since INTEGER NOT NULL,
            UNIQUE (scope_id, name)
        ) STRICT;
        """)
}
