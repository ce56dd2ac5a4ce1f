// What the operations on effects do to the table. What they decide is in EffectRules.

import OneShotPay

extension LedgerUnit {
    mutating func claim(_ claim: EffectClaim) throws -> EffectClaimAnswer {
        guard let found = try find(effect: claim.key) else {
            let token = store.options.token()
            let insert = try connection.prepared(.insertEffect)
            try insert.bind(try ownScope()).bind(claim.key).bind(claim.mode.rawValue).bind(try ownRun()).bind(token)
                .bind(now).run()
            return .run(insert.insertedRow, token: token, attempt: 1)
        }
        let decision = EffectRules.decide(found.standing, mode: claim.mode)
        switch decision {
        case .run, .check:
            try connection.prepared(.grantEffect).bind(found.row).bind(claim.mode.rawValue).bind(try ownRun()).bind(now)
                .run()
            let attempt = found.attempts + 1
            return decision == .check
                ? .check(found.row, token: found.token, attempt: attempt)
                : .run(found.row, token: found.token, attempt: attempt)
        case .ran: return .ran(result: found.result)
        case .busy(let run): return .busy(run: run)
        case .inDoubt: return .inDoubt(try record(effect: claim.key))
        case .abandoned: return .abandoned(try record(effect: claim.key))
        }
    }

    /// Only the run that runs it may say how it ended: not if a person has decided meanwhile.
    mutating func finish(_ row: EffectRow, _ outcome: EffectOutcome) throws -> Bool {
        guard let run = store.registration.run, let scope = try knownScope() else { return false }
        let update = try connection.prepared(.finishEffect).bind(row).bind(scope).bind(run)
        switch outcome {
        case .done(let result): update.bind(EffectState.done.rawValue).bind(result).bindNull()
        case .failed(let problem): update.bind(EffectState.failed.rawValue).bindNull().bind(problem)
        case .notBegun: update.bind(EffectState.open.rawValue).bindNull().bindNull()
        }
        try update.bind(now).run()
        return update.changes > 0
    }

    mutating func resolve(effect key: String, _ verdict: EffectVerdict) throws -> Bool {
        guard let found = try find(effect: key), let state = EffectRules.decide(verdict, on: found.standing) else {
            return false
        }
        _ = try ownRun()
        try connection.prepared(.changeEffect).bind(found.row).bind(state.rawValue).bind(now).run()
        return true
    }

    // MARK: Rows

    private struct Found {
        var row: EffectRow
        var standing: EffectStanding
        var token: String
        var attempts: Int
        var result: String?
    }

    private mutating func find(effect key: String) throws -> Found? {
        guard let scope = try knownScope() else { return nil }
        let find = try connection.prepared(.findEffect).bind(scope).bind(key)
        defer { find.end() }
        guard try find.step() else { return nil }
        let state: EffectState = try find.value(1)
        let holder = liveness.holder(find.int64(2), isHeld: state == .running)
        return Found(
            row: find.int64(0), standing: EffectStanding(state: state, holder: holder), token: find.text(3),
            attempts: find.int(4), result: find.optionalText(5))
    }

    private mutating func record(effect key: String) throws -> EffectRecord {
        let read = try connection.prepared(.effectByKey).bind(try ownScope()).bind(key)
        defer { read.end() }
        guard try read.step() else { throw SQLiteFailure(damage: "the effect '\(key)' is gone") }
        return try read.effectRecord(scope, &liveness)
    }
}
