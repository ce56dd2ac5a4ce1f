// On which line of a settings file a key stands. The parser knows it for broken syntax only.

/// Lines of keys, found by reading table headers and what stands before "=".
struct SettingsLines {
    private var lines: [String: Int] = [:]

    init(_ text: String) {
        var table = ""
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = Self.trimmed(line)
            if line.first == "[", let end = line.firstIndex(of: "]") {
                table = Self.plain(line[line.index(after: line.startIndex)..<end].drop { $0 == "[" })
                if lines[table] == nil { lines[table] = index + 1 }
            } else if line.first != "#", let equals = line.firstIndex(of: "=") {
                let key = Self.plain(line[..<equals])
                let name = table.isEmpty ? key : table + "." + key
                if lines[name] == nil { lines[name] = index + 1 }
            }
        }
    }

    /// The key's line, or that of the table or inline table it is in.
    subscript(_ key: String) -> Int? {
        var key = key
        while true {
            if let line = lines[key] { return line }
            guard let dot = key.lastIndex(of: ".") else { return nil }
            key = String(key[..<dot])
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        text.drop { $0.isWhitespace }
    }

    private static func plain(_ text: Substring) -> String {
        String(text.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" })
    }
}
