// An order whose link nobody paid in time, offered again: under the next key, so that each key still has one link.

import Ledger
package import OneShotPay

extension PayLink {
    /// Whether nobody has paid it, and nobody can any more.
    package var isOverUnpaid: Bool { !isPayable && payment == nil && status != .paid }
}

extension RecordedLinks {
    /// More links than these for one order are hardly meant.
    private static var mostIssues: Int { 1_000 }

    /// Gives the link of an order's key, or of the first of `KEY:2`, `KEY:3` … whose link can be paid or was; makes it
    /// where there is none yet. Run again, or by several at once, it gives the same link.
    package func reissue(
        _ order: LinkOrder, _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
    ) -> RecordedCall {
        let issuing = Issuing()
        issue(order, 1, issuing, done)
        return RecordedCall { issuing.call?.cancel() }
    }

    private func issue(
        _ order: LinkOrder, _ number: Int, _ issuing: Issuing,
        _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
    ) {
        let numbered = order.reissued(number)
        issuing.call = create(numbered) { [self] result in
            switch result {
            case .success(let link) where link.isOverUnpaid && number < Self.mostIssues:
                issue(order, number + 1, issuing, done)
            case .success(var link):
                link.key = numbered.key
                done(.success(link))
            case .failure: done(result)
            }
        }
    }
}

/// The call that is under way for a number.
private final class Issuing {
    var call: RecordedCall?
}
