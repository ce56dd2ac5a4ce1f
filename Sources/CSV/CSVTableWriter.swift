// Formats rows as CSV into a buffer: delimiters, quotes, line ends, and a guard against formulas.
// Where the bytes go is left to the caller, for instance AtomicFile.

/// Writes cells one after the other.
///
/// ```swift
/// var writer = CSVTableWriter()
/// writer.header(["order_id", "url"])
/// writer.cell("order-1")
/// writer.cell(link)
/// writer.endRow()
/// try file.write(writer.bytes)
/// writer.removeAll()
/// ```
/// A cell is quoted if it holds the delimiter, a quote or a line end, begins or ends with a space or tab, or begins
/// with U+FEFF, which at a file's start would be its byte order mark.
/// CSVReader reads back what was written, the guard removed if its options say so.
package struct CSVTableWriter: Sendable {
    package enum LineEnd: Sendable {
        case lineFeed
        case carriageReturnLineFeed
    }

    /// What has been written since the last `removeAll()`.
    package private(set) var bytes: [UInt8] = []

    let delimiter: CSVDelimiter
    let guardsFormulas: Bool
    private let lineEnd: LineEnd
    /// Whether a cell is quoted also for a delimiter that is not this table's: see ``header(_:)``.
    private var quotesCandidates = false
    private var cellCount = 0
    private var rowStart = 0

    /// - Parameters:
    ///   - guardsFormulas: put an apostrophe before a cell that a spreadsheet would take for a formula: see
    ///     ``CSVTableWriter/needsGuard(_:)``.
    ///   - hasMark: begin with a byte order mark, by which spreadsheets know UTF-8.
    ///   - hasSeparatorLine: begin with a line such as `sep=;`, by which some know the delimiter.
    package init(
        delimiter: CSVDelimiter = .comma, lineEnd: LineEnd = .lineFeed, guardsFormulas: Bool = true,
        hasMark: Bool = false, hasSeparatorLine: Bool = false
    ) {
        self.delimiter = delimiter
        self.lineEnd = lineEnd
        self.guardsFormulas = guardsFormulas
        if hasMark { bytes += [0xEF, 0xBB, 0xBF] }
        if hasSeparatorLine {
            bytes += Array("sep=".utf8) + [delimiter.byte]
            endLine()
        }
        rowStart = bytes.count
    }

    /// Adds a cell of UTF-8 to the row. Allocates only when `bytes` must grow.
    package mutating func cell(_ text: UnsafeRawBufferPointer) {
        if cellCount > 0 { bytes.append(delimiter.byte) }
        cellCount += 1
        let isGuarded = guardsFormulas && Self.needsGuard(text)
        guard needsQuotes(text) else {
            if isGuarded { bytes.append(UInt8(ascii: "'")) }
            bytes.append(contentsOf: text)
            return
        }
        bytes.append(ASCII.quote)
        if isGuarded { bytes.append(UInt8(ascii: "'")) }
        for byte in text {
            if byte == ASCII.quote { bytes.append(ASCII.quote) }
            bytes.append(byte)
        }
        bytes.append(ASCII.quote)
    }

    /// Adds a cell to the row.
    package mutating func cell(_ text: String) {
        var text = text
        text.withUTF8 { cell(UnsafeRawBufferPointer($0)) }
    }

    /// Ends the row. One with a single empty cell becomes `""`, as an empty line would be no record.
    package mutating func endRow() {
        if cellCount == 1, bytes.count == rowStart {
            bytes.append(ASCII.quote)
            bytes.append(ASCII.quote)
        }
        endLine()
        cellCount = 0
        rowStart = bytes.count
    }

    private mutating func endLine() {
        if lineEnd == .carriageReturnLineFeed { bytes.append(ASCII.carriageReturn) }
        bytes.append(ASCII.lineFeed)
    }

    /// Adds the names of the columns, as a table's first row.
    ///
    /// A reader finds the delimiter by counting candidates in this row, and in a table of one column by the rows below
    /// it, too; so those that stand in names, or in the only column's cells, are quoted.
    package mutating func header(_ names: [String]) {
        quotesCandidates = true
        row(names)
        quotesCandidates = names.count == 1
    }

    /// Adds a whole row.
    package mutating func row(_ cells: [String]) {
        for text in cells { cell(text) }
        endRow()
    }

    /// Empties `bytes`, and keeps its memory. To be called between rows.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        rowStart = 0
    }

    private func needsQuotes(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let first = text.first, let last = text.last else { return false }
        if first == 0x20 || first == 0x09 || last == 0x20 || last == 0x09 { return true }
        if first == 0xEF, text.count > 2, text[1] == 0xBB, text[2] == 0xBF { return true }
        let delimiter = delimiter.byte
        for byte in text
        where byte == delimiter || byte == ASCII.quote || byte == ASCII.lineFeed || byte == ASCII.carriageReturn {
            return true
        }
        return quotesCandidates && text.contains { byte in CSVDelimiter.candidates.contains { $0.byte == byte } }
    }
}

extension CSVTableWriter {
    /// Whether a cell gets an apostrophe before it: if it looks like a formula, and also if it does so behind
    /// apostrophes, as otherwise nobody could tell these from the guard.
    package static func needsGuard(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.first == UInt8(ascii: "'") else { return looksLikeFormula(text) }
        return looksLikeFormula(UnsafeRawBufferPointer(rebasing: text.drop { $0 == UInt8(ascii: "'") }))
    }

    /// The cell that was written as `text`: the one apostrophe that a guard put before it is gone.
    package static func withoutGuard(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard text.first == UInt8(ascii: "'") else { return text }
        let cell = UnsafeRawBufferPointer(rebasing: text.dropFirst())
        return needsGuard(cell) ? cell : text
    }

    /// The name of a column without the one apostrophe that a guard put before it.
    package static func withoutGuard(_ name: String) -> String {
        var copy = name
        let rest = copy.withUTF8 { withoutGuard(UnsafeRawBufferPointer($0)).count }
        return String(decoding: name.utf8.suffix(rest), as: UTF8.self)
    }

    /// The text without any guard: by this, names and keys are compared when nobody knows how often one was added.
    package static func withoutAnyGuard(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let bare = UnsafeRawBufferPointer(rebasing: text.drop { $0 == UInt8(ascii: "'") })
        return looksLikeFormula(bare) ? bare : text
    }

    package static func withoutAnyGuard(_ name: String) -> String {
        var copy = name
        let rest = copy.withUTF8 { withoutAnyGuard(UnsafeRawBufferPointer($0)).count }
        return String(decoding: name.utf8.suffix(rest), as: UTF8.self)
    }

    /// Whether a spreadsheet could take the cell for a formula.
    ///
    /// It begins with `=` or `@`, with a tab or line end (which a spreadsheet may strip), or with `+` or `-` and then
    /// anything but digits, spaces and `.,()/-`: amounts and telephone numbers are left alone.
    package static func looksLikeFormula(_ text: UnsafeRawBufferPointer) -> Bool {
        switch text.first {
        case UInt8(ascii: "="), UInt8(ascii: "@"), UInt8(ascii: "\t"), ASCII.carriageReturn, ASCII.lineFeed:
            return true
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            return !text.dropFirst().allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: " "), UInt8(ascii: "."), UInt8(ascii: ","),
                    UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "/"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        default:
            return false
        }
    }
}
