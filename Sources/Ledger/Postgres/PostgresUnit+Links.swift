// What the operations on links do to the table. What they decide is in ClaimRules and VerdictRules.

import JSON
import OneShotPay

extension PostgresUnit {
    mutating func claim(_ claim: LinkClaim) throws(PostgresFailure) -> LinkClaimAnswer {
        while true {
            guard let key = claim.key, let found = try find(key, terms: claim.terms) else {
                // Somebody else may have made it since.
                guard let row = try insert(claim) else { continue }
                return .granted(row, possibleOrphans: 0)
            }
            return try answer(claim, found)
        }
    }

    private mutating func answer(_ claim: LinkClaim, _ found: Found) throws(PostgresFailure) -> LinkClaimAnswer {
        let row = found.row, now = now
        switch ClaimRules.decide(found.standing, resendsInDoubt: claim.resendsInDoubt) {
        case .grant(let orphans):
            try grant(row, claim, possibleOrphans: orphans)
            return .granted(row, possibleOrphans: orphans)
        case .halt(let orphans):
            if found.standing.state != .inDoubt {
                _ = try query(PostgresSQL.haltLink) {
                    $0.bind(row)
                    $0.bind(orphans)
                    $0.bind(ClaimRules.interruption(of: found.run))
                    $0.bind(now)
                }
            }
            return .inDoubt(try record(row))
        case .recorded: return .recorded(try record(row))
        case .busy(let run): return .busy(run: run)
        case .otherTerms: return .otherTerms(try record(row))
        case .abandoned: return .abandoned(try record(row))
        }
    }

    mutating func sending(_ row: LinkRow, possibleOrphans: Int) throws(PostgresFailure) -> Bool {
        guard let scope = try knownScope() else { return false }
        return try change(PostgresSQL.sendLink) {
            $0.bind(row)
            $0.bind(scope)
            $0.bind(run)
            $0.bind(possibleOrphans)
            $0.bind(now)
        }
    }

    /// Only the run that holds the row may say how it ended, or settle later what it left in doubt. Not if meanwhile
    /// another run has taken it over, or a person has decided.
    mutating func finish(_ row: LinkRow, _ outcome: LinkOutcome) throws(PostgresFailure) -> Bool {
        switch outcome {
        case .done(let link, let orphans):
            let scope = try ownScope()
            let hasChanged = try change(PostgresSQL.finishLink) {
                $0.bind(row)
                $0.bind(orphans)
                bind(link, to: &$0)
                $0.bind(scope)
                $0.bind(run)
            }
            if hasChanged { try noteFirst(link) }
            return hasChanged
        case .rejected, .inDoubt, .notSent:
            let end = Self.end(outcome)
            return try finish(row, end.state, end.problem, known: end.known, end.possibleOrphans)
        }
    }

    /// What is recorded of a request that brought no link.
    static func end(_ outcome: LinkOutcome) -> (
        state: LinkState, problem: String?, known: String?, possibleOrphans: Int
    ) {
        switch outcome {
        case .done(_, let orphans): (.done, nil, nil, orphans)
        case .rejected(let problem, let orphans): (.rejected, problem, nil, orphans)
        case .notSent(let problem, let orphans): (.prepared, problem, nil, orphans)
        case .inDoubt(let problem, let known, let orphans, let isMade):
            (.inDoubt, problem, known?.description ?? (isMade ? unknownID : nil), orphans)
        }
    }

    mutating func observe(_ link: PayLink) throws(PostgresFailure) -> Bool {
        guard let scope = try knownScope() else { return false }
        let hasChanged = try change(PostgresSQL.observeLink) {
            $0.bind(link.id.description)
            $0.bind(scope)
            $0.bind(link.status.name)
            bind(json: link, to: &$0)
            $0.bind(now)
            $0.bind(link.isOpen)
            $0.bind(link.paymentMark)
            $0.bind(link.underpaidMark)
            $0.bind(link.hasEnded)
        }
        if hasChanged { try note(link) }
        return hasChanged
    }

    /// A link that has ended was looked at for a late payment.
    mutating func looked(late row: LinkRow) throws(PostgresFailure) -> Bool {
        guard let scope = try knownScope() else { return false }
        return try change(PostgresSQL.lookLate) {
            $0.bind(row)
            $0.bind(scope)
            $0.bind(now)
        }
    }

    mutating func resolve(_ key: String, _ verdict: LinkVerdict) throws(PostgresFailure) -> Bool {
        guard let found = try find(key, terms: nil), let change = VerdictRules.decide(verdict, on: found.standing)
        else {
            return false
        }
        if case .link(let link) = verdict {
            if try isOfAnotherRow(link, than: found.row) { return false }
            _ = try query(PostgresSQL.settleLink) {
                $0.bind(found.row)
                $0.bind(change.possibleOrphans)
                bind(link, to: &$0)
            }
            try noteFirst(link)
        } else {
            try self.change(found.row, to: change.state, possibleOrphans: change.possibleOrphans)
        }
        return true
    }

    mutating func dismiss(_ row: LinkRow, by: String) throws(PostgresFailure) -> Bool {
        guard let scope = try knownScope() else { return false }
        while true {
            let found = try query(PostgresSQL.standing) {
                $0.bind(row)
                $0.bind(scope)
            }
            guard found.count > 0 else { return false }
            let other = found.int64(0, 1), isHeld = found.bool(0, 2)
            if try isToBeReadAgain(other, isHeld: isHeld) { continue }
            let standing = LinkStanding(
                state: try state(found, 0), holder: try holder(other, isHeld: isHeld), possibleOrphans: found.int(0, 3))
            guard let change = DismissalRules.decide(on: standing, hasKey: found.bool(0, 4)) else { return false }
            try self.change(row, to: change.state, possibleOrphans: 0)
            _ = try query(PostgresSQL.insertDismissal) {
                $0.bind(row)
                $0.bind(change.orphans)
                $0.bind(by)
                $0.bind(now)
                $0.bind(run)
            }
            return true
        }
    }

    // MARK: Rows

    /// What `known_id` holds when a link was made and its id is not known.
    private static let unknownID = ""

    struct Found {
        var row: LinkRow
        var run: Int64
        var standing: LinkStanding
    }

    /// The row of a key, locked. Whoever holds it is judged before: a run that is dead commits nothing more, and so what is
    /// read then stays as it is.
    private mutating func find(_ key: String, terms: String?) throws(PostgresFailure) -> Found? {
        guard let scope = try knownScope() else { return nil }
        while true {
            let seen = try query(PostgresSQL.findLink) { Self.bind(scope, key, terms, to: &$0) }
            guard seen.count > 0 else { return nil }
            if seen.bool(0, 3), seen.int64(0, 2) != run { _ = try judge(seen.int64(0, 2)) }
            let found = try query(PostgresSQL.lockLink) { Self.bind(scope, key, terms, to: &$0) }
            guard found.count > 0 else { continue }
            let other = found.int64(0, 2), isHeld = found.bool(0, 3)
            // Another run has taken it since.
            guard !isHeld || other == run || judged.contains(other) else { continue }
            let standing = LinkStanding(
                state: try state(found, 1), holder: try holder(other, isHeld: isHeld), hasSameTerms: found.bool(0, 5),
                possibleOrphans: found.int(0, 4), hasKnownLink: found.bool(0, 6))
            return Found(row: found.int64(0, 0), run: other, standing: standing)
        }
    }

    private static func bind(_ scope: Int64, _ key: String, _ terms: String?, to batch: inout PostgresBatch) {
        batch.bind(scope)
        batch.bind(key)
        batch.bind(terms)
    }

    /// Whether the run that holds a row was fenced just now.
    private mutating func isToBeReadAgain(_ other: Int64, isHeld: Bool) throws(PostgresFailure) -> Bool {
        guard isHeld, other != run, !judged.contains(other) else { return false }
        return try !judge(other)
    }

    func state<Value: RawRepresentable>(_ result: PostgresResult, _ column: Int) throws(PostgresFailure) -> Value
    where Value.RawValue == String {
        if let value = Value(rawValue: result.text(0, column)) { return value }
        throw .lost("'\(result.text(0, column))' is no \(Value.self)")
    }

    /// Whether another key has this link already.
    private mutating func isOfAnotherRow(_ link: PayLink, than row: LinkRow) throws(PostgresFailure) -> Bool {
        guard let scope = try knownScope() else { return false }
        _ = try query(PostgresSQL.lockLinkID) {
            $0.bind(link.id.description)
            $0.bind(scope)
        }
        return try query(PostgresSQL.otherRowOfLink) {
            $0.bind(link.id.description)
            $0.bind(scope)
            $0.bind(row)
        }.count > 0
    }

    /// `nil`: the key has a row by now.
    private mutating func insert(_ claim: LinkClaim) throws(PostgresFailure) -> LinkRow? {
        let scope = try ownScope()
        let made = try query(PostgresSQL.insertLink) {
            $0.bind(scope)
            $0.bind(claim.key)
            $0.bind(run)
            $0.bind(claim.isSending ? 1 : 0)
            $0.bind(claim.terms)
            $0.bind(claim.amount.microUSDC)
            $0.bind(claim.description)
            $0.bind(now)
        }
        return made.count > 0 ? made.int64(0, 0) : nil
    }

    private func grant(_ row: LinkRow, _ claim: LinkClaim, possibleOrphans: Int) throws(PostgresFailure) {
        _ = try query(PostgresSQL.grantLink) {
            $0.bind(row)
            $0.bind(run)
            $0.bind(claim.isSending ? 1 : 0)
            $0.bind(possibleOrphans)
            $0.bind(claim.terms)
            $0.bind(claim.amount.microUSDC)
            $0.bind(claim.description)
            $0.bind(now)
        }
    }

    private mutating func finish(
        _ row: LinkRow, _ state: LinkState, _ problem: String?, known: String?, _ possibleOrphans: Int
    ) throws(PostgresFailure) -> Bool {
        let scope = try ownScope()
        return try change(PostgresSQL.finishWithoutLink) {
            $0.bind(row)
            $0.bind(scope)
            $0.bind(run)
            $0.bind(state.rawValue)
            $0.bind(possibleOrphans)
            $0.bind(problem)
            $0.bind(known)
            $0.bind(now)
        }
    }

    private func change(_ row: LinkRow, to state: LinkState, possibleOrphans: Int) throws(PostgresFailure) {
        _ = try query(PostgresSQL.changeLink) {
            $0.bind(row)
            $0.bind(state.rawValue)
            $0.bind(possibleOrphans)
            $0.bind(now)
        }
    }

    /// Binds parameters 3 to 13 of a link that is recorded.
    private func bind(_ link: PayLink, to batch: inout PostgresBatch) {
        batch.bind(link.id.description)
        batch.bind(link.status.name)
        batch.bind(link.url)
        batch.bind(link.page.locale.rawValue)
        batch.bind(link.page.closeOnComplete)
        bind(json: link, to: &batch)
        batch.bind(now)
        batch.bind(link.isOpen)
        batch.bind(link.paymentMark)
        batch.bind(link.underpaidMark)
        batch.bind(link.hasEnded)
    }

    private func bind(json link: PayLink, to batch: inout PostgresBatch) {
        store.json.reset()
        link.write(to: store.json)
        batch.bind(json: store.json.bytes)
    }
}
