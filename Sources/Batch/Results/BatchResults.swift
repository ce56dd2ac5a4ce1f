// The results: the input's rows as they stand there, each with its link as the ledger has it.

package import CSV
import Files
import Ledger
import LuaRuntime
package import OneShotPay

/// Writes the results of a batch. Runs on a thread that may wait for the ledger.
package struct BatchResults {
    private static let chunkRows = 512

    private let input: BatchInput
    private let reader: RowReader
    private let lookup: LedgerLookup

    package init(input: BatchInput, reader: RowReader, lookup: LedgerLookup) {
        self.input = input
        self.reader = reader
        self.lookup = lookup
    }

    /// - Parameters:
    ///   - isLeftOut: rows that get no link.
    ///   - progress: called now and then with the number of rows seen; may throw to stop.
    /// - Returns: how many rows have no link although they should have one; they are left out.
    /// - Throws: ``BatchError``, `LedgerError`. The old file is then still there.
    package func write(
        to writer: ResultsWriter, isLeftOut: (Int) -> Bool, progress: (Int) throws -> Void
    ) throws -> Int {
        let table = input.reader()
        let terms = TermsCursor(input, reader.mapped)
        var spare = Chunk()
        var pending: Chunk?
        var row = 0
        var missing = 0
        do {
            while true {
                do { guard try table.next(into: spare.records, limit: Self.chunkRows) > 0 else { break } } catch {
                    throw input.failure(error)
                }
                spare.rows.removeAll(keepingCapacity: true)
                var keys: [String] = []
                for record in 0..<spare.records.count {
                    let place = try terms.take(spare.records, record)
                    guard !isLeftOut(row + record) else { continue }
                    spare.rows.append(record)
                    keys.append(place.records.string(place.record, reader.columns.key))
                }
                row += spare.records.count
                spare.pending = keys.isEmpty ? nil : lookup.begin(keys, elsewhere: false)
                if let earlier = pending {
                    missing += try finish(earlier, writer)
                    pending = spare
                    spare = earlier
                } else {
                    pending = spare
                    spare = Chunk()
                }
                try progress(row)
            }
            if let pending { missing += try finish(pending, writer) }
            try input.checkUnchanged()
            try writer.commit()
        } catch {
            writer.discard()
            throw error
        }
        return missing
    }

    private final class Chunk {
        let records = CSVRecords()
        /// Records of the chunk that should have a link.
        var rows: [Int] = []
        var pending: LedgerLookup.Pending?
    }

    private func finish(_ chunk: Chunk, _ writer: ResultsWriter) throws -> Int {
        guard let answer = try chunk.pending?.wait() else { return 0 }
        var missing = 0
        for (record, known) in zip(chunk.rows, answer.records) {
            if let known, known.state == .done, let link = known.link {
                try writer.add(chunk.records, record, link)
            } else {
                missing += 1
            }
        }
        return missing
    }
}

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
