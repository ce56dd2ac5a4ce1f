// Asking to make a link: what is claimed before the first byte of a request, and the answers.

package import OneShotPay

/// A link that is about to be created. The claim is durable before anything is sent.
package struct LinkClaim: Sendable, Hashable {
    /// What the caller knows the link by; without one the link is recorded, but can never be found to exist already.
    package var key: String?
    /// The terms as they were written ("15m", not the instant that it comes to), in one canonical form: it is
    /// compared byte by byte. JSON.
    package var terms: String
    package var amount: Money
    package var description: String
    /// Whether the request may be repeated although an earlier one may have made a link. False with a named payer.
    package var resendsInDoubt: Bool
    /// The request leaves as soon as the claim is committed: it is recorded as sent at once.
    package var isSending: Bool

    package init(
        key: String?, terms: String, amount: Money, description: String, resendsInDoubt: Bool, isSending: Bool
    ) {
        self.key = key
        self.terms = terms
        self.amount = amount
        self.description = description
        self.resendsInDoubt = resendsInDoubt
        self.isSending = isSending
    }
}

/// A row of the ledger's links, for whoever was granted it.
package typealias LinkRow = Int64

/// What becomes of a ``LinkClaim``.
package enum LinkClaimAnswer: Sendable, Hashable {
    /// The caller, and nobody else, may send the request.
    /// - possibleOrphans: how many earlier requests under this key may each have made a link that nobody knows of.
    case granted(LinkRow, possibleOrphans: Int)
    /// The same terms were claimed before and the link is there: no request.
    indirect case recorded(LinkRecord)
    /// A run that is alive is making it at this moment: ask again.
    case busy(run: Int64)
    /// The key belongs to other terms.
    indirect case otherTerms(LinkRecord)
    /// Earlier requests may have made it, and it must not be sent again without the operator's decision.
    indirect case inDoubt(LinkRecord)
    /// A person gave it up.
    indirect case abandoned(LinkRecord)
}

/// How a granted claim ended. `possibleOrphans` counts all requests under the row, earlier claims included.
package enum LinkOutcome: Sendable, Hashable {
    case done(PayLink, possibleOrphans: Int)
    /// The service refused it for good: nothing was made by the last request.
    case rejected(problem: String, possibleOrphans: Int)
    /// It may have been made; with `isMade` it was, and is never sent again without the operator's decision.
    case inDoubt(problem: String, known: PayLinkID?, possibleOrphans: Int, isMade: Bool = false)
    /// No byte of the last request left, or it had no effect: it can be claimed again without a doubt.
    case notSent(problem: String, possibleOrphans: Int)
}
