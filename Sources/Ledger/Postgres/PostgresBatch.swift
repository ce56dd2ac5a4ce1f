// Statements that travel together, and their parameters as text.

/// A statement of which there is one text: prepared once for a connection, under its name.
struct PostgresStatement: Sendable, Hashable {
    let name: String
    let text: String

    init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
    }
}

/// Statements in order, and the parameters of each.
struct PostgresBatch {
    struct Entry {
        var statement: PostgresStatement
        /// Where each parameter's text begins in ``bytes``; each ends with a zero byte. `nil`: null.
        var parameters: [Int?] = []
    }

    private(set) var entries: [Entry] = []
    private(set) var bytes: [UInt8] = []
    /// Whether a text has a zero byte in it, which would end it for the server.
    private(set) var holdsNul = false

    mutating func add(_ statement: PostgresStatement) { entries.append(Entry(statement: statement)) }

    mutating func bindNull() { entries[entries.count - 1].parameters.append(nil) }

    mutating func bind(_ text: String?) {
        guard let text else { return bindNull() }
        bind(utf8: text.utf8)
    }

    /// A text without a zero byte: PostgreSQL has none in its texts.
    mutating func bind(utf8: some Sequence<UInt8>) {
        let start = bytes.count
        entries[entries.count - 1].parameters.append(start)
        bytes += utf8
        if bytes[start...].contains(0) { holdsNul = true }
        bytes.append(0)
    }

    /// A JSON text. PostgreSQL's own reading of one has no U+0000: it is recorded as U+FFFD.
    mutating func bind(json: some Collection<UInt8>) {
        Self.hasEscapes(json) ? bind(utf8: Self.withoutNul(json)) : bind(utf8: json)
    }

    mutating func element(json: some Collection<UInt8>) {
        Self.hasEscapes(json) ? element(Self.withoutNul(json)) : element(json)
    }

    private static func hasEscapes(_ json: some Collection<UInt8>) -> Bool { json.contains(UInt8(ascii: "\\")) }

    private static func withoutNul(_ json: some Collection<UInt8>) -> [UInt8] {
        var bytes = Array(json)
        var place = 0
        while let start = bytes[place...].firstIndex(of: UInt8(ascii: "\\")), start + 1 < bytes.count {
            // What is escaped is passed over with its sign: an escaped backslash begins nothing.
            if start + 5 < bytes.count, bytes[(start + 1)...(start + 5)].elementsEqual("u0000".utf8) {
                bytes.replaceSubrange((start + 2)...(start + 5), with: "fffd".utf8)
            }
            place = start + 2
        }
        return bytes
    }

    // MARK: Arrays, element by element

    mutating func beginArray() {
        entries[entries.count - 1].parameters.append(bytes.count)
        bytes.append(UInt8(ascii: "{"))
    }

    mutating func element(_ utf8: some Sequence<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        for byte in utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            if byte == 0 { holdsNul = true }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func nullElement() {
        separate()
        bytes += "NULL".utf8
    }

    private mutating func separate() { if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) } }

    mutating func endArray() {
        bytes.append(UInt8(ascii: "}"))
        bytes.append(0)
    }

    mutating func bind(_ number: Int64?) {
        guard let number else { return bindNull() }
        bind(utf8: String(number).utf8)
    }

    mutating func bind(_ number: Int) { bind(Int64(number)) }
    mutating func bind(_ flag: Bool) { bind(utf8: CollectionOfOne(UInt8(ascii: flag ? "t" : "f"))) }
}
