// What the operations on links do to the table. What they decide is in ClaimRules and VerdictRules.

import JSON
import OneShotPay

extension LedgerUnit {
    mutating func claim(_ claim: LinkClaim) throws -> LinkClaimAnswer {
        // A run that makes new links makes more of them; whether the key is there is found out by the insertion itself.
        if store.isMakingNew, claim.key != nil, let row = try insertIfNew(claim) {
            return .granted(row, possibleOrphans: 0)
        }
        let found = try claim.key.flatMap { try find($0, terms: claim.terms) }
        store.isMakingNew = found == nil
        guard let found else { return .granted(try insert(claim), possibleOrphans: 0) }
        let row = found.row
        switch ClaimRules.decide(found.standing, resendsInDoubt: claim.resendsInDoubt) {
        case .grant(let orphans):
            try grant(row, claim, possibleOrphans: orphans)
            return .granted(row, possibleOrphans: orphans)
        case .halt(let orphans):
            if found.standing.state != .inDoubt {
                _ = try ownRun()
                try connection.prepared(.haltLink).bind(row).bind(orphans)
                    .bind(ClaimRules.interruption(of: found.run)).bind(now).run()
            }
            return .inDoubt(try record(row))
        case .recorded: return .recorded(try record(row))
        case .busy(let run): return .busy(run: run)
        case .otherTerms: return .otherTerms(try record(row))
        case .abandoned: return .abandoned(try record(row))
        }
    }

    mutating func sending(_ row: LinkRow, possibleOrphans: Int) throws -> Bool {
        guard let scope = try knownScope(), let run = store.registration.run else { return false }
        let update = try connection.prepared(.sendLink).bind(row).bind(scope).bind(run).bind(possibleOrphans).bind(now)
        try update.run()
        return update.changes > 0
    }

    /// Only the run that holds the row may say how it ended, or settle later what it left in doubt. Not if meanwhile
    /// another run has taken it over, or a person has decided.
    mutating func finish(_ row: LinkRow, _ outcome: LinkOutcome) throws -> Bool {
        guard let run = store.registration.run else { return false }
        switch outcome {
        case .done(let link, let orphans):
            let update = try connection.prepared(.finishLink)
            bind(link, to: update.bind(row).bind(orphans)).bind(try ownScope()).bind(run).bind(now)
                .bind(link.isOpen).bind(link.paymentMark).bind(link.underpaidMark).bind(link.hasEnded)
            try update.run()
            guard update.changes > 0 else { return false }
            try noteFirst(link)
            return true
        case .rejected(let problem, let orphans):
            return try finish(row, .rejected, run, problem, known: nil, orphans)
        case .inDoubt(let problem, let known, let orphans, let isMade):
            let known = known?.description ?? (isMade ? Self.unknownID : nil)
            return try finish(row, .inDoubt, run, problem, known: known, orphans)
        case .notSent(let problem, let orphans):
            return try finish(row, .prepared, run, problem, known: nil, orphans)
        }
    }

    mutating func observe(_ link: PayLink) throws -> Bool {
        guard let scope = try knownScope() else { return false }
        let update = try connection.prepared(.observeLink).bind(link.id.description).bind(scope).bind(link.status.name)
        store.json.reset()
        link.write(to: store.json)
        update.bind(utf8: store.json.bytes)
        try update.bind(now).bind(link.isOpen).bind(link.paymentMark).bind(link.underpaidMark).bind(link.hasEnded).run()
        guard update.changes > 0 else { return false }
        try note(link)
        _ = try ownRun()
        return true
    }

    /// A link that has ended was looked at for a late payment.
    func looked(late row: LinkRow) throws -> Bool {
        guard let scope = try knownScope() else { return false }
        let update = try connection.prepared(.lookLate).bind(row).bind(scope).bind(now)
        try update.run()
        return update.changes > 0
    }

    mutating func resolve(_ key: String, _ verdict: LinkVerdict) throws -> Bool {
        guard let found = try find(key, terms: nil), let change = VerdictRules.decide(verdict, on: found.standing)
        else {
            return false
        }
        if case .link(let link) = verdict, try isOfAnotherRow(link, than: found.row) { return false }
        _ = try ownRun()
        if case .link(let link) = verdict {
            let update = try connection.prepared(.settleLink).bind(found.row).bind(change.possibleOrphans)
            // Two parameters of the shared columns have no use here.
            try bind(link, to: update).bindNull().bindNull().bind(now).bind(link.isOpen).bind(link.paymentMark)
                .bind(link.underpaidMark).bind(link.hasEnded).run()
            try noteFirst(link)
        } else {
            try connection.prepared(.changeLink).bind(found.row).bind(change.state.rawValue)
                .bind(change.possibleOrphans).bind(now).run()
        }
        return true
    }

    // MARK: Rows

    /// What `known_id` holds when a link was made and its id is not known.
    private static let unknownID = ""

    /// Whether another key has this link already.
    private func isOfAnotherRow(_ link: PayLink, than row: LinkRow) throws -> Bool {
        guard let scope = try knownScope() else { return false }
        let other = try connection.prepared(.otherRowOfLink).bind(link.id.description).bind(scope).bind(row)
        defer { other.end() }
        return try other.step()
    }

    private mutating func find(
        _ key: String, terms: String?
    ) throws -> (row: LinkRow, run: Int64, standing: LinkStanding)? {
        guard let scope = try knownScope() else { return nil }
        let find = try connection.prepared(.findLink).bind(scope).bind(key).bind(terms)
        defer { find.end() }
        guard try find.step() else { return nil }
        let run = find.int64(2)
        let standing = LinkStanding(
            state: try find.value(1), holder: liveness.holder(run, isHeld: find.bool(3)), hasSameTerms: find.bool(5),
            possibleOrphans: find.int(4), hasKnownLink: find.bool(6))
        return (find.int64(0), run, standing)
    }

    private mutating func insertIfNew(_ claim: LinkClaim) throws -> LinkRow? {
        let insert = try bind(claim, to: .insertNewLink)
        try insert.run()
        return insert.changes > 0 ? insert.insertedRow : nil
    }

    private mutating func insert(_ claim: LinkClaim) throws -> LinkRow {
        let insert = try bind(claim, to: .insertLink)
        try insert.run()
        return insert.insertedRow
    }

    private mutating func bind(_ claim: LinkClaim, to statement: LedgerSQL) throws -> PreparedStatement {
        let run = try ownRun()
        let scope = try ownScope()
        return try connection.prepared(statement).bind(scope).bind(claim.key).bind(run).bind(claim.isSending)
            .bind(claim.terms).bind(claim.amount.microUSDC).bind(claim.description).bind(now)
    }

    private mutating func grant(_ row: LinkRow, _ claim: LinkClaim, possibleOrphans: Int) throws {
        let run = try ownRun()
        try connection.prepared(.grantLink).bind(row).bind(run).bind(claim.isSending).bind(possibleOrphans)
            .bind(claim.terms).bind(claim.amount.microUSDC).bind(claim.description).bind(now).run()
    }

    private func finish(
        _ row: LinkRow, _ state: LinkState, _ run: Int64, _ problem: String, known: String?, _ possibleOrphans: Int
    ) throws -> Bool {
        let update = try connection.prepared(.finishWithoutLink)
        try update.bind(row).bind(try ownScope()).bind(run).bind(state.rawValue).bind(possibleOrphans).bind(problem)
            .bind(known).bind(now).run()
        return update.changes > 0
    }

    private mutating func record(_ row: LinkRow) throws -> LinkRecord {
        let read = try connection.prepared(.linkByRow).bind(row)
        defer { read.end() }
        guard try read.step() else { throw SQLiteFailure(damage: "row \(row) of links is gone") }
        return try read.linkRecord(scope, &liveness)
    }

    /// Binds parameters 3 to 8 of ``LedgerSQL/doneColumns``.
    private func bind(_ link: PayLink, to update: PreparedStatement) -> PreparedStatement {
        update.bind(link.id.description).bind(link.status.name).bind(link.url).bind(link.page.locale.rawValue)
            .bind(link.page.closeOnComplete)
        store.json.reset()
        link.write(to: store.json)
        update.bind(utf8: store.json.bytes)
        return update
    }
}
