// Open links and events for `paylink watch`, read without changing anything.

import OneShotPay

extension SQLiteLedger {
    package func changeMark() throws(LedgerError) -> Int64 {
        try read { connection in
            let read = try connection.prepared(.changeMark)
            defer { read.end() }
            return try read.step() ? read.int64(0) &* 1_000_003 &+ read.int64(1) : 0
        }
    }

    package func openLinks(before last: LinkRow, limit: Int) throws(LedgerError) -> [LinkRow] {
        let scope = try ownScope()
        return try read { connection in
            guard let row = try connection.findScope(scope) else { return [] }
            let read = try connection.prepared(.openLinks).bind(row).bind(last).bind(limit)
            defer { read.end() }
            var rows: [LinkRow] = []
            while try read.step() { rows.append(read.int64(0)) }
            return rows
        }
    }

    package func endedLinks(since: Int64) throws(LedgerError) -> [EndedLink] {
        let scope = try ownScope()
        return try read { connection in
            guard let row = try connection.findScope(scope) else { return [] }
            let read = try connection.prepared(.endedLinks).bind(row).bind(since)
            defer { read.end() }
            var ended: [EndedLink] = []
            while try read.step() {
                let lookedAt = read.isNull(2) ? nil : read.int64(2)
                ended.append(EndedLink(row: read.int64(0), endedAt: read.int64(1), lookedAt: lookedAt))
            }
            return ended
        }
    }

    package func links(rows: [LinkRow]) throws(LedgerError) -> [LinkRecord] {
        let scope = try ownScope()
        return try consistently { connection, liveness in
            try rows.compactMap { row in
                let read = try connection.prepared(.linkByRow).bind(row)
                defer { read.end() }
                return try read.step() ? try read.linkRecord(scope, &liveness) : nil
            }
        }
    }

    package func followUps(_ query: FollowUpQuery) throws(LedgerError) -> [FollowUp] {
        let scope = try ownScope()
        return try consistently { connection, liveness in
            guard let row = try connection.findScope(scope) else { return [] }
            let statement: LedgerSQL =
                switch query.event {
                case .paid: .paidLinks
                case .underpaid: .underpaidLinks
                case .expired: .expiredLinks
                }
            let read = try connection.prepared(statement)
            defer { read.end() }
            read.bind(row).bind(query.since).bind(query.after.at).bind(query.after.row).bind(query.keyPrefix)
                .bind(query.prefix).bind(query.limit)
                .bind(KeyPrefix.end(of: query.prefix))
            let width = LedgerSQL.linkWidth
            var found: [FollowUp] = []
            while try read.step() {
                var followUp = FollowUp(
                    key: read.text(width), record: try read.linkRecord(scope, &liveness), at: read.int64(width + 1))
                if !read.isNull(width + 2) {
                    followUp.effect = .init(
                        state: try read.value(width + 2), attempts: read.int(width + 3), begunAt: read.int64(width + 4),
                        changedAt: read.int64(width + 5))
                }
                found.append(followUp)
            }
            return found
        }
    }
}
