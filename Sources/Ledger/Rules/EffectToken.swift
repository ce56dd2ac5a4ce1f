// What an effect is known by outside: the same for all its attempts, so that the world can tell them for one.

import OneShotPay

/// A random UUID (version 4).
struct EffectToken: UUIDIdentifier {
    let high: UInt64
    let low: UInt64

    /// The text of a new one, in lower case.
    static func random() -> String {
        let high = UInt64.random(in: .min ... .max) & ~0xF000 | 0x4000
        let low = UInt64.random(in: .min ... .max) & ~(0b11 << 62) | 0b10 << 62
        return EffectToken(high: high, low: low).description
    }
}
