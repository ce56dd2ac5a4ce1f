// What is read from a ledger without changing it.

package import OneShotPay

extension SQLiteLedger {
    package func links(keys: [String]) throws(LedgerError) -> [LinkRecord?] {
        let scope = try ownScope()
        return try consistently { connection, liveness in
            guard let row = try connection.findScope(scope) else { return keys.map { _ in nil } }
            return try keys.map { key in
                let read = try connection.prepared(.linkByKey).bind(row).bind(key)
                defer { read.end() }
                return try read.step() ? try read.linkRecord(scope, &liveness) : nil
            }
        }
    }

    package func record(of id: PayLinkID) throws(LedgerError) -> LinkRecord? {
        let scope = try ownScope()
        return try consistently { connection, liveness in
            guard let row = try connection.findScope(scope) else { return nil }
            let read = try connection.prepared(.linkByLinkID).bind(id.description).bind(row)
            defer { read.end() }
            return try read.step() ? try read.linkRecord(scope, &liveness) : nil
        }
    }

    package func payments(of id: PayLinkID) throws(LedgerError) -> [SeenPayment] {
        let scope = try ownScope()
        return try read { connection in
            guard let row = try connection.findScope(scope) else { return [] }
            let read = try connection.prepared(.paymentsOfLink).bind(row).bind(id.description)
            defer { read.end() }
            var payments: [SeenPayment] = []
            while try read.step() {
                let payment: Payment
                do { payment = try read.withText(0) { try Payment(json: $0) } } catch {
                    throw SQLiteFailure(damage: "a payment of link \(id): \(error)")
                }
                payments.append(
                    SeenPayment(
                        payment, seenAt: read.int64(1), reportedAt: read.isNull(2) ? nil : read.int64(2)))
            }
            return payments
        }
    }

    package func keysOfOtherAccounts(
        among keys: [String]
    ) throws(LedgerError) -> [(key: String, account: String)] {
        let scope = try ownScope()
        return try read { connection in
            let others = try connection.accounts(besides: scope)
            var found: [(key: String, account: String)] = []
            for key in others.isEmpty ? [] : keys {
                for other in others {
                    let read = try connection.prepared(.stateByKey).bind(other.row).bind(key)
                    defer { read.end() }
                    guard try read.step() else { continue }
                    let state: LinkState = try read.value(0)
                    if [.done, .sent, .inDoubt].contains(state) { found.append((key, other.account)) }
                }
            }
            return found
        }
    }

    package func links(_ query: LinkQuery) throws(LedgerError) -> [LinkRecord] {
        try consistently { connection, liveness in
            var rest = query
            var records: [LinkRecord] = []
            while records.count < query.limit {
                rest.limit = query.limit - records.count
                let page = try rest.page(on: connection, &liveness)
                // Whether a sent row is in doubt is not in the database.
                records += query.isDoubtful ? page.filter { $0.isInDoubt || $0.possibleOrphans > 0 } : page
                // A link may have several payments in the period that is asked for.
                guard Set(page.map(\.row)).count == rest.limit, let last = page.last else { break }
                rest = rest.behind(last.row)
            }
            return records
        }
    }

    package func effect(key: String) throws(LedgerError) -> EffectRecord? {
        let scope = try ownScope()
        return try consistently { connection, liveness in
            guard let row = try connection.findScope(scope) else { return nil }
            let read = try connection.prepared(.effectByKey).bind(row).bind(key)
            defer { read.end() }
            return try read.step() ? try read.effectRecord(scope, &liveness) : nil
        }
    }

    package func effects(from first: String, before end: String, limit: Int) throws(LedgerError) -> [EffectRecord] {
        let scope = try ownScope()
        return try consistently { connection, liveness in
            guard let row = try connection.findScope(scope) else { return [] }
            let read = try connection.prepare(
                """
                SELECT \(LedgerSQL.effectColumns) FROM effects WHERE scope_id = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?
                """)
            read.bind(row).bind(first).bind(end).bind(limit)
            var records: [EffectRecord] = []
            while try read.step() { records.append(try read.effectRecord(scope, &liveness)) }
            return records
        }
    }

    package func effectsInDoubt(_ scope: LedgerScope?) throws(LedgerError) -> [EffectRecord] {
        try effects(
            where:
                "state <> 'done' AND state <> 'abandoned' AND state <> 'open' AND (?1 IS NULL OR (account = ?1 AND base_url = ?2))",
            scope?.account, scope?.baseURL
        ).filter(\.isInDoubt)
    }

    package func effects(key: String) throws(LedgerError) -> [EffectRecord] {
        try effects(where: "key = ?1 AND ?2 IS NULL", key, nil)
    }

    private func effects(
        where condition: String, _ first: String?, _ second: String?
    ) throws(LedgerError) -> [EffectRecord] {
        try consistently { connection, liveness in
            let read = try connection.prepare(
                """
                SELECT \(LedgerSQL.effectColumns), account, base_url
                FROM effects CROSS JOIN scopes ON scopes.id = scope_id WHERE \(condition) ORDER BY effects.id
                """)
            read.bind(first).bind(second)
            var records: [EffectRecord] = []
            while try read.step() {
                let scope = LedgerScope(account: read.text(11), baseURL: read.text(12))
                records.append(try read.effectRecord(scope, &liveness))
            }
            return records
        }
    }

    package func records(of id: PayLinkID) throws(LedgerError) -> [LinkRecord] {
        try consistently { connection, liveness in
            let read = try connection.prepare(
                """
                SELECT \(LedgerSQL.linkColumns), account, base_url
                FROM links CROSS JOIN scopes ON scopes.id = scope_id WHERE link_id = ? ORDER BY key IS NULL, links.id
                """)
            read.bind(id.description)
            defer { read.end() }
            return try read.linkRecords(&liveness)
        }
    }

    package func scopes() throws(LedgerError) -> [LedgerScope] {
        try read { connection in
            let read = try connection.prepare(
                """
                SELECT account, base_url FROM scopes WHERE EXISTS (SELECT 1 FROM links WHERE scope_id = scopes.id)
                ORDER BY id
                """)
            defer { read.end() }
            var found: [LedgerScope] = []
            while try read.step() { found.append(LedgerScope(account: read.text(0), baseURL: read.text(1))) }
            return found
        }
    }

    package func runs(command: String = "", limit: Int = 50) throws(LedgerError) -> [RunRecord] {
        try consistently { connection, liveness in
            let read = try connection.prepare(
                """
                SELECT id, command, pid, started_at, ended_at, exit_status FROM runs
                WHERE id > (SELECT max(id) FROM runs) - \(RunRecord.mostLookedAt) AND substr(command, 1, length(?1)) = ?1
                ORDER BY id DESC LIMIT ?2
                """)
            read.bind(command).bind(limit)
            var runs: [RunRecord] = []
            while try read.step() {
                runs.append(
                    RunRecord(
                        id: read.int64(0), command: read.text(1), pid: Int32(truncatingIfNeeded: read.int64(2)),
                        startedAt: read.int64(3), endedAt: read.isNull(4) ? nil : read.int64(4),
                        exitStatus: read.isNull(5) ? nil : Int32(truncatingIfNeeded: read.int64(5)),
                        isAlive: liveness.isAlive(read.int64(0), isHeld: read.isNull(4))))
            }
            return runs
        }
    }

    func ownScope() throws(LedgerError) -> LedgerScope {
        if let scope { return scope }
        throw LedgerError(.failed, "the ledger \(path) was opened without an account, and keys belong to one")
    }

    /// Reads rows and who is alive as of one moment.
    ///
    /// A run may record an end and die between the reading of its row and the question whether it lives. So when a
    /// run that holds a row turns out to be dead, everything is read again: from then on its rows change no more.
    func consistently<Value>(
        _ body: (LedgerConnection, inout Liveness) throws -> Value
    ) throws(LedgerError) -> Value {
        var liveness = Liveness(own: registration.run, locks: locks)
        while true {
            liveness.beginReading()
            let value = try read { try body($0, &liveness) }
            if !liveness.isOutdated { return value }
        }
    }
}

extension LedgerConnection {
    /// The other accounts at the same address.
    fileprivate func accounts(besides scope: LedgerScope) throws -> [(row: Int64, account: String)] {
        let read = try prepare("SELECT id, account FROM scopes WHERE base_url = ? AND account <> ? ORDER BY id")
        read.bind(scope.baseURL).bind(scope.account)
        var accounts: [(row: Int64, account: String)] = []
        while try read.step() { accounts.append((read.int64(0), read.text(1))) }
        return accounts
    }
}

extension PreparedStatement {
    /// All rows of ``LedgerSQL/linkColumns`` with the account and the address behind them.
    func linkRecords(_ liveness: inout Liveness) throws(SQLiteFailure) -> [LinkRecord] {
        var records: [LinkRecord] = []
        while try step() {
            let scope = LedgerScope(account: text(LedgerSQL.linkWidth), baseURL: text(LedgerSQL.linkWidth + 1))
            records.append(try linkRecord(scope, &liveness))
        }
        return records
    }
}
