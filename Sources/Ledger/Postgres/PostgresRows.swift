// From rows to records, and the columns that they are read from. Who is alive is asked for afterwards, once a run.

import OneShotPay

extension PostgresSQL {
    static let linkColumns = linkColumns("link", isLate: "is_paid_late")

    /// What came is added up in dollars and in millionths, as a sum of amounts may be larger than any number here.
    /// - Parameters:
    ///   - link: the expression that gives the link.
    ///   - isLate: the expression that says whether the payment that it shows came late.
    ///   - sums: whether what came is added up, which costs as much as there are payments of the link.
    static func linkColumns(_ link: String, isLate: String, sums: Bool = true) -> String {
        let payments = "FROM paylink.payments s WHERE s.scope_id = links.scope_id AND s.link_id = links.link_id"
        let sum = """
            (SELECT count(*) \(payments)), (SELECT sum(received_micro / 1000000)::bigint \(payments)), \
            (SELECT sum(received_micro % 1000000)::bigint \(payments))
            """
        return """
            links.id, links.key, links.state, links.run_id, is_held, links.attempts, possible_orphans, amount_micro, \
            links.created_at, links.updated_at, locale, close_on_complete, known_id, links.problem, description, terms, \
            \(link) AS link, ended_at, \(isLate), \
            \(sums ? sum : "0::bigint, 0::bigint, 0::bigint")
            """
    }

    /// How many there are: what a query asks for besides comes behind them.
    static let linkWidth = 22

    static let effectColumns =
        "effects.id, key, mode, state, run_id, token, attempts, created_at, updated_at, problem, result"
    static let effectWidth = 11
}

extension PostgresResult {
    func value<Value: RawRepresentable>(_ row: Int, _ column: Int) throws(PostgresFailure) -> Value
    where Value.RawValue == String {
        if let value = Value(rawValue: text(row, column)) { return value }
        throw PostgresFailure(kind: .damaged, message: "'\(text(row, column))' in the ledger is no \(Value.self)")
    }

    /// Reads ``PostgresSQL/linkColumns``; whether the run is alive is not known yet.
    func linkRecord(_ row: Int, _ scope: LedgerScope) throws(PostgresFailure) -> LinkRecord {
        var record = LinkRecord(
            row: int64(row, 0), scope: scope, key: optionalText(row, 1), state: try value(row, 2), isRunAlive: false,
            isHeld: bool(row, 4), terms: text(row, 15), amount: Money(microUSDC: int64(row, 7)),
            description: text(row, 14), attempts: int(row, 5), possibleOrphans: int(row, 6), link: try link(row, scope),
            knownID: optionalText(row, 12).flatMap { PayLinkID($0) }, isMade: !isNull(row, 12),
            problem: optionalText(row, 13), run: int64(row, 3), createdAt: int64(row, 8), updatedAt: int64(row, 9),
            endedAt: optionalInt64(row, 17))
        record.note(
            paymentsSeen: int(row, 19), receivedInAll: Money(dollars: int64(row, 20), millionths: int64(row, 21)))
        record.link?.isKnownLate = bool(row, 18)
        return record
    }

    private func link(_ row: Int, _ scope: LedgerScope) throws(PostgresFailure) -> PayLink? {
        if isNull(row, 16) { return nil }
        let page = CheckoutPage(
            baseURL: scope.baseURL, locale: optionalText(row, 10).flatMap(CheckoutLocale.init) ?? .english,
            closeOnComplete: bool(row, 11))
        do { return try PayLink(json: bytes(row, 16), page: page) } catch {
            throw PostgresFailure(kind: .damaged, message: "the link of row \(int64(row, 0)) cannot be read: \(error)")
        }
    }

    /// Reads ``PostgresSQL/effectColumns``; whether the run is alive is not known yet.
    func effectRecord(_ row: Int, _ scope: LedgerScope) throws(PostgresFailure) -> EffectRecord {
        EffectRecord(
            row: int64(row, 0), scope: scope, key: text(row, 1), mode: try value(row, 2), state: try value(row, 3),
            isRunAlive: false, token: text(row, 5), attempts: int(row, 6), result: optionalText(row, 10),
            problem: optionalText(row, 9), run: int64(row, 4), createdAt: int64(row, 7), updatedAt: int64(row, 8))
    }
}

/// A record that some run holds, or has held.
protocol HeldRecord {
    var run: Int64 { get }
    var isRunAlive: Bool { get set }
    /// Whether the run has yet to record the end of it.
    var isUnderWay: Bool { get }
}

extension LinkRecord: HeldRecord { var isUnderWay: Bool { isHeld } }
extension EffectRecord: HeldRecord { var isUnderWay: Bool { state == .running } }
extension FollowUp: HeldRecord {
    var run: Int64 { record.run }
    var isRunAlive: Bool {
        get { record.isRunAlive }
        set { record.isRunAlive = newValue }
    }
    var isUnderWay: Bool { record.isHeld }
}

/// Which runs are alive, asked once for each run within one call.
struct PostgresLiveness {
    let own: Int64?
    private(set) var known: [Int64: Bool] = [:]

    init(own: Int64?) { self.own = own }

    private static let ask = PostgresStatement(
        "lives of", "SELECT id, paylink.lives(r) FROM paylink.runs r WHERE id = ANY ($1::bigint[])")

    /// Says of each record whether its run lives.
    /// - Returns: whether they have to be read again: a run may have recorded an end and died after the reading.
    mutating func judge<Record: HeldRecord>(
        _ records: inout [Record], on connection: PostgresConnection, until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) -> Bool {
        let before = known
        let asked = Set(records.lazy.filter(\.isUnderWay).map(\.run)).filter { $0 != own && known[$0] == nil }
        if !asked.isEmpty {
            var batch = PostgresBatch()
            batch.add(Self.ask)
            batch.bind("{\(asked.sorted().map(String.init).joined(separator: ","))}")
            let result = try connection.run(batch, until: deadline)[0]
            for row in 0..<result.count { known[result.int64(row, 0)] = result.bool(row, 1) }
        }
        var isOutdated = false
        for index in records.indices {
            let run = records[index].run
            records[index].isRunAlive = run == own || known[run] == true
            if records[index].isUnderWay, !records[index].isRunAlive, before[run] != false { isOutdated = true }
        }
        return isOutdated
    }
}
