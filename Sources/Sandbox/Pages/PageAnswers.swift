// The sandbox's answers to a browser, and to an agent at a link's agent address.
// Finds the link, picks the page, turns a click on Pay into a payment.

import Pages

extension SandboxCore {
    /// The checkout page; a page that says so, under 404, when there is no such link.
    func checkoutPage(_ locale: Route.Locale, id: String, query: Query) -> Reply {
        let nonce = PageFrame.makeNonce()
        let found = perform { interior, now in (try? interior.state.link(id)).map { ($0, now) } }
        guard let (link, now) = found else { return missingPage(locale, nonce: nonce) }
        let page = CheckoutPage(
            link: link,
            now: now,
            locale: locale,
            merchantName: options.merchantName,
            username: options.username,
            closesOnComplete: query.closesOnComplete,
            justPaid: query["paid"] == "1",
            nonce: nonce
        )
        return PageFrame.reply(page.html, nonce: nonce, showsPicture: link.mediaURL != nil)
    }

    /// What the page's script asks for every two seconds.
    func pageState(_ id: String) throws(Refusal) -> Reply {
        try perform { interior, now throws(Refusal) in
            let link = try interior.state.link(id)
            var reply = Reply.json(
                .object([
                    JSONMember("version", .string(CheckoutPage.version(of: link, now: now))),
                    JSONMember("seconds_left", .integer(max(0, link.expirationTimestamp - now.unixSeconds))),
                ])
            )
            reply.headers.append(("Cache-Control", "no-store"))
            return reply
        }
    }

    /// The page's Pay button: pays, then sends the browser back to the page, which shows how things stand.
    func payFromPage(_ locale: Route.Locale, id: String, query: Query) -> Reply {
        let link = perform { interior, now in try? interior.state.link(id) }
        guard let link else { return missingPage(locale, nonce: PageFrame.makeNonce()) }
        let paid = perform { interior, now in (try? interior.state.pay(id, now: now)) != nil }
        var parameters: [String] = []
        // Only a reusable link needs telling; a single-use one is paid for good.
        if paid, link.reusable { parameters.append("paid=1") }
        if query.closesOnComplete { parameters.append("closeOnComplete=true") }
        let suffix = parameters.isEmpty ? "" : "?" + parameters.joined(separator: "&")
        return .redirect(to: "/\(locale.rawValue)/link/\(link.id)\(suffix)")
    }

    /// The agent address: 402 and the price while the link can be paid, 200 once paid, 410 when it never can be.
    func agentAnswer(_ id: String) throws(Refusal) -> Reply {
        try perform { interior, now throws(Refusal) in
            let link = try interior.state.link(id)
            if link.status(at: now) == .paid { return .json(interior.wire.link(link, now: now)) }
            guard link.status(at: now) == .active, !link.archived else {
                throw Refusal(status: 410, code: "gone", message: "the link has expired or is archived")
            }
            return .json(interior.wire.paymentRequired(link), status: 402)
        }
    }

    /// The front page: the newest links.
    func indexPage() -> Reply {
        let nonce = PageFrame.makeNonce()
        let page = perform { interior, now in
            IndexPage(
                links: interior.state.allLinks(last: IndexPage.limit).reversed(),
                count: interior.state.linkCount,
                now: now,
                baseURL: interior.wire.baseURL,
                nonce: nonce
            )
        }
        return PageFrame.reply(page.html, nonce: nonce)
    }

    private func missingPage(_ locale: Route.Locale, nonce: String) -> Reply {
        let words = PageWords.in(locale)
        let frame = PageFrame(title: words.missingTitle, locale: locale, nonce: nonce, banner: words.banner)
        let html = frame.around(
            """
            <main class="plain"><h1>\(words.missingTitle)</h1><p class="intro">\(words.missingText)</p></main>
            """
        )
        return PageFrame.reply(html, status: 404, nonce: nonce)
    }
}
