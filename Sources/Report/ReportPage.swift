// A report as one HTML file: nothing is loaded, nothing runs, and it can be printed.

import Charts
import Console
import Cron
import Ledger
import OneShotPay
package import Pages

package enum ReportPage {
    package static func write(_ report: Report, _ language: PageLanguage, madeAt: Int64) -> String {
        let words = ReportWords.of(language), total = report.total
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
            <ul class="tiles">
            \(tile(words.asked, total.asked, words.links, words))\(tile(words.received, total.received, words.payments, words))\
            \(tile(words.short, total.receivedShort, words.payments, words, tail: total.receivedShort.count > 0 ? words.lackingOf(words.money(total.lacking)) : ""))\
            \(tile(words.late, total.receivedLate, words.payments, words))\(tile(words.open, total.open, words.links, words))\
            \(HTML.when(total.inDoubt.count > 0, tile(words.inDoubt, total.inDoubt, words.links, words)))
            </ul>
            \(bars(report, words))
            \(HTML.when(report.times.links > 0, curve(report, words)))
            <section><h2>\(words.group[report.grouping] ?? "")</h2>\(groups(report, words))</section>
            <section class="notes">\(ReportText.notes(report, words).map { "<p>\($0)</p>" as HTML })<p>\(words.refunds)</p>
            <p class="soft">\(words.madeAt) <time datetime="\(report.period.zone.text(madeAt))">\(report.period.zone.text(madeAt))</time></p></section>
            </main>
            </body>
            </html>

            """
        return page.text
    }

    private static func tile(
        _ name: String, _ tally: Tally, _ what: String, _ words: ReportWords, tail: String = ""
    ) -> HTML {
        let (whole, rest) = words.language.moneyParts(tally.sum.microUSDC)
        return """
            <li><span class="soft">\(name)</span><b>\(whole)<small>\(rest)</small></b><span>\(words.language.number(tally.count)) \(what)</span>\
            \(HTML.when(!tail.isEmpty, "<span class=\"soft\">\(tail)</span>"))</li>

            """
    }

    private static func bars(_ report: Report, _ words: ReportWords) -> HTML {
        let language = words.language
        return BarChart(
            bars: report.overTime.map {
                BarChart.Bar(
                    label: $0.label, name: $0.name, outline: $0.figures.asked.sum.microUSDC,
                    filled: $0.figures.received.sum.microUSDC)
            },
            words: BarChart.Words(
                title: words.receivedOverTime,
                summary: words.receivedOverTime + ": "
                    + words.summary(words.money(report.total.asked.sum), words.money(report.total.received.sum)),
                outline: words.asked, filled: words.received, category: words.time, table: words.table),
            unit: 10_000, format: { language.money($0) }, axisFormat: { language.money($0, shortest: true) }
        ).html
    }

    private static func curve(_ report: Report, _ words: ReportWords) -> HTML {
        let times = report.times, language = words.language
        var before = 0
        let points = PaymentTimes.steps.map { step in
            let paid = times.count(within: step)
            defer { before = paid }
            return CurveChart.Point(
                label: words.span(step), name: "≤ " + words.span(step), count: paid - before,
                open: (times.links - paid) * 1_000 / max(times.links, 1))
        }
        let half = times.within(hundredths: 50).map(words.span), most = times.within(hundredths: 90).map(words.span)
        return CurveChart(
            points: points,
            words: CurveChart.Words(
                title: words.timeToPayment,
                summary: [words.timeToPayment + ".", half.flatMap { half in most.map { words.half(half, $0) } } ?? ""]
                    .joined(separator: " "),
                curve: words.stillUnpaid, bars: words.paidWithin, category: words.time, table: words.table),
            number: { language.number($0) }, percent: { language.percent(thousandths: $0) }
        ).html
    }

    private static func groups(_ report: Report, _ words: ReportWords) -> HTML {
        func cells(_ figures: ReportFigures) -> [String] {
            [
                words.language.number(figures.asked.count), words.money(figures.asked.sum),
                words.language.number(figures.received.count), words.money(figures.received.sum),
                words.money(figures.lacking), words.money(figures.beyond.sum),
            ]
        }
        let rows = zip(ReportText.names(report, words, width: 300), report.shownGroups).map { [$0] + cells($1.figures) }
        return ChartTable(
            headings: [
                words.group[report.grouping] ?? "", words.links, words.asked, words.payments, words.received,
                words.lacking,
                words.beyond,
            ],
            rows: rows + [[words.total] + cells(report.total)]
        ).html
    }
}
