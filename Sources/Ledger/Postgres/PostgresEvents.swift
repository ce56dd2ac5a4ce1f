// The statements that find events for `paylink watch`, and those that tell how far its mark may go.

import OneShotPay

/// An event of a link that is paid once has its time in the link's row; one of a reusable link is a payment that was seen,
/// given with the link as if that were its newest.
struct PostgresEvents {
    /// Where events of one kind are found.
    private struct Source {
        /// The time, and what the effect's key has behind its prefix.
        var time: String, name: String
        var from: String, condition: String
        /// How the rows are found that an effect `e` is about; `rest` is its key without the prefix.
        var fromEffect: String
        var link = "link", isLate = "is_paid_late"
    }
    private let event: LinkEvent
    private let sources: [Source]

    init(_ event: LinkEvent) {
        self.event = event
        let (time, once) =
            switch event {
            case .paid: ("paid_at", "payment_mark = ''")
            case .underpaid: ("underpaid_at", "underpaid_mark = ''")
            case .expired: ("expired_at", "true")
            }
        var sources = [
            Source(
                time: time, name: "links.link_id", from: "paylink.links",
                condition: "links.scope_id = scope.id AND \(once)",
                fromEffect: "paylink.links ON links.link_id = e.rest")
        ]
        if event != .expired {
            let link = "JOIN paylink.links ON links.link_id = p.link_id AND links.scope_id = p.scope_id"
            sources.append(
                Source(
                    time: "p.seen_at", name: "links.link_id || ':' || p.payment_id", from: "paylink.payments p \(link)",
                    condition: "p.scope_id = scope.id AND p.event = '\(event.rawValue)'",
                    fromEffect: """
                        paylink.payments p ON p.link_id = split_part(e.rest, ':', 1) \
                        AND p.payment_id = substr(e.rest, strpos(e.rest, ':') + 1) \(link)
                        """,
                    link: PostgresJSON.withPayment, isLate: PostgresJSON.isNewestLate))
        }
        self.sources = sources
    }

    /// $1 and $2 the scope, $3 since, $4 and $5 the last one before, $6 key prefix, $7 what the effect's key begins with, $8
    /// limit, $9 the shards, $10 what comes behind all such keys. From the mark on all events, and before it those whose
    /// effect is open.
    var found: PostgresStatement {
        let scope = "(SELECT id FROM paylink.scopes WHERE base_url = $1 AND account = $2) scope"
        let mark = """
            coalesce((SELECT claimed_before FROM paylink.followed WHERE scope_id = scope.id AND prefix = $7::text
                AND event = '\(event.rawValue)' AND key_prefix = coalesce($6::text, '') AND since <= $3::bigint), $3)
            """
        let open = """
            LATERAL (SELECT key AS effect_key, state, attempts, created_at, updated_at,
                substr(key, length($7::text) + 1) COLLATE "C" AS rest
            FROM paylink.effects WHERE scope_id = scope.id AND state <> 'done' AND state <> 'abandoned' AND key >= $7
                AND key < coalesce($10::text, chr(1114111))) e
            """
        let parts = sources.flatMap { source in
            let columns = "\(PostgresSQL.linkColumns(source.link, isLate: source.isLate)),"
            let key = "$7::text || \(source.name)"
            let isAsked = """
                (\(source.time), links.id) > ($4::bigint, $5::bigint)
                AND ($6::text IS NULL OR starts_with(links.key, $6)) AND \(PostgresLedger.isShared("$9"))
                """
            let effect =
                "e.state AS effect_state, e.attempts AS effect_attempts, e.created_at AS begun_at, e.updated_at AS changed_at"
            return [
                """
                (SELECT \(columns) \(key) AS effect_key, \(source.time) AS event_at, \(effect)
                FROM \(scope) CROSS JOIN \(source.from)
                LEFT JOIN paylink.effects e ON e.scope_id = scope.id AND e.key = \(key)
                WHERE \(source.condition) AND \(source.time) >= greatest($3::bigint, \(mark)) AND \(isAsked))
                """,
                """
                (SELECT \(columns) e.effect_key, \(source.time), \(effect)
                FROM \(scope) CROSS JOIN \(open) JOIN \(source.fromEffect)
                WHERE \(source.condition) AND \(source.time) >= $3::bigint AND \(source.time) < \(mark) AND \(isAsked))
                """,
            ]
        }
        return PostgresStatement(
            event.rawValue,
            """
            SELECT * FROM (\(parts.joined(separator: " UNION ALL "))) events
            WHERE effect_state IS NULL OR effect_state NOT IN ('done', 'abandoned')
            ORDER BY event_at, id LIMIT $8
            """)
    }

    /// $1 scope, $2 the mark, $3 the end, $4 key prefix, $5 what the effect's key begins with, $6 the fewest events, $7 the
    /// most. Gives how many events there are, up to the fewest, the end or the time before which there are about the most,
    /// and when the first is that has no effect.
    var passed: PostgresStatement {
        func rows(_ source: Source, _ columns: String, from: String = ">= $2", to end: String = "$3") -> String {
            """
            SELECT \(columns) FROM (SELECT $1::bigint AS id) scope CROSS JOIN \(source.from)
            WHERE \(source.condition) AND \(source.time) \(from)::bigint AND \(source.time) < \(end)::bigint
            """
        }
        let counts = sources.map { "(SELECT count(*) FROM (\(rows($0, "1")) LIMIT $6::bigint) counted)" }
        // Behind the mark's own second: so it moves, however many events are of one second.
        let ends = sources.map {
            "(\(rows($0, $0.time, from: "> $2")) ORDER BY \($0.time) LIMIT 1 OFFSET $7::bigint)"
        }
        let firsts = sources.map { source in
            """
            (SELECT min(at) FROM (\(rows(source, "\(source.time) AS at", to: "until"))
                AND ($4::text IS NULL OR starts_with(links.key, $4)) AND NOT EXISTS (
                    SELECT FROM paylink.effects e WHERE e.scope_id = $1 AND e.key = $5::text || \(source.name))) unclaimed)
            """
        }
        return PostgresStatement(
            "passed \(event.rawValue)",
            """
            SELECT \(counts.joined(separator: " + ")), until, least(\(firsts.joined(separator: ", ")))
            FROM (SELECT least($3::bigint, \(ends.joined(separator: ", "))) AS until OFFSET 0) bound
            """)
    }
}
