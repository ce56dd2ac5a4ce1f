// What the operations on effects do to the table. What they decide is in EffectRules.

import OneShotPay

extension PostgresUnit {
    mutating func claim(_ claim: EffectClaim) throws(PostgresFailure) -> EffectClaimAnswer {
        while true {
            guard let found = try find(effect: claim.key) else {
                let token = store.options.token(), scope = try ownScope()
                let made = try query(PostgresSQL.insertEffect) {
                    $0.bind(scope)
                    $0.bind(claim.key)
                    $0.bind(claim.mode.rawValue)
                    $0.bind(run)
                    $0.bind(token)
                    $0.bind(now)
                }
                // Somebody else may have made it since.
                guard made.count > 0 else { continue }
                return .run(made.int64(0, 0), token: token, attempt: 1)
            }
            return try answer(claim, found)
        }
    }

    private mutating func answer(_ claim: EffectClaim, _ found: FoundEffect) throws(PostgresFailure)
        -> EffectClaimAnswer
    {
        let decision = EffectRules.decide(found.standing, mode: claim.mode)
        switch decision {
        case .run, .check:
            _ = try query(PostgresSQL.grantEffect) {
                $0.bind(found.row)
                $0.bind(claim.mode.rawValue)
                $0.bind(run)
                $0.bind(now)
            }
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
    mutating func finish(_ row: EffectRow, _ outcome: EffectOutcome) throws(PostgresFailure) -> Bool {
        guard let scope = try knownScope() else { return false }
        let (state, result, problem): (EffectState, String?, String?) =
            switch outcome {
            case .done(let result): (.done, result, nil)
            case .failed(let problem): (.failed, nil, problem)
            case .notBegun: (.open, nil, nil)
            }
        return try change(PostgresSQL.finishEffect) {
            $0.bind(row)
            $0.bind(scope)
            $0.bind(run)
            $0.bind(state.rawValue)
            $0.bind(result)
            $0.bind(problem)
            $0.bind(now)
        }
    }

    mutating func resolve(effect key: String, _ verdict: EffectVerdict) throws(PostgresFailure) -> Bool {
        guard let found = try find(effect: key), let state = EffectRules.decide(verdict, on: found.standing) else {
            return false
        }
        _ = try query(PostgresSQL.changeEffect) {
            $0.bind(found.row)
            $0.bind(state.rawValue)
            $0.bind(now)
        }
        return true
    }

    // MARK: Rows

    struct FoundEffect {
        var row: EffectRow
        var standing: EffectStanding
        var token: String
        var attempts: Int
        var result: String?
    }

    /// As for a link's row.
    private mutating func find(effect key: String) throws(PostgresFailure) -> FoundEffect? {
        guard let scope = try knownScope() else { return nil }
        func bind(_ batch: inout PostgresBatch) {
            batch.bind(scope)
            batch.bind(key)
        }
        while true {
            let seen = try query(PostgresSQL.findEffect, bind)
            guard seen.count > 0 else { return nil }
            let first = seen.int64(0, 2)
            if seen.text(0, 1) == EffectState.running.rawValue, first != run { _ = try judge(first) }
            let found = try query(PostgresSQL.lockEffect, bind)
            guard found.count > 0 else { continue }
            let other = found.int64(0, 2)
            let state: EffectState = try state(found, 1)
            guard state != .running || other == run || judged.contains(other) else { continue }
            let holder = try holder(other, isHeld: state == .running)
            return FoundEffect(
                row: found.int64(0, 0), standing: EffectStanding(state: state, holder: holder), token: found.text(0, 3),
                attempts: found.int(0, 4), result: found.optionalText(0, 5))
        }
    }
}
