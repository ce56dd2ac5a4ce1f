// log.info and its kin: messages of a script, on their way to whoever runs it.

import Console
import LuaRuntime

final class LogModule: APIModule {
    static let lua = [LuaFile(name: "log", text: PackageResources.log_lua, globals: ["log"])]

    private unowned let host: ScriptHost

    init(_ host: ScriptHost) { self.host = host }

    var operations: [Operation] { [Operation("log", untrusted: .granted, .notes(write))] }

    /// Arguments: level, text, a table of fields or nil.
    private func write(_ arguments: inout LuaReader) {
        guard let level = arguments.string().flatMap(LogLevel.init), level >= host.options.logLevel else { return }
        let text = arguments.value()?.stringValue ?? ""
        var fields: [(name: String, value: String)] = []
        if case .table(let entries)? = arguments.value() {
            fields = entries.map { (LogText.plain($0.key), LogText.plain($0.value)) }
            fields.sort { $0.name < $1.name }
        }
        host.log(LogMessage(level: level, text: text, fields: fields))
    }
}
