// Links by what is asked for: a statement with the conditions that there are, by the index that finds them soonest.

import OneShotPay

extension LinkQuery {
    private static let ownScope = "links.scope_id = (SELECT id FROM scopes WHERE account = ?2 AND base_url = ?3)"
    /// Behind all texts come bytes.
    private static let keyRange = "key >= ?5 AND key < coalesce(?11, x'')"

    /// SQLite's lower() is for letters of ASCII.
    private static let isFound =
        "(amount_micro = ?14 OR "
        + ["key", "description", "link"].map { "instr(lower(coalesce(\($0), '')), lower(?13)) > 0" }
        .joined(separator: " OR ") + ")"

    /// The next rows, without the question who is alive.
    func page(on connection: LedgerConnection, _ liveness: inout Liveness) throws -> [LinkRecord] {
        let read = try connection.prepare(try statement(on: connection))
        bind(to: read)
        return try read.linkRecords(&liveness)
    }

    func statement(on connection: LedgerConnection) throws -> String {
        var conditions = ["links.id > ?1"]
        if scope != nil { conditions.append(Self.ownScope) }
        if !states.isEmpty {
            conditions.append("state IN (\(states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")))")
        }
        if keyPrefix != nil { conditions.append(Self.keyRange) }
        if createdSince != nil { conditions.append("created_at >= ?6") }
        if createdBefore != nil { conditions.append("created_at < ?8") }
        if before != nil { conditions.append("links.id < ?12") }
        if search != nil { conditions.append(Self.isFound) }
        let isOfPeriod = paidSince != nil || paidBefore != nil
        // The status is that of the payment that is shown.
        if isOfPeriod {
            conditions.append(LedgerSQL.wasPaidInPeriod)
        } else if status != nil {
            conditions.append("\(LedgerSQL.shownStatus) = ?4")
        }
        if isDoubtful { conditions.append("(state IN ('in_doubt', 'sent') OR possible_orphans > 0)") }
        let index = try index(on: connection, &conditions)
        // CROSS JOIN: links in the order of their ids, and the scope of each; not the other way around.
        let source = "FROM links \(index) CROSS JOIN scopes ON scopes.id = links.scope_id"
        let order = before == nil ? "links.id" : "links.id DESC"
        let rows = "\(source) WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(order) LIMIT ?7"
        return isOfPeriod
            ? LedgerSQL.paymentsInPeriod(
                of: "SELECT links.id \(rows)", from: "FROM links CROSS JOIN scopes ON scopes.id = links.scope_id",
                order: order)
            : "SELECT \(LedgerSQL.linkColumns), account, base_url \(rows)"
    }

    /// By which index, in SQLite's words, and with which conditions besides: it takes an index of a part of the table only
    /// where it finds the words of that part.
    private func index(on connection: LedgerConnection, _ conditions: inout [String]) throws -> String {
        if scope != nil, keyPrefix != nil, try hasFewKeys(on: connection) { return "INDEXED BY links_by_key" }
        switch indexedStatus {
        case nil: return "NOT INDEXED"
        case "active"?:
            conditions.append("status = 'active'")
            return "INDEXED BY links_open"
        case let status?:
            conditions += ["status = '\(status)'", "status <> 'active'"]
            return "INDEXED BY links_by_status"
        }
    }

    private func hasFewKeys(on connection: LedgerConnection) throws -> Bool {
        let count = try connection.prepare(
            """
            SELECT count(*) FROM (
                SELECT 1 FROM links INDEXED BY links_by_key WHERE \(Self.ownScope) AND \(Self.keyRange) LIMIT \(fewKeys + 1))
            """)
        bind(to: count)
        return try count.step() && count.int(0) <= fewKeys
    }

    private func bind(to statement: PreparedStatement) {
        statement.bind(after).bind(scope?.account).bind(scope?.baseURL).bind(status).bind(keyPrefix)
            .bind(createdSince ?? 0).bind(limit).bind(createdBefore ?? 0).bind(paidSince ?? .min)
            .bind(paidBefore ?? .max).bind(keyPrefix.flatMap(KeyPrefix.end(of:))).bind(before ?? .max)
            .bind(search?.text)
        if let amount = search?.amount { statement.bind(amount.microUSDC) }
    }
}
