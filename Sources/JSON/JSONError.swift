// Where and why a text is not JSON.

/// A text that is not JSON by RFC 8259, and where that shows.
package struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        case unexpectedEnd = "unexpected_end"
        case unexpectedByte = "unexpected_byte"
        case invalidLiteral = "invalid_literal"
        case invalidNumber = "invalid_number"
        case invalidEscape = "invalid_escape"
        case loneSurrogate = "lone_surrogate"
        case controlCharacter = "control_character"
        case invalidUTF8 = "invalid_utf8"
        case tooDeep = "too_deep"
        case trailingData = "trailing_data"
    }

    package let code: Code
    package let message: String
    /// Zero-based offset in bytes.
    package let offset: Int
    /// One-based line.
    package let line: Int
    /// One-based column, in bytes.
    package let column: Int

    package var description: String { "\(message) at line \(line), column \(column)" }

    init(_ code: Code, _ message: String, at offset: Int, in bytes: UnsafeRawBufferPointer) {
        self.code = code
        self.message = message
        self.offset = offset
        var line = 1
        var lineStart = 0
        for place in 0..<min(offset, bytes.count) where bytes[place] == 0x0A {
            line += 1
            lineStart = place + 1
        }
        self.line = line
        self.column = offset - lineStart + 1
    }
}
