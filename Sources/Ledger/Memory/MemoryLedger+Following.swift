// Open links and events of a ledger in memory.

import OneShotPay

extension MemoryLedger {
    package func changeMark() throws(LedgerError) -> Int64 { try onBook { content, _ in content.changes } }

    package func openLinks() throws(LedgerError) -> [LinkRow] {
        let scope = try ownScope()
        return try onBook { content, _ in
            content.links.filter { $0.record.scope == scope && $0.record.link?.isOpen == true }.map(\.record.row)
        }
    }

    package func endedLinks(since: Int64) throws(LedgerError) -> [EndedLink] {
        let scope = try ownScope()
        return try onBook { content, _ in
            content.links.compactMap { entry in
                guard entry.record.scope == scope, let endedAt = entry.record.endedAt, endedAt >= since else { return nil }
                return EndedLink(row: entry.record.row, endedAt: endedAt, lookedAt: entry.lookedAt)
            }
        }
    }

    package func links(rows: [LinkRow]) throws(LedgerError) -> [LinkRecord] {
        try onBook { content, _ in
            rows.filter { $0 > 0 && $0 <= content.links.count }.map { content.record(Int($0) - 1) }
        }
    }

    package func followUps(_ query: FollowUpQuery) throws(LedgerError) -> [FollowUp] {
        let scope = try ownScope()
        return try onBook { content, _ in
            var found: [FollowUp] = []
            for (place, entry) in content.links.enumerated() where entry.record.scope == scope {
                guard let link = entry.record.link, let (mark, at) = entry.seen(query.event), at >= query.since,
                    (at, entry.record.row) > query.after,
                    query.keyPrefix.map({ entry.record.key?.utf8.starts(with: $0.utf8) ?? false }) ?? true
                else { continue }
                let key = query.prefix + link.id.description + mark
                let effect = content.effectsByKey[.init(scope, key)].map { content.effects[$0] }
                guard effect?.state != .done, effect?.state != .abandoned else { continue }
                found.append(
                    FollowUp(
                        key: key, record: content.record(place), at: at,
                        effect: effect.map { .init(state: $0.state, attempts: $0.attempts) }))
            }
            return Array(found.sorted { ($0.at, $0.record.row) < ($1.at, $1.record.row) }.prefix(query.limit))
        }
    }
}

extension MemoryBook.LinkEntry {
    /// When an event was recorded, and what tells it from others of the link.
    fileprivate func seen(_ event: LinkEvent) -> (mark: String, at: Int64)? {
        switch event {
        case .paid: paidAt.flatMap { at in paymentMark.map { ($0, at) } }
        case .underpaid: underpaidAt.flatMap { at in underpaidMark.map { ($0, at) } }
        case .expired: expiredAt.map { ("", $0) }
        }
    }

    /// When the newest payment was made, by the service's clock; where it says nothing, when the payment was recorded.
    var paymentMoment: Int64? { record.link?.payment?.createdAt ?? paidAt ?? underpaidAt }

    /// Notes what a newly recorded state of the link says.
    mutating func note(_ link: PayLink, now: Int64) {
        if let mark = link.paymentMark, mark != paymentMark { (paymentMark, paidAt) = (mark, now) }
        if let mark = link.underpaidMark, mark != underpaidMark { (underpaidMark, underpaidAt) = (mark, now) }
        if link.status == .expired, expiredAt == nil { expiredAt = now }
        record.endedAt = link.hasEnded ? record.endedAt ?? now : nil
    }
}
