// What is wrong with one record (or with the header), as parts that a caller can lay out as it likes.
// Where the place is and what the words are is decided in CSVReader+Problems.swift and CSVReader+Header.swift.

/// One fault of a CSV file, at the place where it begins.
package struct CSVProblem: Sendable, Hashable, CustomStringConvertible {
    /// Names that stay as they are, for programs that read them.
    package enum Kind: String, Sendable {
        case missingFields = "missing_fields"
        case surplusFields = "surplus_fields"
        case strayQuote = "stray_quote"
        case textAfterQuote = "text_after_quote"
        case unclosedQuote = "unclosed_quote"
        case invalidBytes = "invalid_bytes"
        case nulByte = "nul_byte"
        case recordTooLong = "record_too_long"
        // Of the header only:
        case noHeader = "no_header"
        case emptyName = "empty_name"
        case duplicateName = "duplicate_name"
        case tooManyColumns = "too_many_columns"
        case invisibleCharacter = "invisible_character"
        case titleRow = "title_row"
    }

    package let kind: Kind
    /// Which record of its chunk it concerns, from 0. Always 0 in a header's error.
    package let record: Int
    /// Physical line in the file, from 1.
    package let line: Int
    /// Character in that line, from 1; a byte that stands for no character counts as one.
    package let column: Int
    /// What is wrong, without the place.
    package let message: String
    /// The record's fields as far as they could be read, for a file of rejected rows: bad bytes as U+FFFD, a stray
    /// quote as itself. Cut at 64 KB in all; empty for a record that is too long.
    package let fields: [String]

    /// Whether the reader cannot go on behind this record.
    package var isFatal: Bool { kind == .recordTooLong }

    /// `line 17, column 9: …`
    package var description: String { "line \(line), column \(column): \(message)" }
}

/// A header that cannot be used: everything that is wrong with it at once.
package struct CSVHeaderError: Error, Sendable, CustomStringConvertible {
    /// In the order of their places; never empty.
    package let problems: [CSVProblem]

    /// One line a problem.
    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
