// A gzip file (RFC 1952) whose one deflate stream is stored blocks: complete and valid, though nothing is smaller.
// Enough for a reply that comes compressed unasked; no compressor is needed for that.

enum StoredGzip {
    /// The data as a gzip file.
    static func bytes(_ data: [UInt8]) -> [UInt8] {
        // Magic, deflate, no flags, no time, no hint, unknown system.
        var output: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        var rest = data[...]
        repeat {
            let block = rest.prefix(0xFFFF)
            rest = rest.dropFirst(0xFFFF)
            output.append(rest.isEmpty ? 1 : 0)
            let length = UInt16(block.count)
            for half in [length, ~length] { output += [UInt8(half & 0xFF), UInt8(half >> 8)] }
            output += block
        } while !rest.isEmpty
        for word in [checksum(data), UInt32(truncatingIfNeeded: data.count)] {
            output += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
        }
        return output
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
