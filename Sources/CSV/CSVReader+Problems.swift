// From a fault that the scanner stopped at to a problem for a person: which fault counts, where it is, the words.
// Runs once for a bad record, so it may take its time and look at the record again.

extension CSVReader {
    /// How much of a bad record's text is kept.
    private static let keptBytes = 64 << 10

    /// What is wrong with the record at which the scanner stopped.
    ///
    /// The earliest fault in the text counts, then the number of fields; a record that is too long is only that.
    func makeProblem(record: Int, in records: CSVRecords) -> CSVProblem {
        guard scanner.lengthSoFar <= options.maximumRecordBytes else {
            return CSVProblem(
                kind: .recordTooLong, record: record, line: scanner.line, column: 1,
                message: "the record that begins here is longer than \(options.maximumRecordBytes) bytes; "
                    + "perhaps a quote is not closed",
                fields: [])
        }
        let (fault, message) = textFault ?? countFault
        let place = UTF8Text.position(of: fault.offset, in: rawRecord, line: scanner.line)
        return CSVProblem(
            kind: fault.kind, record: record, line: place.line, column: place.column, message: message,
            fields: readableFields(in: records))
    }

    /// The record as it stands in the window.
    var rawRecord: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: window.base + scanner.recordStart, count: scanner.lengthSoFar)
    }

    /// The earliest fault in quotes and bytes; nil if the text is in order.
    var textFault: (fault: CSVScanner.Fault, message: String)? {
        if let invalid = UTF8Text.firstInvalidOffset(in: rawRecord), invalid < scanner.fault?.offset ?? .max {
            return (.init(kind: .invalidBytes, offset: invalid), invalidBytesMessage(rawRecord[invalid]))
        }
        guard let fault = scanner.fault else { return nil }
        let message =
            switch fault.kind {
            case .strayQuote: "a quote within a field that does not begin with one; quote the field and double it"
            case .textAfterQuote: "text after the closing quote of a field; a quote within a field must be doubled"
            case .unclosedQuote: "this quote is not closed before the end of the file"
            default: "a NUL byte; is it UTF-16 without a byte order mark, or no text file?"
            }
        return (fault, message)
    }

    private var countFault: (fault: CSVScanner.Fault, message: String) {
        let found = scanner.fieldCount == 1 ? "1 field" : "\(scanner.fieldCount) fields"
        let message = "\(found) where the header names \(header.count)"
        guard let surplus = scanner.surplus.first else {
            return (.init(kind: .missingFields, offset: scanner.lengthSoFar), message)
        }
        return (.init(kind: .surplusFields, offset: surplus.start), message)
    }

    private func invalidBytesMessage(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        switch encoding {
        case .utf8: return "the byte 0x\(digits) is not UTF-8 here; is the file Windows-1252?"
        case .windows1252: return "the byte 0x\(digits) stands for nothing in Windows-1252"
        case .utf16LittleEndian, .utf16BigEndian:
            return byte == CSVTranscoder.truncation
                ? "the file ends within a character of UTF-16" : "half a surrogate pair, which is no character"
        }
    }

    /// The text of the scanner's record field by field, cut at `keptBytes`.
    private func readableFields(in records: CSVRecords) -> [String] {
        var fields: [String] = []
        var start = records.finishedBytes
        let limit = start + Self.keptBytes
        func take(_ end: Int) {
            let text = UnsafeRawBufferPointer(start: records.byteBase + start, count: min(end, limit) - start)
            let field = options.removesFormulaGuard ? CSVTableWriter.withoutGuard(text) : text
            fields.append(String(decoding: field, as: UTF8.self))
            start = min(end, limit)
        }
        let first = records.count * records.columnCount
        // Safe because: the scanner has written the ends of these fields, and the text up to them.
        for column in 0..<min(scanner.fieldCount, records.columnCount) { take(Int(records.endBase[first + column])) }
        for field in scanner.surplus { take(field.end) }
        return fields
    }
}
