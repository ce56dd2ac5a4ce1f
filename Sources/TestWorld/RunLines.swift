// Which lines of scripts have run in tests, and how often.

package import LuaRuntime

/// Counts of lines by file and function, of one test or of many.
package struct RunLines: Sendable {
    /// By the line on which functions are defined, 0 for the file's own chunk: how often each line has begun in them.
    package typealias Counts = [Int: [UInt32]]

    /// By the path as the script was named.
    package private(set) var counts: [String: Counts] = [:]

    package init() {}

    package mutating func add(_ lines: [LineCounts]) {
        for one in lines { add(one.counts, of: one.function, in: one.file) }
    }

    package mutating func add(_ other: RunLines) {
        for (file, counts) in other.counts { add(counts, in: file) }
    }

    /// With other names for the files; those of one name are added up.
    package func named(by name: (String) -> String) -> RunLines {
        var result = RunLines()
        for (file, counts) in counts { result.add(counts, in: name(file)) }
        return result
    }

    private mutating func add(_ counts: Counts, in file: String) {
        for (function, lines) in counts { add(lines, of: function, in: file) }
    }

    private mutating func add(_ more: [UInt32], of function: Int, in file: String) {
        // Taken out, so that it is not copied.
        var sums = counts[file]?.removeValue(forKey: function) ?? []
        if sums.count < more.count { sums += [UInt32](repeating: 0, count: more.count - sums.count) }
        for (line, count) in more.enumerated() {
            let (sum, overflow) = sums[line].addingReportingOverflow(count)
            sums[line] = overflow ? .max : sum
        }
        counts[file, default: [:]][function] = sums
    }
}
