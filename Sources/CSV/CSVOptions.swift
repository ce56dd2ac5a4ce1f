// What a caller can say about a CSV file before it is read: delimiter, encoding, the size of a record.
// Whatever is left open is found out from the file's beginning.

/// A byte between fields: any ASCII character that means nothing else in a CSV file.
package struct CSVDelimiter: Sendable, Hashable, CustomStringConvertible {
    package static let comma = CSVDelimiter(unchecked: UInt8(ascii: ","))
    package static let semicolon = CSVDelimiter(unchecked: UInt8(ascii: ";"))
    package static let tab = CSVDelimiter(unchecked: UInt8(ascii: "\t"))

    /// The delimiters that are looked for when none is named; of two found equally often the earlier wins.
    package static let candidates = [comma, semicolon, tab]

    package let byte: UInt8

    /// A delimiter of the caller's own.
    /// - Returns: nil for anything but a tab or printable ASCII, and for a space, a quote, a letter or a digit.
    package init?(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
            return nil
        case UInt8(ascii: "\t"), 0x21...0x7E:
            self.byte = byte
        default:
            return nil
        }
    }

    private init(unchecked byte: UInt8) {
        self.byte = byte
    }

    /// The name for a message: `comma`, `semicolon`, `tab`, or the character itself.
    package var description: String {
        switch self {
        case .comma: "comma"
        case .semicolon: "semicolon"
        case .tab: "tab"
        default: String(Unicode.Scalar(byte))
        }
    }
}

/// How the bytes of a file stand for characters.
package enum CSVEncoding: String, Sendable, CaseIterable {
    case utf8 = "UTF-8"
    case utf16LittleEndian = "UTF-16LE"
    case utf16BigEndian = "UTF-16BE"
    case windows1252 = "Windows-1252"
}

/// How a CSV file is to be read.
package struct CSVOptions: Sendable {
    /// The largest `maximumRecordBytes`. Offsets into a chunk are 32 bits wide, and a chunk holds at most what the
    /// reader's window does: one record of this size and a block more.
    static let largestRecordBytes = 1 << 30

    /// Nil: whichever of comma, semicolon and tab occurs most often in the first record, outside of quotes.
    package var delimiter: CSVDelimiter?
    /// The encoding of a file without a byte order mark. A mark (UTF-8 or UTF-16) always decides.
    package var encoding: CSVEncoding
    /// The longest record that is read, in bytes of UTF-8; at least 1, at most 1 GiB. The reader's memory
    /// stays below a small multiple of it, and reaches that only if there are such records.
    package var maximumRecordBytes: Int
    /// Pass over what spreadsheets add that is no data: a first line `sep=;`, records whose fields are all blank
    /// (unless there is one column only), nameless columns at the right end as long as nothing is in them.
    package var allowsSpreadsheetExtras: Bool
    /// Give fields and names without the apostrophe that ``CSVTableWriter`` puts before what looks like a formula, so
    /// that what it has written is read back as what it was.
    package var removesFormulaGuard: Bool

    package init(
        delimiter: CSVDelimiter? = nil, encoding: CSVEncoding = .utf8, maximumRecordBytes: Int = 16 << 20,
        allowsSpreadsheetExtras: Bool = false, removesFormulaGuard: Bool = false
    ) {
        self.allowsSpreadsheetExtras = allowsSpreadsheetExtras
        self.removesFormulaGuard = removesFormulaGuard
        self.delimiter = delimiter
        self.encoding = encoding
        self.maximumRecordBytes = min(max(maximumRecordBytes, 1), Self.largestRecordBytes)
    }
}

/// The bytes with a meaning of their own.
enum ASCII {
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let quote: UInt8 = 0x22
}
