// A user's crontab as bytes: finds the block that paylink manages and changes nothing outside of it.

/// The text of a crontab, with the jobs of its one managed block.
package struct Crontab: Sendable {
    /// The lines of one job, from its heading on.
    package struct Job: Sendable, Hashable {
        package var name: String
        package var lines: [String]

        package init(name: String, lines: [String]) {
            self.name = name
            self.lines = lines
        }
    }

    package static let begin = "# BEGIN paylink"
    package static let end = "# END paylink"
    private static let note = "# paylink cron writes the lines of this block, and none outside of it."

    /// Bytes before and after the block, exactly as they were.
    private var before: [UInt8]
    private var after: [UInt8]
    private var preamble: [String]
    package private(set) var jobs: [Job]
    /// Lines outside of the block that set CRON_TZ, by number: some crons heed them, Debian's does not.
    package private(set) var zoneLines: [Int] = []
    /// The last setting of SHELL above the block, and its line: cron runs the block's jobs with it.
    package private(set) var shell: (line: Int, value: String)?

    /// - Throws: ``CronProblem`` when the markers of the block are not one pair in order.
    package init(parsing text: [UInt8]) throws(CronProblem) {
        var lines: [ArraySlice<UInt8>] = []
        var rest = text[...]
        while let newline = rest.firstIndex(of: 0x0A) {
            lines.append(rest[...newline])
            rest = rest[(newline + 1)...]
        }
        if !rest.isEmpty { lines.append(rest) }

        var opening: Int?, closing: Int?
        for (index, line) in lines.enumerated() {
            let number = index + 1
            switch Self.plain(line) {
            case Self.begin:
                if let opening {
                    throw Self.broken(number, "a second \"\(Self.begin)\"; the first is in line \(opening + 1)")
                }
                opening = index
            case Self.end:
                guard opening != nil, closing == nil else {
                    throw Self.broken(number, "\"\(Self.end)\" without a \"\(Self.begin)\" before it")
                }
                closing = index
            case let text:
                let name = text.trimmingPrefix { $0 == " " || $0 == "\t" }.prefix {
                    $0 != "=" && $0 != " " && $0 != "\t"
                }
                if name == "CRON_TZ", opening == nil || closing != nil { zoneLines.append(number) }
                if name == "SHELL", closing == nil, let equals = text.firstIndex(of: "=") {
                    let value = text[text.index(after: equals)...].filter { !" \t\"'".contains($0) }
                    shell = (number, String(value))
                }
            }
        }
        (before, after, preamble, jobs) = (text, [], [Self.note], [])
        guard let opening else { return }
        guard let closing else {
            throw Self.broken(opening + 1, "\"\(Self.begin)\" without a \"\(Self.end)\" after it")
        }
        before = Array(lines[..<opening].joined())
        after = Array(lines[(closing + 1)...].joined())
        preamble = []
        for line in lines[(opening + 1)..<closing].map(Self.plain) {
            if let name = Self.jobName(line) {
                jobs.append(Job(name: name, lines: [line]))
            } else if jobs.isEmpty {
                preamble.append(line)
            } else {
                jobs[jobs.count - 1].lines.append(line)
            }
        }
    }

    /// Puts a job into the block, in the place of the one with its name.
    /// - Returns: whether there was one.
    @discardableResult
    package mutating func set(_ job: Job) -> Bool {
        if let index = jobs.firstIndex(where: { $0.name == job.name }) {
            jobs[index] = job
            return true
        }
        jobs.append(job)
        return false
    }

    /// - Returns: whether there was such a job.
    package mutating func remove(_ name: String) -> Bool {
        let count = jobs.count
        jobs.removeAll { $0.name == name }
        return jobs.count < count
    }

    /// The crontab as it is to be. Without a job there is no block.
    package var text: [UInt8] {
        guard !jobs.isEmpty else { return before + after }
        var text = before
        if let last = text.last, last != 0x0A { text.append(0x0A) }
        for line in [Self.begin] + preamble + jobs.flatMap(\.lines) + [Self.end] { text += Array((line + "\n").utf8) }
        return text + after
    }

    private static func jobName(_ line: String) -> String? {
        guard line.hasPrefix(CronJob.heading("")) else { return nil }
        let name = String(line.dropFirst(CronJob.heading("").count).prefix { $0 != ":" })
        return CronJob.problem(withName: name) == nil ? name : nil
    }

    /// Without what ends the line.
    private static func plain(_ line: ArraySlice<UInt8>) -> String {
        var line = line
        while let last = line.last, [0x0A, 0x0D, 0x20, 0x09].contains(last) { line = line.dropLast() }
        return String(decoding: line, as: UTF8.self)
    }

    private static func broken(_ line: Int, _ what: String) -> CronProblem {
        CronProblem(
            "line \(line) of the crontab has \(what); nothing was changed: repair the block with crontab -e, then try again"
        )
    }
}
