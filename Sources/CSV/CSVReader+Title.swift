// A line above the header that names no columns: the title of a table, without the delimiters that would pad it.

extension CSVReader {
    /// So many records below the first line are looked at, within so many bytes: there may be more lines above the header.
    private static let titleRecords = 8
    private static let titleBytes = 4 << 10

    /// What is wrong with a header of one column above records that have more. To be called with the scanner at the
    /// header's end.
    func titleProblem() throws -> CSVProblem? {
        guard options.allowsSpreadsheetExtras, header.count == 1, headerWidth == 1, let columns = try columnsBelow()
        else {
            return nil
        }
        let title = String(header[0].prefix(60))
        return CSVProblem(
            kind: .titleRow, record: 0, line: scanner.line, column: 1,
            message:
                "\"\(title)\" stands alone above rows of \(columns) columns, like the title of a table; the first line "
                + "must name the columns: remove what is above them",
            fields: [])
    }

    /// How many columns two records on end have, if it is more than one.
    private func columnsBelow() throws -> Int? {
        while window.end - scanner.index < Self.titleBytes, try window.fill() {}
        let text = UnsafeRawBufferPointer(start: window.base, count: window.end)
        var rest = text.dropFirst(scanner.index)
        let named = options.delimiter ?? separatorLine
        let candidates = CSVDelimiter.candidates.indices.filter { named == nil || CSVDelimiter.candidates[$0] == named }
        var last: [Int]?
        for _ in 0..<Self.titleRecords {
            rest = rest.drop { $0 == ASCII.lineFeed || $0 == ASCII.carriageReturn }
            guard !rest.isEmpty else { break }
            var finder = CSVDelimiterFinder(maximumLength: options.maximumRecordBytes)
            let isWhole = finder.sees(theRecordEndIn: UnsafeRawBufferPointer(rebasing: rest))
            let counts = finder.counts
            if let last, let same = candidates.first(where: { counts[$0] > 0 && counts[$0] == last[$0] }) {
                return counts[same] + 1
            }
            guard isWhole else { break }
            last = counts
            rest = rest.dropFirst(finder.length)
        }
        return nil
    }
}
