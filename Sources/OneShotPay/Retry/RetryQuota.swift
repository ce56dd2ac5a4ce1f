// Keeps retries from multiplying the load on a service that is down: one bucket of tokens for the whole client.

import NIOCore

/// A bucket that each retry draws from, refilled by successes and, slowly, by time.
struct RetryQuota {
    private static let retryCost = 5.0
    private static let successRefill = 1.0
    /// One retry a second.
    private static let refillPerSecond = 5.0

    private let capacity: Double
    private var tokens: Double
    private var lastRefill: NIODeadline

    /// - Parameter retries: how many may happen in a burst.
    init(retries: Int, now: NIODeadline) {
        capacity = Double(retries) * Self.retryCost
        tokens = capacity
        lastRefill = now
    }

    /// Draws for one retry; false when too little is left.
    mutating func takeRetry(now: NIODeadline) -> Bool {
        let elapsed = Double((now - lastRefill).nanoseconds) / 1e9
        if elapsed > 0 {
            tokens = min(capacity, tokens + elapsed * Self.refillPerSecond)
            lastRefill = now
        }
        guard tokens >= Self.retryCost else { return false }
        tokens -= Self.retryCost
        return true
    }

    /// A request succeeded.
    mutating func recordSuccess() {
        if tokens < capacity { tokens = min(capacity, tokens + Self.successRefill) }
    }
}
