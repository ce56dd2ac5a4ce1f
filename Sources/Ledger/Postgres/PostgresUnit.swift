// One transaction's work: who we are in the database, and one operation after the other.
// Links are in PostgresUnit+Links.swift, effects in PostgresUnit+Effects.swift, watches in PostgresUnit+Following.swift.

import OneShotPay

/// The operations of one transaction. Whatever it throws, the transaction is taken back.
struct PostgresUnit {
    let store: PostgresLedger
    let connection: PostgresConnection
    let scope: LedgerScope
    let run: Int64
    let deadline: ContinuousClock.Instant
    var scopeRow: Int64?
    /// Runs that this transaction has found alive, and those that it has fenced. What is not among these is alive.
    private var living: Set<Int64> = []
    private var fenced: Set<Int64> = []
    var judged: Set<Int64> { living.union(fenced) }

    init(
        store: PostgresLedger, connection: PostgresConnection, scope: LedgerScope, run: Int64,
        deadline: ContinuousClock.Instant
    ) {
        self.store = store
        self.connection = connection
        self.scope = scope
        self.run = run
        self.deadline = deadline
        scopeRow = store.scopeRow
    }

    /// `nil`: the server's clock.
    var now: Int64? { store.options.now?() }

    mutating func perform(_ operation: LedgerOperation) throws(PostgresFailure) -> LedgerAnswer {
        switch operation {
        case .claim(let claim): .claim(try self.claim(claim))
        case .sending(let row, let orphans): .changed(try sending(row, possibleOrphans: orphans))
        case .finish(let row, let outcome): .changed(try finish(row, outcome))
        case .observe(let link): .changed(try observe(link))
        case .report(let link): .changed(try report(link))
        case .lookedLate(let row): .changed(try looked(late: row))
        case .claimEffect(let claim): .effect(try self.claim(claim))
        case .finishEffect(let row, let outcome): .changed(try finish(row, outcome))
        case .follow(let name, let since): .follower(since: try follow(name, since: since))
        case .passOver(let query): .changed(try passOver(query))
        case .resolve(let key, let verdict): .changed(try resolve(key, verdict))
        case .dismiss(let row, let by): .changed(try dismiss(row, by: by))
        case .resolveEffect(let key, let verdict): .changed(try resolve(effect: key, verdict))
        case .endRun(let status): .changed(try endRun(exitStatus: status))
        }
    }

    // MARK: Statements

    func query(
        _ statement: PostgresStatement, _ bind: (inout PostgresBatch) -> Void
    ) throws(PostgresFailure) -> PostgresResult {
        var batch = PostgresBatch()
        batch.add(statement)
        bind(&batch)
        return try connection.run(batch, until: deadline)[0]
    }

    /// Whether anything was changed.
    func change(
        _ statement: PostgresStatement, _ bind: (inout PostgresBatch) -> Void
    ) throws(PostgresFailure) -> Bool {
        try query(statement, bind).changes > 0
    }

    // MARK: Who we are

    /// The scope's row, if there is one.
    mutating func knownScope() throws(PostgresFailure) -> Int64? {
        if let scopeRow { return scopeRow }
        let scope = scope
        let found = try query(PostgresSQL.findScope) {
            $0.bind(scope.baseURL)
            $0.bind(scope.account)
        }
        scopeRow = found.count > 0 ? found.int64(0, 0) : nil
        return scopeRow
    }

    /// The scope's row, made now if need be.
    mutating func ownScope() throws(PostgresFailure) -> Int64 {
        if let known = try knownScope() { return known }
        let scope = scope
        _ = try query(PostgresSQL.insertScope) {
            $0.bind(scope.baseURL)
            $0.bind(scope.account)
        }
        guard let made = try knownScope() else { throw .lost("the account's row is gone") }
        return made
    }

    // MARK: Who is alive

    /// Who is at a row. Another run that is dead is fenced: what it has under way is waited for, and it commits nothing
    /// more; so the row has to be read again.
    mutating func holder(_ other: Int64, isHeld: Bool) throws(PostgresFailure) -> RowHolder {
        if !isHeld { return .nobody }
        return other == run || fenced.contains(other) ? .interrupted : .run(other)
    }

    /// Finds out whether a run that holds a row lives; one that does not is fenced.
    /// - Returns: whether it was alive.
    mutating func judge(_ other: Int64) throws(PostgresFailure) -> Bool {
        if living.contains(other) { return true }
        if fenced.contains(other) { return false }
        if try lives(other) {
            living.insert(other)
            return true
        }
        _ = try query(PostgresSQL.lockRun) { $0.bind(other) }
        // Asked again after the wait: it may have renewed its lease meanwhile.
        if try lives(other) {
            living.insert(other)
            return true
        }
        _ = try query(PostgresSQL.fenceRun) { $0.bind(other) }
        fenced.insert(other)
        return false
    }

    private func lives(_ other: Int64) throws(PostgresFailure) -> Bool {
        let found = try query(PostgresSQL.lives) { $0.bind(other) }
        return found.count > 0 && found.bool(0, 0)
    }

    // MARK: The run itself

    func endRun(exitStatus: Int32) throws(PostgresFailure) -> Bool {
        try change(PostgresSQL.endRun) {
            $0.bind(run)
            $0.bind(now)
            $0.bind(Int64(exitStatus))
        }
    }
}
