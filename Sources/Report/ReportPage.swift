// A report as one HTML file: nothing is loaded, nothing runs, and it can be printed.

import Charts
import Console
import Cron
import Ledger
import OneShotPay
package import Pages

package enum ReportPage {
    package static func write(_ report: Report, _ language: PageLanguage, madeAt: Int64) -> String {
        let words = ReportWords.of(language)
        let title = ReportText.title(report, language)
        let page: HTML = """
            <!doctype html>
            <html lang="\(language.rawValue)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
            <title>\(title)</title>
            <link rel="icon" href="data:,">
            <style>\(HTML(trusted: ReportStyle.css))</style>
            </head>
            <body>
            <main>
            <h1>\(title)</h1>
            <p class="soft">\(words.account) <span class="code">\(report.scope.account)</span> · \(report.scope.baseURL)</p>
            \(tiles(report.total, words))
            \(ReportCharts.bars(report, words))
            \(HTML.when(report.times.links > 0, ReportCharts.curve(report, words)))
            <section><h2>\(words.group[report.grouping] ?? "")</h2>\(groups(report, words))</section>
            <section class="notes">\(ReportText.notes(report, words).map { "<p>\($0)</p>" as HTML })<p>\(words.refunds)</p>
            <p class="soft">\(words.madeAt) <time datetime="\(report.period.zone.text(madeAt))">\(report.period.zone.text(madeAt))</time></p></section>
            </main>
            </body>
            </html>

            """
        return page.text
    }

    /// The sums that matter first.
    package static func tiles(_ total: ReportFigures, _ words: ReportWords) -> HTML {
        """
        <ul class="tiles">
        \(tile(words.asked, total.asked, words.links(total.asked.count), words))\(tile(words.received, total.received, words.payments(total.received.count), words))\
        \(tile(words.short, total.receivedShort, words.payments(total.receivedShort.count), words, tail: total.receivedShort.count > 0 ? words.lackingOf(words.money(total.lacking)) : ""))\
        \(tile(words.late, total.receivedLate, words.payments(total.receivedLate.count), words))\(tile(words.open, total.open, words.links(total.open.count), words))\
        \(HTML.when(total.inDoubt.count > 0, tile(words.inDoubt, total.inDoubt, words.links(total.inDoubt.count), words)))
        </ul>
        """
    }

    private static func tile(
        _ name: String, _ tally: Tally, _ count: String, _ words: ReportWords, tail: String = ""
    ) -> HTML {
        let (whole, rest) = words.language.moneyParts(tally.sum.microUSDC)
        return """
            <li><span class="soft">\(name)</span><b>\(whole)<small>\(rest)</small></b><span>\(count)</span>\
            \(HTML.when(!tail.isEmpty, "<span class=\"soft\">\(tail)</span>"))</li>

            """
    }

    /// The groups of a report as a table.
    package static func groups(_ report: Report, _ words: ReportWords) -> HTML {
        func cells(_ figures: ReportFigures) -> [String] {
            [
                words.language.number(figures.asked.count), words.money(figures.asked.sum),
                words.language.number(figures.received.count), words.money(figures.received.sum),
                words.money(figures.lacking), words.money(figures.beyond.sum),
            ]
        }
        let rows = zip(ReportText.names(report, words, width: 300), report.shownGroups).map { [$0] + cells($1.figures) }
        return ChartTable(
            name: words.group[report.grouping] ?? "",
            headings: [
                words.group[report.grouping] ?? "", words.links, words.asked, words.payments, words.received,
                words.lacking,
                words.beyond,
            ],
            rows: rows + [[words.total] + cells(report.total)]
        ).html
    }
}
