// Waits until a Lua file below some folders changes: by looking a few times a second, which works on every file system.

import FoundationEssentials
import Glibc

struct TestWatcher {
    private let paths: [String]
    private var seen: [String: Date]

    init(_ paths: [String]) {
        self.paths = paths
        seen = Self.look(paths)
    }

    /// Returns once something has changed, and then has been quiet for a moment: editors write in steps.
    mutating func waitForChange() {
        while true {
            usleep(300_000)
            let now = Self.look(paths)
            guard now != seen else { continue }
            seen = now
            usleep(100_000)
            seen = Self.look(paths)
            return
        }
    }

    /// When each file was written last.
    private static func look(_ paths: [String]) -> [String: Date] {
        var files: [String] = []
        for path in paths {
            var isFolder = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { continue }
            let folder = isFolder ? path : path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
            try? TestFiles.search(folder, { $0.hasSuffix(".lua") }, &files)
        }
        var times: [String: Date] = [:]
        for file in files {
            times[file] = (try? FileManager.default.attributesOfItem(atPath: file))?[.modificationDate] as? Date
        }
        return times
    }
}
