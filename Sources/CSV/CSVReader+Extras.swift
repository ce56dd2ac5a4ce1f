// What spreadsheets add that is no data: the line that names the delimiter, blank records, fields behind the last column.

extension CSVReader {
    /// Passes over a first line such as `sep=;`, and takes the delimiter from it unless one was asked for.
    /// To be called before anything is scanned; a second call, after a failed read, does nothing.
    func passSeparatorLine() throws {
        guard options.allowsSpreadsheetExtras, !hasLookedForSeparatorLine else { return }
        // `"sep=;"` and its line end.
        while window.end < 9, try window.fill() {}
        hasLookedForSeparatorLine = true
        let text = UnsafeRawBufferPointer(start: window.base, count: min(window.end, 9))
        var line = text.prefix { $0 != ASCII.lineFeed && $0 != ASCII.carriageReturn }
        let length = line.count
        if line.count == 7, line.first == ASCII.quote, line.last == ASCII.quote { line = line.dropFirst().dropLast() }
        let folded = line.prefix(4).map { $0 | 0x20 }
        guard line.count == 5, folded.starts(with: "sep".utf8), line[line.startIndex + 3] == UInt8(ascii: "="),
            let last = line.last, let named = CSVDelimiter(last)
        else { return }
        hasSeparatorLine = true
        if options.delimiter == nil { separatorLine = named }
        scanner.passSeparatorLine(length)
    }

    /// Passes over the record at which the scanner stopped if it has nothing in it that can be seen, and takes one
    /// that has it only in the columns.
    /// - Returns: false for a record that is bad indeed.
    func passSpreadsheetExtras(in records: CSVRecords) -> Bool {
        guard options.allowsSpreadsheetExtras, scanner.lengthSoFar <= options.maximumRecordBytes, textFault == nil
        else { return false }
        let columns = records.columnCount
        if columns != 1 || scanner.fieldCount > 1, areBlank(records, from: records.finishedBytes) {
            records.dropRecord()
        } else if columns > 0, scanner.fieldCount > columns, scanner.fieldCount <= headerWidth,
            areBlank(records, from: Int(records.endBase[records.count * columns + columns - 1]))
        {
            records.finishRecord(line: scanner.line)
        } else {
            return false
        }
        scanner.leaveBadRecord(in: window.base)
        return true
    }

    private func areBlank(_ records: CSVRecords, from start: Int) -> Bool {
        InvisibleCharacter.areAll(
            UnsafeRawBufferPointer(start: records.byteBase + start, count: records.byteCount - start))
    }
}
