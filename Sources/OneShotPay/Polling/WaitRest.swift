// Between two looks a wait may leave the schedule, for whoever follows a million links: what it has to remember then.

package import NIOCore

/// A wait at rest: when it goes on, and what it knows beside what a ledger does.
package struct WaitRest: Sendable, Hashable {
    /// When the next look is due.
    package var until: NIODeadline
    /// What the link adds to the load of all waits, as it did when it was looked at last.
    package var load: Double
    /// Looks that have failed one after the other.
    package var failures: Int
    /// How often it was seen as paid without a payment.
    package var unseenPayments: Int

    package init(until: NIODeadline, load: Double, failures: Int = 0, unseenPayments: Int = 0) {
        self.until = until
        self.load = load
        self.failures = failures
        self.unseenPayments = unseenPayments
    }

    /// Of a link that has not been looked at yet: it counts as one that is new.
    package static func unseen(_ now: NIODeadline) -> WaitRest {
        WaitRest(until: now, load: PollingRule.weight(age: 0))
    }
}

/// Lets a wait rest between its looks.
package struct WaitResting {
    /// What is left of the wait before its last rest.
    package var before: WaitRest?
    /// Told in place of another look, which is for the owner to begin; the wait is over then.
    package var rest: (WaitRest) -> Void

    package init(before: WaitRest?, rest: @escaping (WaitRest) -> Void) {
        self.before = before
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
