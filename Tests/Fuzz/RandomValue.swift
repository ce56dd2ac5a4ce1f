// Values that must come back from Lua as they went: no holes in arrays, no keys that Lua would change.

import Chance
import LuaRuntime

enum RandomValue {
    static func make(_ random: inout SplitMix, depth: Int = 0) -> LuaValue {
        // Lua encodes at most 100 levels; most values are flat.
        let deepest = random.oneIn(64) ? 90 : 4
        let kind = random.below(depth < deepest ? 13 : 9)
        switch kind {
        case 0: return .null
        case 1: return .boolean(random.oneIn(2))
        case 2: return .integer(integer(&random))
        case 3: return .number(Double(bitPattern: random.next()))
        case 4:
            return .number(random.pick([0, -0.0, 1, .infinity, -.infinity, .nan, 0.1, 1e308, .leastNonzeroMagnitude]))
        case 5, 6: return text(&random)
        case 7: return .box(integer(&random))
        case 8: return .nullSentinel
        case 9, 10:
            return .array(
                (0..<count(&random)).map { _ in
                    let element = make(&random, depth: depth + 1)
                    return element == .null ? .nullSentinel : element
                })
        default: return .table(entries(&random, depth))
        }
    }

    private static func entries(_ random: inout SplitMix, _ depth: Int) -> [(key: LuaValue, value: LuaValue)] {
        var keys: [CanonicalForm] = []
        var entries: [(key: LuaValue, value: LuaValue)] = []
        for _ in 0..<count(&random) {
            let key: LuaValue
            switch random.below(8) {
            case 0: key = .boolean(random.oneIn(2))
            // Neither positive, or it might make an array; nor a whole double, which would become an integer.
            case 1: key = .integer(-1 - Int64(random.below(1_000_000)))
            case 2: key = .number(Double(random.below(1_000_000)) + 0.5)
            default: key = text(&random)
            }
            let value = make(&random, depth: depth + 1)
            let form = CanonicalForm([key])
            // A key without a value is no entry in Lua.
            if value == .null || keys.contains(form) { continue }
            keys.append(form)
            entries.append((key, value))
        }
        return entries
    }

    private static func integer(_ random: inout SplitMix) -> Int64 {
        let word = Int64(bitPattern: random.next())
        return random.oneIn(3)
            ? random.pick([0, 1, -1, .max, .min, 1 << 53, 255, -128]) : word >> Int64(random.below(64))
    }

    private static func text(_ random: inout SplitMix) -> LuaValue {
        let count = random.oneIn(200) ? random.below(70_000) : random.below(40)
        let isNoise = random.oneIn(3)
        let bytes = (0..<count).map { _ in isNoise ? random.byte() : UInt8(0x20 + random.below(95)) }
        return String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .bytes(bytes)
    }

    private static func count(_ random: inout SplitMix) -> Int {
        random.oneIn(100) ? random.below(200) : random.below(5)
    }
}
