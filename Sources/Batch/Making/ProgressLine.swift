// A batch's progress in words: one line for a terminal, one for a log. Pure; drawing is the command's business.

package enum ProgressLine {
    /// A line for a terminal: bar, rows, rate, time left, failures. Never wider than `width`.
    package static func bar(_ progress: BatchProgress, elapsed: Duration, width: Int, isColoured: Bool = false)
        -> String
    {
        var parts = [counts(progress)]
        if let percent = percent(progress) { parts.append("\(percent)%") }
        parts += pace(progress, elapsed)
        let failures = progress.failures > 0 ? "\(grouped(progress.failures)) failed" : nil
        let name = verb(progress.phase)
        let text = name + " " + (parts + [failures].compactMap { $0 }).joined(separator: "  ")
        guard let total = progress.total, total > 0 else { return String(text.prefix(width)) }
        // What the words leave is the bar's, within reason.
        let room = min(40, width - text.count - 4)
        guard room >= 8 else { return String(text.prefix(width)) }
        let filled = room * min(progress.done + progress.failures, total) / total
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: room - filled)
        guard isColoured else { return "\(name) \(bar) \(text.dropFirst(name.count + 1))" }
        var coloured = parts.joined(separator: "  ")
        if let failures { coloured += "  \u{1B}[31m\(failures)\u{1B}[0m" }
        return "\(name) \u{1B}[36m\(bar)\u{1B}[0m \(coloured)"
    }

    /// A line for a log.
    package static func plain(_ progress: BatchProgress, elapsed: Duration) -> String {
        var parts = [counts(progress) + (percent(progress).map { " (\($0)%)" } ?? "")]
        parts += pace(progress, elapsed)
        if progress.failures > 0 { parts.append("\(grouped(progress.failures)) failed") }
        return "\(verb(progress.phase)): \(parts.joined(separator: ", "))"
    }

    /// "45s", "2m10s", "3h05m".
    package static func time(_ seconds: Int) -> String {
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        switch seconds {
        case ..<60: return "\(max(0, seconds))s"
        case ..<3600: return "\(seconds / 60)m\(padded(seconds % 60))s"
        default: return "\(seconds / 3600)h\(padded(seconds % 3600 / 60))m"
        }
    }

    /// "12,345": groups of three digits.
    package static func grouped(_ number: Int) -> String {
        var text = ""
        let digits = Array(String(number.magnitude))
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return number < 0 ? "-" + text : text
    }

    // MARK: Parts

    private static func verb(_ phase: BatchProgress.Phase) -> String {
        switch phase {
        case .mapping: "mapping"
        case .checking: "checking"
        case .copying: "copying"
        case .making: "making"
        case .writing: "writing"
        case .looking: "looking"
        }
    }

    private static func counts(_ progress: BatchProgress) -> String {
        grouped(progress.done) + (progress.total.map { "/" + grouped($0) } ?? " rows")
    }

    private static func percent(_ progress: BatchProgress) -> Int? {
        progress.total.map { $0 == 0 ? 100 : min(100, progress.done * 100 / $0) }
    }

    /// Rate and time left, once there is something to go by.
    private static func pace(_ progress: BatchProgress, _ elapsed: Duration) -> [String] {
        let seconds = elapsed / .seconds(1)
        guard seconds >= 0.5, progress.done > 0 else { return [] }
        let rate = Double(progress.done) / seconds
        let shown =
            rate >= 10
            ? grouped(Int(min(rate, 1e12).rounded())) : "\(Int(rate * 10) / 10).\(Int(rate * 10) % 10)"
        var parts = ["\(shown)/s"]
        if let total = progress.total, total > progress.done {
            let left = Double(total - min(total, progress.done + progress.failures)) / rate
            parts.append("\(time(Int(min(left, 1e9).rounded(.up)))) left")
        }
        return parts
    }
}
