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
        let (high, low) = (self.high, self.low)
        var place = 0
        for index in 0..<16 {
            if index == 4 || index == 6 || index == 8 || index == 10 {
                buffer[place] = UInt8(ascii: "-")
                place += 1
            }
            let byte = UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - index % 8 * 8))
            buffer[place] = Self.digit(byte >> 4)
            buffer[place + 1] = Self.digit(byte & 0xF)
            place += 2
        }
    }

    @inline(__always)
    private static func digit(_ value: UInt8) -> UInt8 {
        value &+ (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
