// Why a whole batch cannot go on, and what is wrong with one row.

import Console

/// A reason to stop the whole batch.
package struct BatchError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Stable names, for `--json`; the exit status follows from them.
    package enum Code: String, Sendable, CaseIterable {
        /// Options that do not fit the file: a column that is not there, a template that names none.
        case usage
        /// The file cannot be used as a whole.
        case badInput = "bad_input"
        /// The file cannot be read, or changed while it was being read.
        case inputFailed = "input_failed"
        /// A file cannot be written, or must not be replaced.
        case outputFailed = "output_failed"
        case limitReached = "limit_reached"
        case otherAccount = "other_account"
        case interrupted
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}

/// What is wrong with one row, at one place of it.
package struct RowProblem: Sendable, Hashable, CustomStringConvertible {
    /// The row's first line in the file, from 1.
    package var line: Int
    /// The place in the row, such as `column "amount"`; `nil` for the row as a whole.
    package var place: String?
    package var message: String

    package init(line: Int, place: String? = nil, _ message: String) {
        self.line = line
        self.place = place
        self.message = message
    }

    /// `line 7, column "amount": "12,50" has a comma …`
    package var description: String { "line \(line)" + (place.map { ", \($0)" } ?? "") + ": \(message)" }
    /// The same without the line.
    package var withoutLine: String { (place.map { "\($0): " } ?? "") + message }
}
