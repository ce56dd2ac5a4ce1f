// A pull reader for JSON (RFC 8259) over raw bytes: one token a step, no tree, no allocation on the way.
// Strings and numbers are read in JSONReader+Strings.swift and JSONReader+Numbers.swift.
// It never looks outside its bytes and never recurses, whatever it is fed.

import Console

/// Reads JSON token by token from bytes that outlive it.
///
/// ```swift
/// var reader = JSONReader(bytes)
/// while true {
///     switch try reader.next() {
///     case .key: print("key", reader.string)
///     case .number: print(reader.int64 ?? 0)
///     case .end: return
///     default: break
///     }
/// }
/// ```
/// A byte order mark (U+FEFF) at the start is passed over. Keys may repeat; each is reported, so a consumer that overwrites lets the last one win.
/// After an error the reader stays at it: every further step throws the same error.
package struct JSONReader {
    enum Expectation: UInt8 {
        case value
        case valueOrEndOfArray
        case keyOrEndOfObject
        case key
        case commaOrEnd
        case done
    }

    /// Nesting that is accepted unless the caller says otherwise.
    package static let defaultMaximumDepth = 128

    let bytes: UnsafeRawBufferPointer
    let scratch: JSONScratch
    let maximumDepth: Int
    var index = 0

    /// Content of the last key, string or number. Valid until the next step, and while the input is.
    package internal(set) var text = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Whether the last number has neither a fraction nor an exponent.
    package internal(set) var isInteger = false
    /// How many objects and arrays are open.
    package private(set) var depth = 0
    /// Offset in bytes of the last token.
    package private(set) var tokenOffset = 0

    private var expectation = Expectation.value
    private var failure: JSONError?
    // One bit a level, set for an object: the first 64 levels inline, the rest on the heap.
    private var shallow: UInt64 = 0
    private var deep: [UInt64] = []

    /// A reader at the start of `bytes`.
    /// - Parameters:
    ///   - scratch: where strings with escapes are unescaped; pass the same one to consecutive readers.
    ///   - maximumDepth: how many objects and arrays may be open at once.
    package init(
        _ bytes: UnsafeRawBufferPointer,
        scratch: JSONScratch = JSONScratch(),
        maximumDepth: Int = JSONReader.defaultMaximumDepth
    ) {
        self.bytes = bytes
        self.scratch = scratch
        self.maximumDepth = maximumDepth
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    }

    /// The next token.
    /// - Throws: ``JSONError`` with the place; the same one again on every later call.
    package mutating func next() throws(JSONError) -> JSONToken {
        if let failure { throw failure }
        do {
            return try step()
        } catch {
            failure = error
            throw error
        }
    }

    /// The content of the last key or string, or the literal of the last number.
    package var string: String {
        String(decoding: text, as: UTF8.self)
    }

    /// The content of the last string, where one text after the other has the same; see ``JSONScratch``.
    package func string(repeatedAt place: Int) -> String { scratch.string(text, repeatedAt: place) }

    /// Whether the last key or string equals `literal`.
    @inline(__always)
    package func textEquals(_ literal: StaticString) -> Bool {
        text.spells(literal)
    }

    /// Passes over the value that `first` began: to its end when it is an object or array, else nothing.
    package mutating func skipRest(of first: JSONToken) throws(JSONError) {
        switch first {
        case .beginObject, .beginArray:
            let outer = depth - 1
            while depth > outer { _ = try next() }
        default:
            break
        }
    }

    // MARK: Steps

    private mutating func step() throws(JSONError) -> JSONToken {
        while true {
            skipWhiteSpace()
            tokenOffset = index
            guard index < bytes.count else {
                if expectation == .done { return .end }
                throw error(.unexpectedEnd, "the text ends before the value is complete")
            }
            let byte = bytes[index]
            switch expectation {
            case .value, .valueOrEndOfArray:
                if byte == UInt8(ascii: "]"), expectation == .valueOrEndOfArray { return close(.endArray) }
                return try value(startingWith: byte)
            case .keyOrEndOfObject, .key:
                if byte == UInt8(ascii: "}"), expectation == .keyOrEndOfObject { return close(.endObject) }
                guard byte == UInt8(ascii: "\"") else {
                    throw unexpected(byte, wanted: "a key in double quotes")
                }
                try readString()
                skipWhiteSpace()
                guard index < bytes.count else {
                    throw error(.unexpectedEnd, "the text ends after a key")
                }
                guard bytes[index] == UInt8(ascii: ":") else {
                    throw unexpected(bytes[index], wanted: "a colon after the key")
                }
                index += 1
                expectation = .value
                return .key
            case .commaOrEnd:
                let inObject = innermostIsObject
                if byte == UInt8(ascii: ",") {
                    index += 1
                    expectation = inObject ? .key : .value
                } else if byte == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    return close(inObject ? .endObject : .endArray)
                } else {
                    throw unexpected(byte, wanted: inObject ? "a comma or }" : "a comma or ]")
                }
            case .done:
                throw error(.trailingData, "something follows the complete value")
            }
        }
    }

    private mutating func value(startingWith byte: UInt8) throws(JSONError) -> JSONToken {
        switch byte {
        case UInt8(ascii: "{"):
            try open(isObject: true)
            return .beginObject
        case UInt8(ascii: "["):
            try open(isObject: false)
            return .beginArray
        case UInt8(ascii: "\""):
            try readString()
            finishValue()
            return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try readNumber()
            finishValue()
            return .number
        case UInt8(ascii: "t"):
            try readLiteral("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try readLiteral("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try readLiteral("null")
            return .null
        default:
            throw unexpected(byte, wanted: "a value")
        }
    }

    private mutating func readLiteral(_ literal: StaticString) throws(JSONError) {
        let length = literal.utf8CodeUnitCount
        if index + length <= bytes.count,
            UnsafeRawBufferPointer(rebasing: bytes[index..<index + length]).spells(literal)
        {
            index += length
            return finishValue()
        }
        for offset in 0..<length {
            guard index + offset < bytes.count else {
                throw error(.unexpectedEnd, "the text ends inside a literal")
            }
            guard bytes[index + offset] == literal.utf8Start[offset] else { break }
        }
        throw error(.invalidLiteral, "a word that is not true, false or null")
    }

    @inline(__always)
    private mutating func skipWhiteSpace() {
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            index += 1
        }
    }

    // MARK: Nesting

    private mutating func open(isObject: Bool) throws(JSONError) {
        guard depth < maximumDepth else {
            throw error(.tooDeep, "more than \(maximumDepth) nested objects and arrays")
        }
        index += 1
        setBit(depth, isObject)
        depth += 1
        expectation = isObject ? .keyOrEndOfObject : .valueOrEndOfArray
    }

    private mutating func close(_ token: JSONToken) -> JSONToken {
        index += 1
        depth -= 1
        finishValue()
        return token
    }

    private mutating func finishValue() {
        expectation = depth == 0 ? .done : .commaOrEnd
    }

    private var innermostIsObject: Bool {
        let level = depth - 1
        if level < 64 { return shallow >> UInt64(level) & 1 == 1 }
        return deep[level / 64 - 1] >> UInt64(level % 64) & 1 == 1
    }

    private mutating func setBit(_ level: Int, _ isSet: Bool) {
        let mask = UInt64(1) << UInt64(level % 64)
        if level < 64 {
            shallow = isSet ? shallow | mask : shallow & ~mask
            return
        }
        let word = level / 64 - 1
        if word == deep.count { deep.append(0) }
        deep[word] = isSet ? deep[word] | mask : deep[word] & ~mask
    }

    // MARK: Errors

    func error(_ code: JSONError.Code, _ message: String, at offset: Int? = nil) -> JSONError {
        JSONError(code, message, at: offset ?? index, in: bytes)
    }

    private func unexpected(_ byte: UInt8, wanted: String) -> JSONError {
        let shown = withUnsafeBytes(of: byte) { ShownText.short($0, limit: 1) }
        return error(.unexpectedByte, "\"\(shown)\" where \(wanted) should be")
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes are those of `literal`.
    @inlinable @inline(__always)
    package func spells(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index] != literal.utf8Start[index] { return false }
        return true
    }
}
