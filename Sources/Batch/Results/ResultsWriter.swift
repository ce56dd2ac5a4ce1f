// The two files that a batch writes: results and rejected rows, in the order of the input.

package import CSV
import Files
import Ledger
import LuaRuntime
package import OneShotPay

/// Where a table goes: a file that appears whole, or standard output.
package final class TableTarget {
    package enum Place: Sendable, Hashable {
        case file(String)
        case standardOutput
    }

    private let file: AtomicFile?

    /// - Throws: ``BatchError`` with code `output_failed`.
    package init(_ place: Place) throws(BatchError) {
        switch place {
        case .standardOutput: file = nil
        case .file(let path):
            do throws(AtomicFile.Failure) { file = try AtomicFile(path: path) } catch {
                throw BatchError(.outputFailed, error.description)
            }
        }
    }

    func write(_ bytes: [UInt8]) throws(BatchError) {
        guard let file else {
            StandardOutput.write(String(decoding: bytes, as: UTF8.self))
            return
        }
        do throws(AtomicFile.Failure) { try file.write(bytes) } catch {
            throw BatchError(.outputFailed, error.description)
        }
    }

    func commit() throws(BatchError) {
        guard let file else {
            guard StandardOutput.flush() else {
                throw BatchError(.outputFailed, "standard output could not be written")
            }
            return
        }
        do throws(AtomicFile.Failure) { try file.commit { CrashPoint.beforeRename.reached() } } catch {
            throw BatchError(.outputFailed, error.description)
        }
    }

    func discard() { file?.discard() }
}

/// Writes the input's rows with their links. What it writes depends on the rows and their links alone, so every run
/// of a batch writes the same bytes.
package final class ResultsWriter {
    private let target: TableTarget
    private let columns: Int
    private let sign: DecimalSign
    private var text: CSVTableWriter

    package init(_ target: TableTarget, header: [String], style: TableStyle) {
        self.target = target
        columns = header.count
        sign = style.decimalSign
        text = style.writer
        text.header(header + BatchColumns.resultNames)
    }

    package func add(_ records: CSVRecords, _ record: Int, _ link: PayLink) throws(BatchError) {
        for column in 0..<columns { text.cell(records.field(record, column)) }
        text.cell(link.id.description)
        text.cell(link.url)
        text.cell(sign.write(link.amount.description))
        text.endRow()
        if text.bytes.count > 1 << 16 { try flush() }
    }

    package func commit() throws(BatchError) {
        try flush()
        try target.commit()
    }

    package func discard() {
        target.discard()
        text.removeAll()
    }

    private func flush() throws(BatchError) {
        try target.write(text.bytes)
        text.removeAll()
    }
}

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
