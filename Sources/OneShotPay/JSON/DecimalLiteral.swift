// A number's literal as digits and a power of ten, to tell whether a double still is that number.

/// The value of a decimal literal: `digits` × 10^`exponent`, without zeros at either end of the digits.
struct DecimalLiteral: Equatable {
    private let isNegative: Bool
    private let digits: [UInt8]
    private let exponent: Int

    /// - Parameter text: a number by JSON's grammar.
    /// - Returns: `nil` when the exponent is beyond all bounds.
    init?(_ text: some Collection<UInt8>) {
        var digits: [UInt8] = []
        var exponent = 0
        var hasDot = false
        var rest = Array(text)[...]
        isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        while let byte = rest.first, byte | 0x20 != UInt8(ascii: "e") {
            rest.removeFirst()
            if byte == UInt8(ascii: ".") {
                hasDot = true
            } else {
                digits.append(byte)
                if hasDot { exponent -= 1 }
            }
        }
        if !rest.isEmpty {
            let power = String(decoding: rest.dropFirst(), as: UTF8.self)
            guard let power = Int(power), power.magnitude < 1 << 32 else { return nil }
            exponent += power
        }
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        self.digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
        self.exponent = self.digits.isEmpty ? 0 : exponent
    }

    var isWhole: Bool { exponent >= 0 }
}
