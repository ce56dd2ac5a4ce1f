// Since when a watch follows, and how far it has come.

extension LedgerUnit {
    mutating func follow(_ name: String, since: Int64?) throws -> Int64 {
        let scope = try ownScope()
        let begins = min(since ?? now, now)
        let insert = try connection.prepared(.insertFollower).bind(scope).bind(name).bind(begins)
        try insert.run()
        if insert.changes > 0 { _ = try ownRun() }
        if since != nil { try connection.prepared(.moveFollower).bind(scope).bind(name).bind(begins).run() }
        let find = try connection.prepared(.findFollower).bind(scope).bind(name)
        defer { find.end() }
        return try find.step() ? find.int64(0) : begins
    }

    mutating func passOver(_ query: FollowUpQuery) throws -> Bool {
        guard let scope = try knownScope() else { return false }
        func bindName(_ statement: PreparedStatement) -> PreparedStatement {
            statement.bind(scope).bind(query.prefix).bind(query.event.rawValue).bind(query.keyPrefix).bind(query.since)
        }
        let find = bindName(try connection.prepared(.findMark))
        let mark = try find.step() ? max(find.int64(0), query.since) : query.since
        find.end()
        let passed = try connection.prepared(
            .passed(query.event)
        ).bind(scope).bind(mark).bind(now).bind(query.keyPrefix).bind(query.prefix).bind(query.step.lowerBound)
            .bind(query.step.upperBound)
        defer { passed.end() }
        guard try passed.step(), passed.int(0) >= query.step.lowerBound else { return false }
        let end = passed.int64(1)
        let next = passed.isNull(2) ? end : passed.int64(2)
        guard next > mark else { return false }
        _ = try ownRun()
        try bindName(try connection.prepared(.moveMark)).bind(next).run()
        return next == end && end < now
    }
}

extension LedgerSQL {
    fileprivate static func passed(_ event: LinkEvent) -> LedgerSQL {
        switch event {
        case .paid: .paidPassed
        case .underpaid: .underpaidPassed
        case .expired: .expiredPassed
        }
    }
}
