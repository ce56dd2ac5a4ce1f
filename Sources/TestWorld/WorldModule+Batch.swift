// `world.batch`: the options of `paylink batch` by their names, and what came of it.

import Batch
import CSV
import LuaRuntime
import OneShotPay
import Recorder
import Scripting

extension WorldModule {
    /// Arguments: the table's path, options. Gives the process's number; or nil and why not.
    func startBatch(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let path = arguments.string() ?? "", given = arguments.value() ?? .null
        do throws(WorldFailure) {
            let order = try batchOrder(path, BatchWords(given))
            let source = order.mapping ?? ScriptSource(text: [], name: path)
            let process = try TestProcess(TestProcess.Order(source: source, name: "batch \(path)"), world)
            process.start(order)
            if let delay = try BatchWords(given).duration("kill_after") {
                world.later(delay) { [weak process] in process?.kill() }
            }
            started.append(process)
            reply.integer(Int64(started.count))
        } catch {
            reply.failure(error.description)
        }
    }

    private func batchOrder(_ path: String, _ words: BatchWords) throws(WorldFailure) -> BatchOrder {
        var order = BatchOrder(path: world.file(named: path))
        order.mapping = try words.text("map").map { name throws(WorldFailure) in try world.script(named: name) }
        if order.mapping != nil {
            for name in ["key", "amount", "description", "decimal_comma", "decimal_point"] where words.has(name) {
                throw WorldFailure("map and \(name): the mapping says it all; give one of the two")
            }
        }
        try words.read(into: &order.options)
        let folder: String
        do throws(TestFolder.Failure) { folder = try world.makeFolder() } catch { throw WorldFailure(error.message) }
        // A test leaves nothing beside its input.
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let files = BatchFiles(input: "\(folder)/\(name)", results: nil, rejected: nil)
        if order.options.results == nil, case .file(let results) = files.results { order.options.results = results }
        order.options.rejected = order.options.rejected ?? files.rejected
        order.options.temporaryFolders.insert(folder, at: 0)
        return order
    }

    /// Arguments: number. Gives the figures and the tables of a batch that is over; or nil.
    func writeBatch(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let process = process(&arguments), let batch = process.batch else { return reply.null() }
        let summary = batch.outcome.summary
        let figures: [(StaticString, Int)] = [
            ("made", summary.made), ("recorded", summary.recorded), ("expired", summary.expired),
            ("underpaid", summary.underpaid), ("skipped", summary.skipped), ("rejected", summary.rejected),
            ("abandoned", summary.abandoned), ("unfinished", summary.unfinished), ("in_doubt", summary.inDoubt),
            ("possible_orphans", summary.possibleOrphans), ("to_make", summary.toMake),
        ]
        reply.beginMap(hint: figures.count + 6)
        for (name, number) in figures { reply.field(name) { $0.integer(Int64(number)) } }
        reply.field("result") { $0.string(summary.end.rawValue) }
        reply.field("total") { $0.box(summary.total.microUSDC) }
        for (name, rows, path) in [
            ("rows", "out", summary.results), ("rejected_rows", "rejected_file", summary.rejectedFile),
        ] as [(StaticString, StaticString, String?)] {
            reply.field(name) { Self.write(batch.rows(of: path), to: $0) }
            if let path { reply.field(rows) { $0.string(path) } }
        }
        reply.end()
    }

    private static func write(_ rows: [[(column: String, cell: String)]], to reply: LuaWriter) {
        reply.beginArray(hint: rows.count)
        for row in rows {
            reply.beginMap(hint: row.count)
            for (column, cell) in row {
                reply.string(column)
                reply.string(cell)
            }
            reply.end()
        }
        reply.end()
    }
}

/// The options of a batch as a test writes them.
private struct BatchWords {
    private let given: LuaValue

    init(_ given: LuaValue) { self.given = given }

    func has(_ name: String) -> Bool { given[name] != nil && given[name] != .boolean(false) }

    func text(_ name: String) -> String? { given[name]?.stringValue }

    private func number(_ name: String, _ range: ClosedRange<Int64>) throws(WorldFailure) -> Int? {
        guard case .integer(let number)? = given[name] else { return nil }
        guard range.contains(number) else {
            throw WorldFailure("\(name): \(number) is not between \(range.lowerBound) and \(range.upperBound)")
        }
        return Int(number)
    }

    func duration(_ name: String) throws(WorldFailure) -> Duration? {
        let found: Duration?
        switch given[name] {
        case .string(let text): found = DurationText.parse(text)
        case .integer(let seconds): found = DurationText.seconds(Double(seconds))
        case .number(let seconds): found = DurationText.seconds(seconds)
        default: return nil
        }
        guard let found else { throw WorldFailure("\(name): this is no duration: write 90s, 15m or 7d") }
        return found
    }

    func read(into options: inout BatchOptions) throws(WorldFailure) {
        options.terms.keyColumn = text("key")
        if let amount = text("amount") { options.terms.amountColumn = amount }
        options.terms.description = text("description")
        options.terms.expiresIn = try duration("expires_in")
        options.terms.decimalSign = has("decimal_comma") ? .comma : has("decimal_point") ? .point : nil
        if has("decimal_comma"), has("decimal_point") {
            throw WorldFailure("decimal_comma and decimal_point: amounts have one decimal sign; give one of the two")
        }
        try readTable(&options.table)
        options.table.removesFormulaGuard = !has("keep_formulas")
        options.making = BatchMaker.Settings(concurrency: try number("concurrency", 1...1024) ?? 16, pacer: try pacer())
        if let patience = try duration("patience") { options.making.patience = patience }
        options.results = text("out")
        guard options.results != "-" else { throw WorldFailure("out: give a file: `rows` has what is in it") }
        options.rejected = text("rejected")
        options.maximumLinks = try number("max_links", 0...Int64.max)
        if case .box(let micro)? = given["max_total"] { options.maximumTotal = Money(microUSDC: micro) }
        options.skipsInvalid = has("skip_invalid")
        options.isDryRun = has("dry_run")
        options.replacesForeign = has("force")
        options.keepsFormulas = has("keep_formulas")
        options.addsMark = has("bom")
    }

    private func pacer() throws(WorldFailure) -> Pacer? {
        guard let rate = text("rate") else { return nil }
        guard let interval = PaceText.parse(rate) else {
            throw WorldFailure("rate: \"\(rate)\" is no rate: write 10/s, 600/m or 5000/h")
        }
        return Pacer(interval: interval)
    }

    private func readTable(_ table: inout CSVOptions) throws(WorldFailure) {
        if let delimiter = text("delimiter") {
            let sign = ["tab", "\\t"].contains(delimiter) ? "\t" : delimiter
            guard sign.utf8.count == 1, let byte = sign.utf8.first, let found = CSVDelimiter(byte) else {
                throw WorldFailure("delimiter: \"\(delimiter)\" cannot separate fields: use , ; | or tab")
            }
            table.delimiter = found
        }
        switch text("encoding")?.lowercased() {
        case nil, "utf-8", "utf8": break
        case "windows-1252", "cp1252": table.encoding = .windows1252
        case let other?: throw WorldFailure("encoding: \"\(other)\" is not known: use utf-8 or windows-1252")
        }
    }
}
