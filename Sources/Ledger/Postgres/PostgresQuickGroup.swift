// Changes that need no look before: new keys, requests that leave, and how they ended, of many links in one round trip. Where
// one of them meets a key that is there already, nothing is done, and the group is made step by step instead.

import JSON
import OneShotPay

/// A group of changes as one batch of statements, each of which does all changes of its kind.
struct PostgresQuickGroup {
    /// The SQLSTATE with which a group ends that is to be made step by step.
    static let conflict = "PY002"
    let scope: Int64
    let run: Int64
    let now: Int64?
    /// The places of the operations by kind, in the order of their statement's rows.
    private var keyed: [Int] = []
    private var keyless: [Int] = []
    private(set) var sendings: [Int] = []
    private(set) var finishes: [Int] = []
    private(set) var failures: [Int] = []
    let operations: [LedgerOperation]

    /// `nil`: there is another kind of change among them, or two of one row or key.
    init?(_ operations: [LedgerOperation], scope: Int64, run: Int64, now: Int64?) {
        self.operations = operations
        self.scope = scope
        self.run = run
        self.now = now
        var rows: Set<LinkRow> = []
        var keys: Set<String> = []
        for (index, operation) in operations.enumerated() {
            switch operation {
            case .claim(let claim):
                if let key = claim.key {
                    // By bytes, as the server compares them.
                    guard keys.insert(key).inserted else { return nil }
                    keyed.append(index)
                } else {
                    keyless.append(index)
                }
            case .sending(let row, _):
                guard rows.insert(row).inserted else { return nil }
                sendings.append(index)
            case .finish(let row, .done(let link, _)):
                guard rows.insert(row).inserted, link.payment == nil else { return nil }
                finishes.append(index)
            case .finish(let row, _):
                guard rows.insert(row).inserted else { return nil }
                failures.append(index)
            default: return nil
            }
        }
        // Two runs that claim the same keys wait for each other in one order.
        keyed = keyed.map { (key($0) ?? "", $0) }.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }.map(\.1)
    }

    private func key(_ index: Int) -> String? {
        if case .claim(let claim) = operations[index] { claim.key } else { nil }
    }

    /// Does all of it, durably, in one round trip.
    ///
    /// - Throws: ``PostgresFailure`` with ``conflict``: nothing is done, and step by step it may be.
    func perform(
        _ group: PostgresGroup, on connection: PostgresConnection, _ json: JSONWriter,
        until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) -> [LedgerAnswer] {
        var batch = PostgresBatch()
        group.addFence(to: &batch)
        if !keyed.isEmpty { addClaims(keyed, Self.claimKeyed, to: &batch) }
        if !keyless.isEmpty { addClaims(keyless, Self.claimKeyless, to: &batch) }
        if !sendings.isEmpty { addSendings(to: &batch) }
        if !finishes.isEmpty { addFinishes(to: &batch, json) }
        if !failures.isEmpty { addFailures(to: &batch) }
        group.addMark(to: &batch)
        var results = try connection.run(batch, until: deadline).dropFirst()
        var answers = [LedgerAnswer](repeating: .changed(false), count: operations.count)
        for places in [keyed, keyless] where !places.isEmpty {
            let made = results.removeFirst()
            for (row, place) in places.enumerated() {
                answers[place] = .claim(.granted(made.int64(row, 0), possibleOrphans: 0))
            }
        }
        for places in [sendings, finishes, failures] where !places.isEmpty {
            let changed = results.removeFirst()
            let rows = Set((0..<changed.count).map { changed.int64($0, 0) })
            for place in places { answers[place] = .changed(rows.contains(row(place))) }
        }
        return answers
    }

    private func row(_ index: Int) -> LinkRow {
        switch operations[index] {
        case .sending(let row, _), .finish(let row, _): row
        default: 0
        }
    }

    /// The answers of a group that is committed, and whose own were lost: from the rows as they stand now, which are this
    /// run's alone.
    /// - Parameter last: the newest row that was granted before: claims without a key come after it.
    func recover(
        after last: LinkRow, on connection: PostgresConnection, until deadline: ContinuousClock.Instant
    ) throws(PostgresFailure) -> [LedgerAnswer] {
        var answers = [LedgerAnswer](repeating: .changed(false), count: operations.count)
        if !keyed.isEmpty {
            let found = try connection.query(Self.ownKeys, until: deadline) {
                $0.bind(scope)
                $0.bind(run)
                $0.bind(texts: keyed.map(key))
            }
            let rows = Dictionary((0..<found.count).map { (Array(found.bytes($0, 1)), found.int64($0, 0)) }) {
                first, _ in first
            }
            for place in keyed {
                guard let row = rows[Array((key(place) ?? "").utf8)] else {
                    throw .lost("a key that was claimed is gone")
                }
                answers[place] = .claim(.granted(row, possibleOrphans: 0))
            }
        }
        if !keyless.isEmpty {
            let found = try connection.query(Self.ownKeyless, until: deadline) {
                $0.bind(scope)
                $0.bind(run)
                $0.bind(last)
            }
            guard found.count == keyless.count else { throw .lost("claims without a key cannot be told apart") }
            for (index, place) in keyless.enumerated() {
                answers[place] = .claim(.granted(found.int64(index, 0), possibleOrphans: 0))
            }
        }
        let changed = sendings + finishes + failures
        if !changed.isEmpty {
            let found = try connection.query(Self.ownRows, until: deadline) {
                $0.bind(scope)
                $0.bind(run)
                $0.bind(numbers: changed.map(row))
            }
            let states = Dictionary((0..<found.count).map { (found.int64($0, 0), found.text($0, 1)) }) { first, _ in
                first
            }
            for place in changed { answers[place] = .changed(states[row(place)] == state(place).rawValue) }
        }
        return answers
    }

    /// In which a change leaves its row.
    private func state(_ index: Int) -> LinkState {
        if case .finish(_, let outcome) = operations[index] { PostgresUnit.end(outcome).state } else { .sent }
    }

    private static let ownKeys = PostgresStatement(
        "own keys", "SELECT id, key FROM paylink.links WHERE scope_id = $1 AND run_id = $2 AND key = ANY ($3::text[])")
    private static let ownKeyless = PostgresStatement(
        "own without keys",
        "SELECT id FROM paylink.links WHERE scope_id = $1 AND run_id = $2 AND key IS NULL AND id > $3 ORDER BY id")
    private static let ownRows = PostgresStatement(
        "own rows",
        "SELECT id, state FROM paylink.links WHERE scope_id = $1 AND run_id = $2 AND id = ANY ($3::bigint[])")
}
