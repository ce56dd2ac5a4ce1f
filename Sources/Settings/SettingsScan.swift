// A walk over a settings file before it is parsed: sizes, depths and counts against the bounds, with the place of what
// is too much. Where this reading and a parser's could part (a string without an end, odd line ends), it refuses.

/// One file's bytes, walked through once.
struct SettingsScan {
    private let bounds: SettingsBounds
    private let bytes: [UInt8]
    private var index = 0
    private var keys = 0
    /// The lists and inline tables of a value that are open here.
    private var open: [UInt8] = []
    /// The key or header that is being read; `nil` within a value.
    private var key: Key? = Key(start: 0)

    private struct Key {
        var start: Int
        var parts = 1
        var isHeader = false
    }

    /// - Throws: what is too much, or no settings file.
    static func check(_ text: String, _ bounds: SettingsBounds) throws(SettingsExcess) {
        var scan = SettingsScan(bounds: bounds, bytes: Array(text.utf8))
        try scan.checkLines()
        while scan.index < scan.bytes.count { try scan.step() }
    }

    private init(bounds: SettingsBounds, bytes: [UInt8]) {
        self.bounds = bounds
        self.bytes = bytes
    }

    // MARK: Lines

    /// Their number and length, and that nothing but a line feed could be taken for the end of one.
    private mutating func checkLines() throws(SettingsExcess) {
        guard bytes.count <= bounds.size else { throw excess("more than \(bounds.size) bytes", at: bounds.size) }
        var lines = 1, start = 0
        for (place, byte) in bytes.enumerated() {
            if byte == Self.lineFeed {
                (lines, start) = (lines + 1, place + 1)
                guard lines <= bounds.lines else { throw excess("more than \(bounds.lines) lines", at: place) }
            }
            guard place - start < bounds.line else {
                throw excess("a line of more than \(bounds.line) bytes", at: place)
            }
            guard !isControl(place) else { throw fault("a control character", at: place) }
        }
    }

    /// Tab, line feed and CRLF are none. Unicode's own line ends are: U+0085, U+2028, U+2029.
    private func isControl(_ place: Int) -> Bool {
        func next(_ distance: Int) -> UInt8 { place + distance < bytes.count ? bytes[place + distance] : 0 }
        switch bytes[place] {
        case UInt8(ascii: "\t"), Self.lineFeed: return false
        case UInt8(ascii: "\r"): return next(1) != Self.lineFeed
        case 0..<0x20, 0x7F: return true
        case 0xC2: return next(1) < 0xA0
        case 0xE2: return next(1) == 0x80 && (next(2) == 0xA8 || next(2) == 0xA9)
        default: return false
        }
    }

    // MARK: Keys and values

    private mutating func step() throws(SettingsExcess) {
        let byte = bytes[index]
        switch byte {
        case UInt8(ascii: "#"):
            index = bytes[index...].firstIndex(of: Self.lineFeed) ?? bytes.count
            return
        case Self.lineFeed: return try endLine()
        case UInt8(ascii: "\""), UInt8(ascii: "'"): try skipString(byte)
        default:
            if key == nil { try stepInValue(byte) } else { try stepInKey(byte) }
            index += 1
        }
        if let key, index - key.start > bounds.key { throw excess("a key of more than \(bounds.key) bytes") }
    }

    private mutating func stepInKey(_ byte: UInt8) throws(SettingsExcess) {
        switch byte {
        case UInt8(ascii: "="):
            try countKey()
            key = nil
        case UInt8(ascii: "."):
            key?.parts += 1
            if let key, key.parts > bounds.parts { throw excess("a key of more than \(bounds.parts) parts") }
        case UInt8(ascii: "}") where !open.isEmpty:
            open.removeLast()
            key = nil
        case UInt8(ascii: "[") where open.isEmpty:
            // A header begins a line: [x], or [[x]].
            let before = bytes[..<index].reversed().prefix { $0 == byte }.count
            guard before < 2 else { throw fault("no valid header of a table") }
            key?.isHeader = true
        case UInt8(ascii: "["), UInt8(ascii: "{"): throw fault("a bracket within a key")
        default: break
        }
    }

    private mutating func stepInValue(_ byte: UInt8) throws(SettingsExcess) {
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            open.append(byte)
            guard open.count <= bounds.depth else {
                throw excess("more than \(bounds.depth) lists and tables within one another")
            }
            if byte == UInt8(ascii: "{") { key = Key(start: index + 1) }
        case UInt8(ascii: "]"), UInt8(ascii: "}"): _ = open.popLast()
        case UInt8(ascii: ","): if open.last == UInt8(ascii: "{") { key = Key(start: index + 1) }
        default: break
        }
    }

    private mutating func endLine() throws(SettingsExcess) {
        // Only a list goes on in the next line.
        if open.isEmpty {
            if key?.isHeader == true { try countKey() }
            key = Key(start: index + 1)
        } else if key != nil {
            throw fault("a table in braces that goes on in the next line")
        }
        index += 1
    }

    private mutating func countKey() throws(SettingsExcess) {
        keys += 1
        guard keys <= bounds.keys else { throw excess("more than \(bounds.keys) keys and tables") }
    }

    // MARK: What is not looked into

    private mutating func skipString(_ quote: UInt8) throws(SettingsExcess) {
        let start = index
        let isLong = bytes[index...].prefix(3).elementsEqual([quote, quote, quote])
        index += isLong ? 3 : 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\") where quote == UInt8(ascii: "\""):
                // It guards what follows, but no line end.
                index += bytes[index...].dropFirst().first == Self.lineFeed ? 1 : 2
            case Self.lineFeed where !isLong:
                throw fault("a string that does not end on its line", at: start)
            case quote where !isLong:
                index += 1
                return
            case quote where bytes[index...].prefix(3).elementsEqual([quote, quote, quote]):
                // Up to two more belong to the text.
                index += bytes[index...].prefix(5).prefix { $0 == quote }.count
                return
            default: index += 1
            }
        }
        throw fault("a string that does not end", at: start)
    }

    private static let lineFeed = UInt8(ascii: "\n")

    private func fault(_ message: String, at place: Int? = nil) -> SettingsExcess {
        var fault = excess(message, at: place)
        fault.isSyntax = true
        return fault
    }

    private func excess(_ message: String, at place: Int? = nil) -> SettingsExcess {
        let before = bytes.prefix(place ?? index)
        let start = before.lastIndex(of: Self.lineFeed).map { $0 + 1 } ?? 0
        return SettingsExcess(
            line: before.count { $0 == Self.lineFeed } + 1,
            column: before[start...].count { $0 & 0xC0 != 0x80 } + 1, message: message, isSyntax: false)
    }
}
