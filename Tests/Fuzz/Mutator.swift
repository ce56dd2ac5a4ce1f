// Makes inputs: good ones spoiled in a few places, pieces of them thrown together, and plain noise.

import Chance

/// Seeds, pieces of the format, and what can be done to them.
struct Mutator {
    /// Inputs that a reader accepts, or nearly does.
    let seeds: [[UInt8]]
    /// What means something in the format, or stands at the border of doing so.
    let pieces: [[UInt8]]

    /// Longer inputs are cut: a fault that needs more is looked for by `Mutator.stretch`.
    private static let maximumCount = 2_048

    /// Bytes at borders: of UTF-8, of ASCII, of signed numbers.
    private static let borders: [UInt8] = [
        0x00, 0x01, 0x09, 0x0A, 0x0D, 0x1F, 0x20, 0x22, 0x5C, 0x7E, 0x7F, 0x80, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2,
        0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFE, 0xFF,
    ]
    /// Counts that a reader could trust too much.
    private static let counts: [UInt32] = [
        0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x1_0000, 100_000, 100_001, 0x00FF_FFFF, 0x1000_0000, 0x3FFF_FFFF,
        0x4000_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF,
    ]

    func make(_ random: inout SplitMix) -> [UInt8] {
        switch random.below(32) {
        case 0: return noise(&random)
        case 1...5: return soup(&random)
        case 6...8: return mutated(spliced(&random), &random)
        default: return mutated(random.pick(seeds), &random)
        }
    }

    /// `input` with a few changes, most often one.
    func mutated(_ input: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = input
        repeat { change(&bytes, &random) } while random.below(5) < 2
        if bytes.count > Self.maximumCount { bytes.removeLast(bytes.count - Self.maximumCount) }
        return bytes
    }

    /// A part of `input` over and over, to about `count` bytes: for what happens at the borders of buffers.
    func stretch(_ input: [UInt8], to count: Int, _ random: inout SplitMix) -> [UInt8] {
        let part = range(in: input, &random)
        guard !part.isEmpty else { return input }
        var bytes = Array(input[..<part.upperBound])
        while bytes.count < count { bytes += input[part] }
        return bytes + input[part.upperBound...]
    }

    // MARK: From nothing

    private func noise(_ random: inout SplitMix) -> [UInt8] {
        (0..<random.below(64)).map { _ in random.byte() }
    }

    /// A few kinds of pieces at a time make deep cases likelier.
    private func soup(_ random: inout SplitMix) -> [UInt8] {
        let kinds = (0...random.below(7)).map { _ in random.pick(pieces) }
        var bytes: [UInt8] = []
        for _ in 0..<random.below(40) { bytes += random.pick(kinds) }
        return bytes
    }

    private func spliced(_ random: inout SplitMix) -> [UInt8] {
        let (first, second) = (random.pick(seeds), random.pick(seeds))
        return Array(first[..<random.below(first.count + 1)]) + second[random.below(second.count + 1)...]
    }

    // MARK: Changes

    private func change(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        let place = random.below(bytes.count + 1)
        guard !bytes.isEmpty, place < bytes.count else {
            bytes += random.pick(pieces)
            return
        }
        switch random.below(12) {
        case 0: bytes[place] ^= 1 << UInt8(random.below(8))
        case 1: bytes[place] = random.byte()
        case 2: bytes[place] = random.pick(Self.borders)
        case 3: bytes.insert(random.pick(Self.borders), at: place)
        case 4, 5: bytes.insert(contentsOf: random.pick(pieces), at: place)
        case 6: overwrite(&bytes, at: place, with: random.pick(pieces))
        case 7: bytes.removeSubrange(range(in: bytes, &random))
        case 8:
            let copied = Array(bytes[range(in: bytes, &random)])
            for _ in 0...(random.oneIn(8) ? random.below(64) : 0) { bytes.insert(contentsOf: copied, at: place) }
        case 9: overwrite(&bytes, at: place, with: Array(bytes[range(in: bytes, &random)]))
        case 10: bytes.removeSubrange(place...)
        default:
            let count = random.oneIn(3) ? UInt32(bytes.count - place) : random.pick(Self.counts)
            overwrite(&bytes, at: place, with: withUnsafeBytes(of: count.littleEndian, Array.init))
        }
    }

    private func overwrite(_ bytes: inout [UInt8], at place: Int, with part: [UInt8]) {
        bytes.replaceSubrange(place..<min(place + part.count, bytes.count), with: part)
    }

    /// A part of the bytes, short ones likelier.
    private func range(in bytes: [UInt8], _ random: inout SplitMix) -> Range<Int> {
        let start = random.below(bytes.count + 1)
        let longest = random.oneIn(2) ? min(8, bytes.count - start) : bytes.count - start
        return start..<start + random.below(longest + 1)
    }
}
