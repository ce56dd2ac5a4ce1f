// What can be told of the waits while they last: each look, when the next one is due and why, and how long a link may go
// unseen. For people and for tests; nothing is decided by it.

package import NIOCore

/// Why a link is looked at when it is.
package enum LookReason: String, Sendable, Hashable {
    /// The interval for its age and the number of waits.
    case age = "by its age"
    /// Two or sixty seconds after its expiry.
    case expiry = "to see whether it has expired"
    /// The last look, at the wait's deadline.
    case deadline = "the last look, at the deadline"
    /// Paid, and the payment is not shown yet.
    case payment = "to see the payment"
    /// The look before failed.
    case failure = "again after a failure"
}

/// One look at a link and what follows.
package struct WaitReport: Sendable {
    package var id: PayLinkID
    /// The state seen, or why there is none.
    package var seen: Result<PayLink, OneShotPayError>
    /// Until the next look, and why then; `nil` when nobody waits for it any more.
    package var next: (after: Duration, reason: LookReason)?
    /// How many links are waited for, this one included.
    package var links: Int
    /// Whether it had ended before, and was only looked at for a late payment.
    package var isLate: Bool
}

/// What all waits of a client have cost so far, and how long a payment can go unnoticed.
package struct WaitFigures: Sendable, Hashable {
    package var waits = 0
    /// The most links at one time that could be paid: each counts once, however many waits there are for it.
    package var mostLinks = 0
    /// Whether links that have ended were looked at beside them.
    package var hasLate = false
    package var looks = 0
    package var failedLooks = 0
    /// How often the service asked for fewer requests.
    package var refusals = 0
    /// When the next look is due; `nil` when nothing is.
    package var nextLook: NIODeadline?
    /// When a look last brought a link.
    package var lastSuccess: NIODeadline?
    /// Requests a second that polls may make when nothing slows them down.
    package var fullRate = 0.0

    package init() {}

    /// The longest that a link goes unseen while the service answers, beside the time of one request.
    package var bound: Duration {
        .seconds(PollingRule.bound(waits: max(mostLinks, 1), fullRate: fullRate, hasLate: hasLate))
    }
}
