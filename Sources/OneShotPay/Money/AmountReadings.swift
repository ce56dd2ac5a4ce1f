// Amounts that can be read in two ways: nobody can tell whether 1.234 is a thousand or a little more than one.

/// The two readings of an amount such as `1.234` or `12,500`.
package struct AmountReadings {
    private let text: String
    private let thousands: String
    private let decimals: String

    /// - Returns: `nil` for any text but one to three digits, the first no zero, a point or a comma, and three digits:
    ///   `0.500` and `1234.500` cannot be grouped by thousands.
    package init?(_ bytes: UnsafeRawBufferPointer) {
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
    /// - Parameter saying: how one says that a sign is the file's decimal sign.
    package func problem(saying: (DecimalSign) -> String) -> String {
        let isPoint = text.contains(".")
        return
            "\"\(text)\" may mean \(thousands) USD or \(decimals) USD: if the \(isPoint ? "point" : "comma") is this file's "
            + "decimal sign, say \(saying(isPoint ? .point : .comma)); if it groups thousands, write \(thousands)"
    }
}
