// When a link that ended unpaid is looked at again, in case it is paid late (docs/watch.md).

import Ledger

/// The times of the rare looks at a link that has ended: after 2 s, 1 min, 10 min, 1 h, then hourly, and at the end.
struct LateLooks: Sendable, Hashable {
    /// How long after the grace its last look may still come, for a watch that did not run just then.
    static let delay: Int64 = 3_600
    private static let offsets: [Int64] = [2, 60, 600, 3_600]

    /// How long after it ended a payment is still looked for; zero for not at all. Seconds.
    var grace: Int64

    init(grace: Duration) { self.grace = max(grace.components.seconds, 0) }

    /// Since when links must have ended to be of interest. Unix seconds, as all times here.
    func since(now: Int64) -> Int64 { now - grace - Self.delay }

    /// When to look next; `nil` when the grace is over.
    func next(_ link: EndedLink) -> Int64? {
        guard grace > 0 else { return nil }
        guard let lookedAt = link.lookedAt, lookedAt >= link.endedAt else { return link.endedAt + min(2, grace) }
        let last = lookedAt - link.endedAt
        guard last < grace else { return nil }
        let next: Int64 =
            if let offset = Self.offsets.first(where: { $0 > last }) {
                // A look that came late puts the next one off.
                max(offset, last + offset / 2)
            } else { last + 3_600 }
        return link.endedAt + min(next, grace)
    }
}
