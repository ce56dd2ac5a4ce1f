// Links by what is asked for, open links, and events for `paylink watch`, read without changing anything.

import OneShotPay

extension PostgresLedger {
    package func links(_ query: LinkQuery) throws(LedgerError) -> [LinkRecord] {
        try patiently { (connection) throws(PostgresFailure) in
            var liveness = PostgresLiveness(own: lifeline?.run)
            let hasFewKeys = try hasFewKeys(query, connection)
            while true {
                let (records, isOutdated) = try page(query, hasFewKeys, connection, &liveness)
                if !isOutdated { return records }
            }
        }
    }

    private func hasFewKeys(_ query: LinkQuery, _ connection: PostgresConnection) throws(PostgresFailure) -> Bool {
        guard let scope = query.scope, let prefix = query.keyPrefix else { return false }
        let count = PostgresLinkQuery(countingUpTo: query.fewKeys, prefix, of: scope)
        return try connection.query(count.statement, until: deadline) { count.bind(to: &$0) }.int(0, 0)
            <= query.fewKeys
    }

    /// - Returns: besides, whether it has to be read again: see ``read(_:)``.
    private func page(
        _ query: LinkQuery, _ hasFewKeys: Bool, _ connection: PostgresConnection, _ liveness: inout PostgresLiveness
    ) throws(PostgresFailure) -> ([LinkRecord], isOutdated: Bool) {
        var rest = query
        var records: [LinkRecord] = []
        var isOutdated = false
        while records.count < query.limit {
            rest.limit = query.limit - records.count
            let statement = PostgresLinkQuery(rest, hasFewKeys: hasFewKeys)
            var page = try connection.query(statement.statement, until: deadline) { statement.bind(to: &$0) }
                .linkRecordsOfScopes()
            if try liveness.judge(&page, on: connection, until: deadline) { isOutdated = true }
            // Whether a sent row is in doubt is known only now.
            records += query.isDoubtful ? page.filter { $0.isInDoubt || $0.possibleOrphans > 0 } : page
            // A link may have several payments in the period that is asked for.
            guard Set(page.map(\.row)).count == rest.limit, let last = page.last else { break }
            rest = rest.behind(last.row)
        }
        return (records, isOutdated)
    }

    package func changeMark() throws(LedgerError) -> Int64 {
        try shareWatch()
        let (own, watch) = (commits, watch?.changes ?? 0)
        return try patiently { (connection) throws(PostgresFailure) in
            let found = try connection.query(Self.mark, until: deadline) { $0.bind(options.now?()) }
            return [found.int64(0, 0), found.int64(0, 1), own, watch].reduce(1_469_598_103_934_665_603) {
                ($0 ^ $1) &* 1_099_511_628_211
            }
        }
    }

    package func openLinks(before last: LinkRow, limit: Int) throws(LedgerError) -> [LinkRow] {
        let scope = try ownScope(), shards = watch.flatMap(\.parameter)
        return try patiently { (connection) throws(PostgresFailure) in
            let found = try connection.query(Self.open, until: deadline) {
                $0.bind(scope.baseURL)
                $0.bind(scope.account)
                $0.bind(shards)
                $0.bind(last)
                $0.bind(limit)
            }
            return (0..<found.count).map { found.int64($0, 0) }
        }
    }

    package func endedLinks(since: Int64) throws(LedgerError) -> [EndedLink] {
        let scope = try ownScope(), shards = watch.flatMap(\.parameter)
        return try patiently { (connection) throws(PostgresFailure) in
            let found = try connection.query(Self.ended, until: deadline) {
                $0.bind(scope.baseURL)
                $0.bind(scope.account)
                $0.bind(since)
                $0.bind(shards)
            }
            return (0..<found.count).map {
                EndedLink(row: found.int64($0, 0), endedAt: found.int64($0, 1), lookedAt: found.optionalInt64($0, 2))
            }
        }
    }

    package func followUps(_ query: FollowUpQuery) throws(LedgerError) -> [FollowUp] {
        let scope = try ownScope(), shards = watch.flatMap(\.parameter)
        let statement = PostgresEvents(query.event).found
        return try read { (connection) throws(PostgresFailure) in
            let found = try connection.query(statement, until: deadline) {
                $0.bind(scope.baseURL)
                $0.bind(scope.account)
                $0.bind(query.since)
                $0.bind(query.after.at)
                $0.bind(query.after.row)
                $0.bind(query.keyPrefix)
                $0.bind(query.prefix)
                $0.bind(query.limit)
                $0.bind(shards)
                $0.bind(KeyPrefix.end(of: query.prefix))
            }
            let width = PostgresSQL.linkWidth
            var events: [FollowUp] = []
            for row in 0..<found.count {
                var event = FollowUp(
                    key: found.text(row, width), record: try found.linkRecord(row, scope),
                    at: found.int64(row, width + 1))
                if !found.isNull(row, width + 2) {
                    event.effect = .init(
                        state: try found.value(row, width + 2), attempts: found.int(row, width + 3),
                        begunAt: found.int64(row, width + 4), changedAt: found.int64(row, width + 5))
                }
                events.append(event)
            }
            return events
        }
    }

    /// What has changed is told after its commit (PostgresLifeline); what a killed process did not tell is looked for
    /// twice a minute.
    private static let mark = PostgresStatement(
        "change mark",
        """
        SELECT last_value * 2 + is_called::integer, floor(coalesce($1::bigint::double precision, extract(epoch FROM clock_timestamp())) / 30)::bigint
        FROM paylink.changes
        """)
    static func isShared(_ parameter: String) -> String {
        "(\(parameter)::integer[] IS NULL OR ((links.id / \(ShardRules.width)) % \(ShardRules.count))::integer = ANY (\(parameter)))"
    }
    private static let open = PostgresStatement(
        "open links",
        """
        SELECT links.id FROM paylink.links JOIN paylink.scopes ON scopes.id = scope_id AND base_url = $1 AND account = $2
        WHERE is_open AND \(isShared("$3")) AND links.id < $4 ORDER BY links.id DESC LIMIT $5
        """)
    private static let ended = PostgresStatement(
        "ended links",
        """
        SELECT links.id, ended_at, looked_at FROM paylink.links
        JOIN paylink.scopes ON scopes.id = scope_id AND base_url = $1 AND account = $2
        WHERE ended_at IS NOT NULL AND ended_at >= $3 AND \(isShared("$4")) ORDER BY links.id
        """)
}

/// What is read of a link's JSON.
enum PostgresJSON {
    static let isReusable = "coalesce((link::json ->> 'reuseable')::boolean, false)"
    /// The link as if a payment `p` were its newest.
    static let withPayment = "jsonb_set(link::jsonb, '{mostRecentPayment}', p.payment::jsonb)::text"
    /// What is known of the newest payment is known of no other one.
    static let isNewestLate =
        "(is_paid_late AND p.payment_id IS NOT DISTINCT FROM link::json #>> '{mostRecentPayment,id}')"
    /// When the newest payment was made, by the service's clock; where it says nothing, when the payment was recorded.
    static let newestMoment =
        "coalesce((link::json #>> '{mostRecentPayment,createdTimestamp}')::bigint, paid_at, underpaid_at)"
    /// `PayLink.shownStatus`.
    static let shownStatus = shownStatus(received: "(link::json #>> '{mostRecentPayment,amount}')::bigint")

    /// - Parameter received: the expression that gives the payment's amount in micro-USDC.
    static func shownStatus(received: String) -> String {
        """
        CASE WHEN (status = 'paid' OR \(isReusable)) AND NOT coalesce((link::json ->> 'payerDefinedAmount')::boolean, false) \
            AND \(received) < (link::json ->> 'amount')::bigint THEN 'underpaid' ELSE status END
        """
    }
}
