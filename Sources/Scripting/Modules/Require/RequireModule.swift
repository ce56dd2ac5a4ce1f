// What `require` finds: Lua files in the script's own directory, read as text.

import Console
import LuaRuntime

final class RequireModule: APIModule {
    private unowned let host: ScriptHost
    /// Tasks that wait until another one has loaded a module, by its name.
    private var waiting: [String: [Waiter]] = [:]

    init(_ host: ScriptHost) { self.host = host }

    var operations: [Operation] {
        [
            Operation("module", untrusted: .message, .answers(find)),
            Operation(
                "module_done", untrusted: .granted, .answers { [unowned self] arguments, _ in loaded(&arguments) }),
            Operation("module_wait", shown: "require", untrusted: .granted, .waits(wait)),
        ]
    }

    /// Arguments: module name. Gives the text and the path; or nil and why not.
    private func find(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let name = arguments.string() ?? ""
        let problem: String
        if name.isEmpty || name.contains("..") || name.utf8.contains(UInt8(ascii: "/")) || name.hasPrefix(".")
            || name.utf8.contains(0)
        {
            problem = "\"\(ShownText.short(name))\" is no module name: use names and dots, such as \"lib.orders\""
        } else if let directory = host.source.directory {
            let relative = name.split(separator: ".").joined(separator: "/")
            let candidates = ["\(directory)/\(relative).lua", "\(directory)/\(relative)/init.lua"]
            var found: String?
            for path in candidates {
                do throws(FileAccess.Refusal) {
                    guard let text = try ModuleFile.read(path, host.options.files) else { continue }
                    text.withUnsafeBytes { reply.string($0) }
                    reply.string(path)
                    return
                } catch {
                    found = "module '\(name)' cannot be loaded: \(error.message)"
                    break
                }
            }
            problem = found ?? "module '\(name)' not found: looked for " + candidates.joined(separator: " and ")
        } else {
            problem = "module '\(name)' not found: this script has no directory to look in"
        }
        reply.failure(problem)
    }

    /// Arguments: module name. Returns when the task that loads it is through with it. That is another task's doing, so
    /// that tasks which wait for each other are a deadlock.
    private func wait(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        let name = arguments.string() ?? ""
        waiting[name, default: []].append(waiter)
        host.scheduler.blocked(waiter.task, generation: waiter.generation, true)
        return { [self] in waiting[name]?.removeAll { $0.task == waiter.task } }
    }

    /// Arguments: module name.
    private func loaded(_ arguments: inout LuaReader) {
        for waiter in waiting.removeValue(forKey: arguments.string() ?? "") ?? [] {
            host.scheduler.blocked(waiter.task, generation: waiter.generation, false)
            host.soon { waiter.returns { _ in } }
        }
    }
}
