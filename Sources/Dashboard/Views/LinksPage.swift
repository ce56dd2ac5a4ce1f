// Links, the newest first: searched, filtered, a page at a time.

import Console
import Cron
import Ledger
import OneShotPay
import Pages
import Report

enum LinksPage {
    static func html(_ asked: LinkFinder, _ found: LinkFinder.Found, _ context: PageContext) -> HTML {
        let words = context.words
        return PageFrame.html(
            .links, title: words.pages[.links] ?? "", context,
            """
            <form class="find" role="search" action="\(context.address(.links))">
            <label>\(words.search) <input type="search" name="q" value="\(asked.text ?? "")" placeholder="\(words.searchHint)" maxlength="400" autocomplete="off"></label>
            <label>\(words.state) <select name="state"><option value="">\(words.any)</option>\
            \(LinkFinder.states.map { "<option value=\"\($0)\"\(HTML.when($0 == asked.state, " selected"))>\(words.states[$0] ?? $0)</option>" as HTML })</select></label>
            <button>\(words.find)</button>
            </form>
            <div id="links" data-live>\(table(asked, found, context))</div>
            """)
    }

    private static func table(_ asked: LinkFinder, _ found: LinkFinder.Found, _ context: PageContext) -> HTML {
        let words = context.words
        var parts: [HTML] = []
        if found.records.isEmpty {
            parts.append("<p>\(asked.isPlain ? words.noLinks : words.nothing)</p>")
        } else {
            let headings = [
                words.key, words.state, words.report.asked, words.report.received, words.made, words.description,
            ]
            parts.append(
                """
                <table class="list" aria-label="\(words.pages[.links] ?? "")"><thead><tr>\(headings.map { "<th scope=\"col\">\($0)</th>" as HTML })</tr></thead><tbody>
                \(found.records.map { row($0, headings, context) })</tbody></table>
                """)
        }
        if let count = found.lookedThrough {
            parts.append("<p class=\"soft\">\(words.lookedThrough(context.number(count)))</p>")
        }
        var turns: [HTML] = []
        if asked.before != nil {
            turns.append("<a href=\"\(address(asked, before: nil, context))\">\(words.newest)</a>")
        }
        if let older = found.older {
            turns.append("<a rel=\"next\" href=\"\(address(asked, before: older, context))\">\(words.older)</a>")
        }
        if !turns.isEmpty { parts.append("<p class=\"turns\">\(turns)</p>") }
        return HTML(parts)
    }

    private static func row(_ record: LinkRecord, _ headings: [String], _ context: PageContext) -> HTML {
        let link = record.link
        let received = record.receivedInAll > .zero ? record.receivedInAll : link?.payment?.amount
        let cells: [HTML] = [
            LinkText.badge(record, context), "\(context.money(record.amount))", "\(received.map(context.money) ?? "")",
            context.time(record.createdAt), record.key == nil ? "" : context.short(record.description, limit: 80),
        ]
        let name = context.short(record.key ?? record.description, limit: 80)
        return """
            <tr><th scope="row"><a href="\(context.address(.link(record.row)))">\(name)</a></th>\
            \(zip(headings.dropFirst(), cells).map { "<td data-label=\"\($0)\">\($1)</td>" as HTML })</tr>

            """
    }

    private static func address(_ asked: LinkFinder, before: LinkRow?, _ context: PageContext) -> String {
        let fields = [("q", asked.text), ("state", asked.state), ("before", before.map(String.init))]
        let query = fields.compactMap { name, value in value.map { "\(name)=\(FormFields.encoded($0))" } }
        return context.address(.links) + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }
}
