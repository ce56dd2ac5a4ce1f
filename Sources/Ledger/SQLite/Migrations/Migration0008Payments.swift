// Payments by themselves: the service shows only a link's newest one. The columns are described in docs/ledger.md.

extension LedgerMigration {
    static let migration0008 = LedgerMigration(
        "0008 payments",
        """
        CREATE TABLE payments (
            scope_id INTEGER NOT NULL REFERENCES scopes (id),
            link_id TEXT NOT NULL,
            payment_id TEXT NOT NULL,
            received_micro INTEGER NOT NULL,
            made_at INTEGER,
            event TEXT CHECK (event IN ('paid', 'underpaid')),
            seen_at INTEGER NOT NULL,
            reported_at INTEGER,
            payment TEXT NOT NULL,
            PRIMARY KEY (scope_id, link_id, payment_id)
        ) STRICT, WITHOUT ROWID;

        -- Of what was recorded before, only the newest payment of each link is known.
        INSERT OR IGNORE INTO payments
        SELECT scope_id, link_id, link ->> '$.mostRecentPayment.id', link ->> '$.mostRecentPayment.amount',
            link ->> '$.mostRecentPayment.createdTimestamp',
            CASE
                WHEN substr(payment_mark, 1, 1) = ':' AND substr(payment_mark, 2) = link ->> '$.mostRecentPayment.id'
                THEN 'paid'
                WHEN substr(underpaid_mark, 1, 1) = ':' AND substr(underpaid_mark, 2) = link ->> '$.mostRecentPayment.id'
                THEN 'underpaid' END,
            coalesce(
                CASE WHEN substr(payment_mark, 2) = link ->> '$.mostRecentPayment.id' THEN paid_at END,
                underpaid_at, updated_at),
            NULL, link -> '$.mostRecentPayment'
        FROM links
        WHERE state = 'done' AND json_valid(link) AND link ->> '$.mostRecentPayment.id' IS NOT NULL;
        CREATE INDEX payments_seen ON payments (scope_id, event, seen_at) WHERE event IS NOT NULL;
        """)
}
