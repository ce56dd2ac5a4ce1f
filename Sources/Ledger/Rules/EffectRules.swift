// What becomes of the claim of an effect, and what the operator's decision does to it: pure decisions for every engine.

/// What a decision needs to know of an effect's row.
struct EffectStanding: Hashable, Sendable {
    var state: EffectState
    var holder: RowHolder
}

enum EffectRules {
    enum Decision: Hashable, Sendable {
        /// The caller holds it from now on, as `running`, one attempt later.
        case run
        case check
        case ran
        case busy(run: Int64)
        /// Nothing changes.
        case inDoubt
        case abandoned
    }

    /// - Parameter mode: the claim's. What an earlier claim asked for does not bind this one.
    static func decide(_ effect: EffectStanding, mode: EffectClaim.Mode) -> Decision {
        switch effect.state {
        case .done: return .ran
        case .abandoned: return .abandoned
        case .open: return .run
        case .running, .failed:
            if case .run(let run) = effect.holder { return .busy(run: run) }
            switch mode {
            case .atMost: return .inDoubt
            case .atLeast: return .run
            case .check: return .check
            }
        }
    }

    /// The state that a verdict leads to. `nil`: it has no place in this state, and nothing changes.
    static func decide(_ verdict: EffectVerdict, on effect: EffectStanding) -> EffectState? {
        if case .run = effect.holder { return nil }
        switch (verdict, effect.state) {
        case (_, .done): return nil
        case (.retry, .open), (.abandon, .abandoned), (.happened, .abandoned): return nil
        case (.happened, _): return .done
        case (.retry, _): return .open
        case (.abandon, _): return .abandoned
        }
    }
}
