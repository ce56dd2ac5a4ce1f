// Which lines of scripts have run in tests, and how often.

package import LuaRuntime

/// Counts of lines by file, of one test or of many.
package struct RunLines: Sendable {
    /// By the path as the script was named: how often each line from the first has begun.
    package private(set) var counts: [String: [UInt32]] = [:]

    package init() {}

    package mutating func add(_ files: [LineCounts]) {
        for file in files { add(file.counts, of: file.file) }
    }

    package mutating func add(_ other: RunLines) {
        for (file, counts) in other.counts { add(counts, of: file) }
    }

    /// With other names for the files; those of one name are added up.
    package func named(by name: (String) -> String) -> RunLines {
        var result = RunLines()
        for (file, counts) in counts { result.add(counts, of: name(file)) }
        return result
    }

    private mutating func add(_ more: [UInt32], of file: String) {
        var sums = counts.removeValue(forKey: file) ?? []
        if sums.count < more.count { sums += [UInt32](repeating: 0, count: more.count - sums.count) }
        for (line, count) in more.enumerated() {
            let (sum, overflow) = sums[line].addingReportingOverflow(count)
            sums[line] = overflow ? .max : sum
        }
        counts[file] = sums
    }
}
