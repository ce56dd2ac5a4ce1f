// A point in the sandbox's time, and the clock that yields it.
// The clock is real time plus an offset that tests move; by itself it never goes back.

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A point in time: milliseconds since the Unix epoch, by the sandbox's clock.
package struct SandboxInstant: Sendable, Hashable, Comparable, Codable {
    /// Milliseconds since the Unix epoch.
    package var milliseconds: Int64

    /// Makes an instant from milliseconds since the Unix epoch.
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Whole seconds since the Unix epoch, as the wire has them.
    package var unixSeconds: Int64 { milliseconds / 1000 }

    package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    static func seconds(_ seconds: Int64) -> Self { Self(milliseconds: seconds * 1000) }

    static func + (instant: Self, duration: Duration) -> Self {
        Self(milliseconds: instant.milliseconds + duration.wholeMilliseconds)
    }
}

extension Duration {
    /// Milliseconds, rounded down and kept within ±1,000 years so that sums cannot overflow.
    var wholeMilliseconds: Int64 {
        let limit: Int64 = 31_557_600_000
        let (seconds, attoseconds) = components
        return min(max(seconds, -limit), limit) * 1000 + attoseconds / 1_000_000_000_000_000
    }

    /// A duration of a fractional number of seconds, as control calls give it; nil unless finite and within a century.
    init?(fractionalSeconds: Double) {
        guard fractionalSeconds.isFinite, abs(fractionalSeconds) <= 3_155_760_000 else { return nil }
        self = .milliseconds(Int64((fractionalSeconds * 1000).rounded()))
    }
}

/// Real time plus a movable offset. Goes back only when it is told to, even if the machine's clock does.
struct SandboxClock: Sendable {
    private let wall: @Sendable () -> SandboxInstant
    private(set) var offset: Duration
    private var latest = SandboxInstant(milliseconds: 0)

    init(offset: Duration = .zero, wall: @escaping @Sendable () -> SandboxInstant = SandboxClock.realTime) {
        self.offset = offset
        self.wall = wall
    }

    mutating func now() -> SandboxInstant {
        latest = max(latest, wall() + offset)
        return latest
    }

    /// Moves the clock on, or back when the duration is negative.
    mutating func advance(by duration: Duration) {
        offset += duration
        if duration < .zero { latest = latest + duration }
    }

    static func realTime() -> SandboxInstant {
        SandboxInstant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
