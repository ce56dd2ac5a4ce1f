// csv.rows and csv.writer: table files of a script, read and written in chunks by the host.

import CSV
import Console
import Files
import Glibc
import LuaRuntime
import OneShotPay

final class CSVModule: APIModule {
    static let lua = [
        LuaFile(name: "csv", text: PackageResources.csv_lua, globals: ["csv"]),
        LuaFile(name: "csv_writer", text: PackageResources.csv_writer_lua),
        LuaFile(name: "csv_append", text: PackageResources.csv_append_lua),
    ]

    unowned let host: ScriptHost
    /// Table files that the script has open.
    private var tables = OpenTables()

    init(_ host: ScriptHost) { self.host = host }

    var operations: [Operation] {
        [
            Operation("csv_open", shown: "csv.rows", untrusted: .coded, .answers(open)),
            Operation("csv_create", shown: "csv.writer", untrusted: .coded, .answers(create)),
            Operation("csv_append", shown: "csv.append", untrusted: .coded, .waits(append)),
            // An untrusted script has nothing open on which these could work.
            Operation("csv_choose", untrusted: .granted, .answers(choose)),
            Operation("csv_next", untrusted: .granted, .answers(next)),
            Operation(
                "csv_close", untrusted: .granted,
                .notes { [unowned self] in if let id = $0.integer() { tables.readers[id] = nil } }),
            Operation("csv_write", untrusted: .granted, .answers(write)),
            Operation("csv_finish", untrusted: .granted, .answers(finish)),
            Operation(
                "csv_discard", untrusted: .granted,
                .notes { [unowned self] in if let id = $0.integer() { tables.writers[id] = nil } }),
        ]
    }

    func taskEnded(_ task: LuaTaskID) { tables.closeReaders(of: task) }

    func scriptEnded(_ result: ScriptResult) -> ScriptFailure? { tables.end(result, host.log) }

    /// Arguments: path, delimiter or nil, encoding or nil, whether guards of formulas are kept. Gives a number and the columns; or nil, code, message.
    private func open(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let path = arguments.value()?.stringValue ?? ""
        var options = CSVOptions(allowsSpreadsheetExtras: true)
        if let byte = arguments.value()?.stringValue?.utf8.first { options.delimiter = CSVDelimiter(byte) }
        if arguments.value()?.stringValue == "windows-1252" { options.encoding = .windows1252 }
        options.removesFormulaGuard = !(arguments.boolean() ?? false)
        guard !tables.areTooMany else { return reply.failure(code: "too_many", OpenTables.tooMany) }
        guard tables.charge(host.state) else { return reply.failure(code: "no_memory", "not enough memory") }
        defer { tables.settle(host.state) }
        do {
            let reader = TableReader(try host.options.files.openForReading(path), options, owner: host.caller)
            try reader.csv.readHeader()
            reply.integer(tables.add(reader))
            reply.beginArray(hint: reader.csv.header.count)
            for name in reader.csv.header { reply.string(name) }
            reply.end()
        } catch let refusal as FileAccess.Refusal {
            reply.failure(code: refusal.code, refusal.message)
        } catch let error as CSVHeaderError {
            reply.failure(
                code: "invalid_csv",
                "\(ShownText.path(path)): \(error.problems.map(\.description).joined(separator: "; "))")
        } catch {
            reply.failure(code: "file_failed", "\(ShownText.path(path)): \(error)")
        }
    }

    /// Arguments: number, columns to keep. Gives whether they can be kept.
    private func choose(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let reader = arguments.integer().flatMap({ tables.readers[$0] }),
            case .array(let names)? = arguments.value()
        else { return reply.boolean(false) }
        reply.boolean(reader.choose(names.map { $0.stringValue ?? "" }))
    }

    /// Arguments: number, most rows. Gives a chunk of rows and a list of problems, each with its place in the chunk,
    /// line, column and message; nothing at the end; or nil, code, message.
    private func next(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let reader = arguments.integer().flatMap({ tables.readers[$0] }) else {
            return reply.failure(code: "closed", "the file was closed when the task that opened it ended")
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
            reply.failure(code: "file_failed", "\(error)")
        }
    }

    /// Arguments: path, columns, delimiter or nil, whether formulas are kept, whether there is to be a byte order mark,
    /// whether lines end with CRLF, decimal sign or nil. Gives a number; or nil, code, message.
    private func create(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let path = arguments.value()?.stringValue ?? ""
        guard case .array(let names)? = arguments.value() else {
            return reply.failure(code: "invalid_csv", "no columns")
        }
        let delimiter = arguments.value()?.stringValue?.utf8.first.flatMap { CSVDelimiter($0) }
        let keepsFormulas = arguments.boolean() ?? false
        let hasMark = arguments.boolean() ?? false
        let endsWithCRLF = arguments.boolean() ?? false
        let sign = arguments.value()?.stringValue.flatMap(DecimalSign.init) ?? .point
        guard !tables.areTooMany else { return reply.failure(code: "too_many", OpenTables.tooMany) }
        guard tables.charge(host.state) else { return reply.failure(code: "no_memory", "not enough memory") }
        defer { tables.settle(host.state) }
        do {
            let access = try host.options.files.openForWriting(path)
            defer { Glibc.close(access.directory) }
            let text = CSVTableWriter(
                delimiter: delimiter ?? .comma, lineEnd: endsWithCRLF ? .carriageReturnLineFeed : .lineFeed,
                guardsFormulas: !keepsFormulas, hasMark: hasMark)
            let columns = names.map { $0.stringValue ?? "" }
            if let problem = text.problem(withColumns: columns) {
                return reply.failure(code: "invalid_csv", "\(ShownText.path(path)): \(problem)")
            }
            reply.integer(
                tables.add(
                    try TableWriter(
                        access, path: path, columns: columns, text: text, sign: sign,
                        isDryRun: host.options.isDryRun)))
        } catch let refusal as FileAccess.Refusal {
            reply.failure(code: refusal.code, refusal.message)
        } catch {
            reply.failure(code: "file_failed", "\(error)")
        }
    }

    /// Arguments: number, a value for each column (nil is empty). Gives true; or nil, code, message.
    private func write(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let writer = arguments.integer().flatMap({ tables.writers[$0] }) else {
            return reply.failure(code: "closed", "the file is closed")
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
            reply.failure(code: "file_failed", "\(error)")
        }
    }

    /// Arguments: number. Gives true when the file is in its place; or nil, code, message.
    private func finish(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let writer = arguments.integer().flatMap({ tables.writers.removeValue(forKey: $0) }) else {
            return reply.boolean(true)
        }
        do throws(AtomicFile.Failure) {
            try writer.finish()
            reply.boolean(true)
        } catch {
            reply.failure(code: "file_failed", "\(error)")
        }
    }

    private static func cell(_ value: LuaValue) -> String {
        if case .null = value { return "" }
        if case .nullSentinel = value { return "" }
        return LogText.plain(value)
    }
}
