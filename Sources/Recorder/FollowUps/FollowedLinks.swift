// Which links a watch looks at, as a pure value: what the ledger lists and what looks showed goes in, what to begin and to
// stop comes out. Open links are looked at by turns (OpenLinks), ended ones rarely (LateLooks).

import Ledger
import NIOCore
import OneShotPay

/// The links of one watch, by their rows.
struct FollowedLinks {
    /// Late looks under way at once: what is due beyond that waits here, not in the client.
    private static let mostLateLooks = 32
    /// After a late look that failed.
    private static var pause: TimeAmount { .minutes(10) }

    private enum Stand {
        case ended(EndedLink)
        case looking(EndedLink)
    }

    let looks: LateLooks
    var open = OpenLinks()
    private var stands: [LinkRow: Stand] = [:]
    private var late = DueQueue<LinkRow>()
    private var looking = 0

    init(_ looks: LateLooks) { self.looks = looks }

    /// Links that have ended and are not given up.
    private(set) var ended = 0

    /// Takes in which links have ended, as the ledger lists them now.
    /// - Returns: rows whose looks, as open and as ended links, are of no use any more.
    mutating func take(
        ended list: [EndedLink], now: NIODeadline, unixTime: Int64
    ) -> (open: [LinkRow], ended: [LinkRow]) {
        var before = stands
        var noLongerOpen: [LinkRow] = []
        stands = [:]
        (ended, looking) = (0, 0)
        for link in list {
            if open.remove(link.row) { noLongerOpen.append(link.row) }
            guard looks.next(link) != nil else { continue }
            ended += 1
            switch before.removeValue(forKey: link.row) {
            case .looking(let old)?:
                stands[link.row] = .looking(old)
                looking += 1
            case .ended(let old)?:
                // Another watch may have looked meanwhile: then it is not due yet when its time comes.
                var link = link
                link.lookedAt = [link.lookedAt, old.lookedAt].compactMap { $0 }.max()
                stands[link.row] = .ended(link)
            case nil:
                stands[link.row] = .ended(link)
                queue(link, now: now, unixTime: unixTime)
            }
        }
        return (noLongerOpen, before.compactMap { if case .looking = $0.value { $0.key } else { nil } })
    }

    /// Ended links that are to be looked at now.
    mutating func dueLooks(now: NIODeadline, unixTime: Int64) -> [LinkRow] {
        var rows: [LinkRow] = []
        while looking < Self.mostLateLooks, let (due, row) = late.first, due <= now {
            _ = late.popFirst()
            guard case .ended(let link)? = stands[row], let next = looks.next(link) else { continue }
            guard next <= unixTime else {
                queue(link, now: now, unixTime: unixTime)
                continue
            }
            stands[row] = .looking(link)
            looking += 1
            rows.append(row)
        }
        return rows
    }

    /// A look at an ended link is over.
    /// - Parameter isSeen: whether it brought the link.
    mutating func looked(late row: LinkRow, isSeen: Bool, now: NIODeadline, unixTime: Int64) {
        guard case .looking(var link)? = stands[row] else { return }
        looking -= 1
        if isSeen { link.lookedAt = unixTime }
        stands[row] = .ended(link)
        if isSeen { queue(link, now: now, unixTime: unixTime) } else { late.add(row, due: now + Self.pause) }
    }

    private mutating func queue(_ link: EndedLink, now: NIODeadline, unixTime: Int64) {
        guard let next = looks.next(link) else { return }
        late.add(link.row, due: now + .seconds(max(next - unixTime, 0)))
    }
}
