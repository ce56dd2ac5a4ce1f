// Names and string values of a script, each kept once: comparing two of them is comparing two numbers.

/// A name or a string value of one script.
struct Symbol: Hashable, Sendable {
    let index: Int32
}

/// The bytes behind symbols. A script's text need not be UTF-8.
struct SymbolTable: Sendable {
    /// Longer strings are not compared with others: nothing asks whether two of them are equal.
    private static let longestShared = 256

    private var indices: [ArraySlice<UInt8>: Int32] = [:]
    private var texts: [ArraySlice<UInt8>] = []

    /// The keywords come first, so that a symbol's number tells whether it is one.
    init(first: [String]) {
        for word in first { _ = symbol(ArraySlice(word.utf8)) }
    }

    var count: Int { texts.count }

    mutating func symbol(_ bytes: ArraySlice<UInt8>) -> Symbol {
        let isShared = bytes.count <= Self.longestShared
        if isShared, let index = indices[bytes] { return Symbol(index: index) }
        let index = Int32(texts.count)
        texts.append(bytes)
        if isShared { indices[bytes] = index }
        return Symbol(index: index)
    }

    /// The symbol of a text that the script has; `nil` when the script does not have it.
    func existing(_ text: String) -> Symbol? { indices[ArraySlice(text.utf8)].map(Symbol.init(index:)) }

    func bytes(_ symbol: Symbol) -> ArraySlice<UInt8> { texts[Int(symbol.index)] }

    func text(_ symbol: Symbol) -> String { String(decoding: texts[Int(symbol.index)], as: UTF8.self) }
}
