// What `require` finds: Lua files in the script's own directory, read as text.

import Console
import Glibc
import LuaRuntime

extension ScriptHost {
    /// Arguments: module name. Gives the text and the path; or nil and why not.
    func answerModule(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let name = arguments.string() ?? ""
        let problem: String
        if name.isEmpty || name.contains("..") || name.utf8.contains(UInt8(ascii: "/")) || name.hasPrefix(".")
            || name.utf8.contains(0)
        {
            problem = "\"\(ShownText.short(name))\" is no module name: use names and dots, such as \"lib.orders\""
        } else if let directory = source.directory {
            let relative = name.split(separator: ".").joined(separator: "/")
            let candidates = ["\(directory)/\(relative).lua", "\(directory)/\(relative)/init.lua"]
            var found: String?
            for path in candidates {
                do throws(FileAccess.Refusal) {
                    guard let text = try ModuleFile.read(path, options.files) else { continue }
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
        reply.null()
        reply.string(problem)
    }

    /// Arguments: module name. Returns when the task that loads it is through with it. That is another task's doing, so
    /// that tasks which wait for each other are a deadlock.
    func startModuleWait(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        let name = arguments.string() ?? ""
        moduleWaiters[name, default: []].append(waiter)
        scheduler.blocked(waiter.task, generation: waiter.generation, true)
        return { [self] in moduleWaiters[name]?.removeAll { $0.task == waiter.task } }
    }

    /// Arguments: module name.
    func answerModuleDone(_ arguments: inout LuaReader) {
        for waiter in moduleWaiters.removeValue(forKey: arguments.string() ?? "") ?? [] {
            scheduler.blocked(waiter.task, generation: waiter.generation, false)
            soon { waiter.returns { _ in } }
        }
    }
}

enum ModuleFile {
    static let maximumSize = 16 << 20

    /// A file's bytes without their byte order mark; `nil` when there is none.
    static func read(_ path: String, _ access: FileAccess) throws(FileAccess.Refusal) -> [UInt8]? {
        let file: Int32
        do throws(FileAccess.Refusal) { file = try access.openModule(path) } catch {
            if error.number == ENOENT { return nil }
            throw error
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(file, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileAccess.Refusal(path, errno) }
            if count == 0 { break }
            bytes += block[..<count]
            guard bytes.count <= maximumSize else {
                throw FileAccess.Refusal(
                    code: "file_failed", message: "\(ShownText.path(path)) is larger than 16 MB", number: EFBIG)
            }
        }
        // What an editor puts before the first line is none of it.
        return Array(bytes.dropFirst(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0))
    }
}
