// Text in the one form in which the same characters are the same bytes: Unicode's normalization form C.

@_spi(_Unicode) import Swift

extension String {
    /// The first place where a text is not in form C, such as `e` and U+0301 instead of `é`; `nil` when it is.
    package var firstUncomposed: (column: Int, character: Character)? {
        if utf8.allSatisfy({ $0 < 0x80 }) { return nil }
        for (index, character) in enumerated() {
            var composed = UnicodeScalarView()
            for scalar in String(character)._nfc { composed.append(scalar) }
            if !composed.elementsEqual(character.unicodeScalars) { return (index + 1, character) }
        }
        return nil
    }
}
