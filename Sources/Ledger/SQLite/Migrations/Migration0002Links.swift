// Links, from the claim to the last state seen. The columns are described in docs/ledger.md.

extension LedgerMigration {
    static let migration0002 = LedgerMigration(
        "0002 links",
        """
        CREATE TABLE links (
            id INTEGER PRIMARY KEY,
            scope_id INTEGER NOT NULL REFERENCES scopes (id),
            key TEXT,
            -- ORs: IN with more than two values builds a table for every row that is written.
            state TEXT NOT NULL CHECK (
                state = 'sent' OR state = 'done' OR state = 'prepared' OR state = 'rejected'
                OR state = 'in_doubt' OR state = 'abandoned'),
            run_id INTEGER NOT NULL REFERENCES runs (id),
            is_held INTEGER NOT NULL CHECK (is_held IN (0, 1)),
            attempts INTEGER NOT NULL CHECK (attempts >= 0),
            possible_orphans INTEGER NOT NULL CHECK (possible_orphans >= 0),
            amount_micro INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            link_id TEXT,
            status TEXT,
            url TEXT,
            locale TEXT,
            close_on_complete INTEGER CHECK (close_on_complete IN (0, 1)),
            known_id TEXT,
            problem TEXT,
            description TEXT NOT NULL,
            terms TEXT NOT NULL,
            link TEXT,
            CHECK (state <> 'sent' OR is_held),
            CHECK (NOT is_held OR state = 'sent' OR state = 'prepared'),
            CHECK ((state = 'done') = (link_id IS NOT NULL)),
            CHECK ((link_id IS NULL) = (link IS NULL))
        ) STRICT;

        CREATE UNIQUE INDEX links_by_key ON links (scope_id, key) WHERE key IS NOT NULL;
        CREATE INDEX links_by_link_id ON links (link_id) WHERE link_id IS NOT NULL;
        """)
}
