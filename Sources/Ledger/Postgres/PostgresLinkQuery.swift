// Links by what is asked for: a statement with the conditions that there are, and no other.

import OneShotPay

/// The statement of a ``LinkQuery``, and its parameters: only those that it asks by.
struct PostgresLinkQuery {
    private enum Value { case text(String), number(Int64) }
    private var values: [Value] = []
    private(set) var statement = PostgresStatement("", "")

    /// - Parameter hasFewKeys: whether links are found by how their keys begin, and then put in order.
    init(_ query: LinkQuery, hasFewKeys: Bool = false) {
        var conditions = ["links.id > \(number(query.after))"]
        let scope = query.scope.map { "links.scope_id = \(row(of: $0))" }
        if let scope, !hasFewKeys { conditions.append(scope) }
        if !query.states.isEmpty {
            conditions.append("state IN (\(query.states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")))")
        }
        var links = "paylink.links"
        if hasFewKeys, let scope, let prefix = query.keyPrefix {
            links = "(SELECT * FROM paylink.links WHERE \(scope) AND \(range(of: prefix)) OFFSET 0) links"
        } else if let prefix = query.keyPrefix {
            // Not by their index: there are too many to put in order for each page.
            conditions.append(range(of: prefix, key: "(key || '')"))
        }
        if let since = query.createdSince { conditions.append("created_at >= \(number(since))") }
        if let before = query.createdBefore { conditions.append("created_at < \(number(before))") }
        if let before = query.before { conditions.append("links.id < \(number(before))") }
        if let search = query.search {
            let text = text(search.text)
            let places = ["key", "description", "link"].map {
                "strpos(lower(coalesce(\($0), '') COLLATE \"C\"), lower(\(text) COLLATE \"C\")) > 0"
            }
            let amount = search.amount.map { ["amount_micro = \(number($0.microUSDC))"] } ?? []
            conditions.append("(\((amount + places).joined(separator: " OR ")))")
        }
        let order = query.before == nil ? "links.id" : "links.id DESC"
        if query.isDoubtful { conditions.append("(state IN ('in_doubt', 'sent') OR possible_orphans > 0)") }
        let source = "FROM \(links) JOIN paylink.scopes ON scopes.id = links.scope_id"
        let status = query.status.map { text($0) }
        if query.paidSince == nil, query.paidBefore == nil {
            if let status {
                // The word itself: of what is not active there is an index.
                if let indexed = query.indexedStatus { conditions.append("status = '\(indexed)'") }
                conditions.append("\(PostgresJSON.shownStatus) = \(status)")
            }
            let rows =
                "\(source) WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(order) LIMIT \(number(Int64(query.limit)))"
            make("SELECT \(PostgresSQL.linkColumns), account, base_url \(rows)")
            return
        }
        let since = number(query.paidSince ?? .min), before = number(query.paidBefore ?? .max)
        func isOfStatus(_ shown: String) -> String { status.map { " AND \(shown) = \($0)" } ?? "" }
        let payments = """
            p.scope_id = links.scope_id AND p.link_id = links.link_id AND coalesce(p.made_at, p.seen_at) >= \(since) \
            AND coalesce(p.made_at, p.seen_at) < \(before)\(isOfStatus(PostgresJSON.shownStatus(received: "p.received_micro")))
            """
        // The status is that of the payment that is shown. What never was paid has no link, or no payment in it.
        conditions.append(
            """
            link IS NOT NULL AND CASE WHEN \(PostgresJSON.isReusable) \
                THEN EXISTS (SELECT FROM paylink.payments p WHERE \(payments)) \
                ELSE \(PostgresJSON.newestMoment) >= \(since) AND \(PostgresJSON.newestMoment) < \(before)\
            \(isOfStatus(PostgresJSON.shownStatus)) END
            """)
        let rows =
            "SELECT links.id \(source) WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(order) LIMIT \(number(Int64(query.limit)))"
        let isLate = "CASE WHEN p.payment IS NULL THEN is_paid_late ELSE \(PostgresJSON.isNewestLate) END"
        let link = "CASE WHEN p.payment IS NULL THEN link ELSE \(PostgresJSON.withPayment) END"
        make(
            """
            SELECT \(PostgresSQL.linkColumns(link, isLate: isLate)), account, base_url \(source)
            LEFT JOIN paylink.payments p ON \(PostgresJSON.isReusable) AND \(payments)
            WHERE links.id IN (\(rows)) ORDER BY \(order), coalesce(p.made_at, p.seen_at), p.payment_id
            """)
    }

    /// The statement that counts the links whose keys begin so, up to one more than are few.
    init(countingUpTo few: Int, _ prefix: String, of scope: LedgerScope) {
        let keys = "scope_id = \(row(of: scope)) AND \(range(of: prefix))"
        make("SELECT count(*) FROM (SELECT FROM paylink.links WHERE \(keys) LIMIT \(few + 1)) counted")
    }

    private mutating func row(of scope: LedgerScope) -> String {
        "(SELECT id FROM paylink.scopes WHERE account = \(text(scope.account)) AND base_url = \(text(scope.baseURL)))"
    }

    private mutating func range(of prefix: String, key: String = "key") -> String {
        let from = "\(key) >= \(text(prefix))"
        return KeyPrefix.end(of: prefix).map { "\(from) AND \(key) < \(text($0))" } ?? from
    }

    /// Its name is its text: one that is asked for again is prepared.
    private mutating func make(_ text: String) {
        statement = PostgresStatement("query \(PostgresLinkQuery.hash(text))", text)
    }

    private static func hash(_ text: String) -> String {
        String(
            text.utf8.reduce(UInt64(1_469_598_103_934_665_603)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }, radix: 36)
    }

    private mutating func text(_ value: String) -> String {
        values.append(.text(value))
        return "$\(values.count)::text"
    }

    private mutating func number(_ value: Int64) -> String {
        values.append(.number(value))
        return "$\(values.count)::bigint"
    }

    func bind(to batch: inout PostgresBatch) {
        for value in values {
            switch value {
            case .text(let text): batch.bind(text)
            case .number(let number): batch.bind(number)
            }
        }
    }
}
