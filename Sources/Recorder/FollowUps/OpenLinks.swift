// The open links of a watch, as a pure value: which rest between two looks, which are being looked at, and whose turn is next.
// There may be millions: one at rest costs some fifty bytes, and what else is known of it is read from the ledger when its
// turn comes.

import Ledger
import NIOCore
import OneShotPay

/// Links that can still be paid, by their rows.
struct OpenLinks {
    /// Looks under way at once, and those whose turn has come: what is due beyond that waits here, not in the client.
    private static let mostAwake = 64

    private struct Stand {
        enum Phase: UInt8 {
            case resting
            /// Its turn has come.
            case awake
            /// Followed no more, whatever the ledger still says: a sweep looks once.
            case over
        }

        var phase: Phase
        var failures: UInt8
        var unseenPayments: UInt8
        /// The reading of the ledger that showed it last.
        var reading: UInt8
        /// Of its entry in the queue; others of the row are passed over.
        var number: UInt32
        var load: Float
    }

    private var stands: [LinkRow: Stand] = [:]
    private var queue = DueQueue<LinkRow>()
    private var reading: UInt8 = 0
    private(set) var awake = 0
    private(set) var resting = RestingLinks()

    /// Links that are followed.
    var count: Int { awake + resting.count }
    /// When the next link's turn comes, should there be room for it.
    var nextDue: NIODeadline? { awake < Self.mostAwake ? queue.first?.due : nil }

    // MARK: What the ledger lists

    /// What is listed from here on is of one reading.
    mutating func beginReading() { reading &+= 1 }

    /// Takes in rows that the ledger lists; the first of them have their turn first.
    mutating func list(_ rows: [LinkRow], now: NIODeadline) {
        for row in rows {
            if let place = stands.index(forKey: row) {
                stands.values[place].reading = reading
                continue
            }
            rest(row, .unseen(now))
        }
    }

    /// The reading has come to its end: what it did not list is open no more.
    /// - Returns: rows with looks under way, or looks that have failed.
    mutating func endReading() -> [LinkRow] {
        let gone = stands.filter { $0.value.reading != reading }
        return gone.keys.filter { remove($0) }
    }

    /// Forgets a link.
    /// - Returns: whether it is being looked at, or its last look failed.
    @discardableResult
    mutating func remove(_ row: LinkRow) -> Bool {
        guard let stand = stands.removeValue(forKey: row) else { return false }
        leave(stand)
        return stand.phase == .awake || stand.failures > 0
    }

    // MARK: Turns

    /// The links whose turn it is, as many as there is room for.
    mutating func wake(now: NIODeadline) -> [LinkRow] {
        var rows: [LinkRow] = []
        while awake < Self.mostAwake, let (due, row) = queue.first, due <= now {
            let number = queue.firstNumber.map(UInt32.init(truncatingIfNeeded:))
            _ = queue.popFirst()
            guard var stand = stands[row], stand.phase == .resting, stand.number == number else { continue }
            leave(stand)
            stand.phase = .awake
            stands[row] = stand
            awake += 1
            rows.append(row)
        }
        return rows
    }

    /// What is known of a link from before its last rest; `nil` unless its turn has come.
    func memory(_ row: LinkRow) -> WaitMemory? {
        guard let stand = stands[row], stand.phase == .awake else { return nil }
        return WaitMemory(failures: Int(stand.failures), unseenPayments: Int(stand.unseenPayments))
    }

    /// A look is over, and another one will come.
    mutating func rest(_ row: LinkRow, _ rest: WaitRest) {
        if let old = stands[row] { leave(old) }
        let stand = Stand(
            phase: .resting, failures: UInt8(clamping: rest.memory.failures),
            unseenPayments: UInt8(clamping: rest.memory.unseenPayments), reading: stands[row]?.reading ?? reading,
            number: UInt32(truncatingIfNeeded: queue.add(row, due: rest.until)), load: Float(rest.load))
        stands[row] = stand
        resting.count += 1
        resting.load += Double(stand.load)
    }

    /// A look was the last.
    mutating func end(_ row: LinkRow) {
        guard var stand = stands[row] else { return }
        leave(stand)
        stand.phase = .over
        stands[row] = stand
    }

    /// Nothing more is looked at.
    /// - Returns: how many links were followed.
    mutating func endAll() -> Int {
        defer {
            for place in stands.indices { stands.values[place].phase = .over }
            (queue, awake, resting) = (DueQueue(), 0, RestingLinks())
        }
        return count
    }

    private mutating func leave(_ stand: Stand) {
        switch stand.phase {
        case .resting:
            resting.count -= 1
            resting.load = resting.count == 0 ? 0 : max(0, resting.load - Double(stand.load))
        case .awake: awake -= 1
        case .over: break
        }
    }
}
