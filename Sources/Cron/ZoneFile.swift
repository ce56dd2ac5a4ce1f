// A file of the system's zone database (RFC 9636, TZif): its changes of offset, and the rule that goes on after them.

/// When a zone's offset from UTC changes, and to what.
struct ZoneFile: Sendable {
    private var instants: [Int64]
    /// The offset from each instant on.
    private var offsets: [Int64]
    /// The offset before the first instant.
    private var first: Int64
    /// What holds after the last instant.
    private var rule: ZoneRule?

    static let utc = ZoneFile()

    private init() { (instants, offsets, first, rule) = ([], [], 0, nil) }

    func offset(at instant: Int64) -> Int64 {
        guard let last = instants.last, instant < last else {
            return rule?.offset(at: instant) ?? offsets.last ?? first
        }
        var low = 0, high = instants.count
        while low < high {
            let middle = (low + high) / 2
            if instants[middle] <= instant { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : offsets[low - 1]
    }

    /// Whether both give every instant from this one on the same offset: the changes that are listed, and the rule after
    /// them. What they say of the past is another matter.
    func agrees(with other: ZoneFile, from instant: Int64) -> Bool {
        // A file may list what another leaves to the rule.
        let changes = Set((instants + other.instants).filter { $0 > instant })
        let isSame = changes.union([instant]).allSatisfy { offset(at: $0) == other.offset(at: $0) }
        return isSame && lastRule == other.lastRule
    }

    private var lastRule: ZoneRule { rule ?? ZoneRule(always: offsets.last ?? first) }

    /// `nil` when the bytes are no such file.
    init?(_ bytes: [UInt8]) {
        guard let old = Header(bytes, at: 0) else { return nil }
        // Version 1 counts in 32 bits; every later one repeats all in 64 bits after it.
        let start = old.version >= 0x32 ? 44 + old.length(timeSize: 4) : 0
        guard let header = Header(bytes, at: start) else { return nil }
        let size = start == 0 ? 4 : 8
        let times = start + 44
        let indices = times + header.times * size
        let types = indices + header.times
        let end = start + 44 + header.length(timeSize: size)
        guard end <= bytes.count, header.types > 0 else { return nil }

        var kinds: [Int64] = []
        for kind in 0..<header.types { kinds.append(Self.integer(bytes, types + kind * 6, 4)) }
        (instants, offsets, first) = ([], [], kinds[0])
        for index in 0..<header.times {
            let kind = Int(bytes[indices + index])
            guard kind < kinds.count else { return nil }
            instants.append(Self.integer(bytes, times + index * size, size))
            offsets.append(kinds[kind])
        }
        let footer = bytes[end...]
        if start > 0, footer.first == 0x0A, let close = footer.dropFirst().firstIndex(of: 0x0A) {
            rule = ZoneRule(String(decoding: footer[footer.startIndex + 1..<close], as: UTF8.self))
        }
    }

    private static func integer(_ bytes: [UInt8], _ start: Int, _ size: Int) -> Int64 {
        var value: UInt64 = 0
        for byte in bytes[start..<start + size] { value = value << 8 | UInt64(byte) }
        return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    }

    private struct Header {
        var version: UInt8
        var isUT, isStandard, leaps, times, types, characters: Int

        init?(_ bytes: [UInt8], at start: Int) {
            guard bytes.count >= start + 44, bytes[start..<start + 4].elementsEqual("TZif".utf8) else { return nil }
            version = bytes[start + 4]
            let counts = (0..<6).map { Int(ZoneFile.integer(bytes, start + 20 + $0 * 4, 4)) }
            guard counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
            (isUT, isStandard, leaps, times, types, characters) =
                (counts[0], counts[1], counts[2], counts[3], counts[4], counts[5])
        }

        func length(timeSize: Int) -> Int {
            times * timeSize + times + types * 6 + characters + leaps * (timeSize + 4) + isStandard + isUT
        }
    }
}
