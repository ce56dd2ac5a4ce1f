// The order in which links are looked at: by due time, those that can be paid before those that have ended.

import NIOCore

/// Links that are to be looked at. Its owner says which entries still count: an entry is never taken out, but passed over.
struct LookQueue {
    /// A link's place in the schedule, and a number that only its newest entry carries.
    struct Entry {
        let place: Int
        let number: UInt64
    }

    enum Head {
        case due(Entry)
        case later(NIODeadline)
        case empty
    }

    /// An ended link comes at least after so many turns of open ones: a fifth of the looks, as ``PollingRule/lateShare``.
    private static let turnsBeforeLate = 4

    private var open = DueQueue<Entry>()
    private var late = DueQueue<Entry>()
    private var turns = 0

    /// Entries, those that no longer count included.
    var count: Int { open.count + late.count }
    var nextDue: NIODeadline? { [open.first?.due, late.first?.due].compactMap { $0 }.min() }

    mutating func add(_ entry: Entry, due: NIODeadline, isLate: Bool) {
        if isLate { late.add(entry, due: due) } else { open.add(entry, due: due) }
    }

    /// What is to be looked at next.
    mutating func head(now: NIODeadline, counts: (Entry) -> Bool) -> Head {
        while let first = open.first, !counts(first.element) { _ = open.popFirst() }
        while let first = late.first, !counts(first.element) { _ = late.popFirst() }
        if isLatesTurn(now), let first = late.first { return .due(first.element) }
        if let first = open.first, first.due <= now { return .due(first.element) }
        return nextDue.map(Head.later) ?? .empty
    }

    /// The head was due, and is looked at.
    mutating func takeHead(now: NIODeadline) {
        if isLatesTurn(now) {
            turns = 0
            _ = late.popFirst()
        } else {
            turns = late.count == 0 ? 0 : turns + 1
            _ = open.popFirst()
        }
    }

    mutating func keep(_ counts: (Entry) -> Bool) {
        open.keep(counts)
        late.keep(counts)
    }

    private func isLatesTurn(_ now: NIODeadline) -> Bool {
        guard let first = late.first, first.due <= now else { return false }
        guard let other = open.first, other.due <= now else { return true }
        return turns >= Self.turnsBeforeLate
    }
}
