// The only source of chance: each input follows from the seed, the target and its number, and from nothing else.

/// A small generator (SplitMix64).
package struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    package init(_ state: UInt64) { self.state = state }

    /// Steele, Lea and Flood's sequence of a seed.
    package init(seed: UInt64) { state = seed &- 0x9E37_79B9_7F4A_7C15 }

    /// The generator of input `index` of `target`.
    package init(seed: UInt64, target: String, index: UInt64) {
        var state = Self.mixed(seed)
        for byte in target.utf8 { state = Self.mixed(state ^ UInt64(byte)) }
        self.state = Self.mixed(state ^ Self.mixed(index))
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// A number from 0 to `limit` - 1; 0 if there is none.
    package mutating func below(_ limit: Int) -> Int {
        limit > 0 ? Int(next().multipliedFullWidth(by: UInt64(limit)).high) : 0
    }

    /// True once in `count` times.
    package mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

    /// Evenly distributed in 0..<1.
    package mutating func uniform() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    package mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next() >> 56) }

    package mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
