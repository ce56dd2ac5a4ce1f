// How long to wait between two looks at a link: the square-root rule of docs/architecture.md, decision 4.

/// The interval rule for polling.
///
/// With a link of age *a* and a budget of *R* requests a second over all waits:
///
///     T = clamp(1 s, κ·√(a + 4 s), 30 s)      κ = max(0.5, (1/R)·Σ 1/√(a_j + 4))
///
/// The square root minimises the expected delay for a given number of requests when the chance that a payment comes
/// falls as 1/age. When even the longest interval would exceed the budget, the cap of 30 s gives way, but only as far as
/// the full budget needs it: an interval drawn while the service is slow lasts longer than the slowness.
struct PollingRule: Sendable, Hashable {
    static let shortest = 1.0
    static let longest = 30.0
    static let smallestFactor = 0.5
    /// The part of the looks that may go to links that have ended, in case they are paid late.
    static let lateShare = 0.2

    /// Requests a second at present.
    var rate: Double
    /// Requests a second when the service does not slow us down.
    var fullRate: Double

    init(rate: Double, fullRate: Double? = nil) {
        self.rate = rate
        self.fullRate = fullRate ?? rate
    }

    /// What one wait of `age` seconds adds to the sum in κ: its share of the load.
    static func weight(age: Double) -> Double {
        1 / (max(age, 0) + 4).squareRoot()
    }

    /// The longest time in seconds that a link goes unseen among so many: the longest interval with its jitter, and
    /// a turn of all others (docs/waiting.md).
    /// - Parameter hasLate: whether ended links are looked at beside them.
    static func bound(waits: Int, fullRate: Double, hasLate: Bool = false) -> Double {
        let turn = Double(waits) / (hasLate ? fullRate * (1 - lateShare) : fullRate)
        return 1.1 * max(longest, turn) + turn
    }

    /// Seconds until the next look.
    /// - Parameters:
    ///   - age: of the link, in seconds.
    ///   - load: the sum of all links' weights.
    ///   - waits: how many links are waited for.
    ///   - random: evenly distributed in 0..<1; shifts the result by up to a tenth either way.
    func interval(age: Double, load: Double, waits: Int, random: Double) -> Double {
        let factor = max(Self.smallestFactor, load / rate)
        let cap = max(Self.longest, Double(waits) / fullRate)
        let interval = min(max(factor * (max(age, 0) + 4).squareRoot(), Self.shortest), cap)
        return interval * (0.9 + 0.2 * random)
    }
}
