// Strings: escapes, surrogate pairs, control characters and UTF-8, each checked.
// A string without escapes is a slice of the input; any other is unescaped into the scratch memory.

extension JSONReader {
    /// Reads a string whose opening quote is at `index`, into `text`.
    mutating func readString() throws(JSONError) {
        index += 1
        let start = index
        let isPlain = try passPlainRun()
        if isPlain {
            text = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
            index += 1
            return
        }
        var length = 0
        var runStart = start
        while true {
            // Here index is at a backslash or at the closing quote.
            let run = index - runStart
            scratch.reserve(length + run + 4, keeping: length)
            if run > 0 {
                // Safe because: the run lies within bytes, so there are some.
                UnsafeMutableRawPointer(scratch.base + length)
                    .copyMemory(from: bytes.baseAddress! + runStart, byteCount: run)
                length += run
            }
            if bytes[index] == UInt8(ascii: "\"") { break }
            length += encode(try readEscape(), at: length)
            runStart = index
            _ = try passPlainRun()
        }
        text = UnsafeRawBufferPointer(start: scratch.base, count: length)
        index += 1
    }

    /// Moves to the next quote (true) or backslash (false), checking what lies between.
    private mutating func passPlainRun() throws(JSONError) -> Bool {
        while true {
            passOrdinaryWords()
            guard index < bytes.count else {
                throw error(.unexpectedEnd, "the text ends inside a string")
            }
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") { return true }
            if byte == UInt8(ascii: "\\") { return false }
            if byte < 0x20 {
                throw error(.controlCharacter, "an unescaped control character in a string")
            }
            if byte < 0x80 {
                index += 1
            } else {
                try passMultibyteScalar(byte)
            }
        }
    }

    /// Passes printable ASCII other than quote and backslash, eight bytes at a time while there are as many.
    @inline(__always)
    private mutating func passOrdinaryWords() {
        let highs: UInt64 = 0x8080_8080_8080_8080
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
            let marks = word.marksOfEscapes | word & highs
            guard marks == 0 else {
                index += marks.trailingZeroBitCount / 8
                return
            }
            index += 8
        }
    }

    /// Passes one scalar of two to four bytes; refuses overlong forms, surrogates and values over U+10FFFF.
    private mutating func passMultibyteScalar(_ lead: UInt8) throws(JSONError) {
        let length: Int
        var lowest: UInt8 = 0x80
        var highest: UInt8 = 0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, lowest) = (3, 0xA0)
        case 0xED: (length, highest) = (3, 0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, lowest) = (4, 0x90)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, highest) = (4, 0x8F)
        default: throw error(.invalidUTF8, "a byte that is not UTF-8")
        }
        guard index + length <= bytes.count else {
            throw error(.unexpectedEnd, "the text ends inside a character")
        }
        for offset in 1..<length {
            let byte = bytes[index + offset]
            guard byte >= lowest, byte <= highest else {
                throw error(.invalidUTF8, "a byte that is not UTF-8")
            }
            lowest = 0x80
            highest = 0xBF
        }
        index += length
    }

    /// Reads an escape whose backslash is at `index` and returns its scalar.
    private mutating func readEscape() throws(JSONError) -> UInt32 {
        let start = index
        guard index + 1 < bytes.count else {
            throw error(.unexpectedEnd, "the text ends inside an escape")
        }
        let kind = bytes[index + 1]
        index += 2
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt32(kind)
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"): break
        default: throw error(.invalidEscape, "an escape that JSON does not have", at: start)
        }
        let first = try readFourHexDigits()
        if first < 0xD800 || first > 0xDFFF { return first }
        guard first <= 0xDBFF, index + 1 < bytes.count,
            bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
        else { throw error(.loneSurrogate, "half of a surrogate pair", at: start) }
        index += 2
        let second = try readFourHexDigits()
        guard second >= 0xDC00, second <= 0xDFFF else {
            throw error(.loneSurrogate, "half of a surrogate pair", at: start)
        }
        return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }

    private mutating func readFourHexDigits() throws(JSONError) -> UInt32 {
        guard index + 4 <= bytes.count else {
            throw error(.unexpectedEnd, "the text ends inside an escape")
        }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = HexDigit.value(of: bytes[index]) else {
                throw error(.invalidEscape, "an escape without four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    /// Writes `scalar` as UTF-8 into the scratch memory, which has room for four bytes, and returns its length.
    private func encode(_ scalar: UInt32, at offset: Int) -> Int {
        let target = scratch.base + offset
        func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: 0x80 | (scalar >> shift & 0x3F)) }
        switch scalar {
        case 0..<0x80:
            target[0] = UInt8(truncatingIfNeeded: scalar)
            return 1
        case 0x80..<0x800:
            target[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
            target[1] = tail(0)
            return 2
        case 0x800..<0x10000:
            target[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
            target[1] = tail(6)
            target[2] = tail(0)
            return 3
        default:
            target[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
            target[1] = tail(12)
            target[2] = tail(6)
            target[3] = tail(0)
            return 4
        }
    }
}
