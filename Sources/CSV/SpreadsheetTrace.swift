// What a spreadsheet makes of an order number: texts that stand for something else, or for nothing.

/// Names that a spreadsheet has written in place of another one.
package enum SpreadsheetTrace {
    /// Why a text cannot be an order's name; `nil` for any other.
    package static func problem(with name: String) -> String? {
        let bytes = Array(name.utf8)
        if isRoundedNumber(bytes) {
            return "is a number that a spreadsheet has shortened, so that several orders look the same; format the "
                + "column as text (or as a number without decimals) and export it again"
        }
        if isErrorValue(name) {
            return "is a spreadsheet's error, not a name; mend the cell and export it again"
        }
        if bytes.first == UInt8(ascii: "'"),
            bytes.withUnsafeBytes({ CSVTableWriter.needsGuard(UnsafeRawBufferPointer(rebasing: $0.dropFirst())) })
        {
            return "begins with the apostrophe that tables get before what looks like a formula, and would be "
                + "another key than the one without it; remove the apostrophe"
        }
        return nil
    }

    /// `1.00123E+11`, `1,5e-07`; without decimals only what a spreadsheet writes, `1E+11`: `73928e03` and `12E-3` are
    /// somebody's ids.
    private static func isRoundedNumber(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        let whole = takeDigits(&rest)
        guard whole > 0 else { return false }
        var hasDecimals = false
        if rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: ",") {
            rest.removeFirst()
            guard takeDigits(&rest) > 0 else { return false }
            hasDecimals = true
        }
        guard rest.first == UInt8(ascii: "E") || rest.first == UInt8(ascii: "e") else { return false }
        rest.removeFirst()
        guard rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") else { return false }
        rest.removeFirst()
        let exponent = takeDigits(&rest)
        return rest.isEmpty && (hasDecimals ? exponent > 0 : whole == 1 && exponent > 1)
    }

    private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> Int {
        let before = rest.count
        rest = rest.drop { $0 &- 0x30 <= 9 }
        return before - rest.count
    }

    /// `#REF!`, `#NAME?`, `#N/A` and their like in other languages, `Err:502`, and the `####` of a narrow column.
    private static func isErrorValue(_ name: String) -> Bool {
        if name.hasPrefix("Err:") {
            let digits = name.utf8.dropFirst(4)
            return !digits.isEmpty && digits.allSatisfy { $0 &- 0x30 <= 9 }
        }
        guard name.hasPrefix("#") else { return false }
        if ["#N/A", "#NV", "#N/D"].contains(name) { return true }
        let inner = name.unicodeScalars.dropFirst()
        if inner.count > 1, inner.allSatisfy({ $0 == "#" }) { return true }
        guard let last = inner.last, last == "!" || last == "?" else { return false }
        let word = inner.dropLast()
        // Some languages begin with ¡ or ¿, and one of the names has a zero: #DIV/0!
        return word.count > 1
            && word.allSatisfy {
                $0.properties.isUppercase || $0 == "/" || $0 == "0" || $0 == "¡" || $0 == "¿" || $0 == "."
            }
    }
}
