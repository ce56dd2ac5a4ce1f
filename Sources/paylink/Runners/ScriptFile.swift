// Where a script's text comes from: a file, standard input, or the command line.

import Files
import Glibc
import Scripting

enum ScriptFile {
    struct Problem: Error {
        var message: String
        var status = ExitStatus.usage
    }

    static let maximumSize = 16 << 20

    static func load(_ path: String) throws(Problem) -> ScriptSource {
        if path == "-" {
            let text = try read(0, "standard input")
            return ScriptSource(text: text, name: "stdin", directory: currentDirectory)
        }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Problem(message: "cannot open \(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            throw Problem(message: "\(path) is a directory, not a script")
        }
        // A pipe is as good as a file: a shell's <(…) is one.
        if OrdinaryFile.problem(of: file, status) == .noStorage, status.st_mode & S_IFMT == S_IFREG {
            throw Problem(message: "\(path) \(OrdinaryFile.Problem.noStorage.description): it is no script")
        }
        let text = try read(file, path)
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        return ScriptSource(text: text, name: path, directory: directory, isFile: true)
    }

    static func inline(_ code: String) -> ScriptSource {
        ScriptSource(text: Array(code.utf8), name: "command line", directory: currentDirectory)
    }

    private static var currentDirectory: String { "." }

    private static func read(_ file: Int32, _ name: String) throws(Problem) -> [UInt8] {
        let read: [UInt8]?
        do throws(SystemError) { read = try FileBytes.read(file, atMost: maximumSize) } catch {
            throw Problem(message: "cannot read \(name): \(error)")
        }
        guard var bytes = read else {
            throw Problem(message: "\(name) is larger than 16 MB: not a script", status: .badInput)
        }
        guard bytes.first != 0x1B else {
            throw Problem(message: "\(name) is not text but compiled Lua: give the source", status: .badInput)
        }
        guard !bytes.contains(0) else {
            throw Problem(message: "\(name) is not text: it contains NUL bytes", status: .badInput)
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        return bytes
    }
}
