// What `require` finds: Lua files in the script's own directory, read as text.

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
            for path in candidates {
                if let text = ModuleFile.read(path) {
                    text.withUnsafeBytes { reply.string($0) }
                    reply.string(path)
                    return
                }
            }
            problem = "module '\(name)' not found: looked for " + candidates.joined(separator: " and ")
        } else {
            problem = "module '\(name)' not found: this script has no directory to look in"
        }
        reply.null()
        reply.string(problem)
    }
}

enum ModuleFile {
    static let maximumSize = 16 << 20

    /// A regular file's bytes without their byte order mark, or `nil`.
    static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var status = stat()
        guard fstat(fileno(file), &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= maximumSize
        else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = fread(&bytes, 1, bytes.count, file)
        // What an editor puts before the first line is none of it.
        let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        return Array(bytes[..<count].dropFirst(mark))
    }
}
