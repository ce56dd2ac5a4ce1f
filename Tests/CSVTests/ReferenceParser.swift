// The same rules as CSVReader's, written as plainly as possible: no blocks, no speed, one byte after the other.

import CSV

/// Reads a whole file of UTF-8 with commas at once.
struct ReferenceParser {
    let bytes: [UInt8]
    let columnCount: Int
    let maximumRecordBytes: Int
    private var places: [(line: Int, column: Int)] = []
    private var isInvalid: [Bool] = []

    init(_ bytes: [UInt8], columnCount: Int, maximumRecordBytes: Int) {
        self.bytes = bytes
        self.columnCount = columnCount
        self.maximumRecordBytes = maximumRecordBytes
        locate()
    }

    func records() -> [CSVReading.Record] {
        var result: [CSVReading.Record] = []
        var start = 0
        while start < bytes.count {
            if isLineEnd(start) {
                start += 1
                continue
            }
            let (record, end) = record(from: start)
            result.append(record)
            if case .bad(.recordTooLong, _, _, _) = record { break }
            start = end
        }
        return result
    }

    private func isLineEnd(_ index: Int) -> Bool { bytes[index] == 0x0A || bytes[index] == 0x0D }

    private func record(from start: Int) -> (CSVReading.Record, end: Int) {
        var fields: [[UInt8]] = [[]]
        var fieldStarts = [start]
        var faults: [(Int, CSVProblem.Kind)] = []
        var index = start
        var (isQuoted, wasQuoted) = (false, false)
        var openedAt = start
        while index < bytes.count {
            let byte = bytes[index]
            if isInvalid[index] { faults.append((index, .invalidBytes)) }
            if byte == 0 { faults.append((index, .nulByte)) }
            if isQuoted {
                if byte != 0x22 {
                    fields[fields.count - 1].append(byte)
                } else if index + 1 < bytes.count, bytes[index + 1] == 0x22 {
                    fields[fields.count - 1].append(byte)
                    index += 1
                } else {
                    (isQuoted, wasQuoted) = (false, true)
                }
            } else if isLineEnd(index) {
                break
            } else if byte == 0x2C {
                fields.append([])
                fieldStarts.append(index + 1)
                wasQuoted = false
            } else if byte == 0x22, index == fieldStarts[fieldStarts.count - 1] {
                isQuoted = true
                openedAt = index
            } else {
                if wasQuoted {
                    faults.append((index, .textAfterQuote))
                    wasQuoted = false
                } else if byte == 0x22 {
                    faults.append((index, .strayQuote))
                }
                fields[fields.count - 1].append(byte)
            }
            index += 1
        }
        if isQuoted { faults.append((openedAt, .unclosedQuote)) }
        let line = places[start].line
        if index - start > maximumRecordBytes { return (.bad(.recordTooLong, line: line, column: 1, []), index) }
        let texts = fields.map { String(decoding: $0, as: UTF8.self) }
        if faults.isEmpty {
            if fields.count < columnCount { faults.append((index, .missingFields)) }
            if fields.count > columnCount { faults.append((fieldStarts[columnCount], .surplusFields)) }
        }
        // Of two at one place the quote matters more than the byte, and is what the reader meets first.
        guard let first = faults.min(by: { ($0.0, rank($0.1)) < ($1.0, rank($1.1)) }) else {
            return (.good(line: line, texts), index)
        }
        let place = places[first.0]
        return (.bad(first.1, line: place.line, column: place.column, texts), index)
    }

    private func rank(_ kind: CSVProblem.Kind) -> Int {
        switch kind {
        case .textAfterQuote, .unclosedQuote: 0
        case .invalidBytes, .nulByte: 1
        default: 2
        }
    }

    /// Finds line and column of every byte, and which bytes begin no character.
    private mutating func locate() {
        var (line, column, index) = (1, 1, 0)
        while index < bytes.count {
            var length = 1
            var isBad = false
            if bytes[index] >= 0x80 {
                let fitting = (2...4).first { size in
                    index + size <= bytes.count
                        && String(validating: bytes[index..<index + size], as: UTF8.self) != nil
                }
                length = fitting ?? 1
                isBad = fitting == nil
            }
            for _ in 0..<length {
                places.append((line, column))
                isInvalid.append(isBad)
            }
            column += 1
            let isInnerOfPair = bytes[index] == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A
            if isLineEnd(index), !isInnerOfPair { (line, column) = (line + 1, 1) }
            index += length
        }
        places.append((line, column))
    }
}
