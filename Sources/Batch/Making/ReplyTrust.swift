// Whether the replies to creates can be read at all. Behind a proxy that changes them every row would leave a link that
// nobody has the address of, so a batch begins with few rows, and ends at the second such reply.

import NIOCore
import OneShotPay
import Recorder

/// What the replies of a batch were like so far.
struct ReplyTrust {
    /// So many rows are under way until a reply could be read: as many as a batch may lose.
    private static let limit = 2
    /// A service that takes longer is not waited for.
    static let patience: TimeAmount = .seconds(2)

    private var unreadable = 0
    private var isOpen = false
    private var last = ""

    /// Takes in what became of a row.
    mutating func take(_ result: Result<PayLink, LinkFailure>) {
        guard case .failure(let failure) = result, failure.isUnreadable else {
            isOpen = true
            return
        }
        unreadable += 1
        last = failure.message
        isOpen = false
    }

    /// Goes on at full width, unless a reply has been unreadable.
    mutating func losePatience() { isOpen = isOpen || unreadable == 0 }

    /// How many rows may be under way: each may end as the last did.
    func width(of rows: Int) -> Int { isOpen ? rows : min(rows, Self.limit - unreadable) }

    /// Why no more links are made.
    var problem: String? {
        guard unreadable >= Self.limit else { return nil }
        return
            "\(unreadable) replies that said a link was made could not be read, so no more links are made: find out what "
            + "changes the replies (a proxy, a wrong address) before running it again. The last one: \(last)"
    }
}

extension LinkFailure {
    /// A link was made, and nobody can read which.
    var isUnreadable: Bool { code == .service(.unreadableReply) }
}
