// What an effect is known by outside: the same for all its attempts, so that the world can tell them for one.

import OneShotPay

/// A random UUID (version 4).
package enum EffectToken {
    private struct Value: UUIDIdentifier {
        let high: UInt64
        let low: UInt64
    }

    /// The text of a new one, in lower case.
    package static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    package static func random(using generator: inout some RandomNumberGenerator) -> String {
        let high = generator.next() & ~0xF000 | 0x4000
        let low = generator.next() & ~(0b11 << 62) | 0b10 << 62
        return Value(high: high, low: low).description
    }
}
