// What the operations on links do to a book. What they decide is in ClaimRules and VerdictRules.

import JSON
import OneShotPay

/// Who writes to a book, and when.
struct MemoryWriter {
    let scope: LedgerScope
    let now: Int64
    /// Makes tokens of effects.
    let token: @Sendable () -> String
    /// Given by the first write.
    var run: Int64?
}

extension MemoryBook.Content {
    mutating func perform(_ operation: LedgerOperation, _ writer: inout MemoryWriter) -> LedgerAnswer {
        changes += 1
        return switch operation {
        case .claim(let claim): .claim(self.claim(claim, &writer))
        case .sending(let row, let orphans): .changed(sending(row, possibleOrphans: orphans, writer))
        case .finish(let row, let outcome): .changed(finish(row, outcome, writer))
        case .observe(let link): .changed(observe(link, &writer))
        case .report(let link): .changed(report(link, &writer))
        case .lookedLate(let row): .changed(looked(late: row, writer))
        case .claimEffect(let claim): .effect(self.claim(claim, &writer))
        case .finishEffect(let row, let outcome): .changed(finish(row, outcome, writer))
        case .follow(let name, let since): .follower(since: follow(name, since: since, &writer))
        case .passOver(let query): .changed(passOver(query, &writer))
        case .resolve(let key, let verdict): .changed(resolve(key, verdict, &writer))
        case .dismiss(let row, let by): .changed(dismiss(row, by: by, &writer))
        case .resolveEffect(let key, let verdict): .changed(resolve(effect: key, verdict, &writer))
        case .endRun: .changed(writer.run != nil)
        }
    }

    mutating func ownRun(_ writer: inout MemoryWriter) -> Int64 {
        if let run = writer.run { return run }
        runs += 1
        livingRuns.insert(runs)
        writer.run = runs
        if !scopes.contains(writer.scope) { scopes.append(writer.scope) }
        return runs
    }

    // MARK: Links

    private mutating func claim(_ claim: LinkClaim, _ writer: inout MemoryWriter) -> LinkClaimAnswer {
        guard let key = claim.key, let place = linksByKey[.init(writer.scope, key)] else {
            return .granted(insert(claim, &writer), possibleOrphans: 0)
        }
        switch ClaimRules.decide(standing(place, writer, claim.terms), resendsInDoubt: claim.resendsInDoubt) {
        case .grant(let orphans):
            grant(place, claim, possibleOrphans: orphans, &writer)
            return .granted(links[place].record.row, possibleOrphans: orphans)
        case .halt(let orphans):
            if links[place].record.state != .inDoubt {
                _ = ownRun(&writer)
                let problem = ClaimRules.interruption(of: links[place].record.run)
                release(place, .inDoubt, possibleOrphans: orphans, problem: problem, writer)
            }
            return .inDoubt(record(place))
        case .recorded: return .recorded(record(place))
        case .busy(let run): return .busy(run: run)
        case .otherTerms: return .otherTerms(record(place))
        case .abandoned: return .abandoned(record(place))
        }
    }

    private mutating func sending(_ row: LinkRow, possibleOrphans: Int, _ writer: MemoryWriter) -> Bool {
        guard let place = ownPlace(row, writer), links[place].isHeld else { return false }
        links[place].record.state = .sent
        links[place].record.attempts += 1
        links[place].record.possibleOrphans = possibleOrphans
        links[place].record.updatedAt = writer.now
        return true
    }

    private mutating func finish(_ row: LinkRow, _ outcome: LinkOutcome, _ writer: MemoryWriter) -> Bool {
        guard let place = ownPlace(row, writer) else { return false }
        let isHeld = links[place].isHeld
        switch outcome {
        case .done(let link, let orphans):
            guard isHeld || links[place].record.state == .inDoubt else { return false }
            settle(place, link, possibleOrphans: orphans, writer)
        case .rejected(let problem, let orphans):
            guard isHeld else { return false }
            release(place, .rejected, possibleOrphans: orphans, problem: problem, writer)
        case .inDoubt(let problem, let known, let orphans, let isMade):
            guard isHeld else { return false }
            release(place, .inDoubt, possibleOrphans: orphans, problem: problem, writer)
            if let known { links[place].record.knownID = known }
            if known != nil || isMade { links[place].record.isMade = true }
        case .notSent(let problem, let orphans):
            guard isHeld else { return false }
            release(place, .prepared, possibleOrphans: orphans, problem: problem, writer)
        }
        return true
    }

    private mutating func observe(_ link: PayLink, _ writer: inout MemoryWriter) -> Bool {
        var hasChanged = false
        for place in linksByID[link.id] ?? [] where links[place].record.scope == writer.scope {
            guard let old = links[place].record.link else { continue }
            var new = link.asKept(page: old.page)
            // A look that shows no payment takes nothing back.
            new.isTakenAtItsWord = old.isTakenAtItsWord
            if new == old, !link.isTakenAtItsWord || old.isTakenAtItsWord { continue }
            new.isTakenAtItsWord = link.isTakenAtItsWord
            links[place].record.link = new
            links[place].note(new, now: writer.now, notBefore: mark(writer.scope))
            links[place].record.updatedAt = writer.now
            hasChanged = true
        }
        if hasChanged {
            note(link, writer)
            _ = ownRun(&writer)
        }
        return hasChanged
    }

    private mutating func report(_ link: PayLink, _ writer: inout MemoryWriter) -> Bool {
        guard link.payment != nil else { return false }
        note(link, isReported: true, writer)
        _ = ownRun(&writer)
        return true
    }

    /// Records the payment that a link shows, if it does.
    private mutating func note(_ link: PayLink, isReported: Bool = false, _ writer: MemoryWriter) {
        guard let payment = link.payment else { return }
        let key = MemoryBook.ScopedKey(writer.scope, link.id.description)
        var noted = payments[key] ?? []
        let place = noted.firstIndex { $0.seen.id == payment.id }
        let old = place.map { noted[$0].seen }
        // What is reported may have been seen anew since.
        let shown = isReported ? old?.payment ?? payment : payment
        let isSameEvent = place.map { noted[$0].event == link.paymentEvent } ?? false
        let now = max(writer.now, mark(writer.scope))
        let seenAt = isSameEvent ? old?.seenAt ?? now : now
        let seen = SeenPayment(
            shown, seenAt: seenAt, reportedAt: old?.reportedAt ?? (isReported ? writer.now : nil))
        let entry = MemoryBook.NotedPayment(seen: seen, event: link.paymentEvent)
        if let place { noted[place] = entry } else { noted.append(entry) }
        payments[key] = noted
    }

    /// Payments that were reported before a row had the link are events from now on, also behind a mark.
    private mutating func becomeEvents(_ link: PayLink, _ writer: MemoryWriter) {
        let key = MemoryBook.ScopedKey(writer.scope, link.id.description)
        let now = max(writer.now, mark(writer.scope))
        payments[key] = payments[key]?.map { noted in
            var noted = noted
            if noted.event != nil { noted.seen.seenAt = now }
            return noted
        }
    }

    private mutating func looked(late row: LinkRow, _ writer: MemoryWriter) -> Bool {
        guard row > 0, row <= links.count, links[Int(row) - 1].record.scope == writer.scope,
            links[Int(row) - 1].record.endedAt != nil
        else { return false }
        links[Int(row) - 1].lookedAt = writer.now
        return true
    }

    private mutating func resolve(_ key: String, _ verdict: LinkVerdict, _ writer: inout MemoryWriter) -> Bool {
        guard let place = linksByKey[.init(writer.scope, key)],
            let change = VerdictRules.decide(verdict, on: standing(place, writer))
        else { return false }
        if case .link(let link) = verdict,
            (linksByID[link.id] ?? []).contains(where: { $0 != place && links[$0].record.scope == writer.scope })
        {
            return false
        }
        _ = ownRun(&writer)
        if case .link(let link) = verdict {
            settle(place, link, possibleOrphans: change.possibleOrphans, writer)
        } else {
            let problem = links[place].record.problem
            release(place, change.state, possibleOrphans: change.possibleOrphans, problem: problem, writer)
            // Sending it again was allowed by a person.
            if change.state == .prepared { links[place].record.isMade = links[place].record.knownID != nil }
        }
        return true
    }

    // MARK: Rows of links

    private func ownPlace(_ row: LinkRow, _ writer: MemoryWriter) -> Int? {
        guard row > 0, row <= links.count else { return nil }
        let place = Int(row) - 1
        let record = links[place].record
        return record.scope == writer.scope && record.run == writer.run ? place : nil
    }

    func standing(_ place: Int, _ writer: MemoryWriter, _ terms: String? = nil) -> LinkStanding {
        let entry = links[place]
        return LinkStanding(
            state: entry.record.state, holder: holder(entry.record.run, isHeld: entry.isHeld, own: writer.run),
            hasSameTerms: terms.map { $0.utf8.elementsEqual(entry.record.terms.utf8) } ?? true,
            possibleOrphans: entry.record.possibleOrphans, hasKnownLink: entry.record.isMade)
    }

    private mutating func insert(_ claim: LinkClaim, _ writer: inout MemoryWriter) -> LinkRow {
        let run = ownRun(&writer)
        let record = LinkRecord(
            row: LinkRow(links.count + 1), scope: writer.scope, key: claim.key,
            state: claim.isSending ? .sent : .prepared, isRunAlive: true, terms: claim.terms, amount: claim.amount,
            description: claim.description, attempts: claim.isSending ? 1 : 0, possibleOrphans: 0, link: nil,
            knownID: nil, problem: nil, run: run, createdAt: writer.now, updatedAt: writer.now)
        if let key = claim.key { linksByKey[.init(writer.scope, key)] = links.count }
        links.append(MemoryBook.LinkEntry(record: record, isHeld: true))
        return record.row
    }

    private mutating func grant(
        _ place: Int, _ claim: LinkClaim, possibleOrphans: Int, _ writer: inout MemoryWriter
    ) {
        links[place].isHeld = true
        links[place].record.run = ownRun(&writer)
        links[place].record.state = claim.isSending ? .sent : .prepared
        links[place].record.attempts += claim.isSending ? 1 : 0
        links[place].record.possibleOrphans = possibleOrphans
        links[place].record.terms = claim.terms
        links[place].record.amount = claim.amount
        links[place].record.description = claim.description
        links[place].record.problem = nil
        links[place].record.updatedAt = writer.now
    }

    mutating func release(
        _ place: Int, _ state: LinkState, possibleOrphans: Int, problem: String?, _ writer: MemoryWriter
    ) {
        links[place].isHeld = false
        links[place].record.state = state
        links[place].record.possibleOrphans = possibleOrphans
        links[place].record.problem = problem
        links[place].record.updatedAt = writer.now
    }

    private mutating func settle(_ place: Int, _ link: PayLink, possibleOrphans: Int, _ writer: MemoryWriter) {
        release(place, .done, possibleOrphans: possibleOrphans, problem: nil, writer)
        links[place].record.link = link.asKept(
            page: CheckoutPage(
                baseURL: writer.scope.baseURL, locale: link.page.locale, closeOnComplete: link.page.closeOnComplete))
        if links[place].record.knownID == link.id {
            links[place].record.knownID = nil
            links[place].record.isMade = false
        }
        links[place].note(link, now: writer.now, notBefore: mark(writer.scope))
        note(link, writer)
        if link.payment != nil { becomeEvents(link, writer) }
        linksByID[link.id, default: []].append(place)
    }
}
