// The table files that a script has open: readers and writers behind numbers. What its calls do with them is in
// CSVModule.swift.

import CSV
import Console
import Files
import Glibc
import LuaRuntime
import OneShotPay

/// What a script has open. Numbers stand for files at the border.
struct OpenTables {
    var readers: [Int64: TableReader] = [:]
    var writers: [Int64: TableWriter] = [:]
    private var next: Int64 = 1

    mutating func add(_ reader: TableReader) -> Int64 {
        defer { next += 1 }
        readers[next] = reader
        return next
    }

    /// A task has ended: nobody else is to read on where it stopped.
    mutating func closeReaders(of task: LuaTaskID) {
        guard !readers.isEmpty else { return }
        readers = readers.filter { $0.value.owner != task }
    }

    mutating func add(_ writer: TableWriter) -> Int64 {
        defer { next += 1 }
        writers[next] = writer
        return next
    }

    /// The script has ended: after a success, files that it forgot to close are complete; otherwise they are not to
    /// be seen.
    /// - Returns: why the script has failed after all.
    mutating func end(_ result: ScriptResult, _ log: (LogMessage) -> Void) -> ScriptFailure? {
        var failure: ScriptFailure?
        for (_, writer) in writers.sorted(by: { $0.key < $1.key }) {
            guard case .finished(0) = result else {
                log(
                    LogMessage(level: .warn, text: "\(writer.path) was not finished, so it was not written", fields: [])
                )
                continue
            }
            do throws(AtomicFile.Failure) { try writer.finish() } catch {
                failure = failure ?? ScriptFailure(message: "\(error)", code: "file_failed")
            }
        }
        writers = [:]
        readers = [:]
        return failure
    }

    /// More files than these are hardly meant: an iterator that is not run to its end stays open.
    static let limit = 64

    var areTooMany: Bool { count >= Self.limit }
    private var count: Int { readers.count + writers.count }

    /// What an open table takes of the host's memory.
    static let cost = 64 << 10
    /// How many are counted as the script's memory.
    private var charged = 0

    /// Counts one more as the script's memory. False: there is not so much left.
    mutating func charge(_ state: LuaState) -> Bool {
        settle(state)
        guard state.charge(Self.cost) else { return false }
        charged += 1
        return true
    }

    /// Gives back what closed tables took.
    mutating func settle(_ state: LuaState) {
        let closed = charged - count
        guard closed > 0 else { return }
        state.uncharge(closed * Self.cost)
        charged -= closed
    }
}

extension OpenTables {
    static let tooMany =
        "\(limit) tables are open at once: read rows to their end, or let go of the iterator, and close writers"
}

/// A file that is read row by row; it keeps its descriptor.
final class TableReader {
    let file: Int32
    /// The task that opened it.
    let owner: LuaTaskID?
    let csv: CSVReader
    let records = CSVRecords()
    /// Columns to keep, by their place; `nil`: all.
    private var chosen: [Int]?
    private var chosenNames: [String] = []
    private var ends: [UInt32] = []
    private var text: [UInt8] = []

    init(_ file: Int32, _ options: CSVOptions, owner: LuaTaskID?) {
        self.file = file
        self.owner = owner
        csv = CSVReader(fileDescriptor: file, options: options)
    }

    deinit { close(file) }

    /// Keeps only these columns. False: none are named, or one twice, or one is not there.
    func choose(_ names: [String]) -> Bool {
        let places = names.compactMap { csv.header.firstIndex(of: $0) }
        guard !places.isEmpty, places.count == names.count, Set(places).count == names.count else { return false }
        chosen = places
        chosenNames = names
        return true
    }

    /// Writes the rows that were read last.
    func write(to reply: LuaWriter, isBad: (Int) -> Bool) {
        let chosen = chosen ?? (records.mayHoldGuards ? Array(csv.header.indices) : nil)
        guard let chosen else {
            return reply.records(
                columns: csv.header, ends: records.ends, lines: records.lines, text: records.bytes, isBad: isBad)
        }
        ends.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
        for row in 0..<records.count {
            for column in chosen {
                text.append(contentsOf: records.field(row, column))
                ends.append(UInt32(text.count))
            }
        }
        ends.withUnsafeBufferPointer { ends in
            text.withUnsafeBytes { text in
                reply.records(
                    columns: self.chosen == nil ? csv.header : chosenNames, ends: ends, lines: records.lines,
                    text: text,
                    isBad: isBad)
            }
        }
    }
}

/// A file that is written row by row, and appears when it is finished.
final class TableWriter {
    let path: String
    let columns: Int
    /// Of amounts and other numbers.
    let sign: DecimalSign
    private let file: AtomicFile
    private var text: CSVTableWriter
    private let isDryRun: Bool

    init(
        _ access: (directory: Int32, name: String), path: String, columns: [String], text: CSVTableWriter,
        sign: DecimalSign, isDryRun: Bool
    ) throws(AtomicFile.Failure) {
        self.path = path
        self.columns = columns.count
        self.sign = sign
        self.text = text
        self.isDryRun = isDryRun
        file = try AtomicFile(directory: access.directory, name: access.name, path: path)
        self.text.header(columns)
    }

    /// Adds the cells that `next` gives.
    func row(_ next: (inout CSVTableWriter) -> Bool) throws(AtomicFile.Failure) -> Bool {
        for _ in 0..<columns where !next(&text) { return false }
        text.endRow()
        if text.bytes.count > 1 << 16 { try flush() }
        return true
    }

    func finish() throws(AtomicFile.Failure) {
        try flush()
        if isDryRun { file.discard() } else { try file.commit() }
    }

    private func flush() throws(AtomicFile.Failure) {
        try file.write(text.bytes)
        text.removeAll()
    }
}
