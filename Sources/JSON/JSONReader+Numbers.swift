// Numbers: the grammar is checked, the literal is kept, and nothing is converted until someone asks.

extension JSONReader {
    /// Reads a number that begins at `index`, into `text` and `isInteger`.
    mutating func readNumber() throws(JSONError) {
        let start = index
        if bytes[index] == UInt8(ascii: "-") { index += 1 }
        let leading = index
        let wholeDigits = passDigits()
        guard wholeDigits > 0 else { throw badNumber("a digit should follow the minus sign") }
        guard wholeDigits == 1 || bytes[leading] != UInt8(ascii: "0") else {
            throw error(.invalidNumber, "a number with a leading zero", at: start)
        }
        isInteger = true
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            isInteger = false
            index += 1
            guard passDigits() > 0 else { throw badNumber("a digit should follow the dot") }
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            guard passDigits() > 0 else { throw badNumber("a digit should follow the exponent sign") }
        }
        text = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
    }

    /// The last number, if it was written as an integer (no fraction, no exponent) and fits.
    package var int64: Int64? {
        guard isInteger, let first = text.first else { return nil }
        let isNegative = first == UInt8(ascii: "-")
        var value: Int64 = 0
        for byte in text.dropFirst(isNegative ? 1 : 0) {
            let digit = Int64(byte &- UInt8(ascii: "0"))
            let (shifted, tooLarge) = value.multipliedReportingOverflow(by: 10)
            // Counting downwards for negative numbers makes Int64.min fit.
            let (sum, carry) =
                isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
            if tooLarge || carry { return nil }
            value = sum
        }
        return value
    }

    /// The last number as the nearest double, or `nil` when it is beyond the largest finite one, or nearer to zero
    /// than the smallest without being zero.
    package var double: Double? {
        if let whole = int64, whole.magnitude <= 1 << 53 {
            return whole == 0 && text.first == UInt8(ascii: "-") ? -0.0 : Double(whole)
        }
        guard let value = Double(string), value.isFinite else { return nil }
        if value == 0,
            text.prefix(while: { $0 | 0x20 != UInt8(ascii: "e") }).contains(where: { (0x31...0x39).contains($0) })
        {
            return nil
        }
        return value
    }

    private mutating func passDigits() -> Int {
        let start = index
        while index < bytes.count, bytes[index] &- UInt8(ascii: "0") <= 9 { index += 1 }
        return index - start
    }

    private func badNumber(_ message: String) -> JSONError {
        index < bytes.count
            ? error(.invalidNumber, message) : error(.unexpectedEnd, "the text ends inside a number")
    }
}
