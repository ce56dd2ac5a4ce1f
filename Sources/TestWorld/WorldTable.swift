// The tables that a batch has written, as a test looks at them: each row by the names of its columns.

import CSV
import Glibc

enum WorldTable {
    /// - Returns: `nil` where there is no such table, or not a whole one.
    static func read(_ path: String, _ options: CSVOptions) -> [[(column: String, cell: String)]]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let reader = CSVReader(fileDescriptor: file, options: options)
        let records = CSVRecords()
        var rows: [[(column: String, cell: String)]] = []
        do {
            try reader.readHeader()
            while try reader.next(into: records) > 0 {
                for record in 0..<records.count where records.problem(ofRecord: record) == nil {
                    rows.append(reader.header.indices.map { (reader.header[$0], records.string(record, $0)) })
                }
            }
        } catch {
            return nil
        }
        return rows
    }
}
