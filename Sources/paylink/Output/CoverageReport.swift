// Which lines of the scripts the tests have run: a table for people, and lcov's tracefile for programs.

import Console
import Files
import FoundationEssentials
import Glibc
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
    /// Files of Lua that are no scripts.
    private let broken: [String]

    /// - Parameters:
    ///   - paths: scripts that are to be told of although no test has run them.
    ///   - isLeftOut: files that are no scripts under test.
    init(_ lines: RunLines, besides paths: [String], leavingOut isLeftOut: (String) -> Bool) {
        // One file may have been named in several ways.
        let counts = lines.named(by: Self.place).counts
        let all = Set(paths.map(Self.place)).union(counts.keys).filter { !isLeftOut($0) }.sorted()
        var files: [File] = [], broken: [String] = []
        for path in all {
            // A name that a script gave to a text of its own is no file.
            guard let source = try? ScriptFile.load(path) else { continue }
            if let executable = ExecutableLines(source.text) {
                files.append(File(path: path, lines: executable.counted(by: counts[path] ?? [:])))
            } else {
                broken.append(path)
            }
        }
        (self.files, self.broken) = (files, broken)
    }

    /// Where a file lies: below the working directory by its path there, else by its whole path.
    static func place(_ path: String) -> String {
        guard let real = realPath(path) else { return path }
        guard let folder = realPath("."), real.hasPrefix(folder + "/") else { return real }
        return String(real.dropFirst(folder.utf8.count + 1))
    }

    private static func realPath(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    /// Why a tracefile must not be written there; `nil` if it may.
    static func problem(writingTo path: String) -> String? {
        if path == "-" { return "give a file: standard output is for the results" }
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var head = [UInt8](repeating: 0, count: 3)
        let count = fread(&head, 1, 3, file)
        let isOurs = count == 0 || ["TN:", "SF:"].contains(String(decoding: head[..<count], as: UTF8.self))
        return isOurs
            ? nil : "\(ShownText.path(path)) is there and is no tracefile: it was left as it is; name another file"
    }

    var table: String {
        let names = files.map { ShownText.line($0.path) }, wrong = broken.map { ShownText.line($0) }
        let width = max((names + wrong).map(\.count).max() ?? 0, "all scripts".count)
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
        for name in wrong { text += row(name, 0, 0, "no script: paylink check says why") }
        if files.count + broken.count != 1 {
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
