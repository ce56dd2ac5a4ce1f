// What the operations on effects do to a book. What they decide is in EffectRules.

import OneShotPay

extension MemoryBook.Content {
    mutating func claim(_ claim: EffectClaim, _ writer: inout MemoryWriter) -> EffectClaimAnswer {
        guard let place = effectsByKey[.init(writer.scope, claim.key)] else { return insert(claim, &writer) }
        let effect = effects[place]
        let decision = EffectRules.decide(standing(place, writer), mode: claim.mode)
        switch decision {
        case .run, .check:
            effects[place].mode = claim.mode
            effects[place].state = .running
            effects[place].run = ownRun(&writer)
            effects[place].attempts += 1
            effects[place].problem = nil
            effects[place].updatedAt = writer.now
            return decision == .check
                ? .check(effect.row, token: effect.token, attempt: effect.attempts + 1)
                : .run(effect.row, token: effect.token, attempt: effect.attempts + 1)
        case .ran: return .ran(result: effect.result)
        case .busy(let run): return .busy(run: run)
        case .inDoubt: return .inDoubt(effectRecord(place))
        case .abandoned: return .abandoned(effectRecord(place))
        }
    }

    mutating func finish(_ row: EffectRow, _ outcome: EffectOutcome, _ writer: MemoryWriter) -> Bool {
        guard row > 0, row <= effects.count else { return false }
        let place = Int(row) - 1
        guard effects[place].scope == writer.scope, effects[place].run == writer.run,
            effects[place].state == .running
        else { return false }
        switch outcome {
        case .done(let result):
            effects[place].state = .done
            effects[place].result = result
            effects[place].problem = nil
        case .failed(let problem):
            effects[place].state = .failed
            effects[place].problem = problem
        case .notBegun:
            effects[place].state = .open
        }
        effects[place].updatedAt = writer.now
        return true
    }

    mutating func resolve(effect key: String, _ verdict: EffectVerdict, _ writer: inout MemoryWriter) -> Bool {
        guard let place = effectsByKey[.init(writer.scope, key)],
            let state = EffectRules.decide(verdict, on: standing(place, writer))
        else { return false }
        _ = ownRun(&writer)
        effects[place].state = state
        effects[place].updatedAt = writer.now
        // Whoever counts since when it has been tried begins anew.
        if state == .open { effects[place].createdAt = writer.now }
        return true
    }

    private func standing(_ place: Int, _ writer: MemoryWriter) -> EffectStanding {
        let effect = effects[place]
        return EffectStanding(
            state: effect.state, holder: holder(effect.run, isHeld: effect.state == .running, own: writer.run))
    }

    private mutating func insert(_ claim: EffectClaim, _ writer: inout MemoryWriter) -> EffectClaimAnswer {
        let record = EffectRecord(
            row: EffectRow(effects.count + 1), scope: writer.scope, key: claim.key, mode: claim.mode, state: .running,
            isRunAlive: true, token: writer.token(), attempts: 1, result: nil, problem: nil,
            run: ownRun(&writer), createdAt: writer.now, updatedAt: writer.now)
        effectsByKey[.init(writer.scope, claim.key)] = effects.count
        effects.append(record)
        return .run(record.row, token: record.token, attempt: 1)
    }
}
