// Writes JSON into one growable block of memory that is kept for the next text.
// It places commas; that keys and values alternate is the caller's business.

/// Writes one JSON text after another.
///
/// ```swift
/// let writer = JSONWriter()
/// writer.beginObject()
/// writer.key("count"); writer.int(3)
/// writer.endObject()
/// socket.write(writer.bytes)
/// writer.reset()
/// ```
package final class JSONWriter {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var count = 0
    private var needsComma = false

    package init(capacity: Int = 512) {
        self.capacity = max(capacity, 64)
        self.base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// What was written since the last reset. Valid until the next write.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: count)
    }

    /// What was written since the last reset, as a string.
    package var string: String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// Forgets what was written and keeps the memory.
    package func reset() {
        count = 0
        needsComma = false
    }

    package func beginObject() { open(UInt8(ascii: "{")) }
    package func endObject() { close(UInt8(ascii: "}")) }
    package func beginArray() { open(UInt8(ascii: "[")) }
    package func endArray() { close(UInt8(ascii: "]")) }

    /// A key that needs no escaping.
    package func key(_ name: StaticString) {
        separate()
        reserve(name.utf8CodeUnitCount + 3)
        put(UInt8(ascii: "\""))
        put(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A key of any content.
    package func key(_ name: String) {
        string(name)
        reserve(1)
        put(UInt8(ascii: ":"))
        needsComma = false
    }

    package func string(_ value: String) {
        var value = value
        value.withUTF8 { string(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// A string of valid UTF-8 bytes. Escapes quotes, backslashes and control characters.
    package func string(utf8 value: UnsafeRawBufferPointer) {
        separate()
        reserve(value.count + 2)
        put(UInt8(ascii: "\""))
        var rest = value
        while let place = rest.firstToEscape {
            append(UnsafeRawBufferPointer(rebasing: rest[..<place]))
            escape(rest[place])
            rest = UnsafeRawBufferPointer(rebasing: rest[(place + 1)...])
        }
        append(rest)
        reserve(1)
        put(UInt8(ascii: "\""))
        needsComma = true
    }

    package func int(_ value: Int64) {
        number(upTo: 20) { room in
            var digits = 0
            var rest = value.magnitude
            repeat {
                digits += 1
                room[20 - digits] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            if value < 0 {
                digits += 1
                room[20 - digits] = UInt8(ascii: "-")
            }
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: room[(20 - digits)...]))
            return digits
        }
    }

    /// A string whose bytes need no escaping, of a length that is known beforehand.
    /// - Parameter write: writes all of it.
    package func plainString(of length: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
        separate()
        reserve(length + 2)
        put(UInt8(ascii: "\""))
        write(UnsafeMutableRawBufferPointer(start: base + count, count: length))
        count += length
        put(UInt8(ascii: "\""))
        needsComma = true
    }

    /// The shortest text that reads back as `value`. Returns false, writing nothing, for NaN and the infinities.
    package func double(_ value: Double) -> Bool {
        guard value.isFinite else { return false }
        literal(value.description)
        return true
    }

    /// A number that its own type writes.
    /// - Parameters:
    ///   - longest: how many bytes it may take.
    ///   - write: writes it, and returns how many bytes it took.
    package func number(upTo longest: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) {
        separate()
        reserve(longest)
        count += write(UnsafeMutableRawBufferPointer(start: base + count, count: longest))
        needsComma = true
    }

    package func bool(_ value: Bool) { word(value ? "true" : "false") }
    package func null() { word("null") }

    private func word(_ word: StaticString) {
        separate()
        append(UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
        needsComma = true
    }

    /// Text that already is a JSON value.
    package func literal(_ value: String) {
        var value = value
        separate()
        value.withUTF8 { append(UnsafeRawBufferPointer($0)) }
        needsComma = true
    }

    // MARK: Bytes

    private func open(_ byte: UInt8) {
        separate()
        reserve(1)
        put(byte)
        needsComma = false
    }

    private func close(_ byte: UInt8) {
        reserve(1)
        put(byte)
        needsComma = true
    }

    private func separate() {
        guard needsComma else { return }
        reserve(1)
        put(UInt8(ascii: ","))
    }

    private func escape(_ byte: UInt8) {
        reserve(6)
        put(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): put(byte)
        case 0x08: put(UInt8(ascii: "b"))
        case 0x0C: put(UInt8(ascii: "f"))
        case 0x0A: put(UInt8(ascii: "n"))
        case 0x0D: put(UInt8(ascii: "r"))
        case 0x09: put(UInt8(ascii: "t"))
        default:
            put(UInt8(ascii: "u"))
            put(UInt8(ascii: "0"))
            put(UInt8(ascii: "0"))
            put(UInt8(ascii: "0") + byte >> 4)
            let low = byte & 0xF
            put(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }

    private func append(_ slice: UnsafeRawBufferPointer) {
        reserve(slice.count)
        put(slice)
    }

    private func reserve(_ more: Int) {
        let needed = count + more
        guard needed > capacity else { return }
        let larger = max(needed, capacity * 2)
        let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        fresh.update(from: base, count: count)
        base.deallocate()
        base = fresh
        capacity = larger
    }

    @inline(__always)
    private func put(_ byte: UInt8) {
        base[count] = byte
        count += 1
    }

    private func put(_ slice: UnsafeRawBufferPointer) {
        guard let start = slice.baseAddress else { return }
        UnsafeMutableRawPointer(base + count).copyMemory(from: start, byteCount: slice.count)
        count += slice.count
    }
}

extension UnsafeRawBufferPointer {
    /// The place of the first quote, backslash or control character; eight bytes are looked at at a time.
    fileprivate var firstToEscape: Int? {
        var place = 0
        while place + 8 <= count {
            let marks = loadUnaligned(fromByteOffset: place, as: UInt64.self).littleEndian.marksOfEscapes
            if marks != 0 { return place + marks.trailingZeroBitCount / 8 }
            place += 8
        }
        return self[place...].firstIndex { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
    }
}

extension UInt64 {
    /// Has the high bit of the first byte set that cannot stand in a JSON string as it is; those above it tell nothing.
    @inline(__always)
    var marksOfEscapes: UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = self ^ (ones &* 0x22)
        let backslash = self ^ (ones &* 0x5C)
        // Each term has a high bit set where the byte is zero, or above such a byte: the lowest one is true.
        return
            ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (self &- (ones &* 0x20)) & ~self)
            & 0x8080_8080_8080_8080
    }
}
