// How many polls may be sent: a bucket that fills at a steady rate, halved whenever the service says "too many".

import NIOCore

/// Paces the polls of all waits together.
struct PollingBudget {
    /// A fifth of the configured rate is left to creation.
    static let share = 0.8
    /// How long it takes to get back from nothing to the full rate.
    private static let recoverySeconds = 60.0
    private static let lowestShare = 1.0 / 16

    /// Polls a second that all who share the account may send when nothing slows them down.
    private let accountRate: Double
    /// Polls a second when nothing slows them down.
    private(set) var fullRate: Double
    /// Polls a second at present.
    private(set) var rate: Double
    private var tokens: Double
    private var updatedAt: NIODeadline
    private var pausedUntil: NIODeadline
    private var slowedAt: NIODeadline

    /// - Parameter requestsPerSecond: the configured rate.
    init(requestsPerSecond: Double, now: NIODeadline) {
        accountRate = requestsPerSecond * Self.share
        fullRate = accountRate
        rate = fullRate
        tokens = max(1, fullRate)
        updatedAt = now
        pausedUntil = now
        slowedAt = now
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

    /// Others take a part of the account's polls: this much is left, in 0...1. What slows them down goes on doing so.
    mutating func divide(_ part: Double, now: NIODeadline) {
        refill(now: now)
        let full = accountRate * min(max(part, 0.001), 1)
        rate *= full / fullRate
        fullRate = full
        tokens = min(tokens, max(1, rate))
    }

    /// A poll was sent that nobody asked the budget for: those that follow wait for it.
    mutating func charge() { tokens -= 1 }

    /// The service said "too many": halves the rate, and pauses if told for how long.
    ///
    /// Polls that were under way together are refused together, which halves the rate once.
    /// - Parameter sentAt: when the refused poll was sent.
    mutating func slowDown(retryAfter: Duration?, sentAt: NIODeadline? = nil, now: NIODeadline) {
        refill(now: now)
        if sentAt ?? now >= slowedAt {
            rate = max(rate / 2, fullRate * Self.lowestShare)
            slowedAt = now
        }
        tokens = min(tokens, 1)
        if let retryAfter { pausedUntil = max(pausedUntil, now + TimeAmount(retryAfter)) }
    }

    private mutating func refill(now: NIODeadline) {
        // A pause saves up one poll and brings no rate back: what follows it is not a burst.
        let resumed = min(max(pausedUntil, updatedAt), now)
        let paused = seconds(from: updatedAt, to: resumed)
        if paused > 0 { tokens = max(tokens, min(1, tokens + paused * rate)) }
        let seconds = seconds(from: resumed, to: now)
        updatedAt = max(updatedAt, now)
        guard seconds > 0 else { return }
        tokens = min(max(1, rate), tokens + seconds * rate)
        rate = min(fullRate, rate + fullRate * seconds / Self.recoverySeconds)
    }

    private func seconds(from start: NIODeadline, to end: NIODeadline) -> Double {
        max(0, Double((end - start).nanoseconds) / 1e9)
    }
}
