// What the three kinds of id have in common. Each kind is a type of its own, so that none can pass for another.

/// An id that the service writes as a UUID.
///
/// Upper and lower case read as the same id; it is printed in lower case. Equal ids compare equal, and the order
/// of UUIDv7 ids is the order in which they were made.
public protocol UUIDIdentifier: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The first eight bytes, most significant first.
    var high: UInt64 { get }
    /// The last eight bytes, most significant first.
    var low: UInt64 { get }
    /// An id of sixteen given bytes.
    init(high: UInt64, low: UInt64)
}

extension UUIDIdentifier {
    /// Reads `8-4-4-4-12` hexadecimal digits with hyphens; `nil` for anything else.
    public init?(_ text: String) {
        var text = text
        let id: Self? = text.withUTF8 { Self(utf8: UnsafeRawBufferPointer($0)) }
        guard let id else { return nil }
        self = id
    }

    /// Reads the 36 bytes of a UUID's text; `nil` for anything else.
    package init?(utf8 bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 36 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for index in 0..<36 {
            let byte = bytes[index]
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            // In either case of letters; thousands are read for a ledger's rows.
            let letter = (byte | 0x20) &- UInt8(ascii: "a"), number = byte &- UInt8(ascii: "0")
            guard number < 10 || letter < 6 else { return nil }
            let digit = number < 10 ? number : letter &+ 10
            if index < 18 {
                high = high << 4 | UInt64(digit)
            } else {
                low = low << 4 | UInt64(digit)
            }
        }
        self.init(high: high, low: low)
    }

    public var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            writeText(to: UnsafeMutableRawBufferPointer(buffer))
            return 36
        }
    }

    /// Writes the 36 bytes of the text into `buffer`, which holds at least that many.
    package func writeText(to buffer: UnsafeMutableRawBufferPointer) {
        var place = 0
        for nibble in 0..<32 {
            if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                buffer[place] = UInt8(ascii: "-")
                place += 1
            }
            let word = nibble < 16 ? high : low
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - nibble % 16 * 4)) & 0xF
            buffer[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            place += 1
        }
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
