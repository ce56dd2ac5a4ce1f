// The share of a follower's links that one run has, where runs on several hosts follow them. A shard that two runs take for
// theirs for a moment costs a look too many, and no more: what is done for an event is claimed (EffectRules).

/// The shards of one run.
struct PostgresWatch {
    /// How often a run looks whether others have come or gone.
    static let pause = Duration.seconds(2)

    let name: String
    fileprivate(set) var shards: Set<Int> = []
    fileprivate var isTold = false
    fileprivate var nextLook = ContinuousClock.now
    /// Another number after every change.
    fileprivate(set) var changes: Int64 = 0

    init(_ name: String) { self.name = name }

    /// As a parameter of statements; `nil`: all links are its own.
    var parameter: String? {
        shards.count == ShardRules.count ? nil : "{\(shards.sorted().map(String.init).joined(separator: ","))}"
    }
}

extension PostgresLedger {
    /// Takes and gives shards, if it is time to.
    func shareWatch() throws(LedgerError) {
        guard var watch, let scopeRow, watch.nextLook <= .now else { return }
        let name = watch.name
        try transact { (unit) throws(PostgresFailure) in
            let (run, found) = (
                unit.run,
                try unit.query(Self.holders) {
                    $0.bind(scopeRow); $0.bind(name); $0.bind(unit.run)
                }
            )
            var holders: [Int: Int64] = [:]
            var living: Set<Int64> = [run]
            for row in 0..<found.count {
                if found.bool(row, 2) { living.insert(found.int64(row, 1)) }
                if !found.isNull(row, 0) { holders[found.int(row, 0)] = found.int64(row, 1) }
            }
            let change = ShardRules.change(of: run, holders: holders, living: living)
            var own = Set(holders.filter { $0.value == run }.keys).subtracting(change.gives)
            if !change.isNone || !watch.isTold { own.formUnion(try self.change(change, of: name, scopeRow, &unit)) }
            if own != watch.shards { watch.changes += 1 }
            watch.shards = own
        }
        watch.isTold = true
        watch.nextLook = .now + PostgresWatch.pause
        self.watch = watch
    }

    /// - Returns: what was taken: somebody else may have been faster.
    private func change(
        _ change: ShardRules.Change, of name: String, _ scopeRow: Int64, _ unit: inout PostgresUnit
    ) throws(PostgresFailure) -> Set<Int> {
        let run = unit.run
        _ = try unit.query(Self.join) {
            $0.bind(scopeRow)
            $0.bind(name)
            $0.bind(run)
        }
        if !change.gives.isEmpty {
            _ = try unit.query(Self.give) {
                $0.bind(scopeRow)
                $0.bind(name)
                $0.bind(run)
                $0.bind(numbers: change.gives.map(Int64.init))
            }
        }
        if change.takes.isEmpty { return [] }
        let taken = try unit.query(Self.take) {
            $0.bind(scopeRow)
            $0.bind(name)
            $0.bind(run)
            $0.bind(numbers: change.takes.map(Int64.init))
        }
        return Set((0..<taken.count).map { taken.int($0, 0) })
    }

    /// Every shard with its holder, and everybody who follows; whether each lives.
    private static let holders = PostgresStatement(
        "shards",
        """
        SELECT shard, run_id, paylink.lives(r) FROM (
            SELECT shard, run_id FROM paylink.shards WHERE scope_id = $1 AND name = $2
            UNION ALL SELECT NULL, run_id FROM paylink.watchers WHERE scope_id = $1 AND name = $2 AND run_id <> $3) all_of_them
        JOIN paylink.runs r ON r.id = run_id
        """)
    /// Those that are dead leave at the same time.
    private static let join = PostgresStatement(
        "join watch",
        """
        WITH gone AS (
            DELETE FROM paylink.watchers w USING paylink.runs r
            WHERE scope_id = $1 AND name = $2 AND r.id = run_id AND run_id <> $3 AND NOT paylink.lives(r))
        INSERT INTO paylink.watchers (scope_id, name, run_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
        """)
    private static let give = PostgresStatement(
        "give shards",
        "DELETE FROM paylink.shards WHERE scope_id = $1 AND name = $2 AND run_id = $3 AND shard = ANY ($4::integer[])")
    /// Of what nobody has who lives. The rows are locked in one order.
    private static let take = PostgresStatement(
        "take shards",
        """
        INSERT INTO paylink.shards AS s (scope_id, name, shard, run_id)
        SELECT $1, $2, shard, $3 FROM unnest($4::integer[]) shard ORDER BY shard
        ON CONFLICT (scope_id, name, shard) DO UPDATE SET run_id = excluded.run_id
        WHERE NOT EXISTS (SELECT FROM paylink.runs r WHERE r.id = s.run_id AND paylink.lives(r))
        RETURNING shard
        """)
}
