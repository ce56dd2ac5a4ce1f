// The rows that are to be made, one after the other, read from the file again.

import CSV
package import Recorder

/// Hands out the rows that are to be made or looked up. Belongs to whoever makes them.
package final class RowFeed {
    package struct Row {
        /// From 0, in the order of the file.
        package var index: Int
        package var line: Int
        package var order: LinkOrder
    }

    package enum Step {
        case row(Row)
        /// A chunk held nothing more; the next one is to be read. The caller may do something else first.
        case pause
        case end
    }

    private static let chunkRows = 512

    private let input: BatchInput
    private let reader: RowReader
    private let marks: RowMarks
    private let table: CSVReader
    private let terms: TermsCursor
    private let records = CSVRecords()
    private var first = 0
    private var next = 0

    package init(input: BatchInput, reader: RowReader, marks: RowMarks) {
        self.input = input
        self.reader = reader
        self.marks = marks
        table = input.reader()
        terms = TermsCursor(input, reader.mapped)
    }

    /// - Throws: ``BatchError`` when the file cannot be read or is no longer what it was.
    package func step() throws(BatchError) -> Step {
        guard next == records.count else { return try nextInChunk() }
        first += records.count
        next = 0
        do {
            let count = try table.next(into: records, limit: Self.chunkRows)
            try input.checkUnchanged()
            return count > 0 ? .pause : .end
        } catch {
            throw input.failure(error)
        }
    }

    private func nextInChunk() throws(BatchError) -> Step {
        while next < records.count {
            let record = next
            next += 1
            let place = try terms.take(records, record)
            guard marks[first + record].isToDo else { continue }
            let line = Int(records.lines[record])
            guard case .order(let order) = reader.read(place, line: line) else {
                throw BatchError(.inputFailed, "\(input.name): line \(line) is not what it was before")
            }
            return .row(Row(index: first + record, line: line, order: order))
        }
        return .pause
    }
}
