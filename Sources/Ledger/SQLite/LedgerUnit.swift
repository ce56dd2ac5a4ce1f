// One transaction's work: who we are in the database, and one operation after the other.
// Links are in LedgerUnit+Links.swift, effects in LedgerUnit+Effects.swift, watches in LedgerUnit+Following.swift.

import OneShotPay

/// The operations of one transaction. Whatever it throws, the transaction is taken back.
struct LedgerUnit {
    let store: SQLiteLedger
    let connection: LedgerConnection
    let scope: LedgerScope
    let now: Int64
    var liveness: Liveness

    init(store: SQLiteLedger, connection: LedgerConnection, scope: LedgerScope) {
        self.store = store
        self.connection = connection
        self.scope = scope
        now = store.options.now()
        liveness = Liveness(own: store.registration.run, locks: store.locks)
    }

    mutating func perform(_ operation: LedgerOperation) throws -> LedgerAnswer {
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

    // MARK: Who we are

    /// The scope's row, if there is one.
    func knownScope() throws(SQLiteFailure) -> Int64? {
        if let known = store.registration.scope { return known }
        store.registration.scope = try connection.findScope(scope)
        return store.registration.scope
    }

    /// The scope's row, made now if need be.
    func ownScope() throws(SQLiteFailure) -> Int64 {
        if let known = try knownScope() { return known }
        let insert = try connection.prepared(.insertScope).bind(scope.baseURL).bind(scope.account)
        try insert.run()
        store.registration.scope = insert.insertedRow
        return insert.insertedRow
    }

    /// Our run's row. The first write makes it, so that a process that only reads leaves no trace.
    ///
    /// Its lock is taken before the commit that shows the row to others: nobody ever sees it dead before its time.
    mutating func ownRun() throws -> Int64 {
        if let run = store.registration.run { return run }
        let run = try store.ownRun(connection)
        liveness = Liveness(own: run, locks: store.locks)
        return run
    }

    private func endRun(exitStatus: Int32) throws(SQLiteFailure) -> Bool {
        guard let run = store.registration.run else { return false }
        let update = try connection.prepared(.endRun).bind(run).bind(now).bind(Int64(exitStatus))
        try update.run()
        return update.changes > 0
    }
}

extension LedgerConnection {
    /// The row of an account at an address.
    func findScope(_ scope: LedgerScope) throws(SQLiteFailure) -> Int64? {
        let find = try prepared(.findScope).bind(scope.baseURL).bind(scope.account)
        defer { find.end() }
        return try find.step() ? find.int64(0) : nil
    }
}
