// A report as text of 80 columns: for a terminal, and for a mail that cron sends.

import Charts
import Console
import Cron
import Dates
import Ledger
import OneShotPay
package import Pages

package enum ReportText {
    private static let width = 80
    /// More groups than that are added up in one line.
    private static let shownGroups = 62

    package static func write(_ report: Report, _ language: PageLanguage, madeAt: Int64) -> String {
        let words = ReportWords.of(language)
        var lines = heading(report, words) + [""] + sums(report, words) + [""]
        lines += outcomes(report, words)
        if let half = report.times.within(hundredths: 50), let most = report.times.within(hundredths: 90) {
            lines += wrapped(words.half(words.span(half), words.span(most)))
        }
        lines += [""] + table(report, words)
        let notes = notes(report, words) + [words.refunds]
        lines += [""] + notes.flatMap { wrapped($0) }
        lines.append("\(words.madeAt) \(report.period.zone.text(madeAt))")
        return lines.joined(separator: "\n") + "\n"
    }

    /// What is left out of the sums, or needs somebody.
    static func notes(_ report: Report, _ words: ReportWords) -> [String] {
        let total = report.total
        var notes: [String] = []
        if total.possibleOrphans > 0 { notes.append(words.orphans(words.language.number(total.possibleOrphans))) }
        if total.unshown > 0 { notes.append(words.unshown(words.language.number(total.unshown))) }
        if total.unseenPayments > 0 { notes.append(words.unseen(words.language.number(total.unseenPayments))) }
        if total.unknown.count > 0 {
            notes.append(words.unknown(words.language.number(total.unknown.count), words.money(total.unknown.sum)))
        }
        return notes
    }

    /// `Pay links, 2026-11-01 – 2026-11-30 (Europe/Berlin)`.
    package static func title(_ report: Report, _ language: PageLanguage) -> String {
        let (first, last) = report.period.days
        let days = first == last ? first.text : "\(first.text) – \(last.text)"
        return "\(ReportWords.of(language).title), \(days) (\(report.period.zone.name))"
    }

    private static func heading(_ report: Report, _ words: ReportWords) -> [String] {
        [title(report, words.language), "\(words.account) \(ShownText.line(report.scope.account))  \(report.scope.baseURL)"]
    }

    private static func sums(_ report: Report, _ words: ReportWords) -> [String] {
        let total = report.total
        func line(_ name: String, _ tally: Tally, _ what: String, _ tail: String) -> String {
            let count = "\(words.language.number(tally.count)) \(what)"
            let text =
                ShownText.padded(name, to: 12) + ShownText.padded(count, to: 16, onTheLeft: true)
                + ShownText.padded(words.money(tally.sum), to: 20, onTheLeft: true)
            return tail.isEmpty ? text : text + "  " + tail
        }
        let room = width - 50
        var lines = [
            line(
                words.asked, total.asked, words.links,
                Sparkline.text(report.overTime.map(\.figures.asked.sum.microUSDC), width: room)),
            line(
                words.received, total.received, words.payments,
                Sparkline.text(report.overTime.map(\.figures.received.sum.microUSDC), width: room)),
        ]
        let parts = [
            (words.inFull, total.receivedInFull, ""),
            (words.short, total.receivedShort, words.lackingOf(words.money(total.lacking))),
            (words.late, total.receivedLate, ""),
            (words.beyond, total.beyond, ""),
        ]
        for (name, tally, tail) in parts where tally.count > 0 {
            lines.append(line("  " + name, tally, words.payments, tail))
        }
        return lines.map { $0.trimmedEnd }
    }

    /// How the links of the period stand now.
    private static func outcomes(_ report: Report, _ words: ReportWords) -> [String] {
        let total = report.total
        var parts = [
            (words.paid, total.paid.count), (words.short, total.short.count), (words.open, total.open.count),
            (words.ended, total.ended.count),
        ].map { "\($0.0) \(words.language.number($0.1))" }
        if total.inDoubt.count > 0 {
            parts.append("\(words.inDoubt) \(words.language.number(total.inDoubt.count)) (\(words.money(total.inDoubt.sum)))")
        }
        if total.notMade > 0 { parts.append("\(words.notMade) \(words.language.number(total.notMade))") }
        return wrapped("\(words.links): " + parts.joined(separator: ", "))
    }

    private static func table(_ report: Report, _ words: ReportWords) -> [String] {
        var groups = report.groups.filter { $0.figures.asked.count > 0 || $0.figures.received.count > 0 }
        if groups.isEmpty { return [] }
        let hidden = groups.count - shownGroups
        if hidden > 0, !report.grouping.isOfTime { groups.removeLast(hidden) }
        let nameWidth = 22
        func row(_ cells: [String]) -> String {
            (ShownText.padded(cells[0], to: nameWidth)
                + ShownText.padded(cells[1], to: 8, onTheLeft: true) + ShownText.padded(cells[2], to: 20, onTheLeft: true)
                + ShownText.padded(cells[3], to: 9, onTheLeft: true) + ShownText.padded(cells[4], to: 20, onTheLeft: true))
                .trimmedEnd
        }
        var lines = [
            row([words.group[report.grouping] ?? "", words.asked, words.amount, words.received, words.amount])
        ]
        lines += groups.map { group in
            row(
                [ShownText.fitted(ShownText.line(shownName(group, report, words)), to: nameWidth - 1)]
                    + cells(group.figures, words))
        }
        if hidden > 0, !report.grouping.isOfTime { lines.append("… \(words.language.number(hidden))") }
        lines.append(row([words.total] + cells(report.total, words)))
        return lines
    }

    private static func cells(_ figures: ReportFigures, _ words: ReportWords) -> [String] {
        [
            words.language.number(figures.asked.count), words.money(figures.asked.sum),
            words.language.number(figures.received.count), words.money(figures.received.sum),
        ]
    }

    static func shownName(_ group: Report.Group, _ report: Report, _ words: ReportWords) -> String {
        switch report.grouping {
        case .hour: String(group.name.prefix(16)).replacing("T", with: " ")
        case .key: group.name.isEmpty ? words.noKey : group.name + "…"
        default: group.name
        }
    }

    /// Lines of at most 80 columns, broken at spaces.
    private static func wrapped(_ text: String) -> [String] {
        var lines: [String] = [""]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if ShownText.columns(of: line) + 1 + ShownText.columns(of: word) <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}

extension String {
    fileprivate var trimmedEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
