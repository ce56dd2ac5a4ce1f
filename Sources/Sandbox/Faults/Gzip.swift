// A gzip file (RFC 1952) of one deflate block with the fixed codes (RFC 1951, 3.2.6) and literals alone: complete and
// valid, though nothing is smaller. Enough for a reply that comes compressed unasked: it needs no search for
// repetitions, and whoever does not decompress it reads nothing of it, as 8-bit text lies there in other bits.

enum Gzip {
    /// The data as a gzip file.
    static func bytes(_ data: [UInt8]) -> [UInt8] {
        // Magic, deflate, no flags, no time, no hint, unknown system.
        let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        var block = Bits()
        // The last block, of the kind with fixed codes: 1, then 01 from its low bit on.
        block.append(0b110, length: 3)
        for byte in data {
            if byte < 144 {
                block.append(0x30 + UInt16(byte), length: 8)
            } else {
                block.append(0x190 + UInt16(byte) - 144, length: 9)
            }
        }
        // The end of the block.
        block.append(0, length: 7)
        let words = [checksum(data), UInt32(truncatingIfNeeded: data.count)]
        let trailer = words.flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
        }
        return header + block.bytes + trailer
    }

    /// Codes as deflate packs them: the first bit of a code, its highest, into the lowest free bit of a byte.
    private struct Bits {
        private(set) var bytes: [UInt8] = []
        private var count = 0

        mutating func append(_ code: UInt16, length: Int) {
            for place in (0..<length).reversed() {
                if count % 8 == 0 { bytes.append(0) }
                if code >> UInt16(place) & 1 == 1 { bytes[bytes.count - 1] |= 1 << UInt8(count % 8) }
                count += 1
            }
        }
    }

    /// CRC-32, bit by bit: replies are short.
    static func checksum(_ data: [UInt8]) -> UInt32 {
        var remainder: UInt32 = 0xFFFF_FFFF
        for byte in data {
            remainder ^= UInt32(byte)
            for _ in 0..<8 { remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1 }
        }
        return ~remainder
    }
}
