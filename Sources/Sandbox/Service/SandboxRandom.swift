// The sandbox's own random numbers: a small seedable generator, and the identifiers drawn from it.
// Seeded, so that a test can pin ids and a run with probable faults can be repeated.

/// SplitMix64 (Steele, Lea and Flood, 2014): small, fast, and good enough for ids that guard nothing.
struct SandboxRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// A version 7 UUID (RFC 9562): 48 bits of milliseconds, then randomness.
    mutating func uuidV7(at instant: SandboxInstant) -> String {
        let time = UInt64(clamping: instant.milliseconds) & 0xFFFF_FFFF_FFFF
        let high = time << 16 | 0x7000 | next() & 0x0FFF
        let low = 0x8000_0000_0000_0000 | next() & 0x3FFF_FFFF_FFFF_FFFF
        let digits = Self.hex(high) + Self.hex(low)
        var text = ""
        for (position, digit) in digits.enumerated() {
            if position == 8 || position == 12 || position == 16 || position == 20 { text.append("-") }
            text.append(digit)
        }
        return text
    }

    /// `words` × 16 random hexadecimal digits.
    mutating func hexDigits(words: Int) -> String {
        (0..<words).map { _ in Self.hex(next()) }.joined()
    }

    private static func hex(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
