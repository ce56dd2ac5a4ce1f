// From rows to records. A row that cannot be read is damage: CHECKs let nothing else in.

import OneShotPay

/// Which runs are alive, asked once for each run within one call.
struct Liveness {
    private let own: Int64?
    private let locks: RunLocks
    private var known: [Int64: Bool] = [:]
    /// Runs that were dead before the present reading began: what is read of them is final.
    private var deadBefore: Set<Int64> = []
    /// Whether a row was read that its run may have changed after the reading, before it died.
    private(set) var isOutdated = false

    init(own: Int64?, locks: RunLocks) {
        self.own = own
        self.locks = locks
    }

    /// A reading begins, with what is known already.
    mutating func beginReading() {
        isOutdated = false
        deadBefore = Set(known.lazy.filter { !$0.value }.map(\.key))
    }

    /// - Parameter isHeld: whether the run has yet to record the end of what was read.
    mutating func isAlive(_ run: Int64, isHeld: Bool) -> Bool {
        if run == own { return true }
        let isAlive = known[run] ?? locks.isTaken(run)
        known[run] = isAlive
        if isHeld, !isAlive, !deadBefore.contains(run) { isOutdated = true }
        return isAlive
    }

    mutating func holder(_ run: Int64, isHeld: Bool) -> RowHolder {
        if !isHeld { return .nobody }
        return run != own && isAlive(run, isHeld: true) ? .run(run) : .interrupted
    }
}

extension PreparedStatement {
    /// A state or mode as it is written in the database.
    func value<Value: RawRepresentable>(_ column: Int32) throws(SQLiteFailure) -> Value where Value.RawValue == String {
        if let value = Value(rawValue: text(column)) { return value }
        throw SQLiteFailure(damage: "'\(text(column))' is no \(Value.self)")
    }

    /// Reads ``LedgerSQL/linkColumns``.
    func linkRecord(_ scope: LedgerScope, _ liveness: inout Liveness) throws(SQLiteFailure) -> LinkRecord {
        let run = int64(3)
        var record = LinkRecord(
            row: int64(0), scope: scope, key: optionalText(1), state: try value(2),
            isRunAlive: liveness.isAlive(run, isHeld: bool(4)), isHeld: bool(4),
            terms: text(15), amount: Money(microUSDC: int64(7)), description: text(14), attempts: int(5),
            possibleOrphans: int(6), link: try link(scope), knownID: optionalText(12).flatMap { PayLinkID($0) },
            isMade: !isNull(12), problem: optionalText(13), run: run, createdAt: int64(8), updatedAt: int64(9),
            endedAt: isNull(17) ? nil : int64(17))
        if !isNull(19) {
            let numbers = text(19).split(separator: " ").compactMap { Int64($0) }
            guard numbers.count == 3 else { throw SQLiteFailure(damage: "the payments of row \(int64(0)) have no sum") }
            record.note(
                paymentsSeen: Int(Int32(clamping: numbers[0])),
                receivedInAll: Money(dollars: numbers[1], millionths: numbers[2]))
        }
        if bool(18) { record.link?.isKnownLate = true }
        return record
    }

    private func link(_ scope: LedgerScope) throws(SQLiteFailure) -> PayLink? {
        if isNull(16) { return nil }
        let page = CheckoutPage(
            baseURL: scope.baseURL, locale: optionalText(10).flatMap(CheckoutLocale.init) ?? .english,
            closeOnComplete: bool(11))
        do { return try withText(16) { try PayLink(json: $0, page: page, scratch: scratch) } } catch {
            throw SQLiteFailure(damage: "the link of row \(int64(0)): \(error)")
        }
    }

    /// Reads ``LedgerSQL/effectColumns``.
    func effectRecord(_ scope: LedgerScope, _ liveness: inout Liveness) throws(SQLiteFailure) -> EffectRecord {
        let run = int64(4)
        let state: EffectState = try value(3)
        return EffectRecord(
            row: int64(0), scope: scope, key: text(1), mode: try value(2), state: state,
            isRunAlive: liveness.isAlive(run, isHeld: state == .running), token: text(5), attempts: int(6),
            result: optionalText(10),
            problem: optionalText(9), run: run, createdAt: int64(7), updatedAt: int64(8))
    }
}
