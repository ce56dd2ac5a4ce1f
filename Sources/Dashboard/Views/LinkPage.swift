// One link's whole story: what was asked for, the requests, what the service says, what came, what followed, who settled what.

import Console
import Cron
import Ledger
import OneShotPay
import Pages
import Report

enum LinkPage {
    static func html(_ story: LinkStory, _ context: PageContext) -> HTML {
        let record = story.record, words = context.words
        let title = LinkText.plain(record.key ?? record.description)
        let sections: [HTML] = [
            section("terms", words.terms, facts: terms(record, context), context),
            section("requests", words.requests, facts: requests(record, context), context),
            record.link.map { section("link", words.link, facts: link($0, record, context), context) } ?? "",
            HTML.when(!story.payments.isEmpty || (record.link?.unseenPayments ?? 0) > 0, payments(story, context)),
            HTML.when(!story.effects.isEmpty, effects(story, context)),
            HTML.when(!story.dismissals.isEmpty, dismissals(story, context)),
        ]
        return PageFrame.html(
            .link(record.row), title: title, context,
            "<div id=\"story\" data-live><p class=\"facts\">\(LinkText.badge(record, context)) \(context.money(record.amount)) \(LinkText.remarks(record, context))</p>\(sections)</div>"
        )
    }

    /// - Parameter facts: names and values; those without a value are left out.
    private static func section(_ id: String, _ title: String, facts: [(String, HTML?)], _ context: PageContext) -> HTML
    {
        let rows = facts.compactMap { name, value in value.map { "<div><dt>\(name)</dt><dd>\($0)</dd></div>\n" as HTML }
        }
        return """
            <section class="sheet" aria-labelledby="\(id)-title"><h2 id="\(id)-title">\(title)</h2><dl>\(rows)</dl></section>

            """
    }

    private static func terms(_ record: LinkRecord, _ context: PageContext) -> [(String, HTML?)] {
        [
            (context.words.key, record.key.map { context.whole($0) }),
            (context.words.description, context.whole(record.description)),
            (context.words.terms, "<span class=\"code\">\(context.whole(record.terms))</span>"),
        ]
    }

    private static func requests(_ record: LinkRecord, _ context: PageContext) -> [(String, HTML?)] {
        let words = context.words
        return [
            (words.recorded, context.time(record.createdAt)), (words.changed, context.time(record.updatedAt)),
            (words.attempts, "\(context.number(record.attempts))"),
            (words.possibleOrphans, record.possibleOrphans > 0 ? "\(context.number(record.possibleOrphans))" : nil),
            (words.problem, record.problem.map { context.whole($0) }),
            (
                words.link,
                record.link == nil ? record.knownID.map { "<span class=\"code\">\($0.description)</span>" } : nil
            ),
        ]
    }

    private static func link(_ link: PayLink, _ record: LinkRecord, _ context: PageContext) -> [(String, HTML?)] {
        let words = context.words
        // What a server calls an address is one only if it is the web's.
        let isWeb = link.url.hasPrefix("https://") || link.url.hasPrefix("http://")
        let address = context.short(link.url, limit: 500)
        return [
            (words.link, "<span class=\"code\">\(link.id.description)</span>"),
            (words.status, LinkText.badge(record, context)),
            (words.address, isWeb ? "<a href=\"\(link.url)\" rel=\"noreferrer noopener\">\(address)</a>" : address),
            (words.made, link.createdAt.map { context.time($0) }),
            (words.expires, link.expiresAt.map { context.time($0) }),
            (words.reusable, link.reusable ? "✓" : nil),
            (words.payer, link.payer.map { "<span class=\"code\">\($0.description)</span>" }),
        ]
    }

    private static func payments(_ story: LinkStory, _ context: PageContext) -> HTML {
        let words = context.words
        let rows: [HTML] = story.payments.map { seen in
            """
            <li><b>\(context.money(seen.amount))</b> \(seen.madeAt.map { context.time($0) } ?? "")
            <dl><div><dt>\(words.payment)</dt><dd class="code">\(seen.id.description)</dd></div>\
            \(seen.payment.paidBy.map { "<div><dt>\(words.payer)</dt><dd class=\"code\">\($0.description)</dd></div>" as HTML } ?? "")\
            \(seen.payment.transactionHash.map { "<div><dt>\(words.transaction)</dt><dd class=\"code\">\(context.short($0, limit: 200))</dd></div>" as HTML } ?? "")\
            <div><dt>\(words.seenAt)</dt><dd>\(context.time(seen.seenAt))</dd></div></dl></li>

            """
        }
        let unseen = story.record.link?.unseenPayments ?? 0
        return """
            <section class="sheet" aria-labelledby="payments-title"><h2 id="payments-title">\(words.report.payments)</h2><ol class="story">\(rows)</ol>\
            \(HTML.when(unseen > 0, "<p>\(words.unseen): \(context.number(unseen))</p>"))</section>

            """
    }

    private static func effects(_ story: LinkStory, _ context: PageContext) -> HTML {
        let rows: [HTML] = story.effects.map { effect in
            let state = effect.isInDoubt ? "in_doubt" : effect.state.rawValue
            return """
                <li><span class="code">\(context.whole(effect.key))</span> <span class="state \(state)">\(context.words.states[state] ?? state)</span> \
                \(context.time(effect.updatedAt))\(effect.problem.map { "<p class=\"soft\">\(context.whole($0))</p>" as HTML } ?? "")</li>

                """
        }
        return """
            <section class="sheet" aria-labelledby="effects-title"><h2 id="effects-title">\(context.words.effects)</h2><ul class="story">\(rows)</ul></section>

            """
    }

    private static func dismissals(_ story: LinkStory, _ context: PageContext) -> HTML {
        """
        <section class="sheet" aria-labelledby="settled-title"><h2 id="settled-title">\(context.words.settled)</h2><ul>\
        \(story.dismissals.map { "<li>\(context.number($0.orphans)) · \(context.words.dismissedBy) \(context.short($0.by)) · \(context.time($0.at))</li>" as HTML })\
        </ul></section>

        """
    }
}
