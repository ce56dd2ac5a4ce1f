// The present day: sums, money by the hour, payments as they come.

import Cron
import Ledger
import OneShotPay
import Pages
import Report

enum TodayPage {
    static func html(_ context: PageContext) -> HTML {
        let words = context.words
        return PageFrame.html(
            .today, title: words.today, context,
            """
            <section id="sums" data-live aria-label="\(words.today)">\(sums(context))</section>
            <section id="payments" data-live aria-labelledby="payments-title"><h2 id="payments-title">\(words.payments)</h2>\(payments(context))</section>
            <section id="hours" data-live>\(context.standing.today.map { ReportCharts.bars($0, words.report) } ?? "")</section>
            """)
    }

    private static func sums(_ context: PageContext) -> HTML {
        context.standing.today.map { ReportPage.tiles($0.total, context.words.report) }
            ?? "<p class=\"soft\">\(context.words.addingUp)</p>"
    }

    private static func payments(_ context: PageContext) -> HTML {
        guard !context.standing.payments.isEmpty else { return "<p class=\"soft\">\(context.words.noPayments)</p>" }
        return "<ol class=\"payments\">\(context.standing.payments.map { item($0, context) })</ol>"
    }

    private static func item(_ receipt: Receipt, _ context: PageContext) -> HTML {
        let amount = context.money(receipt.payment.amount)
        let name = receipt.record.map { $0.key ?? $0.description } ?? receipt.linkID
        let shown = context.short(name, limit: 80)
        let link: HTML = receipt.record.map { "<a href=\"\(context.address(.link($0.row)))\">\(shown)</a>" } ?? shown
        return """
            <li data-id="\(receipt.payment.id.description)" data-say="\(context.words.news(amount, LinkText.plain(name)))"><b>\(amount)</b> <span class="name">\(link)</span> \
            \(LinkText.remarks(receipt.record, context))\(context.time(receipt.at))</li>

            """
    }
}

/// Thirty days: what was received each day, and how long payers take.
enum TimesPage {
    static func html(_ context: PageContext) -> HTML {
        let words = context.words
        let content: HTML
        if let (month, at) = context.standing.month {
            content = """
                <p class="soft">\(words.asOf) \(context.time(at))</p>
                \(ReportPage.tiles(month.total, words.report))
                \(ReportCharts.bars(month, words.report))
                \(HTML.when(month.times.links > 0, ReportCharts.curve(month, words.report)))
                \(ReportPage.groups(month, words.report))
                """
        } else {
            content = "<p class=\"soft\">\(words.addingUp)</p>"
        }
        return PageFrame.html(.times, title: words.thirtyDays, context, "<div id=\"times\" data-live>\(content)</div>")
    }
}
