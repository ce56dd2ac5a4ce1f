// What reading a file gives, in a form that can be compared; and reading it in blocks of any size.

import CSV
import Testing

/// A whole file as it was read.
struct CSVReading: Equatable {
    enum Record: Equatable {
        case good(line: Int, [String])
        case bad(CSVProblem.Kind, line: Int, column: Int, [String])
    }

    var header: [String] = []
    var records: [Record] = []
    var headerProblems: [CSVProblem] = []
    var messages: [String] = []

    /// The fields of the good records.
    var rows: [[String]] {
        records.compactMap { if case .good(_, let fields) = $0 { fields } else { nil } }
    }

    /// Reads all of `bytes`, at most `block` of them at once.
    static func of(
        _ bytes: [UInt8], _ options: CSVOptions = CSVOptions(), block: Int = .max, limit: Int = 4096
    ) throws -> CSVReading {
        var reading = CSVReading()
        let reader = CSVReader(options: options, source: source(bytes, block: block))
        let records = CSVRecords()
        do {
            try reader.readHeader()
        } catch let error as CSVHeaderError {
            reading.headerProblems = error.problems
            return reading
        }
        reading.header = reader.header
        while try reader.next(into: records, limit: limit) > 0 {
            for record in 0..<records.count {
                reading.append(record, of: records)
            }
        }
        return reading
    }

    /// Reads `bytes` whole, byte by byte and in odd blocks, and expects the same each time.
    static func everyWay(
        _ bytes: [UInt8], _ options: CSVOptions = CSVOptions(), sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> CSVReading {
        let whole = try of(bytes, options)
        for (block, limit) in [(1, 4096), (2, 1), (3, 2), (7, 4096), (61, 3)] {
            let pieces = try of(bytes, options, block: block, limit: limit)
            #expect(pieces == whole, "in blocks of \(block)", sourceLocation: sourceLocation)
        }
        return whole
    }

    static func everyWay(
        _ text: String, _ options: CSVOptions = CSVOptions(), sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> CSVReading {
        try everyWay(Array(text.utf8), options, sourceLocation: sourceLocation)
    }

    private mutating func append(_ record: Int, of records: CSVRecords) {
        let fields = (0..<records.columnCount).map { records.string(record, $0) }
        guard let problem = records.problem(ofRecord: record) else {
            self.records.append(.good(line: Int(records.lines[record]), fields))
            return
        }
        #expect(fields.joined() == "", "a bad record has no text")
        #expect(problem.record == record)
        self.records.append(.bad(problem.kind, line: problem.line, column: problem.column, problem.fields))
        messages.append(problem.message)
    }
}

/// A source that gives `bytes` in pieces of at most `block`.
func source(_ bytes: [UInt8], block: Int) -> CSVSource {
    var position = 0
    return { buffer in
        let count = min(block, buffer.count, bytes.count - position)
        buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        return count
    }
}
