// Encoded Lua values from chance, rows of table files included: well formed, to be spoiled afterwards.

import CLuaHost
import Chance

struct EncodedValues {
    private(set) var bytes: [UInt8] = []

    static let recordsTag = UInt8(LH_RECORDS.rawValue)

    /// Every tag, alone and with what follows it.
    static let pieces: [[UInt8]] =
        (0...13).map { [$0] }
        + [
            sized(LH_STRING, 3) + [0x61, 0x62, 0x63], sized(LH_STRING, 0), sized(LH_STRING, .max),
            sized(LH_ARRAY, 0), sized(LH_ARRAY, 3), sized(LH_ARRAY, .max), sized(LH_MAP, 0), sized(LH_MAP, .max),
            sized(LH_ARRAY, 0) + [UInt8(LH_END.rawValue)], sized(LH_RECORDS, 1), sized(LH_RECORDS, 0),
            sized(LH_RECORDS, 100_001), word(LH_INTEGER, 1), word(LH_INTEGER, .max), word(LH_NUMBER, 0x7FF8 << 48),
            word(LH_NUMBER, Double(1).bitPattern), word(LH_BOX, 5), [0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0x80],
            [0xFF, 0xFF, 0xFF, 0xFF],
        ]

    static let seeds: [[UInt8]] = [
        [],
        (0..<210).flatMap { _ in sized(LH_ARRAY, 1) },
        (0..<99).flatMap { _ in sized(LH_ARRAY, 1) } + [UInt8](repeating: UInt8(LH_END.rawValue), count: 99),
        (0..<150).flatMap { _ in sized(LH_ARRAY, 1) } + [UInt8](repeating: UInt8(LH_END.rawValue), count: 150),
        (0..<150).flatMap { _ in sized(LH_MAP, 1) + [UInt8(LH_TRUE.rawValue)] },
        sized(LH_MAP, 1) + word(LH_NUMBER, 0x7FF8 << 48) + [UInt8(LH_TRUE.rawValue), UInt8(LH_END.rawValue)],
        sized(LH_MAP, 1) + word(LH_NUMBER, Double(2).bitPattern) + [UInt8(LH_TRUE.rawValue), UInt8(LH_END.rawValue)],
    ]

    mutating func addValue(_ random: inout SplitMix, depth: Int) {
        switch random.below(depth < 5 ? 14 : 9) {
        case 0: bytes.append(UInt8(random.below(3)))
        case 1: bytes += Self.word(LH_INTEGER, random.next() >> UInt64(random.below(64)))
        case 2: bytes += Self.word(LH_NUMBER, random.next())
        case 3, 4, 5: addString(&random)
        case 6: bytes += Self.word(LH_BOX, random.next())
        case 7: bytes.append(UInt8(LH_NULL.rawValue))
        case 8: bytes += Self.sized(LH_TASK, UInt32(random.below(4)))
        case 9, 10:
            let count = random.below(5)
            bytes += Self.sized(LH_ARRAY, UInt32(count))
            for _ in 0..<count { addValue(&random, depth: depth + 1) }
            bytes.append(UInt8(LH_END.rawValue))
        case 11, 12:
            let count = random.below(5)
            bytes += Self.sized(LH_MAP, UInt32(count))
            for index in 0..<count {
                if random.oneIn(3) {
                    bytes += Self.word(LH_INTEGER, UInt64(index + 1))
                } else {
                    addString(&random)
                }
                addValue(&random, depth: depth + 1)
            }
            bytes.append(UInt8(LH_END.rawValue))
        default: addRecords(&random)
        }
    }

    private mutating func addString(_ random: inout SplitMix) {
        let text = (0..<random.below(random.oneIn(16) ? 100 : 8)).map { _ in random.byte() }
        bytes += Self.sized(LH_STRING, UInt32(text.count)) + text
    }

    private mutating func addRecords(_ random: inout SplitMix) {
        let columns = 1 + random.below(random.oneIn(50) ? 60 : 4)
        let rows = random.below(random.oneIn(20) ? 150 : 5)
        bytes += Self.sized(LH_RECORDS, UInt32(columns)) + Self.little(UInt32(rows))
        for column in 0..<columns {
            let name = Array("c\(random.oneIn(8) ? 0 : column)".utf8)
            bytes += Self.little(UInt32(name.count)) + name
        }
        var end: UInt32 = 0
        for _ in 0..<rows * columns {
            end += UInt32(random.below(6))
            bytes += Self.little(end)
        }
        for row in 0..<rows { bytes += Self.little(UInt32(row + 2) | (random.oneIn(5) ? 0x8000_0000 : 0)) }
        bytes += Self.little(end) + (0..<end).map { _ in random.byte() }
    }

    private static func sized(_ tag: lh_tag, _ size: UInt32) -> [UInt8] { [UInt8(tag.rawValue)] + little(size) }
    private static func word(_ tag: lh_tag, _ word: UInt64) -> [UInt8] {
        [UInt8(tag.rawValue)] + withUnsafeBytes(of: word.littleEndian, Array.init)
    }
    private static func little(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
}
