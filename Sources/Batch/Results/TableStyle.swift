// The form of a batch's files: that of its input, so that whoever made that can open these.

package import CSV
package import OneShotPay

/// How results and rejected rows look.
package struct TableStyle: Sendable, Hashable {
    package var delimiter: CSVDelimiter
    package var lineEnd = CSVTableWriter.LineEnd.lineFeed
    /// Files are written in UTF-8. One that comes from another encoding gets a mark, too: it says so to a spreadsheet,
    /// and to whoever reads it back with the options of the input.
    package var hasMark = false
    package var hasSeparatorLine = false
    package var decimalSign = DecimalSign.point
    package var keepsFormulas: Bool

    package init(delimiter: CSVDelimiter, keepsFormulas: Bool) {
        self.delimiter = delimiter
        self.keepsFormulas = keepsFormulas
    }

    /// - Parameters:
    ///   - input: its header has been read.
    ///   - sign: what was said to be the decimal sign of its amounts.
    ///   - addsMark: `--bom`.
    package init(of input: CSVReader, sign: DecimalSign?, keepsFormulas: Bool, addsMark: Bool) {
        self.init(delimiter: input.delimiter, keepsFormulas: keepsFormulas)
        lineEnd = input.lineEnd
        hasMark = addsMark || input.hasMark || input.encoding != .utf8
        hasSeparatorLine = input.hasSeparatorLine
        decimalSign = sign ?? .point
    }

    var writer: CSVTableWriter {
        CSVTableWriter(
            delimiter: delimiter, lineEnd: lineEnd, guardsFormulas: !keepsFormulas, hasMark: hasMark,
            hasSeparatorLine: hasSeparatorLine)
    }

    /// How such a file is read again. One of an earlier run may have been written with guards or without: keys that
    /// differ by a guard alone are never two, and columns are compared by what they are without any guard.
    var options: CSVOptions {
        CSVOptions(delimiter: delimiter, allowsSpreadsheetExtras: true, removesFormulaGuard: !keepsFormulas)
    }
}
