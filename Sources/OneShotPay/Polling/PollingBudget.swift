// How many polls may be sent: a bucket that fills at a steady rate, halved whenever the service says "too many".

import NIOCore

/// Paces the polls of all waits together.
struct PollingBudget {
    /// A fifth of the configured rate is left to creation.
    static let share = 0.8
    /// How long it takes to get back from nothing to the full rate.
    private static let recoverySeconds = 60.0
    private static let lowestShare = 1.0 / 16

    private let fullRate: Double
    /// Polls a second at present.
    private(set) var rate: Double
    private var tokens: Double
    private var updatedAt: NIODeadline
    private var pausedUntil: NIODeadline

    /// - Parameter requestsPerSecond: the configured rate.
    init(requestsPerSecond: Double, now: NIODeadline) {
        fullRate = requestsPerSecond * Self.share
        rate = fullRate
        tokens = max(1, fullRate)
        updatedAt = now
        pausedUntil = now
    }

    /// Takes the right to send one poll; otherwise says when to ask again.
    mutating func take(now: NIODeadline) -> NIODeadline? {
        refill(now: now)
        if now < pausedUntil { return pausedUntil }
        if tokens >= 1 {
            tokens -= 1
            return nil
        }
        let wait = (1 - tokens) / rate
        return now + .nanoseconds(Int64(wait * 1e9) + 1_000_000)
    }

    /// The service said "too many": halves the rate, and pauses if told for how long.
    mutating func slowDown(retryAfter: Duration?, now: NIODeadline) {
        refill(now: now)
        rate = max(rate / 2, fullRate * Self.lowestShare)
        tokens = min(tokens, 1)
        if let retryAfter { pausedUntil = max(pausedUntil, now + TimeAmount(clamping: retryAfter)) }
    }

    private mutating func refill(now: NIODeadline) {
        let seconds = Double((now - updatedAt).nanoseconds) / 1e9
        guard seconds > 0 else { return }
        updatedAt = now
        tokens = min(max(1, rate), tokens + seconds * rate)
        rate = min(fullRate, rate + fullRate * seconds / Self.recoverySeconds)
    }
}
