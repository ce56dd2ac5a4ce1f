// Open links and events of a ledger in memory.

import OneShotPay

extension MemoryLedger {
    package func changeMark() throws(LedgerError) -> Int64 { try onBook { content, _ in content.changes } }

    package func openLinks(before last: LinkRow, limit: Int) throws(LedgerError) -> [LinkRow] {
        let scope = try ownScope()
        return try onBook { content, _ in
            let open = content.links.lazy.reversed().filter { entry in
                entry.record.row < last && entry.record.scope == scope && entry.record.link?.isOpen == true
            }
            return Array(open.map(\.record.row).prefix(limit))
        }
    }

    package func endedLinks(since: Int64) throws(LedgerError) -> [EndedLink] {
        let scope = try ownScope()
        return try onBook { content, _ in
            content.links.compactMap { entry in
                guard entry.record.scope == scope, let endedAt = entry.record.endedAt, endedAt >= since else {
                    return nil
                }
                return EndedLink(row: entry.record.row, endedAt: endedAt, lookedAt: entry.lookedAt)
            }
        }
    }

    package func links(rows: [LinkRow]) throws(LedgerError) -> [LinkRecord] {
        try onBook { content, _ in
            rows.filter { $0 > 0 && $0 <= content.links.count }.map { content.record(Int($0) - 1) }
        }
    }

    package func dismissals(of row: LinkRow) throws(LedgerError) -> [Dismissal] {
        try onBook { content, _ in content.dismissals[row] ?? [] }
    }

    package func followUps(_ query: FollowUpQuery) throws(LedgerError) -> [FollowUp] {
        let scope = try ownScope()
        return try onBook { content, _ in
            var found: [FollowUp] = []
            let passed = content.mark(query, scope)
            for (place, entry) in content.links.enumerated() where entry.record.scope == scope {
                guard let link = entry.record.link,
                    query.keyPrefix.map({ entry.record.key?.utf8.starts(with: $0.utf8) ?? false }) ?? true
                else { continue }
                for (mark, at, payment) in content.seen(query.event, entry)
                where at >= query.since && (at, entry.record.row) > query.after {
                    let key = query.prefix + link.id.description + mark
                    let effect = content.effectsByKey[.init(scope, key)].map { content.effects[$0] }
                    guard effect?.state != .done, effect?.state != .abandoned else { continue }
                    if effect == nil, at < passed { continue }
                    var record = content.record(place)
                    if let payment { record.link = record.link?.showing(payment) }
                    found.append(
                        FollowUp(
                            key: key, record: record, at: at,
                            effect: effect.map {
                                .init(
                                    state: $0.state, attempts: $0.attempts, begunAt: $0.createdAt,
                                    changedAt: $0.updatedAt)
                            }))
                }
            }
            return Array(found.sorted { ($0.at, $0.record.row) < ($1.at, $1.record.row) }.prefix(query.limit))
        }
    }
}

extension MemoryBook.Content {
    mutating func follow(_ name: String, since: Int64?, _ writer: inout MemoryWriter) -> Int64 {
        let key = MemoryBook.ScopedKey(writer.scope, name)
        if followers[key] == nil { _ = ownRun(&writer) }
        let begins = min(since ?? writer.now, writer.now)
        let settled = followers[key].map { since == nil ? $0 : min($0, begins) } ?? begins
        followers[key] = settled
        return settled
    }

    /// What has a time before it has an effect, or is not looked for.
    fileprivate func mark(_ query: FollowUpQuery, _ scope: LedgerScope) -> Int64 {
        guard let mark = marks[scope]?[.init(query)], mark.since <= query.since else { return query.since }
        return max(mark.claimedBefore, query.since)
    }

    /// No event is recorded as of before it, also where the clock was set back.
    func mark(_ scope: LedgerScope) -> Int64 { marks[scope]?.values.map(\.claimedBefore).max() ?? 0 }

    mutating func passOver(_ query: FollowUpQuery, _ writer: inout MemoryWriter) -> Bool {
        let mark = mark(query, writer.scope)
        var events: [(at: Int64, isClaimed: Bool)] = []
        for entry in links where entry.record.scope == writer.scope {
            guard let link = entry.record.link else { continue }
            let isAsked = query.keyPrefix.map { entry.record.key?.utf8.starts(with: $0.utf8) ?? false } ?? true
            for (name, at, _) in seen(query.event, entry) where at >= mark && at < writer.now {
                let effect = effectsByKey[.init(writer.scope, query.prefix + link.id.description + name)]
                events.append((at, effect != nil || !isAsked))
            }
        }
        guard events.count >= query.step.lowerBound else { return false }
        let behind = events.filter { $0.at > mark }.map(\.at).sorted().dropFirst(query.step.upperBound)
        let end = behind.first ?? writer.now
        let next = events.filter { !$0.isClaimed && $0.at < end }.map(\.at).min() ?? end
        guard next > mark else { return false }
        marks[writer.scope, default: [:]][.init(query)] = MemoryBook.Mark(since: query.since, claimedBefore: next)
        _ = ownRun(&writer)
        return next == end && end < writer.now
    }

    /// When an event was recorded, and what tells it from others of the link; of a reusable link, each payment.
    fileprivate func seen(
        _ event: LinkEvent, _ entry: MemoryBook.LinkEntry
    ) -> [(mark: String, at: Int64, payment: Payment?)] {
        if event != .expired, let link = entry.record.link, link.reusable {
            return (payments[.init(entry.record.scope, link.id.description)] ?? []).filter { $0.event == event }
                .map { (":\($0.seen.id)", $0.seen.seenAt, $0.payment) }
        }
        let found: (String, Int64)? =
            switch event {
            case .paid: entry.paidAt.flatMap { at in entry.paymentMark.map { ($0, at) } }
            case .underpaid: entry.underpaidAt.flatMap { at in entry.underpaidMark.map { ($0, at) } }
            case .expired: entry.expiredAt.map { ("", $0) }
            }
        return found.map { [($0.0, $0.1, nil)] } ?? []
    }
}

extension MemoryBook.LinkEntry {
    /// When the newest payment was made, by the service's clock; where it says nothing, when the payment was recorded.
    var paymentMoment: Int64? { record.link?.payment?.createdAt ?? paidAt ?? underpaidAt }

    /// Notes what a newly recorded state of the link says.
    mutating func note(_ link: PayLink, now: Int64, notBefore mark: Int64) {
        let at = max(now, mark)
        let isNews =
            (link.paymentMark.map { $0 != paymentMark } ?? false)
            || (link.underpaidMark.map { $0 != underpaidMark } ?? false)
        if isNews { isPaidLate = record.endedAt != nil && underpaidMark == nil }
        if let mark = link.paymentMark, mark != paymentMark { (paymentMark, paidAt) = (mark, at) }
        if let mark = link.underpaidMark, mark != underpaidMark { (underpaidMark, underpaidAt) = (mark, at) }
        if link.status == .expired, expiredAt == nil { expiredAt = at }
        record.endedAt = link.hasEnded ? record.endedAt ?? now : nil
    }
}
