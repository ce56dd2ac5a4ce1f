// Amounts that can be read in two ways: nobody can tell whether 1.234 is a thousand or a little more than one.

/// The two readings of an amount such as `1.234` or `12,500`.
struct AmountReadings {
    private let text: String
    private let thousands: String
    private let decimals: String

    /// - Returns: `nil` for any text but one to three digits, the first no zero, a point or a comma, and three digits:
    ///   `0.500` and `1234.500` cannot be grouped by thousands.
    init?(_ bytes: UnsafeRawBufferPointer) {
        let unsigned = bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
        guard (5...7).contains(unsigned.count), let first = unsigned.first, first != UInt8(ascii: "0") else {
            return nil
        }
        let place = unsigned.endIndex - 4
        let mark = unsigned[place]
        guard mark == UInt8(ascii: ".") || mark == UInt8(ascii: ","),
            unsigned.indices.allSatisfy({ $0 == place || unsigned[$0] &- 0x30 <= 9 })
        else { return nil }
        text = String(decoding: bytes, as: UTF8.self)
        thousands = text.filter { $0 != "." && $0 != "," }
        decimals = String(text.map { $0 == "," ? "." : $0 })
    }

    /// Says both.
    var problem: String {
        let isPoint = text.contains(".")
        let (same, other) = isPoint ? ("--decimal-point", "point") : ("--decimal-comma", "comma")
        return
            "\"\(text)\" may mean \(thousands) USD or \(decimals) USD: if the \(other) is this file's decimal sign, say "
            + "\(same); if it groups thousands, write \(thousands)"
    }
}
