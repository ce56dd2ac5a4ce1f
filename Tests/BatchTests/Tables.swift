// Tables for tests: their records, and what a batch says of them.

import Batch
import CSV
import Testing

/// All the records of a text.
func records(of text: String) throws -> (header: [String], records: CSVRecords) {
    var rest = Array(text.utf8)[...]
    let reader = CSVReader { buffer in
        let piece = rest.prefix(buffer.count)
        buffer.copyBytes(from: piece)
        rest = rest.dropFirst(piece.count)
        return piece.count
    }
    let records = CSVRecords()
    _ = try reader.next(into: records)
    return (reader.header, records)
}

/// Runs a body that should throw a ``BatchError``, and gives it.
func failure(_ body: () throws -> Void) throws -> BatchError {
    try #require(throws: BatchError.self) { try body() }
}
