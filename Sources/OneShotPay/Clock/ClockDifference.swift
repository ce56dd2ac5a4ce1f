// How far this machine's clock is from the service's, in the words in which people are told.

/// A difference of more than a minute between this machine's clock and the service's.
public struct ClockDifference: Sendable, Hashable, CustomStringConvertible {
    /// Seconds that this machine's clock is ahead of the service's; behind it when negative.
    public let secondsAhead: Int64

    package init(secondsAhead: Int64) { self.secondsAhead = secondsAhead }

    /// "this machine's clock is 1200 s (20 min) behind the service's".
    public var description: String {
        let seconds = secondsAhead.magnitude
        let round =
            switch seconds {
            case 172_800...: " (\(seconds / 86_400) days)"
            case 7_200...: " (\(seconds / 3_600) h)"
            case 120...: " (\(seconds / 60) min)"
            default: ""
            }
        return "this machine's clock is \(seconds) s\(round) \(secondsAhead > 0 ? "ahead of" : "behind") the service's"
    }

    /// What to do about it.
    package static let advice = "set it, and keep it right (timedatectl set-ntp true)"

    /// The warning that a run gives once.
    package var warning: String {
        "\(description): expires_in is counted by the service's clock; \(Self.advice)"
    }
}
