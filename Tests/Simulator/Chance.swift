// What is drawn at random follows from the seed, what it is drawn for, and a number: taking one fault away leaves the
// draws for the others as they were.

import Chance
import NIOCore

extension SplitMix {
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
