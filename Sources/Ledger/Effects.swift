// What must happen once (paylink.once): claimed before it runs, recorded after.

/// Asking to run an effect.
package struct EffectClaim: Sendable, Hashable {
    /// What to do when an earlier run of it broke off or failed, so that nobody knows whether it happened.
    package enum Mode: String, Sendable, Hashable, CaseIterable {
        /// Leave it to a person.
        case atMost = "at_most"
        /// Run it again, with the same token.
        case atLeast = "at_least"
        /// Ask the world first.
        case check
    }

    package var key: String
    package var mode: Mode

    package init(key: String, mode: Mode) {
        self.key = key
        self.mode = mode
    }
}

/// A row of the ledger's effects, for whoever was granted it.
package typealias EffectRow = Int64

package enum EffectClaimAnswer: Sendable, Hashable {
    /// Run it. The token is the same for every attempt under this key.
    case run(EffectRow, token: String, attempt: Int)
    /// An earlier attempt broke off or failed: ask whether it happened, and run it only if it did not.
    case check(EffectRow, token: String, attempt: Int)
    /// It has run; what it gave, as JSON.
    case ran(result: String?)
    /// A run that is alive is at it at this moment: ask again.
    case busy(run: Int64)
    /// An earlier attempt broke off or failed, and a person must say what became of it.
    case inDoubt(EffectRecord)
    /// A person gave it up.
    case abandoned(EffectRecord)
}

package enum EffectOutcome: Sendable, Hashable {
    /// What it gave, as JSON.
    case done(result: String?)
    case failed(problem: String)
    /// It was granted and never begun: nothing can have happened.
    case notBegun
}

/// The raw value is what the database holds.
package enum EffectState: String, Sendable, Hashable, CaseIterable {
    /// Begun, and its end is not recorded: under way if its run is alive, in doubt if not.
    case running
    case done
    /// It said that it failed; it may have happened in part.
    case failed
    /// A person said that it may run again.
    case open
    case abandoned
}

package struct EffectRecord: Sendable, Hashable {
    package var row: EffectRow
    package var scope: LedgerScope
    package var key: String
    package var mode: EffectClaim.Mode
    package var state: EffectState
    package var isRunAlive: Bool
    package var token: String
    package var attempts: Int
    package var result: String?
    package var problem: String?
    package var run: Int64
    /// Unix seconds, by this machine's clock: when it was begun first, or a person let it loose again.
    package var createdAt: Int64
    package var updatedAt: Int64

    package init(
        row: EffectRow, scope: LedgerScope, key: String, mode: EffectClaim.Mode, state: EffectState,
        isRunAlive: Bool, token: String, attempts: Int, result: String?, problem: String?, run: Int64,
        createdAt: Int64, updatedAt: Int64
    ) {
        self.row = row
        self.scope = scope
        self.key = key
        self.mode = mode
        self.state = state
        self.isRunAlive = isRunAlive
        self.token = token
        self.attempts = attempts
        self.result = result
        self.problem = problem
        self.run = run
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    package var isInDoubt: Bool { state == .failed || (state == .running && !isRunAlive) }
}
