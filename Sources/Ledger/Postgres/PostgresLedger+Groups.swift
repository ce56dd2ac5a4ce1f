// Groups of changes of one run: how they are committed, and what becomes of one whose answer was lost.

import OneShotPay

extension PostgresLedger {
    package func perform(_ operations: [LedgerOperation]) throws(LedgerError) -> [LedgerAnswer] {
        if operations.isEmpty { return [] }
        guard let scope else {
            throw LedgerError(.failed, "the ledger \(place) is open for reading only: no account was named")
        }
        // A process that has changed nothing leaves no trace.
        if lifeline == nil, try !mayChange(operations, scope) { return operations.map { _ in .changed(false) } }
        // Everything is decided inside the transaction, so it can be made again from the start.
        var isQuick = options.isQuick
        return try patiently { (connection) throws(PostgresFailure) in
            if let last = try settled(connection), last.operations == operations { return try keep(last, connection) }
            let group = PostgresGroup(run: try living().run, after: lastMark)
            var done = Unanswered(group: group, operations: operations, scopeRow: scopeRow)
            do throws(PostgresFailure) {
                if isQuick, let scopeRow,
                    let quick = PostgresQuickGroup(
                        operations, scope: scopeRow, run: done.group.run, now: options.now?())
                {
                    done.quick = quick
                    done.answers = try quick.perform(done.group, on: connection, json, until: deadline)
                } else {
                    try performStepwise(operations, scope, &done, connection)
                }
            } catch {
                if error.kind == .lost, done.isSent { unanswered = done }
                if error.state == PostgresQuickGroup.conflict { isQuick = false }
                throw error
            }
            return try keep(done, connection)
        }
    }

    /// Runs a body in a transaction of this run, which is fenced and marked as a group is.
    func transact<Value>(
        _ body: (inout PostgresUnit) throws(PostgresFailure) -> Value
    ) throws(LedgerError) -> Value {
        var sent: (group: PostgresGroup, value: Value)?
        return try patiently { (connection) throws(PostgresFailure) in
            if let last = sent {
                let isCommitted = try last.group.isCommitted(on: connection, until: deadline)
                sent = nil
                if isCommitted {
                    lastMark = last.group.id
                    return last.value
                }
            }
            _ = try settled(connection)
            let group = PostgresGroup(run: try living().run, after: lastMark)
            try group.begin(on: connection, until: deadline)
            do throws(PostgresFailure) {
                var unit = PostgresUnit(
                    store: self, connection: connection, scope: scope ?? LedgerScope(account: "", baseURL: ""),
                    run: group.run, deadline: deadline)
                let value = try body(&unit)
                sent = (group, value)
                try group.commit(on: connection, until: deadline)
                lastMark = group.id
                return value
            } catch {
                if error.kind != .lost { sent = nil }
                group.rollBack(on: connection, until: deadline)
                throw error
            }
        }
    }

    /// One operation after the other, each as the one before has left the rows.
    private func performStepwise(
        _ operations: [LedgerOperation], _ scope: LedgerScope, _ done: inout Unanswered,
        _ connection: PostgresConnection
    ) throws(PostgresFailure) {
        let group = done.group
        try group.begin(on: connection, until: deadline)
        do throws(PostgresFailure) {
            var unit = PostgresUnit(
                store: self, connection: connection, scope: scope, run: group.run, deadline: deadline)
            var answers: [LedgerAnswer] = []
            for operation in operations { answers.append(try unit.perform(operation)) }
            (done.answers, done.scopeRow) = (answers, unit.scopeRow)
            try group.commit(on: connection, until: deadline)
        } catch {
            group.rollBack(on: connection, until: deadline)
            throw error
        }
    }

    /// A group that was sent to be committed, and what it answers if it is.
    struct Unanswered {
        var group: PostgresGroup
        var operations: [LedgerOperation]
        var answers: [LedgerAnswer]?
        var scopeRow: Int64?
        /// Its answers come with its commit, or from the rows.
        var quick: PostgresQuickGroup?

        /// Whether it may be committed.
        var isSent: Bool { answers != nil || quick != nil }
    }

    /// The last group, if its answer was lost and it is committed all the same; asked before anything is done again.
    private func settled(_ connection: PostgresConnection) throws(PostgresFailure) -> Unanswered? {
        guard let last = unanswered else { return nil }
        let isCommitted = try last.group.isCommitted(on: connection, until: deadline)
        unanswered = nil
        return isCommitted ? last : nil
    }

    private func keep(
        _ done: Unanswered, _ connection: PostgresConnection
    ) throws(PostgresFailure) -> [LedgerAnswer] {
        var answers = done.answers ?? []
        if done.answers == nil, let quick = done.quick {
            answers = try quick.recover(after: newestRow, on: connection, until: deadline)
        }
        scopeRow = done.scopeRow
        lastMark = done.group.id
        for case .claim(.granted(let row, _)) in answers { newestRow = max(newestRow, row) }
        for case .follow(let name, _) in done.operations where watch?.name != name { watch = PostgresWatch(name) }
        commits += 1
        if let scope, let news = LedgerNews(done.operations, answers) { lifeline?.tell(news, of: scope) }
        return answers
    }

    /// Whether any of these operations can find something to change, while this store has no run.
    private func mayChange(_ operations: [LedgerOperation], _ scope: LedgerScope) throws(LedgerError) -> Bool {
        var concernsOthers = false
        for operation in operations {
            switch operation {
            case .claim, .claimEffect, .follow, .passOver, .report: return true
            case .observe, .resolve, .dismiss, .resolveEffect, .lookedLate: concernsOthers = true
            case .sending, .finish, .finishEffect, .endRun: continue  // of its own run, which it does not have
            }
        }
        guard concernsOthers else { return false }
        if scopeRow != nil { return true }
        return try patiently { (connection) throws(PostgresFailure) in
            try connection.query(PostgresSQL.findScope, until: deadline) {
                $0.bind(scope.baseURL)
                $0.bind(scope.account)
            }.count > 0
        }
    }
}
