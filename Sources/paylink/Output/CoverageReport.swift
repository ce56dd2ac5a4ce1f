// Which lines of the scripts the tests have run: a table for people, and lcov's tracefile for programs.

import Console
import Files
import FoundationEssentials
import ScriptCheck
import Scripting
import TestWorld

/// Counts of lines beside the scripts that they are of.
struct CoverageReport {
    private struct File {
        var path: String
        var lines: [(line: Int, count: UInt32)]

        var run: Int { lines.count { $0.count > 0 } }

        /// Lines that have not run, neighbours among those that could run joined: `12, 31-40`.
        var missing: String {
            var ranges: [(first: Int, last: Int)] = []
            var isOpen = false
            for (line, count) in lines {
                if count > 0 {
                    isOpen = false
                } else if isOpen {
                    ranges[ranges.count - 1].last = line
                } else {
                    ranges.append((line, line))
                    isOpen = true
                }
            }
            return ranges.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }.joined(separator: ", ")
        }
    }

    private let files: [File]

    /// - Parameters:
    ///   - paths: scripts that are to be told of although no test has run them.
    ///   - isLeftOut: files that are no scripts under test.
    init(_ lines: RunLines, besides paths: [String], leavingOut isLeftOut: (String) -> Bool) {
        let counts = lines.named(by: Self.plain).counts
        let all = Set(paths.map(Self.plain)).union(counts.keys).filter { !isLeftOut($0) }.sorted()
        files = all.compactMap { path in
            // A name that a script gave to a text of its own is no file.
            guard let source = try? ScriptFile.load(path), let executable = ExecutableLines(source.text) else {
                return nil
            }
            return File(path: path, lines: executable.counted(by: counts[path] ?? []))
        }
    }

    /// Without `./` before it, or in the middle.
    private static func plain(_ path: String) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true).filter { $0 != "." }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }

    var table: String {
        let names = files.map { ShownText.line($0.path) }
        let width = max(names.map(\.count).max() ?? 0, "all scripts".count)
        func row(_ name: String, _ run: Int, _ all: Int, _ missing: String) -> String {
            let share = all == 0 ? "-" : "\(run * 100 / all) %"
            let cells = [
                name + String(repeating: " ", count: width - name.count), Self.right("\(run)/\(all)", 11),
                Self.right(share, 6),
            ]
            return (cells + (missing.isEmpty ? [] : [missing])).joined(separator: "  ") + "\n"
        }
        let title = "scripts" + String(repeating: " ", count: width - "scripts".count)
        var text = "\n\(title)  \(Self.right("lines run", 11))   share  not run\n"
        for (name, file) in zip(names, files) { text += row(name, file.run, file.lines.count, file.missing) }
        if files.count != 1 {
            text += row("all scripts", files.reduce(0) { $0 + $1.run }, files.reduce(0) { $0 + $1.lines.count }, "")
        }
        return text
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// The format that geninfo(1) describes.
    var tracefile: String {
        let folder = FileManager.default.currentDirectoryPath
        return files.map { file in
            let path = file.path.hasPrefix("/") ? file.path : "\(folder)/\(file.path)"
            let lines = file.lines.map { "DA:\($0.line),\($0.count)\n" }.joined()
            return "TN:\nSF:\(path)\n\(lines)LF:\(file.lines.count)\nLH:\(file.run)\nend_of_record\n"
        }.joined()
    }

    /// - Throws: `AtomicFile.Failure`.
    func writeTracefile(to path: String) throws(AtomicFile.Failure) {
        let file = try AtomicFile(path: path)
        try file.write(tracefile)
        try file.commit()
    }
}
