// The statements of a group in one round trip, and what each is given: arrays with one element for each change.

import JSON
import OneShotPay

extension PostgresQuickGroup {
    private static let at =
        "(SELECT coalesce($3::bigint, floor(extract(epoch FROM clock_timestamp()))::bigint) AS at) clock"
    private static let columns = """
        scope_id, key, run_id, attempts, state, is_held, possible_orphans, terms, amount_micro, description, created_at,
        updated_at
        """
    private static let given =
        "unnest($4::text[], $5::boolean[], $6::text[], $7::bigint[], $8::text[]) WITH ORDINALITY AS c (key, sends, terms, amount, description, n)"
    private static let values = """
        SELECT $1::bigint, key, $2::bigint, sends::integer, CASE WHEN sends THEN 'sent' ELSE 'prepared' END, true, 0, terms,
            amount, description, at, at
        FROM \(given) CROSS JOIN \(at) ORDER BY n
        """
    /// The rows in the order of the claims; where one of them is there already, nothing is done.
    static let claimKeyed = PostgresStatement(
        "claim keys",
        """
        WITH made AS (
            INSERT INTO paylink.links (\(columns)) \(values)
            ON CONFLICT (scope_id, key) WHERE key IS NOT NULL DO NOTHING RETURNING id),
        counted AS (SELECT count(*) AS number FROM made)
        SELECT id, CASE WHEN number < cardinality($4::text[]) THEN paylink.stop('a key is there already', '\(conflict)') END
        FROM counted LEFT JOIN made ON true ORDER BY id
        """)
    static let claimKeyless = PostgresStatement(
        "claim without keys",
        "WITH made AS (INSERT INTO paylink.links (\(columns)) \(values) RETURNING id) SELECT id FROM made ORDER BY id")
    private static let own = "links.id = c.id AND scope_id + 0 = $1 AND run_id = $2"
    private static let send = PostgresStatement(
        "send links",
        """
        UPDATE paylink.links SET state = 'sent', attempts = attempts + 1, possible_orphans = c.orphans, updated_at = at
        FROM unnest($4::bigint[], $5::integer[]) AS c (id, orphans), \(at) WHERE \(own) AND is_held RETURNING links.id
        """)
    private static let finish = PostgresStatement(
        "finish links",
        """
        UPDATE paylink.links SET
            state = 'done', is_held = false, possible_orphans = c.orphans, link_id = c.link_id, status = c.status, url = c.url,
            locale = c.locale, close_on_complete = c.closes, link = c.link, known_id = nullif(known_id, c.link_id),
            problem = NULL, updated_at = at, is_open = c.opens, payment_mark = c.paid,
            paid_at = CASE WHEN c.paid IS NOT NULL THEN \(PostgresSQL.eventTime("at")) END,
            expired_at = CASE WHEN c.status = 'expired' THEN \(PostgresSQL.eventTime("at")) END,
            underpaid_mark = c.short, underpaid_at = CASE WHEN c.short IS NOT NULL THEN \(PostgresSQL.eventTime("at")) END,
            ended_at = CASE WHEN c.ended THEN at END
        FROM unnest($4::bigint[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[], $11::text[],
                $12::boolean[], $13::text[], $14::text[], $15::boolean[])
            AS c (id, orphans, link_id, status, url, locale, closes, link, opens, paid, short, ended), \(at)
        WHERE \(own) AND (is_held OR state = 'in_doubt') RETURNING links.id
        """)
    private static let fail = PostgresStatement(
        "finish without links",
        """
        UPDATE paylink.links SET
            state = c.state, is_held = false, possible_orphans = c.orphans, problem = c.problem,
            known_id = coalesce(nullif(c.known, ''), known_id, c.known), updated_at = at
        FROM unnest($4::bigint[], $5::text[], $6::integer[], $7::text[], $8::text[]) AS c (id, state, orphans, problem, known),
            \(at)
        WHERE \(own) AND is_held RETURNING links.id
        """)

    private func begin(_ statement: PostgresStatement, _ batch: inout PostgresBatch) {
        batch.add(statement)
        batch.bind(scope)
        batch.bind(run)
        batch.bind(now)
    }

    func addClaims(_ places: [Int], _ statement: PostgresStatement, to batch: inout PostgresBatch) {
        let claims = places.compactMap { if case .claim(let claim) = operations[$0] { claim } else { nil } }
        begin(statement, &batch)
        batch.bind(texts: claims.map(\.key))
        batch.bind(flags: claims.map(\.isSending))
        batch.bind(texts: claims.map(\.terms))
        batch.bind(numbers: claims.map(\.amount.microUSDC))
        batch.bind(texts: claims.map(\.description))
    }

    func addSendings(to batch: inout PostgresBatch) {
        var rows: [Int64] = [], orphans: [Int64] = []
        for place in sendings {
            guard case .sending(let row, let possibleOrphans) = operations[place] else { continue }
            rows.append(row)
            orphans.append(Int64(possibleOrphans))
        }
        begin(Self.send, &batch)
        batch.bind(numbers: rows)
        batch.bind(numbers: orphans)
    }

    func addFinishes(to batch: inout PostgresBatch, _ json: JSONWriter) {
        var rows: [Int64] = [], orphans: [Int64] = [], links: [PayLink] = []
        for place in finishes {
            guard case .finish(let row, .done(let link, let possibleOrphans)) = operations[place] else { continue }
            rows.append(row)
            orphans.append(Int64(possibleOrphans))
            links.append(link)
        }
        begin(Self.finish, &batch)
        batch.bind(numbers: rows)
        batch.bind(numbers: orphans)
        batch.bind(texts: links.map(\.id.description))
        batch.bind(texts: links.map(\.status.name))
        batch.bind(texts: links.map(\.url))
        batch.bind(texts: links.map(\.page.locale.rawValue))
        batch.bind(flags: links.map(\.page.closeOnComplete))
        batch.beginArray()
        for link in links {
            json.reset()
            link.write(to: json)
            batch.element(json: json.bytes)
        }
        batch.endArray()
        batch.bind(flags: links.map(\.isOpen))
        batch.bind(texts: links.map(\.paymentMark))
        batch.bind(texts: links.map(\.underpaidMark))
        batch.bind(flags: links.map(\.hasEnded))
    }

    func addFailures(to batch: inout PostgresBatch) {
        var rows: [Int64] = [], states: [LinkState] = [], orphans: [Int64] = []
        var problems: [String?] = [], known: [String?] = []
        for place in failures {
            guard case .finish(let row, let outcome) = operations[place] else { continue }
            rows.append(row)
            let end = PostgresUnit.end(outcome)
            states.append(end.state)
            orphans.append(Int64(end.possibleOrphans))
            problems.append(end.problem)
            known.append(end.known)
        }
        begin(Self.fail, &batch)
        batch.bind(numbers: rows)
        batch.bind(texts: states.map(\.rawValue))
        batch.bind(numbers: orphans)
        batch.bind(texts: problems)
        batch.bind(texts: known)
    }
}

extension PostgresBatch {
    mutating func bind(numbers: [Int64]) { bind(utf8: "{\(numbers.map(String.init).joined(separator: ","))}".utf8) }

    mutating func bind(flags: [Bool]) { bind(utf8: "{\(flags.map { $0 ? "t" : "f" }.joined(separator: ","))}".utf8) }

    mutating func bind(texts: [String?]) {
        beginArray()
        for text in texts { if let text { element(text.utf8) } else { nullElement() } }
        endArray()
    }
}
