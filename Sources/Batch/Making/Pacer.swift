// How often something may begin: a token bucket that holds one.

package import NIOCore

/// Lets one thing begin in every interval. What was not used is not saved up.
package struct Pacer: Sendable {
    private let whole: TimeAmount
    private var interval: TimeAmount
    private var next: NIODeadline?

    package init(interval: TimeAmount) {
        whole = interval
        self.interval = interval
    }

    /// A turn was of no use: the next one may begin at once.
    package mutating func giveBack() { if let next { self.next = next - interval } }

    /// So many take turns at one rate.
    package mutating func divide(by count: Int) { interval = .nanoseconds(whole.nanoseconds * Int64(max(count, 1))) }

    /// Takes the turn at `now`, if it has come.
    /// - Returns: `nil` when taken; else when to ask again.
    package mutating func take(now: NIODeadline) -> NIODeadline? {
        if let next, now < next { return next }
        // An oversleeping timer is made good, up to one interval.
        let due = next.map { now - $0 < interval ? $0 : now } ?? now
        next = due + interval
        return nil
    }
}

/// A rate on the command line: "10/s", "600/m", "5000/h", or a number a second.
package struct PaceText {
    /// The time between two starts; `nil` when the text is no rate above zero.
    package static func parse(_ text: String) -> TimeAmount? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, first.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
            let count = Double(first), count > 0, count.isFinite
        else { return nil }
        let period: Double
        switch parts.count == 2 ? parts[1] : "s" {
        case "s": period = 1
        case "m", "min": period = 60
        case "h": period = 3600
        default: return nil
        }
        let nanoseconds = period / count * 1e9
        guard nanoseconds >= 1, nanoseconds < 86_400e9 else { return nil }
        return .nanoseconds(Int64(nanoseconds.rounded()))
    }
}
