// What becomes of a claim, and what the operator's decision does to a link: pure decisions that every engine follows.
// Reading rows, writing them and telling whether a run is alive is the engines' business.

/// Who is at a row of the ledger, as a run that looks at it sees it.
enum RowHolder: Hashable, Sendable {
    /// Nobody: its last attempt ended and the end is recorded.
    case nobody
    /// A run that ended without recording what became of it. A row that the asking run itself holds counts as this:
    /// callers coalesce their own claims of a key, so an earlier one of theirs failed to be recorded.
    case interrupted
    /// Another run, which is alive.
    case run(Int64)
}

/// What a decision needs to know of a link's row.
struct LinkStanding: Hashable, Sendable {
    var state: LinkState
    var holder: RowHolder
    /// Whether the claim's terms are those of the row, byte for byte.
    var hasSameTerms = true
    var possibleOrphans: Int
    /// Whether an earlier request made a link for certain, or the id of one is known that it may have made.
    var hasKnownLink = false
}

enum ClaimRules {
    enum Decision: Hashable, Sendable {
        /// The caller holds the row from now on, with the claim's terms and this many possible orphans.
        case grant(possibleOrphans: Int)
        case recorded
        case busy(run: Int64)
        case otherTerms
        /// The row becomes `in_doubt`, held by nobody, with this many possible orphans.
        case halt(possibleOrphans: Int)
        case abandoned
    }

    /// - Parameter resendsInDoubt: ``LinkClaim/resendsInDoubt``.
    static func decide(_ link: LinkStanding, resendsInDoubt: Bool) -> Decision {
        guard link.hasSameTerms || hasCertainlyMadeNothing(link) else { return .otherTerms }
        switch link.state {
        case .done: return .recorded
        case .abandoned: return .abandoned
        case .prepared, .rejected:
            if case .run(let run) = link.holder { return .busy(run: run) }
            return .grant(possibleOrphans: link.possibleOrphans)
        case .sent:
            if case .run(let run) = link.holder { return .busy(run: run) }
            return decideInDoubt(possibleOrphans: link.possibleOrphans + 1, resends: resendsInDoubt)
        case .inDoubt:
            // There is something to look at before another link is made.
            return decideInDoubt(
                possibleOrphans: link.possibleOrphans, resends: resendsInDoubt && !link.hasKnownLink)
        }
    }

    /// Whether no link can exist under the key, so that it may have other terms.
    private static func hasCertainlyMadeNothing(_ link: LinkStanding) -> Bool {
        switch (link.state, link.holder) {
        case (.rejected, _): true
        case (.prepared, .run): false
        case (.prepared, _): link.possibleOrphans == 0
        default: false
        }
    }

    /// The problem of a link that halts because its run ended in the middle.
    static func interruption(of run: Int64) -> String {
        "run \(run) was interrupted between sending the request and recording the reply"
    }

    private static func decideInDoubt(possibleOrphans: Int, resends: Bool) -> Decision {
        resends ? .grant(possibleOrphans: possibleOrphans) : .halt(possibleOrphans: possibleOrphans)
    }
}

enum VerdictRules {
    /// What a verdict makes of a link: its state, held by nobody, and its possible orphans.
    struct Change: Hashable, Sendable {
        var state: LinkState
        var possibleOrphans: Int
    }

    /// `nil`: the verdict has no place in this state, and nothing changes.
    static func decide(_ verdict: LinkVerdict, on link: LinkStanding) -> Change? {
        if case .run = link.holder { return nil }
        // A request that was interrupted is counted once it is certain that nobody will record its end.
        let orphans = link.state == .sent ? link.possibleOrphans + 1 : link.possibleOrphans
        switch (verdict, link.state) {
        // One of the possible orphans is the link itself.
        case (.link, .sent), (.link, .inDoubt): return Change(state: .done, possibleOrphans: max(0, orphans - 1))
        case (.retry, .sent), (.retry, .inDoubt), (.retry, .abandoned):
            return Change(state: .prepared, possibleOrphans: orphans)
        case (.abandon, .sent), (.abandon, .inDoubt), (.abandon, .prepared), (.abandon, .rejected):
            return Change(state: .abandoned, possibleOrphans: orphans)
        default: return nil
        }
    }
}
