// How much of the ledger a watch must read: nothing while nobody has committed, what is new after a commit, and now and
// then everything that changed since everything was read last. A pure value.

import NIOCore

/// Decides how far back a reading goes.
struct LedgerReach {
    enum Extent: Sendable, Equatable {
        case nothing
        /// What was recorded lately: cheap, and all that happens by itself.
        case recent
        /// Since the watch's beginning, but for what it has passed: an old event that a person has let loose is there.
        case everything
    }

    /// Everything is read again so often, at most.
    static var pause: TimeAmount { .seconds(60) }

    private var seen: Int64?
    /// The ledger's mark when everything was read last: what came after it may be old.
    private var seenWhole: Int64?
    private var nextWhole = NIODeadline.uptimeNanoseconds(0)

    /// - Parameter mark: the ledger's change mark.
    func extent(mark: Int64, now: NIODeadline) -> Extent {
        if now >= nextWhole, mark != seenWhole { return .everything }
        return mark == seen ? .nothing : .recent
    }

    /// A reading has succeeded.
    mutating func didRead(_ extent: Extent, mark: Int64, now: NIODeadline) {
        seen = mark
        guard extent == .everything else { return }
        seenWhole = mark
        nextWhole = now + Self.pause
    }

    /// A reading has failed: the next one reads everything.
    mutating func didFail() { self = LedgerReach() }
}
