// What is drawn at random follows from the seed, what it is drawn for, and a number: taking one fault away leaves the
// draws for the others as they were.

import NIOCore
import Seeded

extension SplitMix {
    /// Evenly distributed in 0..<1.
    mutating func uniform() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    mutating func between(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }

    mutating func chance(_ share: Double) -> Bool { uniform() < share }

    /// Between both, small ones as likely as large ones.
    mutating func spread(_ low: Double, _ high: Double) -> Double {
        low * Self.power(high / low, uniform())
    }

    private static func power(_ base: Double, _ exponent: Double) -> Double {
        // By squares and roots, which are the same on every machine.
        var result = 1.0
        var root = base
        var rest = exponent
        for _ in 0..<40 {
            root = root.squareRoot()
            rest *= 2
            if rest >= 1 {
                result *= root
                rest -= 1
            }
        }
        return result
    }
}

extension TimeAmount {
    init(seconds: Double) { self = .nanoseconds(Int64((seconds * 1e9).rounded())) }

    var inSeconds: Double { Double(nanoseconds) / 1e9 }
}
