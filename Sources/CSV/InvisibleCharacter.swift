// Characters that nobody sees in a name: one rule for order numbers and for the names of columns.

/// A character that makes two names that look alike: white space at an end, or a format character anywhere.
package struct InvisibleCharacter: Sendable, Hashable, CustomStringConvertible {
    package enum Place: Sendable, Hashable {
        case beginning
        case middle
        case end
    }

    package let scalar: Unicode.Scalar
    package let place: Place
    /// Which character of the name it is, from 1.
    package let column: Int

    /// The first of them in a name.
    ///
    /// White space is Unicode's: no-break and zero-width spaces as well as the space bar's. Format characters are its
    /// category Cf: U+200B, U+FEFF, U+00AD, the direction marks.
    package static func first(in name: String) -> InvisibleCharacter? {
        let utf8 = name.utf8
        guard let first = utf8.first, let last = utf8.last else { return nil }
        // As good as every name is plain ASCII, and then only its ends matter.
        if first > 0x20, last > 0x20, utf8.allSatisfy({ $0 < 0x80 }) { return nil }
        let scalars = name.unicodeScalars
        let count = scalars.count
        for (index, scalar) in scalars.enumerated() {
            let place: Place = index == 0 ? .beginning : index == count - 1 ? .end : .middle
            let isSpaceAtEnd = place != .middle && scalar.properties.isWhitespace
            guard isSpaceAtEnd || scalar.properties.generalCategory == .format else { continue }
            return InvisibleCharacter(scalar: scalar, place: place, column: index + 1)
        }
        return nil
    }

    /// Whether a text has nothing in it that can be seen.
    package static func areAll(_ text: UnsafeRawBufferPointer) -> Bool {
        for byte in text where byte > 0x20 {
            guard byte >= 0x80 else { return false }
            return String(decoding: text, as: UTF8.self).unicodeScalars.allSatisfy {
                $0.properties.isWhitespace || $0.properties.generalCategory == .format
            }
        }
        return text.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
    }

    /// `U+00A0 (no-break space)`
    package static func name(of scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        let name = scalar.properties.name ?? scalar.properties.nameAlias
        return name.map { "\(code) (\($0.lowercased()))" } ?? code
    }

    /// `ends with U+00A0 (no-break space), its character 5`
    package var description: String {
        let verb =
            switch place {
            case .beginning: "begins with"
            case .middle: "contains"
            case .end: "ends with"
            }
        return "\(verb) \(Self.name(of: scalar)), its character \(column)"
    }
}
