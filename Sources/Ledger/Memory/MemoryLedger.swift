// The ledger in memory: for sandbox runs within one process, and the second engine that keeps the port honest.
// It decides by the same rules as the others; what it holds is in MemoryBook.

import Glibc
import JSON
package import OneShotPay
import Synchronization

/// A ledger that lives as long as its process.
package final class MemoryLedger: LedgerStore {
    let book: MemoryBook
    let scope: LedgerScope?
    private let now: @Sendable () -> Int64
    private let token: @Sendable () -> String
    /// Given by the first write, as in every engine.
    private let state = Mutex(State())

    struct State {
        var run: Int64?
        var isClosed = false
    }

    /// - Parameters:
    ///   - scope: whose rows the store claims. Without one it only reads, across scopes.
    ///   - book: the ledger's content; a new one unless given.
    package init(
        scope: LedgerScope?, book: MemoryBook = MemoryBook(),
        now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) },
        token: @escaping @Sendable () -> String = { EffectToken.random() }
    ) {
        self.scope = scope
        self.book = book
        self.now = now
        self.token = token
    }

    deinit { close() }

    package func close() {
        let run = state.withLock { state in
            state.isClosed = true
            return state.run
        }
        if let run { _ = book.content.withLock { $0.livingRuns.remove(run) } }
    }

    /// What happens to a run on a server that is out of touch for longer than its lease, while somebody else asks for what it
    /// holds: nothing more is committed in its name, and what comes next is another run's. For simulations.
    package func beTakenForDead() {
        let run = state.withLock { $0.run }
        if let run { _ = book.content.withLock { $0.livingRuns.remove(run) } }
    }

    package func perform(_ operations: [LedgerOperation]) throws(LedgerError) -> [LedgerAnswer] {
        if operations.isEmpty { return [] }
        guard let scope else {
            throw LedgerError(.failed, "the ledger in memory is open for reading only: no account was named")
        }
        return try onBook { content, state in
            if let run = state.run, !content.livingRuns.contains(run) { state.run = nil }
            var writer = MemoryWriter(scope: scope, now: now(), token: token, run: state.run)
            defer { state.run = writer.run }
            return operations.map { content.perform($0, &writer) }
        }
    }

    package func links(keys: [String]) throws(LedgerError) -> [LinkRecord?] {
        let scope = try ownScope()
        return try onBook { content, _ in
            keys.map { content.linksByKey[.init(scope, $0)].map(content.record) }
        }
    }

    package func record(of id: PayLinkID) throws(LedgerError) -> LinkRecord? {
        let scope = try ownScope()
        return try onBook { content, _ in
            let places = (content.linksByID[id] ?? []).filter { content.links[$0].record.scope == scope }
            let place = places.first { content.links[$0].record.key != nil } ?? places.first
            return place.map(content.record)
        }
    }

    package func payments(of id: PayLinkID) throws(LedgerError) -> [SeenPayment] {
        let scope = try ownScope()
        return try onBook { content, _ in (content.payments[.init(scope, id.description)] ?? []).map(\.seen) }
    }

    package func keysOfOtherAccounts(
        among keys: [String]
    ) throws(LedgerError) -> [(key: String, account: String)] {
        let scope = try ownScope()
        return try onBook { content, _ in
            let others = content.scopes.filter { $0.baseURL == scope.baseURL && $0.account != scope.account }
            return keys.flatMap { key in
                others.filter { other in
                    guard let place = content.linksByKey[.init(other, key)] else { return false }
                    return [.done, .sent, .inDoubt].contains(content.links[place].record.state)
                }.map { (key, $0.account) }
            }
        }
    }

    package func links(_ query: LinkQuery) throws(LedgerError) -> [LinkRecord] {
        try onBook { content, _ in
            var records: [LinkRecord] = []
            // Rows are numbered from 1.
            let first = Int(clamping: max(0, query.after))
            let end =
                query.before.map { min(content.links.count, Int(clamping: max(0, $0 - 1))) } ?? content.links.count
            var links = 0
            for step in 0..<max(0, end - first) where links < query.limit {
                let place = query.before == nil ? first + step : end - 1 - step
                let record = content.record(place)
                let found = query.holds(record) ? content.inPeriod(query, record, content.links[place]) : []
                let shown = found.filter { query.status == nil || $0.link?.shownStatus == query.status }
                records += shown
                if !shown.isEmpty { links += 1 }
            }
            return records
        }
    }

    package func effect(key: String) throws(LedgerError) -> EffectRecord? {
        let scope = try ownScope()
        return try onBook { content, _ in content.effectsByKey[.init(scope, key)].map(content.effectRecord) }
    }

    package func effects(from first: String, before end: String, limit: Int) throws(LedgerError) -> [EffectRecord] {
        let scope = try ownScope()
        func isBefore(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }
        return try onBook { content, _ in
            let found = content.effects.indices.map(content.effectRecord).filter {
                $0.scope == scope && !isBefore($0.key, first) && isBefore($0.key, end)
            }
            return Array(found.sorted { isBefore($0.key, $1.key) }.prefix(limit))
        }
    }

    package func effectsInDoubt(_ scope: LedgerScope?) throws(LedgerError) -> [EffectRecord] {
        try onBook { content, _ in
            content.effects.indices.map(content.effectRecord)
                .filter { $0.isInDoubt && (scope == nil || $0.scope == scope) }
        }
    }

    package func effects(key: String) throws(LedgerError) -> [EffectRecord] {
        try onBook { content, _ in
            content.effects.indices.map(content.effectRecord).filter { $0.key.utf8.elementsEqual(key.utf8) }
        }
    }

    package func records(of id: PayLinkID) throws(LedgerError) -> [LinkRecord] {
        try onBook { content, _ in
            let rows = content.linksByID[id] ?? []
            let records = rows.sorted().map { content.record($0) }
            return records.filter { $0.key != nil } + records.filter { $0.key == nil }
        }
    }

    package func scopes() throws(LedgerError) -> [LedgerScope] { try onBook { content, _ in content.scopes } }

    func ownScope() throws(LedgerError) -> LedgerScope {
        guard let scope else {
            throw LedgerError(.failed, "the ledger in memory was opened without an account, and keys belong to one")
        }
        return scope
    }

    func onBook<Value>(
        _ body: (inout MemoryBook.Content, inout State) -> Value
    ) throws(LedgerError) -> Value {
        let value: Value? = state.withLock { state in
            state.isClosed ? nil : book.content.withLock { body(&$0, &state) }
        }
        guard let value else { throw LedgerError(.failed, "the ledger in memory has been closed") }
        return value
    }
}

extension LinkQuery {
    fileprivate func holds(_ record: LinkRecord) -> Bool {
        if let scope, record.scope != scope { return false }
        if !states.isEmpty, !states.contains(record.state) { return false }
        if let keyPrefix, !(record.key.map { $0.utf8.starts(with: keyPrefix.utf8) } ?? false) { return false }
        if let createdSince, record.createdAt < createdSince { return false }
        if let createdBefore, record.createdAt >= createdBefore { return false }
        if let search, !search.finds(record) { return false }
        return !isDoubtful || record.isInDoubt || record.possibleOrphans > 0
    }
}

extension LinkSearch {
    fileprivate func finds(_ record: LinkRecord) -> Bool {
        func lower(_ text: String) -> [UInt8] { text.utf8.map { 0x41...0x5A ~= $0 ? $0 + 0x20 : $0 } }
        let wanted = lower(text)
        let json = JSONWriter()
        record.link?.write(to: json)
        let texts = [record.key ?? "", record.description, json.string]
        return amount == record.amount || texts.contains { lower($0).firstRange(of: wanted) != nil || wanted.isEmpty }
    }
}

extension MemoryBook.Content {
    /// The record, if it was paid in the period that is asked for; of a reusable link, once for each payment in it.
    fileprivate func inPeriod(
        _ query: LinkQuery, _ record: LinkRecord, _ entry: MemoryBook.LinkEntry
    ) -> [LinkRecord] {
        guard query.paidSince != nil || query.paidBefore != nil else { return [record] }
        func holds(_ moment: Int64) -> Bool { moment >= query.paidSince ?? .min && moment < query.paidBefore ?? .max }
        guard let link = record.link, link.reusable else {
            return entry.paymentMoment.map(holds) == true ? [record] : []
        }
        return (payments[.init(record.scope, link.id.description)] ?? [])
            .map { (moment: $0.seen.madeAt ?? $0.seen.seenAt, payment: $0.payment) }
            .filter { holds($0.moment) }
            .sorted { ($0.moment, $0.payment.id.description) < ($1.moment, $1.payment.id.description) }
            .map { found in
                var record = record
                record.link = link.showing(found.payment)
                return record
            }
    }
}
