// The results: the input's rows as they stand there, each with its link as the ledger has it.

import CSV
import Ledger

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
