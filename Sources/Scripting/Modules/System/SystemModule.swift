// What the stock functions of Lua ask of the host: files for io.open, os.remove and os.rename, os.getenv, os.exit. The
// handles are lh_file.c's.

import Glibc
import LuaRuntime

final class SystemModule: APIModule {
    private unowned let host: ScriptHost

    init(_ host: ScriptHost) { self.host = host }

    var operations: [Operation] {
        [
            Operation("open_file", shown: "io.open", untrusted: .file, .answers(open)),
            Operation("remove_file", shown: "os.remove", untrusted: .file, .answers(remove)),
            Operation("rename_file", shown: "os.rename", untrusted: .file, .answers(rename)),
            // An untrusted script is given no variable.
            Operation("environment", untrusted: .granted, .answers(readVariable)),
            Operation("exit_status", untrusted: .granted, .notes(takeStatus)),
        ]
    }

    /// Arguments: name. Gives the variable's value, or nothing.
    private func readVariable(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        if let value = arguments.string().flatMap({ host.options.environment[$0] }) { reply.string(value) }
    }

    /// Arguments: the status that `os.exit` will end with.
    private func takeStatus(_ arguments: inout LuaReader) {
        host.exitStatus = Int32(truncatingIfNeeded: arguments.integer() ?? 0) & 0xFF
    }

    /// Arguments: path, mode as C's fopen takes it. Gives a descriptor, which the caller then owns; or nil, message,
    /// errno.
    private func open(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let path = readPath(&arguments), mode = FileMode(arguments.string() ?? "r")
        answer(path, reply) { path throws(FileAccess.Refusal) in
            reply.descriptor(try host.options.files.open(path, mode, isDryRun: host.options.isDryRun))
        }
    }

    /// Arguments: path. Gives true; or nil, message, errno.
    private func remove(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        answer(readPath(&arguments), reply) { path throws(FileAccess.Refusal) in
            try host.options.files.remove(path, isDryRun: host.options.isDryRun)
            reply.boolean(true)
        }
    }

    /// Arguments: path, new path. Gives true; or nil, message, errno.
    private func rename(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let old = readPath(&arguments)
        answer(readPath(&arguments), reply) { new throws(FileAccess.Refusal) in
            guard let old else { throw FileAccess.Refusal(notText: "the path") }
            try host.options.files.rename(old, to: new, isDryRun: host.options.isDryRun)
            reply.boolean(true)
        }
    }

    /// `nil` for bytes that are no text: they would name another file.
    private func readPath(_ arguments: inout LuaReader) -> String? {
        if case .string(let path)? = arguments.value() { return path }
        return nil
    }

    private func answer(
        _ path: String?, _ reply: LuaWriter, _ work: (String) throws(FileAccess.Refusal) -> Void
    ) {
        do throws(FileAccess.Refusal) {
            guard let path else { throw FileAccess.Refusal(notText: "the path") }
            try work(path)
        } catch {
            reply.failure(host.secrets.redact(error.message), number: error.number)
        }
    }
}
