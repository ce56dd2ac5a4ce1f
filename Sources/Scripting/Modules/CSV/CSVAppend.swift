// csv.append: rows added to a file that several processes may share.

import CSV
import Console
import Glibc
import LuaRuntime

extension CSVModule {
    /// Arguments: path, columns, rows as lists of lists of name and value, delimiter or nil, whether formulas are kept.
    /// Gives true; or nil, code, message.
    func append(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        let path = arguments.value()?.stringValue ?? ""
        var columns: [String] = []
        if case .array(let names)? = arguments.value() { columns = names.map { $0.stringValue ?? "" } }
        let rows = readRows(&arguments)
        let delimiter = arguments.value()?.stringValue?.utf8.first.flatMap { CSVDelimiter($0) } ?? .comma
        let keepsFormulas = arguments.boolean() ?? false
        let access: (directory: Int32, name: String)
        do throws(FileAccess.Refusal) {
            access = try host.options.files.openForWriting(path)
        } catch {
            let refusal = error
            host.soon { waiter.returns { $0.failure(code: refusal.code, refusal.message) } }
            return nil
        }
        guard !host.options.isDryRun else {
            Glibc.close(access.directory)
            host.soon { waiter.returns { $0.boolean(true) } }
            return nil
        }
        let appender = CSVAppender(
            path: ShownText.path(path), delimiter: delimiter, guardsFormulas: !keepsFormulas)
        return host.offLoop {
            [columns, files = host.options.files] () -> Result<CSVAppender.Outcome, CSVAppender.Failure> in
            defer { Glibc.close(access.directory) }
            do throws(CSVAppender.Failure) {
                return .success(
                    try appender.append(
                        columns: columns, rows: rows, directory: access.directory, name: access.name
                    ) { (flags) throws(CSVAppender.Failure) in
                        do throws(FileAccess.Refusal) {
                            return try files.open(access.name, in: access.directory, flags, shown: path)
                        } catch {
                            throw CSVAppender.Failure(code: error.code, description: error.message)
                        }
                    })
            } catch {
                return .failure(error)
            }
        } _: { [self] result in
            switch result {
            case .success(let outcome):
                if let line = outcome.mendedLine {
                    let text =
                        "\(ShownText.path(path)), line \(line): the last row had no line end and may have been "
                        + "cut off; it was ended, and what was added follows it"
                    host.log(LogMessage(level: .warn, text: text, fields: []))
                }
                waiter.returns { $0.boolean(true) }
            case .failure(let failure):
                waiter.returns { $0.failure(code: failure.code, failure.description) }
            }
        }
    }

    private func readRows(_ arguments: inout LuaReader) -> [[String: [UInt8]]] {
        guard case .array(let rows)? = arguments.value() else { return [] }
        return rows.map { row in
            var cells: [String: [UInt8]] = [:]
            guard case .array(let pairs) = row else { return cells }
            for case .array(let pair) in pairs where pair.count == 2 {
                let cell: [UInt8] =
                    if case .bytes(let bytes) = pair[1] { bytes } else { Array(LogText.plain(pair[1]).utf8) }
                cells[pair[0].stringValue ?? ""] = cell
            }
            return cells
        }
    }
}
