// What happens to the creation of a link, what is to be done about it, and how it ends.

package import Ledger
package import OneShotPay

extension CreationStateMachine {
    /// What happened.
    package enum Event {
        case asked
        /// The ledger's answer to the claim.
        case claimed(Result<LinkClaimAnswer, LedgerError>)
        case pauseEnded
        /// The service's answer about a link that is there already, or may be.
        case seen(Result<PayLink, OneShotPayError>)
        /// Whether the ledger took the link that was found for the one in doubt.
        case adopted(Result<Bool, LedgerError>)
        /// A token is there, and a request could leave; so many earlier ones of this call may each have made a link.
        case ready(possibleOrphans: Int)
        /// Whether it is recorded that a request leaves.
        case committed(Result<Bool, LedgerError>)
        /// The end of all requests of this call.
        case replied(Result<PayLink, OneShotPayError>)
        /// Whether that end is recorded.
        case recorded(Result<Bool, LedgerError>)
        case cancelled
    }

    /// What to do next.
    package enum Action: Sendable {
        /// - isSending: the request leaves as soon as the claim is committed.
        case claim(isSending: Bool)
        /// Claim again after a while: another run is making the link.
        case pause(Duration)
        /// Ask the service for a link. `known` is what is recorded of it.
        case look(PayLinkID, known: PayLink?)
        /// Record that this is the link that was in doubt.
        case adopt(PayLink)
        /// Get what a request needs: a token.
        case prepare
        /// Record that a request leaves.
        case commit(LinkRow, possibleOrphans: Int)
        /// Let the request leave.
        case send
        /// End the call without its request.
        case withhold
        case record(LinkRow, LinkOutcome)
        /// Call off what is asked of the service; its end is still heard of.
        case cancelRequest
        case answer(Answer)
        case wait
    }

    /// The end, as the caller hears of it.
    package struct Answer: Sendable {
        package var result: Result<PayLink, LinkFailure>
        /// A link that was made and is not in the ledger.
        package var unrecorded: UnrecordedLink?
    }

    /// What the machine has to know of the world around it. The time is asked for only where it matters.
    package struct View {
        /// What is known of the time.
        package struct Clock {
            /// Unix seconds, and whether the service itself has told them.
            package var serviceTime: Int64
            package var isTimeKnown: Bool
            package var difference: ClockDifference?

            package init(serviceTime: Int64, isTimeKnown: Bool, difference: ClockDifference?) {
                self.serviceTime = serviceTime
                self.isTimeKnown = isTimeKnown
                self.difference = difference
            }
        }

        /// Whether a request could leave at once.
        package var hasToken: Bool
        /// Until the caller gives up.
        package var timeLeft: () -> Duration
        package var clock: () -> Clock

        package init(hasToken: Bool, timeLeft: @escaping () -> Duration, clock: @escaping () -> Clock) {
            self.hasToken = hasToken
            self.timeLeft = timeLeft
            self.clock = clock
        }
    }
}

/// A link that exists and is not in the ledger.
package struct UnrecordedLink: Sendable, Hashable {
    package var row: LinkRow
    package var outcome: LinkOutcome
    package var link: PayLink
    package var terms: String
}
