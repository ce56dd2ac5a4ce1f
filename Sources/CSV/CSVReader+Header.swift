// The first record: finds the delimiter, takes the names of the columns, and says all that is wrong with them.

extension CSVReader {
    /// Reads the first record as the names of the columns. Does nothing when that has been done.
    ///
    /// Spaces and tabs around a name are dropped, as people write `key, amount`; those around other fields stay.
    /// - Throws: ``CSVHeaderError`` with every problem, the same again on every call; whatever the source throws.
    package func readHeader() throws {
        if let headerOutcome { return try headerOutcome.get() }
        try window.open(expected: options.encoding)
        // A header whose reading threw begins anew: what was seen of it is in no chunk.
        scanner.restartRecord()
        try passSeparatorLine()
        if let separatorLine { delimiter = separatorLine } else if options.delimiter == nil { try findDelimiter() }
        scanner.delimiter = delimiter.byte
        scanner.maximumLength = options.maximumRecordBytes
        let names = CSVRecords()
        names.begin(columnCount: 0, limit: 1)
        // Without columns every field is surplus, so the scanner remembers where each begins and ends.
        var stop = try advance(into: names)
        while stop == .badRecord, passSpreadsheetExtras(in: names) { stop = try advance(into: names) }
        var problems = stop == .badRecord ? takeNames(from: names) : [noHeader]
        if problems.isEmpty {
            try findLineEnd()
            if let title = try titleProblem() { problems = [title] }
        }
        guard problems.isEmpty else {
            isOver = true
            let error = CSVHeaderError(problems: problems)
            headerOutcome = .failure(error)
            throw error
        }
        headerOutcome = .success(())
        scanner.leaveBadRecord(in: window.base)
        scanner.columnCount = header.count
        scanner.skipsBlankRecords = options.allowsSpreadsheetExtras && header.count > 1
    }

    private func findDelimiter() throws {
        repeat {
            scanner.skipEmptyLines(in: UnsafeRawBufferPointer(start: window.base, count: window.end))
        } while try scanner.recordStart == window.end && readMore()
        var finder = CSVDelimiterFinder(maximumLength: options.maximumRecordBytes)
        repeat {
            let record = UnsafeRawBufferPointer(start: window.base, count: window.end)[scanner.recordStart...]
            if finder.sees(theRecordEndIn: UnsafeRawBufferPointer(rebasing: record)) { break }
        } while try readMore()
        delimiter = finder.best
    }

    /// Looks at the line end at which the scanner stopped.
    private func findLineEnd() throws {
        // Safe because: the run stopped at `index` on a line end within the window.
        guard window.base.load(fromByteOffset: scanner.index, as: UInt8.self) == ASCII.carriageReturn else { return }
        while window.end < scanner.index + 2, try window.fill() {}
        // Safe because: a line feed stands behind the window's end; at the file's end a carriage return is alone.
        guard window.end > scanner.index + 1,
            window.base.load(fromByteOffset: scanner.index + 1, as: UInt8.self) == ASCII.lineFeed
        else { return }
        lineEnd = .carriageReturnLineFeed
    }

    /// Takes the header from the record at which the scanner stopped, and returns what is wrong with it.
    private func takeNames(from records: CSVRecords) -> [CSVProblem] {
        if scanner.lengthSoFar > options.maximumRecordBytes || textFault != nil {
            return [makeProblem(record: 0, in: records)]
        }
        guard scanner.fieldCount <= CSVScanner.surplusLimit else {
            return [
                problem(
                    .tooManyColumns, at: CSVScanner.surplusLimit - 1,
                    "\(scanner.fieldCount) columns; at most \(CSVScanner.surplusLimit) are possible")
            ]
        }
        let cells = names(in: records)
        let used = cells.indices.filter { !InvisibleCharacter.areAll(cells[$0]) }
        if options.allowsSpreadsheetExtras, cells.count > 1, used.count == 1, let only = used.first {
            let title = String(decoding: cells[only].prefix(60), as: UTF8.self)
            return [
                problem(
                    .titleRow, at: only,
                    "\"\(title)\" stands alone, like the title of a table; the first line must name the columns: remove "
                        + "what is above them")
            ]
        }
        var problems: [CSVProblem] = []
        var firstColumn: [String: Int] = [:]
        let named = options.allowsSpreadsheetExtras ? (used.last ?? 0) + 1 : cells.count
        headerWidth = cells.count
        for (index, text) in cells.prefix(named).enumerated() {
            let name = String(decoding: text, as: UTF8.self)
            header.append(name)
            if name.isEmpty {
                problems.append(
                    problem(.emptyName, at: index, "column \(index + 1) has no name; give it one, or remove it"))
            } else if let first = firstColumn[name] {
                problems.append(
                    problem(
                        .duplicateName, at: index,
                        "column \(index + 1) is called \"\(name)\" like column \(first + 1); rename one of them"))
            } else if let invisible = InvisibleCharacter.first(in: name, allowsJoiners: true) {
                problems.append(
                    problem(
                        .invisibleCharacter, at: index,
                        "the name of column \(index + 1), \"\(name)\", \(invisible), which \(invisible.appearance); "
                            + invisible.remedy))
            } else {
                firstColumn[name] = index
            }
        }
        return problems
    }

    /// The cells of the record at which the scanner stopped, without spaces and tabs around them.
    private func names(in records: CSVRecords) -> [UnsafeRawBufferPointer] {
        var start = 0
        return scanner.surplus.map { field in
            defer { start = field.end }
            let text = UnsafeRawBufferPointer(start: records.byteBase + start, count: field.end - start)
            let name = UnsafeRawBufferPointer(rebasing: Self.trimmed(text))
            return options.removesFormulaGuard ? CSVTableWriter.withoutGuard(name) : name
        }
    }

    private var noHeader: CSVProblem {
        let message =
            scanner.line == 1
            ? "the file is empty; its first line must name the columns"
            : "the file has only empty lines; its first line must name the columns"
        return CSVProblem(kind: .noHeader, record: 0, line: 1, column: 1, message: message, fields: [])
    }

    private func problem(_ kind: CSVProblem.Kind, at column: Int, _ message: String) -> CSVProblem {
        let place = UTF8Text.position(of: scanner.surplus[column].start, in: rawRecord, line: scanner.line)
        return CSVProblem(
            kind: kind, record: 0, line: place.line, column: place.column, message: message, fields: [])
    }

    private static func trimmed(_ text: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer> {
        var slice = text[...]
        while let byte = slice.first, byte == 0x20 || byte == 0x09 { slice = slice.dropFirst() }
        while let byte = slice.last, byte == 0x20 || byte == 0x09 { slice = slice.dropLast() }
        return slice
    }
}
