// Runs of jobs for a person and as JSON.

import Console
import JSON
import Jobs
import Ledger
import OneShotPay

enum JobText {
    /// What the columns of ``line(_:width:)`` are.
    static let headings = line(["run", "job", "outcome", "slot", "took", "what it did"])

    /// One line that fits: run, job, outcome, slot or start to the minute in its zone, how long, what it did.
    static func line(_ record: JobRecord, width: Int) -> String {
        let time = record.slotText ?? LedgerText.moment(record.startedAt)
        var end = record.reason ?? "\(record.links) link(s), \(record.effects) effect(s)"
        if let host = record.host { end += " on \(host)" }
        if record.missed > 0 { end += ", \(record.missed) missed before it" }
        let text = line([
            String(record.id), ShownText.fitted(ShownText.line(record.job), to: jobWidth), shown(record),
            String(time.prefix(16)).replacing("T", with: " "),
            record.endedAt.map { "\($0 - record.startedAt) s" } ?? "",
            ShownText.line(end),
        ])
        return ShownText.fitted(text, to: width)
    }

    private static let jobWidth = 18

    private static func line(_ cells: [String]) -> String {
        let widths = [5, jobWidth, 11, 16, 6]
        return zip(cells, widths).map { pad($0, $1) }.joined(separator: "  ") + "  " + (cells.last ?? "")
    }

    static func plain(_ record: JobRecord) -> String {
        var rows = [
            ("run", String(record.id)), ("job", record.job), ("outcome", record.outcome.rawValue),
            ("slot", record.slotText ?? "none: started without a schedule"),
            ("missed", record.missed > 0 ? "\(record.missed) slot(s) before it" : ""),
            ("reason", record.reason ?? ""), ("process", String(record.pid)), ("host", record.host ?? ""),
            ("started_at", LedgerText.moment(record.startedAt)),
            ("ended_at", record.endedAt.map(LedgerText.moment) ?? ""),
            ("exit_status", record.exitStatus.map(ending) ?? ""),
        ]
        if record.outcome != .skipped {
            rows += [("links", String(record.links)), ("effects", String(record.effects))]
        }
        var lines = rows.filter { !$0.1.isEmpty }.map { pad($0.0, 13) + ShownText.line($0.1) }
        if let tail = record.logTail, !tail.isEmpty {
            lines.append("")
            lines += JobReport.lines(of: tail)
        }
        return lines.joined(separator: "\n")
    }

    static func json(_ record: JobRecord, withTail: Bool) -> String {
        let writer = JSONWriter()
        func optional(_ name: String, _ number: Int64?) {
            writer.key(name)
            if let number { writer.int(number) } else { writer.null() }
        }
        func optional(_ name: String, _ text: String?) {
            writer.key(name)
            if let text { writer.string(text) } else { writer.null() }
        }
        writer.beginObject()
        writer.key("run"); writer.int(record.id)
        writer.key("job"); writer.string(record.job)
        writer.key("outcome"); writer.string(record.outcome.rawValue)
        optional("slot", record.slot)
        optional("slot_text", record.slotText)
        writer.key("missed"); writer.int(Int64(record.missed))
        writer.key("pid"); writer.int(Int64(record.pid))
        if let host = record.host { writer.key("host"); writer.string(host) }
        writer.key("started_at"); writer.int(record.startedAt)
        optional("ended_at", record.endedAt)
        optional("exit_status", record.exitStatus.map { Int64($0) })
        optional("reason", record.reason)
        writer.key("links"); writer.int(Int64(record.links))
        writer.key("effects"); writer.int(Int64(record.effects))
        if withTail { optional("log_tail", record.logTail) }
        writer.endObject()
        return writer.string
    }

    /// An exit status with its meaning, where it has one.
    static func ending(_ status: Int32) -> String {
        let meaning: String? =
            switch ExitStatus(rawValue: status) {
            case .timeLimit: "over its time limit"
            case .interrupted, .terminated, .hungUp: "ended by a signal"
            case .unreachable: "the service could not be reached"
            case .unfinished: "unfinished, or in doubt"
            case .refused: "credentials refused"
            case .configuration: "wrong configuration"
            case .inputOutput: "a file, the ledger or the output could not be written"
            default: nil
            }
        return "exit status \(status)" + (meaning.map { " (\($0))" } ?? "")
    }

    private static func shown(_ record: JobRecord) -> String {
        guard record.outcome == .ran, let status = record.exitStatus else { return record.outcome.rawValue }
        return status == 0 ? "done" : "failed \(status)"
    }

    static func pad(_ text: String, _ width: Int) -> String {
        ShownText.padded(ShownText.line(text), to: width)
    }
}
