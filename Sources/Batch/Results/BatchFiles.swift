// Where results and rejected rows go, and whether they may go there: decided before anything is sent.

import CSV
import Console
import Files
import Glibc

/// The names of a batch's files.
package struct BatchFiles: Sendable, Hashable {
    package let results: TableTarget.Place
    package let rejected: String

    /// What is not named lies beside the input: `orders.csv` gives `orders.links.csv` and `orders.rejected.csv`.
    /// - Parameters:
    ///   - results: `-` is standard output.
    ///   - isTrial: the links end with the process: their files do not take the place of real ones.
    package init(input: String, results: String?, rejected: String?, isTrial: Bool = false) {
        let slash = input.utf8.lastIndex(of: UInt8(ascii: "/"))
        let start = slash.map { input.utf8.index(after: $0) } ?? input.startIndex
        let name = input[start...]
        let stem = name.lastIndex(of: ".").flatMap { $0 > name.startIndex ? name[..<$0] : nil } ?? name
        let suffix = stem.count < name.count ? String(name[stem.endIndex...]) : ".csv"
        let beside = input[..<start] + stem + (isTrial ? ".sandbox" : "")
        self.results = results == "-" ? .standardOutput : .file(results ?? "\(beside).links\(suffix)")
        self.rejected = rejected ?? "\(beside).rejected\(suffix)"
    }

    /// The folder of the results; `nil` for standard output.
    var folderOfResults: String? {
        guard case .file(let path) = results else { return nil }
        return path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    /// Checks that both files may be written, without writing them.
    ///
    /// - Parameters:
    ///   - header: the input's.
    ///   - replacesForeign: `--force`.
    /// - Throws: ``BatchError`` with code `usage` or `output_failed`.
    package func check(
        input: BatchInput, header: [String], style: TableStyle, replacesForeign: Bool
    ) throws(BatchError) {
        guard !input.isSameFile(as: rejected) else {
            throw BatchError(.usage, "--rejected names the input itself, \(input.name); nothing was sent")
        }
        try Self.checkWritable(rejected)
        if !replacesForeign {
            try checkHeader(of: rejected, style) { $0.suffix(2).elementsEqual(BatchColumns.rejectedNames) }
        }
        guard case .file(let path) = results else { return }
        guard !input.isSameFile(as: path) else {
            throw BatchError(.usage, "--out names the input itself, \(input.name); nothing was sent")
        }
        guard path != rejected, !Self.isSameFile(path, rejected) else {
            throw BatchError(.usage, "--out and --rejected name the same file, \(ShownText.short(path, limit: 200))")
        }
        try Self.checkWritable(path)
        if !replacesForeign {
            let columns = (header + BatchColumns.resultNames).map { CSVTableWriter.withoutAnyGuard($0) }
            try checkHeader(of: path, style) { $0.map { CSVTableWriter.withoutAnyGuard($0) } == columns }
        }
    }

    /// Checks that results that are there already have no other keys than the input: they would be of another batch.
    /// - Parameter keyColumn: where the key stands in the input, and so in its results.
    /// - Throws: ``BatchError`` with code `output_failed`.
    package func checkKeys(_ keyColumn: Int, among keys: KeySet, style: TableStyle) throws(BatchError) {
        guard case .file(let path) = results, let table = try Table(path, style) else { return }
        let records = CSVRecords()
        while true {
            do { guard try table.csv.next(into: records) > 0 else { return } } catch {
                throw Self.foreign(path, "it cannot be read: \(error)")
            }
            for record in 0..<records.count {
                // No key begins with a guard, so this one is of the file, whatever that run was told.
                let key = CSVTableWriter.withoutAnyGuard(records.field(record, keyColumn))
                if keys.contains(KeySet.hash(key)) { continue }
                throw Self.foreign(
                    path, "line \(records.lines[record]) has the key \(ShownText.quoted(key)), which the input has not")
            }
        }
    }

    /// Refuses to read or to write over files that belong to paylink itself.
    /// - Throws: ``BatchError`` with code `usage`.
    package func keepOff(_ reserved: [String], input: String) throws(BatchError) {
        var named = [(input, "the input"), (rejected, "--rejected")]
        if case .file(let path) = results { named.append((path, "--out")) }
        for (path, what) in named where reserved.contains(where: { $0 == path || Self.isSameFile($0, path) }) {
            throw BatchError(
                .usage, "\(what) is a file of the ledger, \(ShownText.short(path, limit: 200)); nothing was sent")
        }
    }

    /// Removes the rejected rows of an earlier run, which is told by its last columns.
    package func removeOldRejected(style: TableStyle) {
        guard let reader = try? Table(rejected, style), (try? reader.csv.readHeader()) != nil,
            reader.csv.header.suffix(2).elementsEqual(BatchColumns.rejectedNames)
        else { return }
        unlink(rejected)
    }

    // MARK: What is there already

    /// Begins the file, and takes it back.
    private static func checkWritable(_ path: String) throws(BatchError) {
        do throws(AtomicFile.Failure) { try AtomicFile(path: path).discard() } catch {
            throw BatchError(.outputFailed, "\(error); nothing was sent")
        }
    }

    private static func isSameFile(_ first: String, _ second: String) -> Bool {
        FileIdentity(first)?.isAt(second) ?? false
    }

    private func checkHeader(
        of path: String, _ style: TableStyle, _ isOurs: ([String]) -> Bool
    ) throws(BatchError) {
        guard let table = try Table(path, style) else { return }
        do { try table.csv.readHeader() } catch { throw Self.foreign(path, "it is no table that a batch has written") }
        guard isOurs(table.csv.header) else { throw Self.foreign(path, "its columns are not those of this batch") }
    }

    private static func foreign(_ path: String, _ reason: String) -> BatchError {
        BatchError(
            .outputFailed,
            "\(ShownText.short(path, limit: 200)) is there already and is not of this batch: \(reason); nothing was sent. "
                + "Name another file, or replace it with --force")
    }

    /// An output of an earlier run. `nil` if there is none.
    private final class Table {
        let csv: CSVReader
        private let descriptor: Int32

        init?(_ path: String, _ style: TableStyle) throws(BatchError) {
            descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
            csv = CSVReader(fileDescriptor: descriptor, options: style.options)
            guard descriptor >= 0 else {
                guard errno != ENOENT else { return nil }
                throw BatchError(
                    .outputFailed,
                    "cannot look into \(ShownText.short(path, limit: 200)): \(String(cString: strerror(errno)))")
            }
        }

        deinit { if descriptor >= 0 { close(descriptor) } }
    }
}
