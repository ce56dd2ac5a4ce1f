// The words of Lua 5.4.

enum TokenKind: UInt8, Sendable {
    // Keywords, in the order of `keywords`.
    case and, `break`, `do`, `else`, elseif, end, `false`, `for`, function, goto, `if`, `in`, local, `nil`, not, or,
        `repeat`, `return`, then, `true`, until, `while`
    case name, string, integer, number
    case plus, minus, star, slash, doubleSlash, percent, caret, hash, ampersand, tilde, pipe, shiftLeft, shiftRight
    case equal, notEqual, lessOrEqual, greaterOrEqual, less, greater, assign
    case openParenthesis, closeParenthesis, openBrace, closeBrace, openBracket, closeBracket
    case doubleColon, semicolon, colon, comma, dot, concatenation, ellipsis
    /// A byte that begins no word of Lua.
    case other
    case endOfText

    static let keywords = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
        "not", "or", "repeat", "return", "then", "true", "until", "while",
    ]
}

/// One word of a script and where it stands.
struct Token: Sendable {
    var kind: TokenKind
    /// Byte offsets in the text.
    var start: Int32
    var end: Int32
    /// The line on which it begins, counted from 1.
    var line: Int32
    /// Of a name or a string.
    var symbol = Symbol(index: -1)
    /// Of an integer.
    var integer: Int64 = 0
    /// Of a number that is no integer.
    var number = 0.0
}

/// A mistake that Lua itself finds before it runs anything.
struct SyntaxFault: Error {
    var code: DiagnosticCode
    /// Byte offset in the text.
    var offset: Int32
    var message: String
}
