// What a mapping has made of the input: a table with one row for each of its rows, in the same order.

import CSV
import Console
import OneShotPay
import Recorder

/// The options that a mapping gave, as plain cells; a file without a name.
package final class MappedTable: Sendable {
    /// The columns: what becomes of the row, what is wrong with it, and the options of `paylink.create`.
    static let header = ["status", "problems", "key"] + LinkOrder.terms.map(\.name.description)

    /// The first byte of a row's status.
    enum Status: UInt8 {
        case make = 0x6D  // m
        case skip = 0x73  // s
        case reject = 0x72  // r
        /// The row itself could not be read, which the input's own reader says, too.
        case unreadable = 0x75  // u
    }

    private let file: TemporaryFile

    /// - Parameter folders: where its file may lie.
    /// - Throws: ``BatchError`` with code `output_failed`.
    init(in folders: [String]) throws(BatchError) {
        file = try TemporaryFile(in: folders)
        try file.append(Array((Self.header.joined(separator: ",") + "\n").utf8))
    }

    func append(_ rows: Substring) throws(BatchError) { try file.append(Array(rows.utf8)) }

    func reader() -> CSVReader {
        var offset = 0
        return CSVReader(options: CSVOptions(delimiter: .comma)) { [file] buffer in
            let count = try file.read(at: offset, into: buffer)
            offset += count
            return count
        }
    }

    /// What a row's cell of problems holds: entries that end with a record separator, name and message in each
    /// apart by a unit separator. The name is an option's, or empty.
    static func problems(_ cell: String, line: Int) -> [RowProblem] {
        cell.split(separator: "\u{1E}").map { entry in
            let parts = entry.split(separator: "\u{1F}", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts.count == 2 ? String(parts[0]) : ""
            let place = name.isEmpty ? nil : "option \"\(ShownText.short(name))\""
            return RowProblem(line: line, place: place, String(parts.last ?? ""))
        }
    }
}
