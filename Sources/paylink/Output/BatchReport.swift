// What a batch says at its end: in words, and as JSON.

import Batch
import JSON
import OneShotPay
import Recorder
import Scripting

enum BatchReport {
    /// A part of what is told.
    enum Entry {
        /// Of the table: its rows, and the figures.
        case text(String)
        /// Of the command.
        case message(String)
        case mapping(MappingFailure)

        var words: String {
            switch self {
            case .text(let text), .message(let text): text
            case .mapping(let failure): failure.message
            }
        }
    }

    /// Everything, in order.
    static func entries(_ outcome: BatchOutcome, of name: String, isPlan: Bool, hasFigures: Bool) -> [Entry] {
        let summary = outcome.summary
        var entries: [Entry] = []
        if let plan = outcome.plan, plan.inDoubt > 0 { entries.append(.text(doubts(plan, of: name))) }
        if let plan = outcome.plan, !plan.problems.isEmpty {
            entries.append(.text(problems(plan, of: name, elsewhere: summary.rejectedFile)))
        }
        entries += outcome.messages.map { .text(Terminal.onOneLine("\(name): \($0)")) }
        if let failure = outcome.mappingFailure {
            entries.append(.mapping(failure))
        } else if let reason = summary.reason {
            entries += reason.split(separator: "\n").map { .message(Terminal.onOneLine(String($0))) }
        }
        if let advice = advice(summary, isDryRun: isPlan) { entries.append(.message(advice)) }
        if hasFigures, let plan = outcome.plan {
            entries.append(.text(words(summary, of: name, isPlan: isPlan)))
            if isPlan, plan.toMake > 0 { entries.append(.text(sample(plan))) }
        }
        return entries
    }

    /// Problems of rows, one a line, and how many there are beyond those.
    static func problems(_ plan: BatchPlan, of file: String, elsewhere: String?) -> String {
        var lines = plan.problems.map { "\(file): \($0)" }
        let more = plan.problemCount - plan.problems.count
        if more > 0 {
            lines.append(
                "… and \(ProgressLine.grouped(more)) more" + (elsewhere.map { ", all of them in \($0)" } ?? ""))
        }
        let texts = plan.problems.map(\.withoutLine)
        if texts.contains(where: { $0.contains("has a comma") }) {
            lines.append("If the comma is this file's decimal sign: --decimal-comma")
        }
        if texts.contains(where: { $0.contains("Windows-1252") }) {
            lines.append("If this file was saved by a program that knows no UTF-8: --encoding windows-1252")
        }
        return lines.map(Terminal.onOneLine).joined(separator: "\n")
    }

    /// Rows that wait for a person, one a line, with what to do about them.
    static func doubts(_ plan: BatchPlan, of file: String) -> String {
        var lines = plan.doubts.map { "\(file): \($0)" }
        let more = plan.inDoubt - plan.doubts.count
        if more > 0 { lines.append("… and \(ProgressLine.grouped(more)) more in doubt: paylink ledger doubt list") }
        return lines.map(Terminal.onOneLine).joined(separator: "\n")
    }

    /// The figures, in one or a few lines.
    static func words(_ summary: BatchSummary, of file: String, isPlan: Bool) -> String {
        func count(_ number: Int, _ what: String) -> String? {
            number > 0 ? "\(ProgressLine.grouped(number)) \(what)" : nil
        }
        let parts = [
            isPlan ? "\(ProgressLine.grouped(summary.toMake)) to make (\(summary.total) USD)" : nil,
            !isPlan ? "\(ProgressLine.grouped(summary.made)) made (\(summary.total) USD)" : nil,
            isPlan ? count(summary.toLookUp, "to look up by the id that an earlier request left") : nil,
            count(summary.recorded, "recorded before"), count(summary.expired, "of them expired"),
            count(summary.underpaid, "of them paid short"),
            count(summary.skipped, "skipped"),
            count(summary.rejected, "rejected"), count(summary.abandoned, "abandoned"),
            count(summary.unfinished, "unfinished"), count(summary.inDoubt, "of them in doubt"),
        ].compactMap { $0 }
        let rows = summary.rows == 1 ? "1 row" : "\(ProgressLine.grouped(summary.rows)) rows"
        let time =
            summary.seconds < 10
            ? "\(Int(summary.seconds * 10) / 10).\(Int(summary.seconds * 10) % 10) s"
            : ProgressLine.time(Int(summary.seconds))
        var lines = ["\(file): \(rows): \(parts.joined(separator: ", ")); \(time)"]
        if let path = summary.results { lines.append("results: \(path)") }
        if let path = summary.rejectedFile { lines.append("rejected rows: \(path)") }
        if summary.underpaid > 0 {
            lines.append(
                "\(ProgressLine.grouped(summary.underpaid)) row(s) were paid with less than was asked for: do not deliver; "
                    + "paylink ledger list --status underpaid shows them")
        }
        if summary.expired > 0 {
            lines.append(
                "\(ProgressLine.grouped(summary.expired)) row(s) have a link that has expired, unpaid when it was seen last: "
                    + "nobody can pay it any more; to offer such an order again, give it another key")
        }
        if summary.possibleOrphans > 0 {
            lines.append(
                "\(summary.possibleOrphans) request(s) to create a link got no answer that could be used: as many links "
                    + "may exist that nobody has the address of; paylink ledger doubt list shows them")
        }
        return lines.map(Terminal.onOneLine).joined(separator: "\n")
    }

    /// What to do next.
    static func advice(_ summary: BatchSummary, isDryRun: Bool) -> String? {
        switch summary.end {
        case .nothingSent: "nothing was sent; correct these rows, or leave them out with --skip-invalid"
        case .unfinished where summary.inDoubt > 0:
            "\(summary.inDoubt) row(s) are in doubt: each may have a link already, and a payer whom it names might see "
                + "it; paylink ledger doubt list shows them, paylink ledger doubt resolve settles them; then run the "
                + "same command again"
        case .unfinished, .ledgerBusy, .unreachable:
            "\(summary.unfinished) row(s) are unfinished: run the same command again; what is done is not done twice"
        case .interrupted where summary.rows > 0:
            "\(summary.made) of \(summary.toMake) link(s) were made; run the same command again to go on"
        case .planned: "dry run: nothing was sent or written"
        case .rejectedRows where isDryRun: "dry run: nothing was sent or written"
        default: nil
        }
    }

    /// The plan of a dry run: what would be made first.
    static func sample(_ plan: BatchPlan) -> String {
        var lines = plan.sample.map { order in
            "  \(order.key ?? ""): \(order.request.amount) USD, \(order.request.description)"
        }
        let more = plan.toMake - plan.sample.count
        if more > 0, !lines.isEmpty { lines.append("  … and \(ProgressLine.grouped(more)) more") }
        return lines.map(Terminal.onOneLine).joined(separator: "\n")
    }

    /// One object; amounts are strings.
    static func json(_ summary: BatchSummary, _ plan: BatchPlan?, isDryRun: Bool) -> String {
        let json = JSONWriter()
        func number(_ name: StaticString, _ value: Int) {
            json.key(name)
            json.int(Int64(value))
        }
        func text(_ name: StaticString, _ value: String?) {
            json.key(name)
            if let value { json.string(value) } else { json.null() }
        }
        json.beginObject()
        text("result", summary.end.rawValue)
        text("reason", summary.reason)
        number("rows", summary.rows)
        if isDryRun {
            number("to_make", summary.toMake)
            number("to_look_up", summary.toLookUp)
        } else {
            number("made", summary.made)
        }
        text("total", summary.total.description)
        number("recorded", summary.recorded)
        number("expired", summary.expired)
        number("underpaid", summary.underpaid)
        number("skipped", summary.skipped)
        number("rejected", summary.rejected)
        number("abandoned", summary.abandoned)
        number("unfinished", summary.unfinished)
        number("in_doubt", summary.inDoubt)
        number("possible_orphans", summary.possibleOrphans)
        json.key("seconds")
        // Milliseconds are enough, and are exact as money is.
        json.money(Money(microUSDC: Int64(min(summary.seconds, 1e9) * 1000) * 1000))
        text("out", summary.results)
        text("rejected_file", summary.rejectedFile)
        json.key("problems")
        json.beginArray()
        for problem in plan?.problems ?? [] {
            json.beginObject()
            number("line", problem.line)
            text("place", problem.place)
            text("message", problem.message)
            json.endObject()
        }
        json.endArray()
        if isDryRun {
            json.key("sample")
            json.beginArray()
            for order in plan?.sample ?? [] {
                json.beginObject()
                text("key", order.key)
                text("amount", order.request.amount.description)
                text("description", order.request.description)
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
        return json.string
    }
}
