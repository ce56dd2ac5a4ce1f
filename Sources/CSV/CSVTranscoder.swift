// UTF-16 and Windows-1252 to UTF-8, piece by piece.
// What stands for no character becomes one byte that is never valid UTF-8, so the check for that finds it later.

/// Converts what its owner reads into `room`.
struct CSVTranscoder {
    /// Stands for half a surrogate pair.
    static let loneSurrogate: UInt8 = 0xFF
    /// Stands for a file's end within a character.
    static let truncation: UInt8 = 0xFE

    /// Bytes 0x80 to 0x9F of Windows-1252; 0 where it defines none. Above, it is Latin-1.
    private static let windows1252: [UInt16] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
        0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
        0x0178,
    ]

    private let encoding: CSVEncoding
    private let block: Block
    private var start = 0
    private var end: Int
    private var isLast = false

    /// - Parameter first: bytes that were read while the encoding was not yet known; fewer than a block.
    init(from encoding: CSVEncoding, first: Slice<UnsafeRawBufferPointer>) {
        self.encoding = encoding
        block = Block(minimumCount: first.count)
        end = first.count
        block.bytes.copyBytes(from: first)
    }

    /// Where the next bytes of the file go; never empty after `convert` has returned 0.
    var room: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: block.bytes[end...])
    }

    /// Says how many bytes were read into `room`, and whether they were the last.
    mutating func add(_ count: Int, isLast: Bool) {
        end += count
        self.isLast = isLast
    }

    /// Converts as much as fits.
    /// - Returns: how many bytes were written; 0 if more input is needed (or there is none).
    mutating func convert(into output: UnsafeMutableRawBufferPointer) -> Int {
        var count = 0
        // A character takes at most four bytes.
        while start < end, count + 4 <= output.count {
            guard let scalar = nextScalar() else { break }
            switch scalar {
            case ..<0x80:
                output[count] = UInt8(scalar)
                count += 1
            case ..<0x800:
                output[count] = UInt8(0xC0 | scalar >> 6)
                output[count + 1] = UInt8(0x80 | scalar & 0x3F)
                count += 2
            case ..<0x1_0000:
                output[count] = UInt8(0xE0 | scalar >> 12)
                output[count + 1] = UInt8(0x80 | scalar >> 6 & 0x3F)
                output[count + 2] = UInt8(0x80 | scalar & 0x3F)
                count += 3
            case ..<0x11_0000:
                output[count] = UInt8(0xF0 | scalar >> 18)
                output[count + 1] = UInt8(0x80 | scalar >> 12 & 0x3F)
                output[count + 2] = UInt8(0x80 | scalar >> 6 & 0x3F)
                output[count + 3] = UInt8(0x80 | scalar & 0x3F)
                count += 4
            default:
                output[count] = UInt8(truncatingIfNeeded: scalar)
                count += 1
            }
        }
        let rest = end - start
        if start > 0 {
            // Safe because: both ranges lie within the block; the overlap is allowed.
            block.bytes.baseAddress?.copyMemory(from: block.bytes.baseAddress! + start, byteCount: rest)
            (start, end) = (0, rest)
        }
        return count
    }

    // MARK: Characters

    /// The next character, or an invalid byte raised by 0x110000; nil if its end is yet to be read.
    @inline(__always)
    private mutating func nextScalar() -> UInt32? {
        if encoding == .windows1252 {
            let byte = block.bytes[start]
            start += 1
            guard byte & 0xE0 == 0x80 else { return UInt32(byte) }
            let scalar = Self.windows1252[Int(byte) - 0x80]
            return scalar == 0 ? Self.invalid(byte) : UInt32(scalar)
        }
        guard let unit = unit(at: start) else {
            guard isLast else { return nil }
            start = end
            return Self.invalid(Self.truncation)
        }
        switch unit {
        case 0xD800...0xDBFF:
            guard let low = self.unit(at: start + 2) else {
                guard isLast else { return nil }
                start += 2
                return Self.invalid(Self.loneSurrogate)
            }
            start += 2
            guard low & 0xFC00 == 0xDC00 else { return Self.invalid(Self.loneSurrogate) }
            start += 2
            return 0x1_0000 + UInt32(unit & 0x3FF) << 10 + UInt32(low & 0x3FF)
        case 0xDC00...0xDFFF:
            start += 2
            return Self.invalid(Self.loneSurrogate)
        default:
            start += 2
            return UInt32(unit)
        }
    }

    @inline(__always)
    private func unit(at index: Int) -> UInt16? {
        guard index + 2 <= end else { return nil }
        let (first, second) = (UInt16(block.bytes[index]), UInt16(block.bytes[index + 1]))
        return encoding == .utf16LittleEndian ? second << 8 | first : first << 8 | second
    }

    private static func invalid(_ byte: UInt8) -> UInt32 { 0x11_0000 + UInt32(byte) }

    /// Memory for a block of the file, freed with its last owner.
    private final class Block {
        let bytes: UnsafeMutableRawBufferPointer

        init(minimumCount: Int) {
            bytes = .allocate(byteCount: max(64 << 10, minimumCount), alignment: 16)
        }

        deinit {
            bytes.deallocate()
        }
    }
}
