// UTF-8 without the standard library's strings: is it valid, where not, and in which line and column is an offset.
// Works on bytes that may be anything; a byte that begins no valid sequence counts as a character by itself.

enum UTF8Text {
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Offset of the first byte that begins no valid sequence; nil if all is valid.
    static func firstInvalidOffset(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let count = bytes.count
        var index = 0
        while index < count {
            // Safe because: eight bytes from index lie within count.
            if index + 8 <= count, base.loadUnaligned(fromByteOffset: index, as: UInt64.self) & highBits == 0 {
                index += 8
                continue
            }
            let length = sequenceLength(in: bytes, at: index)
            if length == 0 { return index }
            index += length
        }
        return nil
    }

    /// Length of the valid sequence at `index`, 0 if there is none. By table 3-7 of the Unicode standard:
    /// no overlong forms, no surrogates, nothing above U+10FFFF.
    @inline(__always)
    static func sequenceLength(in bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
        let first = bytes[index]
        if first < 0x80 { return 1 }
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return 0 }
        if length > 2, bytes[index + 2] & 0xC0 != 0x80 { return 0 }
        if length > 3, bytes[index + 3] & 0xC0 != 0x80 { return 0 }
        return length
    }

    /// Line and column of `offset` in text whose first byte is the first of `line`.
    /// CRLF, LF and CR end a line; columns count characters from 1.
    static func position(of offset: Int, in bytes: UnsafeRawBufferPointer, line: Int) -> (line: Int, column: Int) {
        var (line, column, index) = (line, 1, 0)
        while index < min(offset, bytes.count) {
            let byte = bytes[index]
            if byte == ASCII.lineFeed || byte == ASCII.carriageReturn {
                let isPair =
                    byte == ASCII.carriageReturn && index + 1 < bytes.count
                    && bytes[index + 1] == ASCII.lineFeed
                index += isPair ? 2 : 1
                line += 1
                column = 1
            } else {
                index += max(1, sequenceLength(in: bytes, at: index))
                column += 1
            }
        }
        return (line, column)
    }
}
