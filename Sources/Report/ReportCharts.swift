// A report's pictures.

import Charts
import OneShotPay
package import Pages

package enum ReportCharts {
    /// What was asked and received over its time.
    package static func bars(_ report: Report, _ words: ReportWords) -> HTML {
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

    /// From link to payment: how many within each step, and what is unpaid after it.
    package static func curve(_ report: Report, _ words: ReportWords) -> HTML {
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
}
