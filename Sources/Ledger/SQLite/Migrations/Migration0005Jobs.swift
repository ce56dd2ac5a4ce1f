// Runs of scheduled jobs. The columns are described in docs/ledger.md.

extension LedgerMigration {
    static let migration0005 = LedgerMigration(
        "0005 jobs",
        """
        CREATE TABLE job_runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            job TEXT NOT NULL,
            outcome TEXT NOT NULL CHECK (outcome IN ('running', 'ran', 'skipped', 'interrupted')),
            run_id INTEGER NOT NULL REFERENCES runs (id),
            slot INTEGER,
            slot_text TEXT,
            missed INTEGER NOT NULL CHECK (missed >= 0),
            started_at INTEGER NOT NULL,
            ended_at INTEGER,
            exit_status INTEGER,
            reason TEXT,
            -- The newest rows before it began: what has a higher id, by the same process, is its work.
            last_link INTEGER NOT NULL,
            last_effect INTEGER NOT NULL,
            links INTEGER NOT NULL DEFAULT 0,
            effects INTEGER NOT NULL DEFAULT 0,
            log_tail TEXT,
            CHECK ((outcome = 'running') = (ended_at IS NULL)),
            CHECK ((outcome = 'skipped') = (reason IS NOT NULL)),
            CHECK ((slot IS NULL) = (slot_text IS NULL))
        ) STRICT;

        CREATE INDEX job_runs_by_job ON job_runs (job, id);
        """)
}
