// csv.rows and csv.writer: table files of a script, read and written in chunks by the host.

import CSV
import Console
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

extension ScriptHost {
    /// Arguments: path, delimiter or nil, encoding or nil, whether guards of formulas are kept. Gives a number and the columns; or nil, code, message.
    func answerOpen(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let path = arguments.value()?.stringValue ?? ""
        var options = CSVOptions(allowsSpreadsheetExtras: true)
        if let byte = arguments.value()?.stringValue?.utf8.first { options.delimiter = CSVDelimiter(byte) }
        if arguments.value()?.stringValue == "windows-1252" { options.encoding = .windows1252 }
        options.removesFormulaGuard = !(arguments.boolean() ?? false)
        guard !tables.areTooMany else { return fail("too_many", OpenTables.tooMany, reply) }
        guard tables.charge(state) else { return fail("no_memory", "not enough memory", reply) }
        defer { tables.settle(state) }
        do {
            let reader = TableReader(try self.options.files.openForReading(path), options, owner: caller)
            try reader.csv.readHeader()
            reply.integer(tables.add(reader))
            reply.beginArray(hint: reader.csv.header.count)
            for name in reader.csv.header { reply.string(name) }
            reply.end()
        } catch let refusal as FileAccess.Refusal {
            fail(refusal.code, refusal.message, reply)
        } catch let error as CSVHeaderError {
            fail(
                "invalid_csv", "\(ShownText.path(path)): \(error.problems.map(\.description).joined(separator: "; "))",
                reply)
        } catch {
            fail("file_failed", "\(ShownText.path(path)): \(error)", reply)
        }
    }

    /// Arguments: number, columns to keep. Gives whether they can be kept.
    func answerChoose(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let reader = arguments.integer().flatMap({ tables.readers[$0] }),
            case .array(let names)? = arguments.value()
        else { return reply.boolean(false) }
        reply.boolean(reader.choose(names.map { $0.stringValue ?? "" }))
    }

    /// Arguments: number, most rows. Gives a chunk of rows and a list of problems, each with its place in the chunk,
    /// line, column and message; nothing at the end; or nil, code, message.
    func answerNext(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let reader = arguments.integer().flatMap({ tables.readers[$0] }) else {
            return fail("closed", "the file was closed when the task that opened it ended", reply)
        }
        let limit = Int(arguments.integer() ?? 256)
        do {
            let records = reader.records
            guard try reader.csv.next(into: records, limit: limit) > 0 else { return }
            var bad = records.problems[...]
            reader.write(to: reply) { row in
                guard bad.first?.record == row else { return false }
                bad.removeFirst()
                return true
            }
            reply.beginArray(hint: records.problems.count)
            for problem in records.problems {
                reply.beginMap(hint: 4)
                reply.string("index" as StaticString)
                reply.integer(Int64(problem.record + 1))
                reply.string("line" as StaticString)
                reply.integer(Int64(problem.line))
                reply.string("column" as StaticString)
                reply.integer(Int64(problem.column))
                reply.string("message" as StaticString)
                reply.string(problem.message)
                reply.end()
            }
            reply.end()
        } catch {
            fail("file_failed", "\(error)", reply)
        }
    }

    /// Arguments: path, columns, delimiter or nil, whether formulas are kept, whether there is to be a byte order mark,
    /// whether lines end with CRLF, decimal sign or nil. Gives a number; or nil, code, message.
    func answerCreate(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let path = arguments.value()?.stringValue ?? ""
        guard case .array(let names)? = arguments.value() else { return fail("invalid_csv", "no columns", reply) }
        let delimiter = arguments.value()?.stringValue?.utf8.first.flatMap { CSVDelimiter($0) }
        let keepsFormulas = arguments.boolean() ?? false
        let hasMark = arguments.boolean() ?? false
        let endsWithCRLF = arguments.boolean() ?? false
        let sign = arguments.value()?.stringValue.flatMap(DecimalSign.init) ?? .point
        guard !tables.areTooMany else { return fail("too_many", OpenTables.tooMany, reply) }
        guard tables.charge(state) else { return fail("no_memory", "not enough memory", reply) }
        defer { tables.settle(state) }
        do {
            let access = try options.files.openForWriting(path)
            defer { close(access.directory) }
            let text = CSVTableWriter(
                delimiter: delimiter ?? .comma, lineEnd: endsWithCRLF ? .carriageReturnLineFeed : .lineFeed,
                guardsFormulas: !keepsFormulas, hasMark: hasMark)
            let columns = names.map { $0.stringValue ?? "" }
            if let problem = text.problem(withColumns: columns) {
                return fail("invalid_csv", "\(ShownText.path(path)): \(problem)", reply)
            }
            reply.integer(
                tables.add(
                    try TableWriter(
                        access, path: path, columns: columns, text: text, sign: sign,
                        isDryRun: options.isDryRun)))
        } catch let refusal as FileAccess.Refusal {
            fail(refusal.code, refusal.message, reply)
        } catch {
            fail("file_failed", "\(error)", reply)
        }
    }

    /// Arguments: number, a value for each column (nil is empty). Gives true; or nil, code, message.
    func answerWrite(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let writer = arguments.integer().flatMap({ tables.writers[$0] }) else {
            return fail("closed", "the file is closed", reply)
        }
        var reader = arguments
        do throws(AtomicFile.Failure) {
            _ = try writer.row { text in
                switch reader.kind {
                case nil: return false
                case .string: if let bytes = reader.bytes() { text.cell(bytes) }
                case .box, .integer, .number:
                    text.cell(writer.sign.write(reader.value().map(Self.cell) ?? ""))
                default: text.cell(reader.value().map(Self.cell) ?? "")
                }
                return true
            }
            reply.boolean(true)
        } catch {
            tables.writers = tables.writers.filter { $0.value !== writer }
            fail("file_failed", "\(error)", reply)
        }
    }

    /// Arguments: number. Gives true when the file is in its place; or nil, code, message.
    func answerFinish(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let writer = arguments.integer().flatMap({ tables.writers.removeValue(forKey: $0) }) else {
            return reply.boolean(true)
        }
        do throws(AtomicFile.Failure) {
            try writer.finish()
            reply.boolean(true)
        } catch {
            fail("file_failed", "\(error)", reply)
        }
    }

    private static func cell(_ value: LuaValue) -> String {
        if case .null = value { return "" }
        if case .nullSentinel = value { return "" }
        return LogText.plain(value)
    }

    private func fail(_ code: String, _ message: String, _ reply: LuaWriter) {
        reply.null()
        reply.string(code)
        reply.string(message)
    }
}
