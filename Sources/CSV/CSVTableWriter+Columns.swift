// Names of columns that a table can have: those that a reader gives back as what they are.

extension CSVTableWriter {
    private static let unreadable =
        "the first line would not be read again as the names of the columns; rename the first one"

    /// Why a table with these columns would not be read again as what it was; `nil` if it would.
    ///
    /// The rules are the reader's: the header is written, and read with the same guard and its delimiter found, if that
    /// is one of those that are found.
    package func problem(withColumns names: [String]) -> String? {
        if let nameless = names.firstIndex(of: "") { return "column \(nameless + 1) has no name" }
        var trial = CSVTableWriter(delimiter: delimiter, guardsFormulas: guardsFormulas)
        trial.header(names)
        var rest = trial.bytes[...]
        var options = CSVOptions(allowsSpreadsheetExtras: true, removesFormulaGuard: guardsFormulas)
        if !CSVDelimiter.candidates.contains(delimiter) { options.delimiter = delimiter }
        let reader = CSVReader(options: options) { buffer in
            let piece = rest.prefix(buffer.count)
            buffer.copyBytes(from: piece)
            rest = rest.dropFirst(piece.count)
            return piece.count
        }
        do { try reader.readHeader() } catch let error as CSVHeaderError {
            return error.problems.first { $0.kind != .noHeader && $0.kind != .titleRow }?.message ?? Self.unreadable
        } catch { return "\(error)" }
        // Compared by bytes: strings are equal also when they are composed differently.
        let same = zip(names, reader.header).prefix { Array($0.utf8) == Array($1.utf8) }.count
        guard same < max(names.count, reader.header.count) || reader.hasSeparatorLine else { return nil }
        guard !reader.hasSeparatorLine, same < names.count, same < reader.header.count else {
            return Self.unreadable
        }
        return "column \(same + 1) is called \"\(names[same])\", which would be read again as "
            + "\"\(reader.header[same])\"; leave out spaces and tabs around names"
    }
}
