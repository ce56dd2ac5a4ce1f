// The rows that were rejected, with their line and what is wrong with them.

import CSV

/// Writes rows that were rejected, with their line and what is wrong with them.
package struct RejectedWriter {
    private let input: BatchInput
    private let header: [String]
    private let style: TableStyle

    package init(input: BatchInput, header: [String], style: TableStyle) {
        self.input = input
        self.header = header
        self.style = style
    }

    /// Reads the input once more and writes the rows that have a text in `reasons`, or in `later`.
    package func write(
        to place: TableTarget.Place, reasons spool: RowSpool, later: [Int: String]
    ) throws(BatchError) {
        let target = try TableTarget(place)
        let reasons = spool.reader()
        var text = style.writer
        text.header(header + BatchColumns.rejectedNames)
        let table = input.reader()
        let records = CSVRecords()
        var row = 0
        while true {
            do { guard try table.next(into: records) > 0 else { break } } catch { throw input.failure(error) }
            for record in 0..<records.count {
                if let reason = try reasons.text(ofRow: row) ?? later[row] { add(records, record, reason, to: &text) }
                row += 1
            }
            try target.write(text.bytes)
            text.removeAll()
        }
        try input.checkUnchanged()
        try target.write(text.bytes)
        try target.commit()
    }

    private func add(_ records: CSVRecords, _ record: Int, _ reason: String, to text: inout CSVTableWriter) {
        let readable = records.problem(ofRecord: record)?.fields
        for column in 0..<header.count {
            if let readable {
                text.cell(column < readable.count ? readable[column] : "")
            } else {
                text.cell(records.field(record, column))
            }
        }
        text.cell("\(records.lines[record])")
        text.cell(reason)
        text.endRow()
    }
}
