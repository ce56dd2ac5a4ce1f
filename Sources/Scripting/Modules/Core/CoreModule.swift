// What the prelude itself asks of the host: facts, its further files, the reference, failures that nobody looked at.

import Advice
import Console
import LuaRuntime

final class CoreModule: APIModule {
    private unowned let host: ScriptHost
    private var ignored = IgnoredFailures()

    init(_ host: ScriptHost) { self.host = host }

    var operations: [Operation] {
        [
            Operation("facts", untrusted: .granted, constantFor: [[]], .answers { [unowned self] in writeFacts($1) }),
            Operation(
                "prelude", untrusted: .granted, constantFor: ScriptModules.files.map { [.string($0.name)] },
                .answers { Self.writeFile(&$0, $1) }),
            Operation("reference", untrusted: .granted, .notes { [unowned self] in host.reference = $0.string() }),
            Operation("ignored", untrusted: .granted, .notes(note)),
        ]
    }

    /// What never changes while the script runs: its name and arguments, false or what it is called that it is untrusted,
    /// which file makes which global, and the facts of its job, if it is one.
    private func writeFacts(_ reply: LuaWriter) {
        let options = host.options
        reply.beginArray(hint: options.arguments.count + 1)
        for argument in [host.source.name] + options.arguments { reply.string(argument) }
        reply.end()
        if options.isUntrusted { reply.string(options.words(.untrusted)) } else { reply.boolean(false) }
        reply.beginMap(hint: 16)
        for module in ScriptModules.all where module.isOffered(to: options) {
            for file in module.lua {
                for global in file.globals {
                    reply.string(global)
                    reply.string(file.name)
                }
            }
        }
        reply.end()
        options.job?.write(to: reply)
    }

    /// Arguments: a file's name. Gives its text.
    private static func writeFile(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let text = arguments.string().flatMap(ScriptModules.text(of:)) else { return }
        text.withUnsafeBytes { reply.string($0) }
    }

    // MARK: Failed calls that nobody looked at

    /// Arguments: the call and its place, why it failed.
    private func note(_ arguments: inout LuaReader) {
        let place = arguments.value()?.stringValue ?? "", reason = arguments.value()?.stringValue ?? ""
        // A watch has no end to tell it at.
        guard ignored.add(place, reason), host.options.watch != nil else { return }
        host.log(LogMessage(level: .warn, text: IgnoredFailures.text("a call", "\(place): \(reason)"), fields: []))
    }

    func scriptEnded(_ result: ScriptResult) -> ScriptFailure? {
        if host.options.watch == nil, let message = ignored.message {
            host.log(LogMessage(level: .warn, text: message, fields: []))
        }
        return nil
    }
}
