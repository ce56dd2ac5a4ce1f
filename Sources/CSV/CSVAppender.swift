// Adds rows to a table file that several processes may be adding to: one lock, one write, on the disk before it returns.
// Blocks; which file may be written is the caller's to decide.

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

    /// From <fcntl.h>, where it hides behind a feature macro: the lock belongs to the open file, not to the process.
    private static let setLock: Int32 = 37
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
        let descriptor = try openLocked(directory, name, open)
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failed(errno) }
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
        try write(prefix + text.bytes, to: descriptor, size: size)
        if size == 0 { fsync(directory) }
        return outcome
    }

    // MARK: Steps

    private func failed(_ code: Int32) -> Failure {
        Failure(code: "file_failed", description: "cannot write \(path): \(String(cString: strerror(code)))")
    }

    /// Opens the file and waits for its lock, until it is surely the file of that name: somebody may have replaced it.
    private func openLocked(
        _ directory: Int32, _ name: String, _ open: (Int32) throws(Failure) -> Int32?
    ) throws(Failure) -> Int32 {
        let clock = ContinuousClock()
        let end = clock.now + Self.patience
        var pause: UInt32 = 1_000
        while true {
            guard let descriptor = try open(O_RDWR | O_APPEND | O_CREAT) else {
                throw Failure(
                    code: "file_failed",
                    description: "cannot write \(path): it is a symbolic link; name the file that it leads to")
            }
            var mine = stat(), named = stat()
            var lock = flock()
            lock.l_type = Int16(F_WRLCK)
            lock.l_whence = Int16(SEEK_SET)
            let locked = withUnsafeMutablePointer(to: &lock) {
                fcntl(descriptor, Self.setLock, UnsafeMutableRawPointer($0))
            }
            if locked == 0, fstat(descriptor, &mine) == 0,
                fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0, named.st_ino == mine.st_ino,
                named.st_dev == mine.st_dev
            {
                return descriptor
            }
            let code = errno
            close(descriptor)
            if locked != 0, code != EAGAIN, code != EACCES, code != EINTR { throw failed(code) }
            guard clock.now < end else {
                throw Failure(
                    code: "busy", description: "\(path) has been locked by others for \(Self.patience); try again")
            }
            usleep(pause)
            pause = min(pause * 2, 20_000)
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
        guard pread(descriptor, &byte, 1, size - 1) == 1 else { throw failed(errno) }
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
            guard count >= 0 else { throw failed(errno) }
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

    /// One write for all, so that a reader sees whole rows; what did not fit on the disk is taken back.
    private func write(_ bytes: [UInt8], to descriptor: Int32, size: off_t) throws(Failure) {
        var count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        while count < 0, errno == EINTR {
            count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        }
        guard count == bytes.count else {
            let code = count < 0 ? errno : ENOSPC
            if count > 0 { ftruncate(descriptor, size) }
            throw failed(code)
        }
        guard fsync(descriptor) == 0 else { throw failed(errno) }
    }
}
