// Reads a CSV file record by record in constant memory: the public face, and the loop around the scanner.
// The header is in CSVReader+Header.swift, bad records in CSVReader+Problems.swift.

/// Reads records by RFC 4180, and names what breaks it.
///
/// ```swift
/// let reader = CSVReader(fileDescriptor: descriptor)
/// try reader.readHeader()
/// let records = CSVRecords()
/// while try reader.next(into: records) > 0 {
///     for record in 0..<records.count {
///         if let problem = records.problem(ofRecord: record) { print(problem); continue }
///         print(records.lines[record], records.string(record, 0))
///     }
/// }
/// ```
/// - Lines end with CRLF, LF or CR, also mixed; the last may lack its end. Wholly empty lines are no records.
/// - A record with a fault takes its place among the others, as a problem; reading goes on behind it. Only a record
///   beyond the maximum length ends the file.
/// - A quote belongs at the beginning and the end of a field, doubled within; elsewhere it is a fault.
///
/// It is not Sendable: it has one owner at a time.
package final class CSVReader {
    package let options: CSVOptions
    /// Names of the columns, without spaces and tabs around them. Empty before the header is read.
    package internal(set) var header: [String] = []
    /// What separates fields: as asked for, or as found when the header was read.
    package internal(set) var delimiter: CSVDelimiter

    var window: CSVWindow
    var scanner = CSVScanner()
    var headerOutcome: Result<Void, CSVHeaderError>?
    /// Nothing more will be read: the file has ended, or a record was too long.
    var isOver = false
    /// The delimiter that the file's first line names.
    var separatorLine: CSVDelimiter?
    var hasLookedForSeparatorLine = false
    /// How many fields the header has, those without a name at its end included.
    var headerWidth = 0

    package init(options: CSVOptions = CSVOptions(), source: @escaping CSVSource) {
        self.options = options
        delimiter = options.delimiter ?? .comma
        window = CSVWindow(source: source, maximumRecordBytes: options.maximumRecordBytes)
    }

    /// How the first line ends, once the header is read; a single carriage return counts as a line feed.
    package internal(set) var lineEnd = CSVTableWriter.LineEnd.lineFeed
    /// Whether the file begins with a byte order mark, once the header is read.
    package var hasMark: Bool { window.hasMark }
    /// Whether the first line is `sep=;` or its like, once the header is read.
    package internal(set) var hasSeparatorLine = false

    /// How the file is encoded, once the header is read.
    package var encoding: CSVEncoding { window.encoding }

    /// How much of the file has been read, in its own bytes: for a progress bar.
    package var bytesRead: Int { window.bytesRead }

    /// Reads the next records in place of those in `records`, the header first if that is still to be done.
    ///
    /// It returns what it has rather than wait for more input, so fewer than `limit` does not mean the end.
    /// - Parameter limit: at most so many records; 65,536 at most, fewer for files with very many columns.
    /// - Returns: how many records there are, good and bad; 0 at the end of the file.
    /// - Throws: ``CSVHeaderError``, and whatever the source throws.
    package func next(into records: CSVRecords, limit: Int = 4096) throws -> Int {
        try readHeader()
        records.begin(columnCount: header.count, limit: limit, removesGuard: options.removesFormulaGuard)
        // What was seen of a record when the last chunk ended is not in this one.
        scanner.restartRecord()
        while !isOver {
            switch try advance(into: records) {
            case .badRecord where passSpreadsheetExtras(in: records): break
            case .badRecord: take(makeProblem(record: records.count, in: records), into: records)
            case .chunkFull, .needsInput: return records.count
            }
        }
        return records.count
    }

    /// Scans until a record is bad, the chunk is full, or the input has ended (`needsInput`) or would have to be
    /// waited for although there are records.
    func advance(into records: CSVRecords) throws -> CSVScanner.Stop {
        while true {
            records.reserve(window.end - scanner.index)
            let stop = scanner.run(window.base, end: window.end, into: records)
            guard stop == .needsInput else { return stop }
            if scanner.lengthSoFar > options.maximumRecordBytes { return .badRecord }
            if records.count > 0 { return .needsInput }
            if try readMore() { continue }
            guard scanner.isWithinRecord else {
                isOver = true
                return .needsInput
            }
            scanner.closeRecord()
            window.appendLineFeed()
        }
    }

    /// Drops what has been scanned and reads more.
    /// - Returns: false at the end of the file.
    func readMore() throws -> Bool {
        window.drop(scanner.shiftToBeginning())
        return try window.fill()
    }

    private func take(_ problem: CSVProblem, into records: CSVRecords) {
        records.finishBadRecord(line: scanner.line, problem: problem)
        if problem.isFatal {
            isOver = true
        } else {
            scanner.leaveBadRecord(in: window.base)
        }
    }
}
