// The statements that find events for `paylink watch`, and those that tell how far its mark may go.

import OneShotPay

/// An event of a link that is paid once has its time in the link's row; one of a reusable link is a payment that was seen,
/// given with the link as if that were its newest.
struct EventSQL: Sendable {
    static let paid = EventSQL(.paid, at: "paid_at", once: "payment_mark = ''", hasPayments: true)
    static let underpaid = EventSQL(.underpaid, at: "underpaid_at", once: "underpaid_mark = ''", hasPayments: true)
    static let expired = EventSQL(.expired, at: "expired_at", once: "true", hasPayments: false)

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

    private init(_ event: LinkEvent, at time: String, once: String, hasPayments: Bool) {
        self.event = event
        var sources = [
            Source(
                time: time, name: "links.link_id", from: "links", condition: "links.scope_id = ?1 AND \(once)",
                fromEffect: "links ON links.link_id = e.rest")
        ]
        if hasPayments {
            let link = "links ON links.link_id = p.link_id AND links.scope_id = p.scope_id"
            sources.append(
                Source(
                    time: "p.seen_at", name: "links.link_id || ':' || p.payment_id",
                    from: "payments p CROSS JOIN \(link)",
                    condition: "p.scope_id = ?1 AND p.event = '\(event.rawValue)'",
                    fromEffect: """
                        payments p ON p.link_id = substr(e.rest, 1, instr(e.rest, ':') - 1) \
                        AND p.payment_id = substr(e.rest, instr(e.rest, ':') + 1) CROSS JOIN \(link)
                        """,
                    link: "json_set(link, '$.mostRecentPayment', json(p.payment))", isLate: LedgerSQL.isNewestLate))
        }
        self.sources = sources
    }

    private static func hasKeyPrefix(_ prefix: String) -> String {
        "(\(prefix) IS NULL OR substr(CAST(links.key AS BLOB), 1, length(CAST(\(prefix) AS BLOB))) = CAST(\(prefix) AS BLOB))"
    }

    /// ?1 scope, ?2 since, ?3 and ?4 the last one before, ?5 key prefix, ?6 what the effect's key begins with, ?7 limit,
    /// ?8 what comes behind all such keys. From the mark on all events, and before it those whose effect is open.
    var found: String {
        let mark = """
            coalesce((SELECT claimed_before FROM followed WHERE scope_id = ?1 AND prefix = ?6 AND event = '\(event.rawValue)' \
            AND key_prefix = coalesce(?5, '') AND since <= ?2), ?2)
            """
        // The key as bytes: length() stops at a NUL. Behind all texts come bytes.
        let open = """
            (SELECT key AS effect_key, state AS effect_state, attempts AS effect_attempts, created_at AS begun_at, \
                updated_at AS changed_at, \
                CAST(substr(CAST(key AS BLOB), length(CAST(?6 AS BLOB)) + 1) AS TEXT) AS rest \
            FROM effects INDEXED BY effects_unsettled \
            WHERE scope_id = ?1 AND state <> 'done' AND state <> 'abandoned' AND key >= ?6 AND key < coalesce(?8, x'')) e
            """
        let parts = sources.flatMap { source in
            let columns = "\(LedgerSQL.linkColumns(source.link, isLate: source.isLate)),"
            let key = "?6 || \(source.name)"
            let effect = ["state", "attempts", "created_at", "updated_at"].map {
                "(SELECT e.\($0) FROM effects e WHERE e.scope_id = ?1 AND e.key = \(key))"
            }
            let isAsked = "(\(source.time), links.id) > (?3, ?4) AND \(Self.hasKeyPrefix("?5"))"
            return [
                """
                SELECT \(columns) \(key) AS effect_key, \(source.time) AS seen_at, \(effect[0]) AS effect_state,
                    \(effect[1...].joined(separator: ", "))
                FROM \(source.from)
                WHERE \(source.condition) AND \(source.time) >= max(?2, \(mark)) AND \(isAsked)
                """,
                """
                SELECT \(columns) e.effect_key, \(source.time), e.effect_state, e.effect_attempts, e.begun_at, e.changed_at
                FROM \(open) CROSS JOIN \(source.fromEffect)
                WHERE \(source.condition) AND \(source.time) >= ?2 AND \(source.time) < \(mark) AND \(isAsked)
                """,
            ]
        }
        return """
            SELECT * FROM (\(parts.joined(separator: " UNION ALL ")))
            WHERE effect_state IS NULL OR effect_state NOT IN ('done', 'abandoned')
            ORDER BY seen_at, id LIMIT ?7
            """
    }

    /// ?1 scope, ?2 the mark, ?3 the end, ?4 key prefix, ?5 what the effect's key begins with, ?6 the fewest events, ?7 the
    /// most. Gives how many events there are, up to the fewest, the end or the time before which there are about the most,
    /// and when the first is that has no effect.
    var passed: String {
        func rows(_ source: Source, _ columns: String, from: String = ">= ?2", to end: String = "?3") -> String {
            "SELECT \(columns) FROM \(source.from) WHERE \(source.condition) AND \(source.time) \(from) AND \(source.time) < \(end)"
        }
        let counts = sources.map { "(SELECT count(*) FROM (\(rows($0, "1")) LIMIT ?6))" }
        // Behind the mark's own second: so it moves, however many events are of one second.
        let ends = sources.map {
            "coalesce((\(rows($0, $0.time, from: "> ?2")) ORDER BY \($0.time) LIMIT 1 OFFSET ?7), ?3)"
        }
        let firsts = sources.map { source in
            """
            (SELECT min(at) FROM (\(rows(source, "\(source.time) AS at", to: "until")) AND \(Self.hasKeyPrefix("?4")) \
                AND NOT EXISTS (SELECT 1 FROM effects e WHERE e.scope_id = ?1 AND e.key = ?5 || \(source.name))))
            """
        }
        func least(_ values: [String]) -> String {
            values.count == 1 ? values[0] : "min(\(values.joined(separator: ", ")))"
        }
        return """
            SELECT \(counts.joined(separator: " + ")), until, nullif(\(least(firsts.map { "coalesce(\($0), ?3)" })), ?3)
            FROM (SELECT \(least(ends)) AS until)
            """
    }
}
