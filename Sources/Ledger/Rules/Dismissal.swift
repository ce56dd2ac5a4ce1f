// What a person has said of possible orphans: that nobody need look for them any more.

/// Possible orphans that were dismissed.
package struct Dismissal: Sendable, Hashable {
    package var orphans: Int
    /// Who did it: a login name and a machine, or what they called themselves.
    package var by: String
    /// Unix seconds.
    package var at: Int64

    package init(orphans: Int, by: String, at: Int64) {
        self.orphans = orphans
        self.by = by
        self.at = at
    }
}

enum DismissalRules {
    /// What a dismissal makes of a link's row: its state, held by nobody, with no possible orphans, of which so many
    /// are on record as dismissed.
    struct Change: Hashable, Sendable {
        var state: LinkState
        var orphans: Int
    }

    /// `nil`: there is nothing to dismiss, or it is not settled yet, and nothing changes.
    static func decide(on link: LinkStanding, hasKey: Bool) -> Change? {
        if case .run = link.holder { return nil }
        switch link.state {
        case .done, .rejected, .abandoned:
            return link.possibleOrphans > 0 ? Change(state: link.state, orphans: link.possibleOrphans) : nil
        // Without a key nobody can ever ask for it again: to dismiss it is to give it up.
        case .sent where !hasKey: return Change(state: .abandoned, orphans: link.possibleOrphans + 1)
        case .inDoubt where !hasKey: return Change(state: .abandoned, orphans: max(1, link.possibleOrphans))
        case .prepared, .sent, .inDoubt: return nil
        }
    }
}
