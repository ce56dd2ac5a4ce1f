// io.open, os.remove and os.rename: what the file functions of Lua ask of the host. The handles are lh_file.c's.

import Glibc
import LuaRuntime

extension ScriptHost {
    /// Arguments: path, mode as C's fopen takes it. Gives a descriptor, which the caller then owns; or nil, message,
    /// errno.
    func answerOpenFile(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let path = readPath(&arguments), mode = FileMode(arguments.string() ?? "r")
        answer(path, reply) { path throws(FileAccess.Refusal) in
            reply.descriptor(try options.files.open(path, mode, isDryRun: options.isDryRun))
        }
    }

    /// Arguments: path. Gives true; or nil, message, errno.
    func answerRemoveFile(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        answer(readPath(&arguments), reply) { path throws(FileAccess.Refusal) in
            try options.files.remove(path, isDryRun: options.isDryRun)
            reply.boolean(true)
        }
    }

    /// Arguments: path, new path. Gives true; or nil, message, errno.
    func answerRenameFile(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let old = readPath(&arguments)
        answer(readPath(&arguments), reply) { new throws(FileAccess.Refusal) in
            guard let old else { throw FileAccess.Refusal(notText: "the path") }
            try options.files.rename(old, to: new, isDryRun: options.isDryRun)
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
            reply.null()
            reply.string(secrets.redact(error.message))
            reply.integer(Int64(error.number))
        }
    }
}
