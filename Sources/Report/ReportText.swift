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
        let (first, last) = report.period.days, period = report.period
        // A period that begins within a day says when.
        let isWhole = period.since == period.zone.beginning(of: first)
        let begin = isWhole ? first.text : first.text + " " + period.zone.text(period.since).dropFirst(11).prefix(5)
        let days = isWhole && first == last ? begin : "\(begin) – \(last.text)"
        return "\(ReportWords.of(language).title), \(days) (\(report.period.zone.name))"
    }

    private static func heading(_ report: Report, _ words: ReportWords) -> [String] {
        [
            title(report, words.language),
            "\(words.account) \(ShownText.line(report.scope.account))  \(report.scope.baseURL)",
        ]
    }

    private static func sums(_ report: Report, _ words: ReportWords) -> [String] {
        let total = report.total
        func line(_ name: String, _ tally: Tally, _ count: String, _ tail: String) -> String {
            let text =
                ShownText.padded(name, to: 12) + ShownText.padded(count, to: 16, onTheLeft: true)
                + ShownText.padded(words.money(tally.sum), to: 20, onTheLeft: true)
            return tail.isEmpty ? text : text + "  " + tail
        }
        let room = width - 50
        var lines = [
            line(
                words.asked, total.asked, words.links(total.asked.count),
                Sparkline.text(report.overTime.map(\.figures.asked.sum.microUSDC), width: room)),
            line(
                words.received, total.received, words.payments(total.received.count),
                Sparkline.text(report.overTime.map(\.figures.received.sum.microUSDC), width: room)),
        ]
        let parts = [
            (words.inFull, total.receivedInFull, ""),
            (words.short, total.receivedShort, words.lackingOf(words.money(total.lacking))),
            (words.late, total.receivedLate, ""),
            (words.beyond, total.beyond, ""),
        ]
        for (name, tally, tail) in parts where tally.count > 0 {
            lines.append(line("  " + name, tally, words.payments(tally.count), tail))
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
            parts.append(
                "\(words.inDoubt) \(words.language.number(total.inDoubt.count)) (\(words.money(total.inDoubt.sum)))")
        }
        if total.notMade > 0 { parts.append("\(words.notMade) \(words.language.number(total.notMade))") }
        return wrapped("\(words.links): " + parts.joined(separator: ", "))
    }

    private static func table(_ report: Report, _ words: ReportWords) -> [String] {
        if report.shownGroups.isEmpty { return [] }
        let nameWidth = 23
        func row(_ cells: [String]) -> String {
            (ShownText.padded(cells[0], to: nameWidth)
                + ShownText.padded(cells[1], to: 8, onTheLeft: true)
                + ShownText.padded(cells[2], to: 20, onTheLeft: true)
                + ShownText.padded(cells[3], to: 9, onTheLeft: true)
                + ShownText.padded(cells[4], to: 20, onTheLeft: true))
                .trimmedEnd
        }
        var lines = [
            row([words.group[report.grouping] ?? "", words.asked, words.amount, words.received, words.amount])
        ]
        lines += names(report, words, width: nameWidth - 1).enumerated().map { index, name in
            row([name] + cells(report.shownGroups[index].figures, words))
        }
        lines.append(row([words.total] + cells(report.total, words)))
        return lines
    }

    private static func cells(_ figures: ReportFigures, _ words: ReportWords) -> [String] {
        [
            words.language.number(figures.asked.count), words.money(figures.asked.sum),
            words.language.number(figures.received.count), words.money(figures.received.sum),
        ]
    }

    /// What the shown groups are called, on one line of at most so many columns each.
    static func names(_ report: Report, _ words: ReportWords, width: Int) -> [String] {
        let zone = report.period.zone
        // On a day on which the clock changes an hour may come twice.
        let hasChange = zone.offset(at: report.period.since) != zone.offset(at: report.period.before)
        return report.shownGroups.enumerated().map { index, group in
            if report.addedUp > 0, index == report.shownGroups.count - 1 {
                return "… " + words.language.number(report.addedUp)
            }
            switch report.grouping {
            case .hour:
                return String(group.name.prefix(16)).replacing("T", with: " ") + (hasChange ? group.name.suffix(6) : "")
            case .key: return group.name.isEmpty ? words.noKey : shown(group.name + "…", width)
            default: return shown(group.name, width)
            }
        }
    }

    /// A name as it takes at most so many columns, whatever it consists of.
    private static func shown(_ name: String, _ width: Int) -> String {
        // Letters of no width, and letters of many scalars, have an end as well.
        var text = String(String(String.UnicodeScalarView(name.unicodeScalars.prefix(4 * width))).prefix(width))
        if text != name { text += "…" }
        return ShownText.fitted(ShownText.line(text).replacing("\t", with: " "), to: width)
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
