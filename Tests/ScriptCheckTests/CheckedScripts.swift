// What the tests share: the description of the API, files, one script's mistakes in short.

import Glibc
import Testing

@testable import ScriptCheck

enum CheckedScripts {
    static let folder = String(#filePath.prefix(upTo: #filePath.lastIndex(of: "/") ?? #filePath.endIndex))

    /// The whole API, as Prelude/describe.lua writes it; ReferenceTests compares them.
    static let api: APIDescription = {
        let text = String(decoding: read(folder + "/Fixtures/api.txt") ?? [], as: UTF8.self)
        return (try? APIDescription(parsing: text)) ?? APIDescription()
    }()

    static let checked = ScriptCheck(api: api)

    static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&block, 1, block.count, file)
            if count == 0 { return bytes }
            bytes += block[..<count]
        }
    }

    static func write(_ bytes: [UInt8], to path: String) {
        guard let file = fopen(path, "w") else { return }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    /// Paths of the Lua files below a folder.
    static func luaFiles(_ folder: String) -> [String] {
        output("find '\(folder)' -name '*.lua' -type f -not -path '*/.build/*' | sort").split(separator: "\n").map(
            String.init)
    }

    /// What a command of the shell prints.
    static func output(_ command: String) -> String {
        guard let pipe = popen(command, "r") else { return "" }
        defer { pclose(pipe) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&block, 1, block.count, pipe)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += block[..<count]
        }
    }

    static func check(_ text: String) -> [Diagnostic] { checked(Array(text.utf8)).diagnostics }

    /// The mistakes as "2:7 undeclared_name"; a warning ends in "?".
    static func codes(_ text: String) -> [String] {
        check(text).map { "\($0.line):\($0.column) \($0.code.rawValue)\($0.severity == .warning ? "?" : "")" }
    }
}
