// IP addresses and ranges of them ("10.0.0.0/8", "2001:db8::/32"), compared by value whatever way they are written.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The addresses that begin with the same bits; one alone where all of them count.
struct AddressRange: Sendable, Hashable {
    /// 4 bytes, or 16. An IPv6 address that only wraps an IPv4 one (`::ffff:10.0.0.1`) is that one.
    private let bytes: [UInt8]
    /// How many bits count.
    private let length: Int

    /// Reads an address, with `/` and a number of bits for a range; `nil` when the text is none. IPv6 may have brackets.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var word = parts[0][...]
        if word.hasPrefix("["), word.hasSuffix("]") { word = word.dropFirst().dropLast() }
        guard let parsed = Self.parse(String(word)) else { return nil }
        var length = parsed.count * 8
        if parts.count == 2 {
            let digits = parts[1]
            guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ $0 &- 0x30 <= 9 }),
                let number = Int(digits), number <= length
            else { return nil }
            length = number
        }
        if parsed.count == 16, length >= 96, parsed.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] {
            bytes = Array(parsed.suffix(4))
            self.length = length - 96
        } else {
            bytes = parsed
            self.length = length
        }
    }

    /// Whether it is one address.
    var isSingle: Bool { length == bytes.count * 8 }

    /// Whether a single address lies in it.
    func contains(_ address: AddressRange) -> Bool {
        guard address.bytes.count == bytes.count else { return false }
        let whole = length / 8
        guard bytes.prefix(whole) == address.bytes.prefix(whole) else { return false }
        let rest = length % 8
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - rest))
        return bytes[whole] & mask == address.bytes[whole] & mask
    }

    private static func parse(_ text: String) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &buffer) == 1 { return Array(buffer.prefix(4)) }
        return inet_pton(AF_INET6, text, &buffer) == 1 ? buffer : nil
    }
}
