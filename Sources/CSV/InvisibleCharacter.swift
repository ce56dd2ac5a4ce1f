// Characters that nobody sees in a name: one rule for order numbers and for the names of columns.

/// A character that makes two names that look alike: white space at an end, a space within that is not the space bar's,
/// or a character without a shape anywhere.
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
    /// White space is Unicode's: no-break, narrow and wide spaces as well as the space bar's. Format characters are its
    /// category Cf: U+200B, U+FEFF, U+00AD, the direction marks; with them goes what is to be ignored where it has no
    /// effect, and what is drawn as nothing.
    /// - Parameter allowsJoiners: let U+200C and U+200D stand between letters, as words of Persian and of India's
    ///   languages need them, and the selectors of a variant follow what they vary.
    package static func first(in name: String, allowsJoiners: Bool = false) -> InvisibleCharacter? {
        let utf8 = name.utf8
        guard let first = utf8.first, let last = utf8.last else { return nil }
        // As good as every name is plain ASCII, and then only its ends matter.
        if first > 0x20, last > 0x20, utf8.allSatisfy({ $0 < 0x80 }) { return nil }
        let scalars = Array(name.unicodeScalars)
        let count = scalars.count
        for (index, scalar) in scalars.enumerated() {
            let place: Place = index == 0 ? .beginning : index == count - 1 ? .end : .middle
            let isStraySpace = scalar.properties.isWhitespace && (place != .middle || !scalar.isASCII)
            guard isStraySpace || isShapeless(scalar) else { continue }
            if allowsJoiners, index > 0, scalar.properties.isVariationSelector { continue }
            if allowsJoiners, place == .middle, isJoiner(scalar), isLetter(scalars[index - 1]),
                isLetter(scalars[index + 1])
            {
                continue
            }
            return InvisibleCharacter(scalar: scalar, place: place, column: index + 1)
        }
        return nil
    }

    private static func isShapeless(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return false }
        let properties = scalar.properties
        // The last is Braille without a dot.
        return properties.generalCategory == .format || properties.isDefaultIgnorableCodePoint || scalar == "\u{2800}"
    }

    private static func isJoiner(_ scalar: Unicode.Scalar) -> Bool { scalar == "\u{200C}" || scalar == "\u{200D}" }

    /// A letter, or a mark that belongs to one.
    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark:
            true
        default: false
        }
    }

    /// Whether a text has nothing in it that can be seen.
    package static func areAll(_ text: UnsafeRawBufferPointer) -> Bool {
        for byte in text where byte > 0x20 {
            guard byte >= 0x80 else { return false }
            return String(decoding: text, as: UTF8.self).unicodeScalars.allSatisfy {
                $0.properties.isWhitespace || isShapeless($0)
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

    private var isSpaceWithin: Bool { place == .middle && scalar.properties.isWhitespace }
    /// Completes "it …".
    package var appearance: String { isSpaceWithin ? "looks like an ordinary space" : "is seen by nobody" }
    package var remedy: String { isSpaceWithin ? "write an ordinary space" : "remove it" }

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
