// What is around every page: its head, the menu, and the place where news is told.

import Console
import Cron
import Ledger
import OneShotPay
import Pages
import Report

/// What a page is written with.
struct PageContext: Sendable {
    var words: DashboardWords
    /// `/TOKEN/`.
    var root: String
    var sources: DashboardSources
    var standing: Standing

    var language: PageLanguage { words.language }

    func money(_ money: Money) -> String { language.money(money.microUSDC) }
    func number(_ number: some BinaryInteger) -> String { language.number(number) }
    func address(_ page: DashboardPage) -> String { root + page.path }

    /// An instant in the dashboard's zone: the time alone when it is of the present day.
    func time(_ instant: Int64) -> HTML {
        let text = sources.zone.text(instant), today = sources.zone.text(sources.now())
        let shown =
            text.prefix(10) == today.prefix(10)
            ? text.dropFirst(11).prefix(8) : text.prefix(10) + " " + text.dropFirst(11).prefix(5)
        return "<time datetime=\"\(text)\" title=\"\(text)\">\(String(shown))</time>"
    }

    /// Foreign text, short and apart from the direction of what is around it.
    func short(_ text: String, limit: Int = 120) -> HTML { "<bdi>\(ShownText.short(text, limit: limit))</bdi>" }

    /// The whole of a foreign text.
    func whole(_ text: String) -> HTML { "<bdi>\(ShownText.lines(text))</bdi>" }
}

enum PageFrame {
    /// - Parameter content: what is in `main`; parts with `data-live` and an id are kept up to date.
    static func html(_ page: DashboardPage, title: String, _ context: PageContext, _ content: HTML) -> HTML {
        let words = context.words
        return """
            <!doctype html>
            <html lang="\(words.language.rawValue)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title) · paylink</title>
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="\(context.root)style.css">
            <script src="\(context.root)live.js" defer></script>
            </head>
            <body data-events="\(context.root)events" data-on="\(words.live)" data-off="\(words.notLive)">
            <a class="skip" href="#content">\(words.skip)</a>
            <header>
            <b class="brand">paylink</b>
            <nav aria-label="\(words.menu)" id="menu" data-live><ul>\(DashboardPage.menu.map { item($0, in: page, context) })</ul></nav>
            <p id="state" class="soft" role="status"></p>
            </header>
            <p id="news" class="unseen" role="status"></p>
            <main id="content" tabindex="-1">
            <h1>\(title)</h1>
            <div id="problem" data-live>\(HTML.when(context.standing.problem != nil, "<p class=\"problem\" role=\"alert\">\(context.whole(context.standing.problem ?? ""))</p>"))</div>
            \(content)
            </main>
            <footer class="soft"><p>\(words.report.account) <span class="code">\(context.short(context.sources.scope.account))</span> · \
            \(context.short(context.sources.scope.baseURL)) · \(context.sources.zone.name)</p><p>\(words.report.refunds)</p></footer>
            </body>
            </html>

            """
    }

    private static func item(_ item: DashboardPage, in page: DashboardPage, _ context: PageContext) -> HTML {
        let doubts = item == .doubt ? context.standing.doubts?.count ?? 0 : 0
        let badge: HTML = HTML.when(
            doubts > 0,
            " <span class=\"badge\">\(context.number(doubts))\(context.standing.doubts?.isCut == true ? "+" : "")</span>"
        )
        let isHere = item == page.section
        return
            "<li><a href=\"\(context.address(item))\"\(HTML.when(isHere, " aria-current=\"page\""))>\(context.words.pages[item] ?? "")\(badge)</a></li>"
    }
}
