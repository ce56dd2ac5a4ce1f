// What a create that failed leaves in the ledger.

import Ledger
import OneShotPay

extension LinkOutcome {
    /// - Parameters:
    ///   - orphansBefore: possible orphans of earlier claims of the row.
    ///   - obstacle: why the request was held back from this side, if it was.
    init(_ error: OneShotPayError, orphansBefore: Int, obstacle: LinkFailure?) {
        let orphans = orphansBefore + error.possibleOrphans
        if error.code == .expiredOnArrival, let link = error.link {
            // Of no use, but made: the key has its link.
            self = .done(link, possibleOrphans: orphans)
        } else if error.code == .badReply, error.link != nil {
            // The service made a link with other terms: sending again would make another one, so a person must look.
            self = .inDoubt(problem: error.message, known: error.link?.id, possibleOrphans: orphans + 1)
        } else if error.possibleOrphans > 0 {
            self = .inDoubt(
                problem: error.message, known: error.knownID, possibleOrphans: orphans,
                isMade: error.code == .unreadableReply)
        } else if error.code == .rejected, !error.retryable {
            self = .rejected(problem: error.message, possibleOrphans: orphans)
        } else {
            self = .notSent(problem: obstacle?.message ?? error.message, possibleOrphans: orphans)
        }
    }
}
