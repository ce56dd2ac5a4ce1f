// What the runs of an account want of its requests, told to each other by way of the server.

extension PostgresLedger {
    package func agree(_ use: AccountUse) throws(LedgerError) -> AccountShare? {
        let scope = try ownScope()
        return try patiently { (connection) throws(PostgresFailure) in
            let run = try living().run
            var batch = PostgresBatch()
            // Nothing of it has to outlive a power failure.
            batch.add(Self.unhurried)
            batch.add(PostgresSQL.insertScope)
            batch.bind(scope.baseURL)
            batch.bind(scope.account)
            batch.add(Self.demand)
            batch.bind(scope.baseURL)
            batch.bind(scope.account)
            batch.bind(run)
            batch.bind(String(use.waiting.isFinite ? use.waiting : 0))
            batch.bind(use.isCreating)
            if use.isRefused {
                batch.add(Self.refuse)
                batch.bind(scope.baseURL)
                batch.bind(scope.account)
                batch.bind(String(use.pause / .seconds(1)))
            }
            batch.add(Self.share)
            batch.bind(scope.baseURL)
            batch.bind(scope.account)
            guard let found = try connection.run(batch, until: deadline).last, found.count > 0 else { return nil }
            let others = Double(found.text(0, 0)) ?? 0
            return AccountShare(
                waiting: others > use.waiting && use.waiting > 0 ? use.waiting / others : 1,
                creators: max(found.int(0, 1), 1), refusals: found.int64(0, 2),
                pause: .milliseconds(max(found.int64(0, 3), 0)))
        }
    }

    /// Who has said nothing for longer wants nothing.
    private static let silence = "interval '10 seconds'"
    private static let scope = "SELECT id FROM paylink.scopes WHERE base_url = $1 AND account = $2"
    private static let unhurried = PostgresStatement(
        "unhurried", "SELECT set_config('synchronous_commit', 'off', true)")
    private static let demand = PostgresStatement(
        "demand",
        """
        INSERT INTO paylink.demands (scope_id, run_id, waiting, is_creating, told_at)
        SELECT id, $3, $4::double precision, $5::boolean, clock_timestamp() FROM (\(scope)) scope
        ON CONFLICT (scope_id, run_id) DO UPDATE SET
            waiting = excluded.waiting, is_creating = excluded.is_creating, told_at = excluded.told_at
        """)
    private static let refuse = PostgresStatement(
        "refuse",
        """
        INSERT INTO paylink.refusals AS r (scope_id, count, paused_until)
        SELECT id, 1, clock_timestamp() + make_interval(secs => $3::double precision) FROM (\(scope)) scope
        ON CONFLICT (scope_id) DO UPDATE SET
            count = r.count + 1, paused_until = greatest(r.paused_until, excluded.paused_until)
        """)
    private static let share = PostgresStatement(
        "share",
        """
        SELECT sum(waiting), count(*) FILTER (WHERE is_creating), coalesce(max(r.count), 0),
            coalesce(ceil(extract(epoch FROM max(r.paused_until) - clock_timestamp()) * 1000), 0)::bigint
        FROM (\(scope)) scope
        JOIN paylink.demands d ON d.scope_id = scope.id AND told_at > clock_timestamp() - \(silence)
        LEFT JOIN paylink.refusals r ON r.scope_id = scope.id
        """)
}
