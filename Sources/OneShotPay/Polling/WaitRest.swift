// Between two looks a wait may leave the schedule, for whoever follows a million links: what it has to remember then.

package import NIOCore

/// What a wait knows that a ledger does not.
package struct WaitMemory: Sendable, Hashable {
    /// Looks that have failed one after the other.
    package var failures = 0
    /// How often the link was seen as paid without a payment.
    package var unseenPayments = 0

    package init(failures: Int = 0, unseenPayments: Int = 0) {
        self.failures = failures
        self.unseenPayments = unseenPayments
    }
}

/// A wait at rest.
package struct WaitRest: Sendable, Hashable {
    /// When the next look is due.
    package var until: NIODeadline
    /// What the link adds to the load of all waits, by its age at the last look.
    package var load: Double
    package var memory: WaitMemory

    package init(until: NIODeadline, load: Double, memory: WaitMemory = WaitMemory()) {
        self.until = until
        self.load = load
        self.memory = memory
    }

    /// Of a link that has not been looked at yet: it counts as one that is new.
    package static func unseen(_ now: NIODeadline) -> WaitRest {
        WaitRest(until: now, load: PollingRule.weight(age: 0))
    }
}

/// Lets a wait rest between its looks.
package struct WaitResting {
    /// The link's last known state.
    package var known: PayLink
    /// When it was made, where its state does not say. Unix seconds.
    package var madeAt: Int64
    package var memory: WaitMemory
    /// Told in place of another look, which is for the owner to begin; the wait is over then.
    package var rest: (WaitRest) -> Void

    package init(known: PayLink, madeAt: Int64, memory: WaitMemory, rest: @escaping (WaitRest) -> Void) {
        self.known = known
        self.madeAt = madeAt
        self.memory = memory
        self.rest = rest
    }
}

/// Links at rest, which take their part of the looks all the same.
package struct RestingLinks: Sendable, Hashable {
    package var count = 0
    /// The sum of what they add to the load.
    package var load = 0.0

    package init() {}
}
