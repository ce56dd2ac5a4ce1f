// Adds rows to a table file that several processes may be adding to: one lock, one write, on the disk before it returns.
// Blocks; which file may be written is the caller's to decide.

internal import Files
internal import Glibc

/// Adds rows to a CSV file.
package struct CSVAppender {
    /// Why nothing was added.
    package struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// `busy`, `invalid_csv`, `torn_file` or `file_failed`.
        package let code: String
        package let description: String

        package init(code: String, description: String) {
            self.code = code
            self.description = description
        }
    }

    /// What was done besides adding.
    package struct Outcome: Sendable, Hashable {
        /// The last row had no line end: perhaps a crash cut it off. It was given one.
        package var mendedLine: Int?
    }

    private static let patience = Duration.seconds(10)

    let path: String
    let delimiter: CSVDelimiter
    let guardsFormulas: Bool

    package init(path: String, delimiter: CSVDelimiter = .comma, guardsFormulas: Bool = true) {
        self.path = path
        self.delimiter = delimiter
        self.guardsFormulas = guardsFormulas
    }

    /// Adds rows, and before them the header if the file is new or empty.
    ///
    /// - Parameters:
    ///   - columns: the names of the columns; empty: those that the file has.
    ///   - rows: cells by the name of their column.
    ///   - directory: an open folder.
    ///   - name: the file's name in it.
    ///   - open: opens the file, or makes it, with these flags of `open`; `nil` when it is a symbolic link.
    package func append(
        columns: [String], rows: [[String: [UInt8]]], directory: Int32, name: String,
        open: (_ flags: Int32) throws(Failure) -> Int32?
    ) throws(Failure) -> Outcome {
        let file = try openLocked(directory, name, open)
        let descriptor = file.descriptor
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failed(.last) }
        let size = status.st_size
        var text = CSVTableWriter(delimiter: delimiter, guardsFormulas: guardsFormulas)
        var outcome = Outcome()
        var order = columns
        var prefix: [UInt8] = []
        if size == 0 {
            guard !columns.isEmpty else {
                throw Failure(code: "invalid_csv", description: "\(path) is new or empty: name its columns")
            }
            if let problem = text.problem(withColumns: columns) {
                throw Failure(code: "invalid_csv", description: "\(path): \(problem)")
            }
            text.header(columns)
        } else {
            let reader = try header(descriptor)
            order = reader.header
            text = CSVTableWriter(delimiter: delimiter, lineEnd: reader.lineEnd, guardsFormulas: guardsFormulas)
            guard columns.isEmpty || columns.sorted() == order.sorted() else {
                throw Failure(
                    code: "invalid_csv",
                    description: "\(path) has the columns \(order.joined(separator: ", ")), not "
                        + columns.joined(separator: ", "))
            }
            if try lastByte(descriptor, size) != ASCII.lineFeed {
                outcome.mendedLine = try tornLine(descriptor)
                prefix =
                    reader.lineEnd == .carriageReturnLineFeed
                    ? [ASCII.carriageReturn, ASCII.lineFeed] : [ASCII.lineFeed]
            }
        }
        let known = Set(order)
        for row in rows {
            if let stranger = row.keys.sorted().first(where: { !known.contains($0) }) {
                throw Failure(code: "invalid_csv", description: "\(path) has no column \"\(stranger)\"")
            }
            for column in order { (row[column] ?? []).withUnsafeBytes { text.cell($0) } }
            text.endRow()
        }
        do throws(SystemError) { try file.appendAtOnce(prefix + text.bytes, size: size) } catch { throw failed(error) }
        if size == 0 { try? Folder.sync(directory) }
        return outcome
    }

    // MARK: Steps

    private func failed(_ error: SystemError) -> Failure {
        Failure(code: "file_failed", description: "cannot write \(path): \(error)")
    }

    private func openLocked(
        _ directory: Int32, _ name: String, _ open: (Int32) throws(Failure) -> Int32?
    ) throws(Failure) -> AppendedFile {
        switch try AppendedFile.openLocked(name, in: directory, within: Self.patience, open: open) {
        case .locked(let file): return file
        case .symbolicLink:
            throw Failure(
                code: "file_failed",
                description: "cannot write \(path): it is a symbolic link; name the file that it leads to")
        case .busy:
            throw Failure(
                code: "busy", description: "\(path) has been locked by others for \(Self.patience); try again")
        case .failed(let error): throw failed(error)
        }
    }

    /// Reads the header as `csv.rows` and batches do.
    private func header(_ descriptor: Int32) throws(Failure) -> CSVReader {
        lseek(descriptor, 0, SEEK_SET)
        let options = CSVOptions(
            delimiter: delimiter, allowsSpreadsheetExtras: true, removesFormulaGuard: guardsFormulas)
        let reader = CSVReader(fileDescriptor: descriptor, options: options)
        do { try reader.readHeader() } catch let error as CSVHeaderError {
            throw Failure(
                code: "invalid_csv",
                description: "\(path): \(error.problems.map(\.description).joined(separator: "; "))")
        } catch {
            throw Failure(code: "file_failed", description: "cannot read \(path): \(error)")
        }
        return reader
    }

    private func lastByte(_ descriptor: Int32, _ size: off_t) throws(Failure) -> UInt8 {
        var byte: UInt8 = 0
        guard pread(descriptor, &byte, 1, size - 1) == 1 else { throw failed(.last) }
        return byte
    }

    /// The line on which the file ends without a line end. Within a quoted cell, a line end would not end the row, and
    /// all that is added would become part of that cell.
    private func tornLine(_ descriptor: Int32) throws(Failure) -> Int {
        lseek(descriptor, 0, SEEK_SET)
        var line = 1
        var isQuoted = false
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = block.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failed(.last) }
            if count == 0 { break }
            for byte in block[..<count] {
                if byte == ASCII.quote { isQuoted.toggle() }
                if byte == ASCII.lineFeed { line += 1 }
            }
        }
        guard !isQuoted else {
            throw Failure(
                code: "torn_file",
                description: "\(path), line \(line): the last row was cut off inside a quoted cell; remove or finish it"
            )
        }
        return line
    }
}
