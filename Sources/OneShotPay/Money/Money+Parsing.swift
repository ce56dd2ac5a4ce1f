// Reads an amount from decimal text, strictly: what is not plainly an amount is refused with its own reason
// (AmountReasons.swift).
// Works on raw bytes, so that a CSV cell or a JSON slice needs no String first.

extension Money {
    /// Reads an amount of US dollars: digits, optionally one dot and up to six decimals, optionally a leading minus.
    ///
    /// Further decimals are accepted only if they are zeros (`"12.5000000"`).
    ///
    /// - Throws: ``MoneyError``, whose message says what to write instead.
    public init(parsing text: String) throws(MoneyError) {
        var text = text
        let result: Result<Money, MoneyError> = text.withUTF8 { bytes in
            do throws(MoneyError) {
                return .success(try Money(parsing: UnsafeRawBufferPointer(bytes)))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    /// Reads an amount from UTF-8 bytes; see ``init(parsing:)-(String)``.
    /// - Parameter sign: what stands before the decimals; the other one is refused.
    package init(parsing bytes: UnsafeRawBufferPointer, sign: DecimalSign = .point) throws(MoneyError) {
        guard !bytes.isEmpty else {
            throw MoneyError(.empty, "the amount is empty; write US dollars such as \(sign.write("12.50"))")
        }
        let reasons = AmountReasons(bytes: bytes, sign: sign)
        var index = 0
        let negative = bytes[0] == UInt8(ascii: "-")
        if negative { index = 1 }

        var micro: UInt64 = 0
        var wholeDigits = 0
        var decimals = 0
        var sawDot = false
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == sign.byte, !sawDot {
                sawDot = true
                continue
            }
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9 else { throw reasons.reason(for: byte) }
            if sawDot {
                decimals += 1
                if decimals > 6 {
                    guard digit == 0 else { throw reasons.tooManyDecimals }
                    continue
                }
            } else {
                wholeDigits += 1
            }
            let (shifted, tooLarge) = micro.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(UInt64(digit))
            guard !tooLarge, !carry else { throw reasons.tooLarge }
            micro = sum
        }
        guard wholeDigits > 0, !sawDot || decimals > 0 else {
            throw reasons.missingDigits
        }
        for _ in min(decimals, 6)..<6 {
            let (shifted, tooLarge) = micro.multipliedReportingOverflow(by: 10)
            guard !tooLarge else { throw reasons.tooLarge }
            micro = shifted
        }
        guard micro <= UInt64(Int64.max) else { throw reasons.tooLarge }
        self.init(microUSDC: negative ? -Int64(micro) : Int64(micro))
    }
}
