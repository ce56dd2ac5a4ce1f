// The statements of the operations, one text each. Parameters are bound in order; columns are read in order.
// Where a row's id is given, its index is the one to take: `scope_id + 0` keeps the plan from any other.

enum PostgresSQL {
    /// Unix seconds: those that are given, for tests, or the server's own.
    static func now(_ parameter: String) -> String {
        "coalesce(\(parameter)::bigint, floor(extract(epoch FROM clock_timestamp()))::bigint)"
    }

    // MARK: Who

    static let findScope = PostgresStatement(
        "find scope", "SELECT id FROM paylink.scopes WHERE base_url = $1 AND account = $2")
    static let insertScope = PostgresStatement(
        "insert scope", "INSERT INTO paylink.scopes (base_url, account) VALUES ($1, $2) ON CONFLICT DO NOTHING")
    static let endRun = PostgresStatement(
        "end run",
        "UPDATE paylink.runs SET ended_at = \(now("$2")), exit_status = $3::integer WHERE id = $1 AND ended_at IS NULL")
    /// Waits for what a run has under way.
    static let lockRun = PostgresStatement("lock run", "SELECT FROM paylink.runs WHERE id = $1 FOR UPDATE")
    static let lives = PostgresStatement("lives", "SELECT paylink.lives(r) FROM paylink.runs r WHERE id = $1")
    static let fenceRun = PostgresStatement("fence run", "UPDATE paylink.runs SET is_fenced = true WHERE id = $1")
    static let now = PostgresStatement("now", "SELECT \(now("$1"))")

    // MARK: Links

    private static func find(_ name: String, locks: Bool) -> PostgresStatement {
        PostgresStatement(
            name,
            """
            SELECT id, state, run_id, is_held, possible_orphans, terms = $3::text, known_id IS NOT NULL FROM paylink.links
            WHERE scope_id = $1 AND key = $2\(locks ? " FOR UPDATE" : "")
            """)
    }
    static let findLink = find("find link", locks: false)
    static let lockLink = find("lock link", locks: true)
    static let insertLink = PostgresStatement(
        "insert link",
        """
        INSERT INTO paylink.links (
            scope_id, key, run_id, attempts, state, is_held, possible_orphans, terms, amount_micro, description,
            created_at, updated_at)
        SELECT $1, $2, $3, $4::integer, CASE $4::integer WHEN 0 THEN 'prepared' ELSE 'sent' END, true, 0, $5, $6, $7, at, at
        FROM (SELECT \(now("$8")) AS at) clock
        ON CONFLICT (scope_id, key) WHERE key IS NOT NULL DO NOTHING RETURNING id
        """)
    static let grantLink = PostgresStatement(
        "grant link",
        """
        UPDATE paylink.links SET
            run_id = $2, attempts = attempts + $3::integer,
            state = CASE $3::integer WHEN 0 THEN 'prepared' ELSE 'sent' END, is_held = true, possible_orphans = $4,
            terms = $5, amount_micro = $6, description = $7, problem = NULL, updated_at = \(now("$8"))
        WHERE id = $1
        """)
    static let haltLink = PostgresStatement(
        "halt link",
        """
        UPDATE paylink.links SET
            state = 'in_doubt', is_held = false, possible_orphans = $2, problem = $3, updated_at = \(now("$4"))
        WHERE id = $1 AND state <> 'in_doubt'
        """)
    static let sendLink = PostgresStatement(
        "send link",
        """
        UPDATE paylink.links SET
            state = 'sent', attempts = attempts + 1, possible_orphans = $4, updated_at = \(now("$5"))
        WHERE id = $1 AND scope_id + 0 = $2 AND run_id = $3 AND is_held
        """)
    static let finishLink = PostgresStatement(
        "finish link",
        """
        UPDATE paylink.links SET \(doneColumns)
        WHERE id = $1 AND scope_id + 0 = $14 AND run_id = $15 AND (is_held OR state = 'in_doubt')
        """)
    static let settleLink = PostgresStatement("settle link", "UPDATE paylink.links SET \(doneColumns) WHERE id = $1")
    static let finishWithoutLink = PostgresStatement(
        "finish without link",
        """
        UPDATE paylink.links SET
            state = $4, is_held = false, possible_orphans = $5, problem = $6,
            known_id = coalesce(nullif($7::text, ''), known_id, $7), updated_at = \(now("$8"))
        WHERE id = $1 AND scope_id + 0 = $2 AND run_id = $3 AND is_held
        """)
    static let changeLink = PostgresStatement(
        "change link",
        """
        UPDATE paylink.links SET
            state = $2::text, is_held = false, possible_orphans = $3, updated_at = \(now("$4")),
            known_id = CASE WHEN $2::text = 'prepared' THEN nullif(known_id, '') ELSE known_id END
        WHERE id = $1
        """)
    static let observeLink = PostgresStatement(
        "observe link",
        """
        UPDATE paylink.links SET
            status = $3::text, link = $4, updated_at = at, is_open = $6,
            paid_at = CASE WHEN $7::text IS NULL OR $7::text IS NOT DISTINCT FROM payment_mark THEN paid_at ELSE \(eventTime("at")) END,
            payment_mark = coalesce($7::text, payment_mark),
            underpaid_at = CASE WHEN $8::text IS NULL OR $8::text IS NOT DISTINCT FROM underpaid_mark THEN underpaid_at ELSE \(eventTime("at")) END,
            underpaid_mark = coalesce($8::text, underpaid_mark),
            expired_at = CASE WHEN $3::text = 'expired' THEN coalesce(expired_at, \(eventTime("at"))) ELSE expired_at END,
            is_paid_late = CASE
                WHEN ($7::text IS NOT NULL AND $7::text IS DISTINCT FROM payment_mark)
                    OR ($8::text IS NOT NULL AND $8::text IS DISTINCT FROM underpaid_mark)
                THEN ended_at IS NOT NULL AND underpaid_mark IS NULL ELSE is_paid_late END,
            ended_at = CASE WHEN $9::boolean THEN coalesce(ended_at, at) END
        FROM (SELECT \(now("$5")) AS at) clock
        WHERE link_id = $1 AND scope_id = $2
            AND (link <> $4 OR ($7::text IS NOT NULL AND (payment_mark IS NULL OR is_open <> $6)))
        """)
    static let lookLate = PostgresStatement(
        "look late",
        "UPDATE paylink.links SET looked_at = \(now("$3")) WHERE id = $1 AND scope_id + 0 = $2 AND ended_at IS NOT NULL"
    )
    /// Of two that would give one link to two keys, one waits for the other.
    static let lockLinkID = PostgresStatement(
        "lock link id", "SELECT pg_advisory_xact_lock(hashtextextended($1::text, $2::bigint))")
    static let otherRowOfLink = PostgresStatement(
        "other row of link", "SELECT FROM paylink.links WHERE link_id = $1 AND scope_id = $2 AND id <> $3 LIMIT 1")
    static let standing = PostgresStatement(
        "standing",
        """
        SELECT state, run_id, is_held, possible_orphans, key IS NOT NULL FROM paylink.links
        WHERE id = $1 AND scope_id + 0 = $2 FOR UPDATE
        """)
    static let insertDismissal = PostgresStatement(
        "insert dismissal",
        """
        INSERT INTO paylink.dismissals (link_row, orphans, dismissed_by, dismissed_at, run_id)
        VALUES ($1, $2, $3, \(now("$4")), $5)
        """)

    /// When an event is recorded `at`: never before a mark behind which nobody goes (``LedgerOperation/passOver(_:)``), also
    /// where the clock was set back. Nor before where a mark is headed: one whose commit is under way is not seen yet.
    static func eventTime(_ at: String, _ scope: String = "links.scope_id") -> String {
        "greatest(\(at), (SELECT max(next_before) FROM paylink.followed WHERE followed.scope_id = \(scope)))"
    }

    /// What a link is recorded with: $2 possible orphans, $3 id, $4 status, $5 url, $6 locale, $7 close on complete,
    /// $8 JSON, $9 now, $10 whether it is open, $11 and $12 payment marks, $13 whether it has ended unpaid. An id that a
    /// damaged reply showed is kept if it is another one: it is an orphan with a name.
    private static let doneColumns = """
        state = 'done', is_held = false, possible_orphans = $2, link_id = $3::text, status = $4::text, url = $5, locale = $6,
        close_on_complete = $7, link = $8, known_id = nullif(known_id, $3), problem = NULL, updated_at = \(now("$9")),
        is_open = $10, payment_mark = $11::text, paid_at = CASE WHEN $11 IS NOT NULL THEN \(eventTime(now("$9"))) END,
        expired_at = CASE WHEN $4 = 'expired' THEN \(eventTime(now("$9"))) END,
        underpaid_mark = $12::text, underpaid_at = CASE WHEN $12 IS NOT NULL THEN \(eventTime(now("$9"))) END,
        ended_at = CASE WHEN $13::boolean THEN \(now("$9")) END
        """

    // MARK: Payments, followers, effects

    static let notePayment = PostgresStatement(
        "note payment",
        """
        INSERT INTO paylink.payments AS p (
            scope_id, link_id, payment_id, received_micro, made_at, event, seen_at, reported_at, payment)
        SELECT $1, $2, $3, $4, $5, $6, \(eventTime("at", "$1")), CASE WHEN $8::boolean THEN at END, $9 FROM (SELECT \(now("$7")) AS at) clock
        ON CONFLICT (scope_id, link_id, payment_id) DO UPDATE SET
            received_micro = excluded.received_micro, made_at = excluded.made_at, event = excluded.event,
            seen_at = CASE WHEN excluded.event IS NOT DISTINCT FROM p.event THEN p.seen_at ELSE excluded.seen_at END,
            reported_at = coalesce(p.reported_at, excluded.reported_at),
            payment = CASE WHEN $8::boolean THEN p.payment ELSE excluded.payment END
        """)
    static let becomeEvents = PostgresStatement(
        "become events",
        """
        UPDATE paylink.payments SET seen_at = \(eventTime(now("$3"), "$1"))
        WHERE scope_id = $1 AND link_id = $2 AND event IS NOT NULL
        """)
    static let insertFollower = PostgresStatement(
        "insert follower",
        """
        INSERT INTO paylink.followers (scope_id, name, since) SELECT $1, $2, least(coalesce($3::bigint, at), at)
        FROM (SELECT \(now("$4")) AS at) clock ON CONFLICT DO NOTHING
        """)
    static let moveFollower = PostgresStatement(
        "move follower",
        "UPDATE paylink.followers SET since = $3 WHERE scope_id = $1 AND name = $2 AND since > $3::bigint")
    static let findFollower = PostgresStatement(
        "find follower", "SELECT since FROM paylink.followers WHERE scope_id = $1 AND name = $2")

    private static func findEffect(_ name: String, locks: Bool) -> PostgresStatement {
        PostgresStatement(
            name,
            """
            SELECT id, state, run_id, token, attempts, result FROM paylink.effects
            WHERE scope_id = $1 AND key = $2\(locks ? " FOR UPDATE" : "")
            """)
    }
    static let findEffect = findEffect("find effect", locks: false)
    static let lockEffect = findEffect("lock effect", locks: true)
    static let insertEffect = PostgresStatement(
        "insert effect",
        """
        INSERT INTO paylink.effects (scope_id, key, mode, state, run_id, token, attempts, created_at, updated_at)
        SELECT $1, $2, $3, 'running', $4, $5, 1, at, at FROM (SELECT \(now("$6")) AS at) clock
        ON CONFLICT DO NOTHING RETURNING id
        """)
    static let grantEffect = PostgresStatement(
        "grant effect",
        """
        UPDATE paylink.effects SET
            mode = $2, state = 'running', run_id = $3, attempts = attempts + 1, problem = NULL, updated_at = \(now("$4"))
        WHERE id = $1
        """)
    static let finishEffect = PostgresStatement(
        "finish effect",
        """
        UPDATE paylink.effects SET state = $4, result = $5, problem = $6, updated_at = \(now("$7"))
        WHERE id = $1 AND scope_id + 0 = $2 AND run_id = $3 AND state = 'running'
        """)
    static let changeEffect = PostgresStatement(
        "change effect",
        """
        UPDATE paylink.effects SET
            state = $2::text, updated_at = \(now("$3")),
            created_at = CASE WHEN $2::text = 'open' THEN \(now("$3")) ELSE created_at END
        WHERE id = $1
        """)
}
