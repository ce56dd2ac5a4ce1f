// Since when a watch follows, and how far it has come.

extension PostgresUnit {
    mutating func follow(_ name: String, since: Int64?) throws(PostgresFailure) -> Int64 {
        let scope = try ownScope(), now = now
        _ = try query(PostgresSQL.insertFollower) {
            $0.bind(scope)
            $0.bind(name)
            $0.bind(since)
            $0.bind(now)
        }
        if let since {
            _ = try query(PostgresSQL.moveFollower) {
                $0.bind(scope)
                $0.bind(name)
                $0.bind(since)
            }
        }
        let found = try query(PostgresSQL.findFollower) {
            $0.bind(scope)
            $0.bind(name)
        }
        return found.count > 0 ? found.int64(0, 0) : since ?? 0
    }

    /// The mark is one for all hosts, and so goes through the events of all shards.
    ///
    /// An event whose commit is under way has its time already, and nobody sees it yet: so a mark comes only to where the
    /// last one of these, at the time before, was headed, once whatever was under way then has ended.
    mutating func passOver(_ query: FollowUpQuery) throws(PostgresFailure) -> Bool {
        guard let scope = try knownScope() else { return false }
        let now = now
        // Who is at it already does it for all; and nobody's claims wait for that.
        let isFree = try self.query(Self.lockMark) {
            $0.bind("\(query.prefix) \(query.event.rawValue) \(query.keyPrefix ?? "")")
            $0.bind(scope)
        }
        guard isFree.bool(0, 0) else { return false }
        func bindName(_ batch: inout PostgresBatch) {
            batch.bind(scope)
            batch.bind(query.prefix)
            batch.bind(query.event.rawValue)
            batch.bind(query.keyPrefix ?? "")
            batch.bind(query.since)
        }
        let found = try self.query(Self.findMark) {
            bindName(&$0)
            $0.bind(now)
        }
        let isKnown = found.count > 0, mark = isKnown ? max(found.int64(0, 0), query.since) : query.since
        func passed(to end: Int64) throws(PostgresFailure) -> (count: Int, end: Int64, first: Int64?) {
            let found = try self.query(PostgresEvents(query.event).passed) {
                $0.bind(scope)
                $0.bind(mark)
                $0.bind(end)
                $0.bind(query.keyPrefix)
                $0.bind(query.prefix)
                $0.bind(query.step.lowerBound)
                $0.bind(query.step.upperBound)
            }
            return (found.int(0, 0), found.int64(0, 1), found.optionalInt64(0, 2))
        }
        func move(to mark: Int64, headsOn: Bool) throws(PostgresFailure) {
            _ = try self.query(Self.moveMark) {
                bindName(&$0)
                $0.bind(now)
                $0.bind(mark)
                $0.bind(headsOn)
            }
        }
        if isKnown, let end = found.optionalInt64(0, 1) {
            let events = try passed(to: end)
            let next = events.first ?? events.end
            if events.count >= query.step.lowerBound, next > mark {
                try move(to: next, headsOn: next == end)
                return next == events.end && next < end
            }
        } else if isKnown, !found.bool(0, 3) {
            return false
        }
        let recent = isKnown ? found.int64(0, 2) : try self.query(Self.recent) { $0.bind(now) }.int64(0, 0)
        if try passed(to: recent).count >= query.step.lowerBound { try move(to: mark, headsOn: true) }
        return false
    }

    /// Behind which an event may not have been seen yet that has its time. By the clock as it was when the transaction began: its
    /// number, the horizon, was given after that, and whoever has a higher one took the time of its events later still.
    private static func recently(_ now: String) -> String {
        "coalesce(\(now)::bigint, floor(extract(epoch FROM transaction_timestamp()))::bigint) - 10"
    }
    private static let lockMark = PostgresStatement(
        "lock mark of watch", "SELECT pg_try_advisory_xact_lock(hashtextextended($1::text, $2::bigint))")
    private static let recent = PostgresStatement("recently", "SELECT \(recently("$1"))")
    /// The mark; where it may go, if all is seen that was recorded before that; where it may head for now; whether what was said is
    /// void: the clock was set back since, or it was said in another cluster.
    private static let findMark = PostgresStatement(
        "find mark of watch",
        """
        SELECT claimed_before, CASE WHEN horizon < pg_snapshot_xmin(pg_current_snapshot()) AND next_before <= recent
            THEN next_before END, recent, next_before > recent OR horizon >= pg_snapshot_xmax(pg_current_snapshot())
        FROM paylink.followed, (SELECT \(recently("$6")) AS recent) clock
        WHERE scope_id = $1 AND prefix = $2 AND event = $3 AND key_prefix = $4 AND since <= $5 FOR UPDATE OF followed
        """)
    private static let moveMark = PostgresStatement(
        "move mark of watch",
        """
        INSERT INTO paylink.followed AS f (
            scope_id, prefix, event, key_prefix, since, claimed_before, next_before, horizon)
        SELECT $1, $2, $3, $4, $5, $7, \(recently("$6")), pg_current_xact_id()
        ON CONFLICT (scope_id, prefix, event, key_prefix) DO UPDATE SET
            since = excluded.since, claimed_before = excluded.claimed_before,
            next_before = CASE WHEN $8::boolean THEN excluded.next_before ELSE f.next_before END,
            horizon = CASE WHEN $8::boolean THEN excluded.horizon ELSE f.horizon END
        """)
}
