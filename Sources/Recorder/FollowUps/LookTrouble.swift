// What a watch tells of looks that fail, and whether links go unseen for too long. A pure value.

import Console
import NIOCore
import OneShotPay

/// Open links whose looks fail at present.
struct LookTrouble {
    /// The time between two lines about a trouble that goes on: this, then twice as long, up to an hour.
    private static let firstPause = 60.0
    private static let longestPause = 3_600.0

    /// Since when each has not been seen.
    private var failing: [PayLinkID: NIODeadline] = [:]
    private var begunAt = NIODeadline.uptimeNanoseconds(0)
    private var failedLooks = 0
    private var tellAt = NIODeadline.uptimeNanoseconds(0)
    private var pause = 0.0

    /// How many links were not seen at their last look.
    var links: Int { failing.count }

    /// How long the first of them has gone unseen.
    func longestUnseen(now: NIODeadline) -> Duration? {
        failing.values.min().map { .nanoseconds((now - $0).nanoseconds) }
    }

    /// A look failed.
    /// - Returns: what to tell, which is little: the first failure, and now and then that it goes on.
    mutating func failed(_ id: PayLinkID, _ message: String, now: NIODeadline) -> LogMessage? {
        let isFirst = failing.isEmpty
        if failing[id] == nil { failing[id] = now }
        guard !isFirst else {
            (begunAt, failedLooks, pause) = (now, 1, Self.firstPause)
            tellAt = now + Self.amount(pause)
            return LogMessage(
                level: .warn, text: "a look failed and is repeated: \(message)", fields: [("link", id.description)])
        }
        failedLooks += 1
        guard now >= tellAt else { return nil }
        pause = min(2 * pause, Self.longestPause)
        tellAt = now + Self.amount(pause)
        return LogMessage(
            level: .error,
            text: "\(counted) failed within \(elapsed(now)), \(linksAre) not seen; the last one: \(message)", fields: []
        )
    }

    /// A look brought the link, or nobody looks at it any more.
    mutating func over(_ id: PayLinkID, now: NIODeadline) -> LogMessage? {
        guard failing.removeValue(forKey: id) != nil, failing.isEmpty else { return nil }
        return LogMessage(
            level: .info, text: "looks succeed again, after \(counted) that failed within \(elapsed(now))", fields: [])
    }

    private var counted: String { failedLooks == 1 ? "1 look" : "\(failedLooks) looks" }
    private var linksAre: String { failing.count == 1 ? "1 link is" : "\(failing.count) links are" }

    private func elapsed(_ now: NIODeadline) -> String {
        let seconds = (now - begunAt).nanoseconds / 1_000_000_000
        return seconds < 120 ? "\(seconds) s" : seconds < 7_200 ? "\(seconds / 60) min" : "\(seconds / 3_600) h"
    }

    private static func amount(_ seconds: Double) -> TimeAmount { .nanoseconds(Int64(seconds * 1e9)) }
}
