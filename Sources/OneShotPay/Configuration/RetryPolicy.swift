// How hard a call tries. The rules of what may be tried again are in FailureClassifier.

/// How often, and at what distances, a failed request is sent again.
public struct RetryPolicy: Sendable, Hashable {
    /// Attempts in all, the first included. Being told to slow down (429) does not count.
    public var maximumAttempts = 8
    /// Upper bound of the first pause. Pauses are drawn evenly between zero and a bound that doubles (full jitter).
    public var baseDelay: Duration = .milliseconds(500)
    /// The bound never exceeds this.
    public var maximumDelay: Duration = .seconds(20)
    /// Whether a create whose outcome is unknown is sent again when no payer is named. If not, or with a named
    /// payer, it fails with ``OneShotPayError/Code/inDoubt``.
    public var resendsCreatesInDoubt = true
    /// Retries that may happen in a burst over all calls; successes and time (one a second) refill it.
    public var quota = 100

    public init() {}

    /// No retries of any kind.
    public static var never: RetryPolicy {
        var policy = RetryPolicy()
        policy.maximumAttempts = 1
        policy.resendsCreatesInDoubt = false
        return policy
    }
}
