// The schema `paylink` of a server's database, and its versions. A version that was released never changes: a new one
// follows it. The columns are those of the file's schema (docs/ledger.md), but for what tells who is alive.

enum PostgresSchema {
    /// What marks the schema as ours: a comment on it.
    static let mark = "ledger of pay links"
    /// Of the advisory locks that are ours: "pylk".
    static let lockClass: Int32 = 0x7079_6C6B
    /// The lock that whoever makes or migrates the schema holds: of one number, where those of runs have two.
    static let migrationLock: Int64 = 0x7079_6C6B

    /// Each version's statements, in order.
    static let versions: [String] = [version1, version2, version3]

    private static let version3 = """
        -- What a report of a period goes through.
        -- The condition holds for all: it keeps the index from being taken where only the account is given.
        CREATE INDEX links_made ON paylink.links (scope_id, created_at, id) WHERE created_at > 0;
        CREATE INDEX payments_made ON paylink.payments (scope_id, coalesce(made_at, seen_at), link_id, payment_id);
        """

    private static let version2 = """
        -- How far each watch has come. next_before: how far it may come as soon as whatever was under way when that was said,
        -- below xid horizon, has ended.
        CREATE TABLE paylink.followed (
            scope_id bigint NOT NULL REFERENCES paylink.scopes (id),
            prefix text COLLATE "C" NOT NULL,
            event text NOT NULL,
            key_prefix text COLLATE "C" NOT NULL,
            since bigint NOT NULL,
            claimed_before bigint NOT NULL,
            next_before bigint NOT NULL,
            horizon xid8 NOT NULL,
            PRIMARY KEY (scope_id, prefix, event, key_prefix)
        );
        CREATE INDEX effects_unsettled ON paylink.effects (scope_id, key) WHERE state <> 'done' AND state <> 'abandoned';
        -- Links by their status. One that is made is in one of them, as before.
        DROP INDEX paylink.links_open;
        CREATE INDEX links_open ON paylink.links (scope_id, id) WHERE status = 'active' OR is_open;
        CREATE INDEX links_by_status ON paylink.links (scope_id, status, id) WHERE status <> 'active';
        """

    private static let version1 = """
        CREATE TABLE paylink.scopes (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            account text NOT NULL,
            base_url text NOT NULL,
            UNIQUE (base_url, account)
        );

        -- is_fenced: it was taken for dead, and commits nothing more.
        CREATE TABLE paylink.runs (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            command text NOT NULL,
            host text NOT NULL,
            pid integer NOT NULL,
            started_at bigint NOT NULL,
            ended_at bigint,
            exit_status integer,
            is_fenced boolean NOT NULL DEFAULT false,
            CHECK ((ended_at IS NULL) = (exit_status IS NULL))
        );

        -- Until when a run is taken for alive, by the server's clock. Apart from its row, which each group of its changes locks:
        -- so no group keeps a lease from being renewed.
        CREATE TABLE paylink.leases (
            run_id bigint PRIMARY KEY REFERENCES paylink.runs (id),
            until timestamptz NOT NULL
        ) WITH (fillfactor = 50);

        -- Pages are filled: a row grows to thrice its size between its claim and its end, and what would keep that on its page
        -- (no index on the link's id, four fifths of a page left empty) costs more than the index entry that it saves.
        CREATE TABLE paylink.links (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            scope_id bigint NOT NULL REFERENCES paylink.scopes (id),
            key text COLLATE "C",
            state text NOT NULL CHECK (state IN ('sent', 'done', 'prepared', 'rejected', 'in_doubt', 'abandoned')),
            run_id bigint NOT NULL REFERENCES paylink.runs (id),
            is_held boolean NOT NULL,
            attempts integer NOT NULL CHECK (attempts >= 0),
            possible_orphans integer NOT NULL CHECK (possible_orphans >= 0),
            amount_micro bigint NOT NULL,
            created_at bigint NOT NULL,
            updated_at bigint NOT NULL,
            link_id text COLLATE "C",
            status text,
            url text,
            locale text,
            close_on_complete boolean,
            known_id text,
            problem text,
            description text NOT NULL,
            terms text NOT NULL,
            link text,
            is_open boolean NOT NULL DEFAULT false,
            payment_mark text,
            paid_at bigint,
            expired_at bigint,
            underpaid_mark text,
            underpaid_at bigint,
            ended_at bigint,
            looked_at bigint,
            is_paid_late boolean NOT NULL DEFAULT false,
            CHECK (state <> 'sent' OR is_held),
            CHECK (NOT is_held OR state IN ('sent', 'prepared')),
            CHECK ((state = 'done') = (link_id IS NOT NULL)),
            CHECK ((link_id IS NULL) = (link IS NULL))
        );
        CREATE UNIQUE INDEX links_by_key ON paylink.links (scope_id, key) WHERE key IS NOT NULL;
        CREATE INDEX links_by_link_id ON paylink.links (link_id) WHERE link_id IS NOT NULL;
        CREATE INDEX links_open ON paylink.links (id) WHERE is_open;
        CREATE INDEX links_paid ON paylink.links (scope_id, paid_at) WHERE paid_at IS NOT NULL;
        CREATE INDEX links_underpaid ON paylink.links (scope_id, underpaid_at) WHERE underpaid_at IS NOT NULL;
        CREATE INDEX links_expired ON paylink.links (scope_id, expired_at) WHERE expired_at IS NOT NULL;
        CREATE INDEX links_ended ON paylink.links (scope_id, ended_at) WHERE ended_at IS NOT NULL;

        CREATE TABLE paylink.payments (
            scope_id bigint NOT NULL REFERENCES paylink.scopes (id),
            link_id text COLLATE "C" NOT NULL,
            payment_id text COLLATE "C" NOT NULL,
            received_micro bigint NOT NULL,
            made_at bigint,
            event text CHECK (event IN ('paid', 'underpaid')),
            seen_at bigint NOT NULL,
            reported_at bigint,
            payment text NOT NULL,
            PRIMARY KEY (scope_id, link_id, payment_id)
        );
        CREATE INDEX payments_seen ON paylink.payments (scope_id, event, seen_at) WHERE event IS NOT NULL;

        CREATE TABLE paylink.effects (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            scope_id bigint NOT NULL REFERENCES paylink.scopes (id),
            key text COLLATE "C" NOT NULL,
            mode text NOT NULL CHECK (mode IN ('at_most', 'at_least', 'check')),
            state text NOT NULL CHECK (state IN ('running', 'done', 'failed', 'open', 'abandoned')),
            run_id bigint NOT NULL REFERENCES paylink.runs (id),
            token text NOT NULL,
            attempts integer NOT NULL CHECK (attempts > 0),
            created_at bigint NOT NULL,
            updated_at bigint NOT NULL,
            problem text,
            result text,
            UNIQUE (scope_id, key)
        );

        CREATE TABLE paylink.followers (
            scope_id bigint NOT NULL REFERENCES paylink.scopes (id),
            name text COLLATE "C" NOT NULL,
            since bigint NOT NULL,
            PRIMARY KEY (scope_id, name)
        );

        CREATE TABLE paylink.dismissals (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            link_row bigint NOT NULL REFERENCES paylink.links (id),
            orphans integer NOT NULL CHECK (orphans > 0),
            dismissed_by text NOT NULL,
            dismissed_at bigint NOT NULL,
            run_id bigint NOT NULL REFERENCES paylink.runs (id)
        );
        CREATE INDEX dismissals_by_link ON paylink.dismissals (link_row);

        -- Who may begin a run of a job.
        CREATE TABLE paylink.jobs (
            name text COLLATE "C" PRIMARY KEY,
            run_id bigint REFERENCES paylink.runs (id)
        );

        CREATE TABLE paylink.job_runs (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            job text COLLATE "C" NOT NULL,
            outcome text NOT NULL CHECK (outcome IN ('running', 'ran', 'skipped', 'interrupted')),
            run_id bigint NOT NULL REFERENCES paylink.runs (id),
            slot bigint,
            slot_text text,
            missed integer NOT NULL CHECK (missed >= 0),
            started_at bigint NOT NULL,
            ended_at bigint,
            exit_status integer,
            reason text,
            -- The newest rows before it began: what has a higher id, by the same run, is its work.
            last_link bigint NOT NULL,
            last_effect bigint NOT NULL,
            links bigint NOT NULL DEFAULT 0,
            effects bigint NOT NULL DEFAULT 0,
            log_tail text,
            CHECK ((outcome = 'running') = (ended_at IS NULL)),
            CHECK ((outcome = 'skipped') = (reason IS NOT NULL)),
            CHECK ((slot IS NULL) = (slot_text IS NULL))
        );
        CREATE INDEX job_runs_by_job ON paylink.job_runs (job, id);
        -- Whatever became of locks: a slot is run once.
        CREATE UNIQUE INDEX job_runs_once ON paylink.job_runs (job, slot) WHERE slot IS NOT NULL AND outcome <> 'skipped';

        -- Counts what changed of links and effects, a moment after its commit.
        CREATE SEQUENCE paylink.changes;

        -- Who follows the links of an account under a name, and whose each shard of them is: a thousand rows belong to one
        -- shard, and so do each thousand that come so many thousands later.
        CREATE TABLE paylink.watchers (
            scope_id bigint NOT NULL REFERENCES paylink.scopes (id),
            name text COLLATE "C" NOT NULL,
            run_id bigint NOT NULL REFERENCES paylink.runs (id),
            PRIMARY KEY (scope_id, name, run_id)
        );
        CREATE TABLE paylink.shards (
            scope_id bigint NOT NULL,
            name text COLLATE "C" NOT NULL,
            shard integer NOT NULL,
            run_id bigint NOT NULL REFERENCES paylink.runs (id),
            PRIMARY KEY (scope_id, name, shard),
            FOREIGN KEY (scope_id, name) REFERENCES paylink.followers (scope_id, name)
        );

        -- What the runs of an account want of its requests, and what the service has refused.
        CREATE TABLE paylink.demands (
            scope_id bigint NOT NULL REFERENCES paylink.scopes (id),
            run_id bigint NOT NULL REFERENCES paylink.runs (id),
            waiting double precision NOT NULL,
            is_creating boolean NOT NULL,
            told_at timestamptz NOT NULL,
            PRIMARY KEY (scope_id, run_id)
        ) WITH (fillfactor = 50);
        CREATE TABLE paylink.refusals (
            scope_id bigint PRIMARY KEY REFERENCES paylink.scopes (id),
            count bigint NOT NULL,
            paused_until timestamptz NOT NULL
        );

        -- The group of changes that each run has committed last, under an id that the client made: whoever lost the answer to
        -- a commit looks here. With run 0 one that never was, and never will be.
        CREATE TABLE paylink.commits (
            id uuid PRIMARY KEY,
            run_id bigint NOT NULL,
            made_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );

        -- Ends the statements that travel with it.
        CREATE FUNCTION paylink.stop(reason text, code text) RETURNS boolean LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '%', reason USING ERRCODE = code;
            END
        $$;

        -- Whether a session holds the run's lock, and its lease has not run out.
        CREATE FUNCTION paylink.lives(run paylink.runs) RETURNS boolean LANGUAGE sql VOLATILE AS $$
            SELECT NOT run.is_fenced
            AND EXISTS (SELECT FROM paylink.leases WHERE run_id = run.id AND until > clock_timestamp()) AND EXISTS (
                SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (
                        SELECT oid FROM pg_database WHERE datname = current_database())
                    AND classid::bigint = 1887005803 AND objid::bigint = (run.id & 2147483647) AND objsubid = 2 AND granted)
        $$;
        """
}
