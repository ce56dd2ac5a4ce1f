// The checkout page of one link: what stands on it in each state, in the locale's words.
// Its look is CheckoutStyle, its behaviour CheckoutScript; without the latter it still works.

import Pages

/// The checkout page of a link at an instant.
struct CheckoutPage {
    /// The four faces of the page.
    enum Face: String {
        case active, paid, expired, archived
    }

    var link: SandboxLink
    var now: SandboxInstant
    var locale: Route.Locale
    var merchantName: String
    var username: String
    /// Whether the window is to close once the link is paid.
    var closesOnComplete = false
    /// Whether the payer has just paid; a reusable link then thanks instead of asking again.
    var justPaid = false
    var nonce: String

    private var words: PageWords { PageWords.in(locale) }

    var face: Face {
        if link.status(at: now) == .paid || (justPaid && link.paymentCount > 0) { return .paid }
        if link.archived { return .archived }
        return link.status(at: now) == .expired ? .expired : .active
    }

    /// Changes whenever the page would look different; the page's script reloads on it.
    static func version(of link: SandboxLink, now: SandboxInstant) -> String {
        let settled = link.mostRecentPayment?.transactionHash(at: now) == nil ? "" : "+"
        return "\(link.status(at: now).rawValue).\(link.archived ? 1 : 0).\(link.paymentCount)\(settled)"
    }

    var html: HTML {
        PageFrame(
            title: "\(words.payTo(merchantName)): \(locale.money(link.amount))",
            locale: locale,
            nonce: nonce,
            refreshes: face == .active || link.mostRecentPayment?.transactionHash(at: now) == nil,
            banner: words.banner,
            bodyAttributes: bodyAttributes
        ).around(
            """
            <main class="sheet">
            <section class="offer">
            \(merchant)
            \(picture)
            <h1 class="what" dir="auto">\(link.description)</h1>
            </section>
            <section class="till">
            <p class="label">\(amountLabel)</p>
            <p class="amount\(amountClasses)">\(amount)</p>
            \(standing)
            </section>
            </main>
            \(footer)
            """
        )
    }

    /// The amount shown: once paid, what was really paid.
    private var amount: String {
        locale.money(face == .paid ? link.mostRecentPayment?.amount ?? link.amount : link.amount)
    }

    private var amountLabel: String {
        switch face {
        case .active: words.amountDue
        case .paid: words.amountPaid
        case .expired, .archived: words.amount
        }
    }

    private var amountClasses: HTML {
        let faded = HTML.when(face == .expired || face == .archived, " faded")
        return "\(faded)\(HTML.when(amount.count > 11, " long"))"
    }

    private var secondsLeft: Int64 { max(0, link.expirationTimestamp - now.unixSeconds) }

    private var bodyAttributes: HTML {
        """
        data-face="\(face.rawValue)" data-version="\(Self.version(of: link, now: now))" \
        data-state-url="/\(locale.rawValue)/link/\(link.id)/state" data-left="\(secondsLeft)" \
        data-day="\(words.day)" data-days="\(words.days)" data-close="\(closesOnComplete ? "yes" : "no")"
        """
    }

    private var merchant: HTML {
        let initial = merchantName.first.map { String($0).uppercased() } ?? "?"
        return """
            <div class="merchant">
            <span class="avatar" aria-hidden="true">\(initial)</span>
            <div><p class="merchant-name" dir="auto">\(merchantName)</p><p class="handle">@\(username)</p></div>
            </div>
            """
    }

    private var picture: HTML {
        // Checked again: a state file can have been edited by hand.
        let image: HTML =
            if let url = link.mediaURL, isWebURL(url) {
                "<img id=\"picture\" src=\"\(url)\" alt=\"\" referrerpolicy=\"no-referrer\" decoding=\"async\">"
            } else {
                ""
            }
        return "<div class=\"picture\(HTML.when(image.text.isEmpty, " bare"))\">\(PageFrame.placeholder)\(image)</div>"
    }

    private var standing: HTML {
        switch face {
        case .active: return asking
        case .paid: return thanks
        case .expired: return unpayable(words.expiredTitle)
        case .archived: return unpayable(words.archivedTitle)
        }
    }

    private var asking: HTML {
        """
        <div role="status" aria-live="polite" class="standing">
        <p class="time"><svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="7.25"/>\
        <path d="M10 6v4.2l2.8 1.8"/></svg><span>\(words.timeLeft)</span> \
        <b id="timer" role="timer" aria-live="off">\(timeLeft)</b></p>
        </div>
        <form method="post" action="/\(locale.rawValue)/link/\(link.id)/pay\(query)">
        <button type="submit" id="pay" data-busy="\(words.paying)">\(words.pay(locale.money(link.amount)))</button>
        </form>
        <p class="fine">\(words.finePrint(merchantName))\(HTML.when(link.reusable, " \(words.reusableNote)"))</p>
        """
    }

    private var thanks: HTML {
        let payment = link.mostRecentPayment
        let hash = payment?.transactionHash(at: now)
        return """
            <div role="status" aria-live="polite" class="standing done">
            <svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="22"/>\
            <path d="M14.5 24.8l6.4 6.4 12.8-13.4"/></svg>
            <div><h2>\(words.paidTitle)</h2>
            <p>\(words.paidText(merchantName))\(HTML.when(closesOnComplete, " \(words.closeHint)"))</p></div>
            </div>
            <dl class="receipt">
            <div><dt>\(words.payment)</dt><dd>\(payment?.id ?? "")</dd></div>
            <div><dt>\(words.transaction)</dt><dd>\(hash ?? words.settling)</dd></div>
            </dl>
            \(HTML.when(link.status(at: now) == .active && !link.archived, payAgain))
            """
    }

    private var payAgain: HTML {
        "<p><a class=\"again\" href=\"/\(locale.rawValue)/link/\(link.id)\(query)\">\(words.payAgain)</a></p>"
    }

    private func unpayable(_ title: String) -> HTML {
        """
        <div role="status" aria-live="polite" class="standing over">
        <svg class="mark" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="22"/>\
        <path d="M24 13v13M24 33.5v.5"/></svg>
        <div><h2>\(title)</h2>
        <p>\(words.unpayableText(merchantName))</p></div>
        </div>
        """
    }

    private var query: HTML { HTML.when(closesOnComplete, "?closeOnComplete=true") }

    private var footer: HTML {
        let languages = Route.Locale.allCases.map { other -> HTML in
            let name = PageWords.in(other).languageName
            if other == locale { return "<li><span aria-current=\"true\">\(name)</span></li>" }
            return """
                <li><a href="/\(other.rawValue)/link/\(link.id)\(query)" lang="\(other.rawValue)" \
                hreflang="\(other.rawValue)">\(name)</a></li>
                """
        }
        return """
            <footer>
            <nav aria-label="\(words.language)"><ul>\(languages)</ul></nav>
            <p class="reference">\(link.id)</p>
            </footer>
            """
    }

    /// Such as `14:59`, `2:05:00` or `3 days 02:00:00`; the page's script writes the same.
    private var timeLeft: String {
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (days, rest) = secondsLeft.quotientAndRemainder(dividingBy: 86_400)
        let (hours, minutes, seconds) = (rest / 3600, rest / 60 % 60, rest % 60)
        if days > 0 {
            return "\(days) \(days == 1 ? words.day : words.days) \(two(hours)):\(two(minutes)):\(two(seconds))"
        }
        if hours > 0 { return "\(hours):\(two(minutes)):\(two(seconds))" }
        return "\(minutes):\(two(seconds))"
    }
}
