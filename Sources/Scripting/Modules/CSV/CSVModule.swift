// csv.rows and csv.writer: table files of a script, read and written in chunks by the host.

import CSV
import Console
import Glibc
import LuaRuntime
import OneShotPay

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
