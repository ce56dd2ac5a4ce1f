// The mail that cron sends of a failed run: which one, why, and the end of what it wrote.

import Console
import Ledger

package enum JobReport {
    /// How many lines of a tail a report shows; `paylink runs show` has the rest.
    static let shownLines = 50

    /// - Parameter ending: how it ended, such as "exit status 3".
    static func text(
        _ start: JobStart, id: Int64, ending: String, after elapsed: Duration, _ tail: OutputCapture.Tail?
    ) -> String {
        var lines = ["paylink: job \(start.job) failed: \(ending), after \(elapsed.components.seconds) s"]
        lines.append("  run   \(id) (paylink runs show \(id))")
        if let slot = start.slotText { lines.append("  slot  \(slot)") }
        if start.missed > 0 { lines.append("  missed before it: \(start.missed)") }
        if let tail { lines += shown(tail, id: id) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The last lines of what a run wrote, under a heading.
    private static func shown(_ tail: OutputCapture.Tail, id: Int64) -> [String] {
        let all = lines(of: tail.text)
        if all.isEmpty { return ["  it wrote nothing"] }
        let shown = all.suffix(shownLines)
        let isAll = shown.count == all.count && tail.dropped == 0
        let heading =
            isAll ? "what it wrote:" : "the last \(shown.count) lines that it wrote; paylink runs show \(id) has more:"
        return [heading] + shown
    }

    /// What a run wrote, fit to be shown.
    package static func lines(of text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { ShownText.line(String($0)) }
        if lines.last == "" { lines.removeLast() }
        return lines
    }
}
