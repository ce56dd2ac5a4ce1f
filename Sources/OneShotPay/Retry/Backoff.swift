// The pause before an attempt: full jitter, so that many clients that failed together do not come back together.

/// Exponential backoff with full jitter.
///
/// Each pause is drawn evenly between zero and `base · 2^n`, at most `maximum`. Full jitter needs the least work of
/// the usual variants to get many clients through (Brooker, "Exponential Backoff and Jitter", 2015).
package struct Backoff {
    let base: Duration
    let maximum: Duration

    package init(base: Duration, maximum: Duration) {
        self.base = base
        self.maximum = maximum
    }

    /// The pause after failure number `failures` (from 1).
    /// - Parameters:
    ///   - random: evenly distributed in 0..<1.
    ///   - floor: what the server asked for.
    package func pause(failures: Int, random: Double, floor: Duration? = nil) -> Duration {
        let doublings = min(max(failures - 1, 0), 30)
        let bound = min(base * (1 << doublings), maximum)
        let drawn = bound * random
        return max(drawn, floor ?? .zero)
    }
}
