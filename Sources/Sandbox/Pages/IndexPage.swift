// The sandbox's front page: the newest links and how each stands, for whoever opens its bare address.

import Pages

/// The front page.
struct IndexPage: Sendable {
    /// How many links are listed at most.
    static let limit = 200

    /// Newest first.
    var links: [SandboxLink]
    var count: Int
    var now: SandboxInstant
    var baseURL: String
    var nonce: String

    var html: HTML {
        let words = PageWords.english
        return PageFrame(title: "1ShotPay sandbox", nonce: nonce, banner: words.banner).around(
            """
            <main class="plain">
            <h1>Sandbox</h1>
            <p class="intro">A local stand-in for 1ShotPay at <code>\(baseURL)</code>. \(summary)</p>
            \(HTML.when(links.isEmpty, "<p class=\"rows empty\">No pay links yet. Create one, and it appears here.</p>"))
            \(HTML.when(!links.isEmpty, "<ul class=\"rows\">\(links.map(row))</ul>"))
            </main>
            """
        )
    }

    private var summary: String {
        switch count {
        case 0: ""
        case 1: "1 pay link."
        case ...Self.limit: "\(count) pay links, newest first."
        default: "The newest \(Self.limit) of \(count) pay links."
        }
    }

    private func row(_ link: SandboxLink) -> HTML {
        let state =
            switch link.status(at: now) {
            case .paid: "paid"
            case _ where link.archived: "archived"
            case .expired: "expired"
            case .active: link.paymentCount > 0 ? "active, paid \(link.paymentCount)×" : "active"
            }
        return """
            <li><a href="/en/link/\(link.id)"><b dir="auto">\(link.description)</b>\
            <span class="sum">\(Route.Locale.en.money(link.amount))</span>\
            <span class="id">\(link.id)</span><span class="state \(state)">\(state)</span></a></li>

            """
    }
}
