// The checkout page as a browser receives it: words, escaping, policy, the Pay button.
// Its looks are judged by eye.

import Pages
import Testing

@testable import Sandbox

/// The checkout page, as a browser receives it.
@Suite struct PageTests {
    @Test(arguments: [
        ("en", "Pay $12.50", "Expires in"), ("es", "Pagar 12,50\u{A0}US$", "Caduca en"),
        ("tr", "$12,50 öde", "Kalan süre"),
    ])
    func asksInEachLanguage(locale: String, button: String, time: String) async throws {
        try await Harness.run { harness in
            let id = try await harness.published()
            let page = try await harness.client.send("GET", "/\(locale)/link/\(id)")
            #expect(page.status == 200)
            #expect(page.header("Content-Type") == "text/html; charset=utf-8")
            #expect(page.text.contains("<html lang=\"\(locale)\">"))
            #expect(page.text.contains(">\(button)</button>"))
            #expect(page.text.contains(time))
            #expect(page.text.contains(">1:00:00</b>"))
            #expect(page.text.contains("Blue mug"))
        }
    }

    @Test func escapesWhateverItShows() async throws {
        try await Harness.run(SandboxOptions(merchantName: "<b>Ann & 'Bob'</b>", username: "\"><script>")) { harness in
            let body =
                #"{"amount": 1, "description": "<script>alert(1)</script> \" ' & <img src=x onerror=y>", "reuseable": false}"#
            let id = try await harness.published(body)
            for path in ["/en/link/\(id)", "/"] {
                let text = try await harness.client.send("GET", path).text
                #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt; &quot; &#39; &amp; &lt;img"))
                #expect(!text.contains("<script>"))
                #expect(!text.contains("<img"))
                #expect(!text.contains("<b>Ann"))
            }
        }
    }

    @Test func neverShowsAPictureThatIsNoWebAddress() {
        let state = SandboxLink(
            id: "018f5a3c-0000-7000-8000-000000000000", amount: 1, description: "x", mediaURL: "javascript:alert(1)",
            reusable: false, requestedPayerUserID: nil, expirationTimestamp: 1_900_000_000, created: testStart,
            updated: testStart)
        let page = CheckoutPage(
            link: state, now: testStart, locale: .en, merchantName: "Shop", username: "shop", nonce: "n")
        #expect(!page.html.text.contains("javascript:"))
        #expect(!page.html.text.contains("<img"))
    }

    @Test func loadsThePictureWithoutAReferrer() async throws {
        try await Harness.run { harness in
            let body =
                #"{"amount": 1, "description": "x", "reuseable": false, "mediaUrl": "https://example.com/a.png?b=1&c='2'"}"#
            let page = try await harness.client.send("GET", "/en/link/\(try await harness.published(body))")
            #expect(page.text.contains("src=\"https://example.com/a.png?b=1&amp;c=&#39;2&#39;\""))
            #expect(page.text.contains("referrerpolicy=\"no-referrer\""))
            #expect(page.header("Content-Security-Policy")?.contains("img-src data: https: http:;") == true)
        }
    }

    @Test func forbidsEverythingButItsOwnStyleAndScript() async throws {
        try await Harness.run { harness in
            let id = try await harness.published()
            let pages = [
                try await harness.client.send("GET", "/en/link/\(id)"),
                try await harness.client.send("GET", "/en/link/\(id)"),
            ]
            let nonces = pages.map { page -> String in
                let policy = page.header("Content-Security-Policy") ?? ""
                #expect(policy.hasPrefix("default-src 'none'"))
                #expect(policy.contains("frame-ancestors 'none'"))
                #expect(!policy.contains("unsafe"))
                let nonce = policy.split(separator: "script-src 'nonce-").last?.prefix { $0 != "'" } ?? ""
                #expect(page.text.contains("<script nonce=\"\(nonce)\">"))
                #expect(!page.text.contains(" style="))
                #expect(!page.text.contains(" onclick="))
                return String(nonce)
            }
            #expect(nonces[0] != nonces[1])
        }
    }

    @Test func paysByTheButton() async throws {
        try await Harness.run { harness in
            let id = try await harness.published()
            let path = "/es/link/\(id)"
            let page = try await harness.client.send("GET", "\(path)?closeOnComplete=true").text
            #expect(page.contains("action=\"\(path)/pay?closeOnComplete=true\""))
            let form = ["Content-Type": "application/x-www-form-urlencoded", "Origin": harness.sandbox.baseURL]
            let reply = try await harness.client.send(
                "POST", "\(path)/pay?closeOnComplete=true", headers: form, body: "")
            #expect(reply.status == 303)
            #expect(reply.header("Location") == "\(path)?closeOnComplete=true")
            let done = try await harness.client.send("GET", "\(path)?closeOnComplete=true").text
            #expect(done.contains("Pago recibido"))
            #expect(done.contains("Ya puede cerrar esta ventana."))
            #expect(done.contains("data-close=\"yes\""))
            #expect(done.contains("Confirmando…"))
            #expect(!done.contains("<form"))
            // A second click, from a tab left open, changes nothing.
            #expect(try await harness.client.send("POST", "\(path)/pay", headers: form, body: "").status == 303)
            #expect(harness.sandbox.link(id)?.paymentCount == 1)
        }
    }

    @Test func thanksForAPaymentOfAReusableLinkAndOffersAnother() async throws {
        try await Harness.run { harness in
            let id = try await harness.published(#"{"amount": 1, "description": "Tip", "reuseable": true}"#)
            let reply = try await harness.client.send("POST", "/en/link/\(id)/pay")
            #expect(reply.header("Location") == "/en/link/\(id)?paid=1")
            let thanks = try await harness.client.send("GET", "/en/link/\(id)?paid=1").text
            #expect(thanks.contains("Payment received") && thanks.contains("Pay again"))
            #expect(try await harness.client.send("GET", "/en/link/\(id)").text.contains("Pay $1.00</button>"))
        }
    }

    @Test func showsThatALinkIsOver() async throws {
        try await Harness.run { harness in
            let expired = try await harness.published()
            try harness.sandbox.expire(expired)
            let archived = try await harness.published()
            try harness.sandbox.archive(archived)
            let pages = [
                (expired, "This link has expired"), (archived, "This link is no longer available"),
            ]
            for (id, title) in pages {
                let text = try await harness.client.send("GET", "/en/link/\(id)").text
                #expect(text.contains(title))
                #expect(!text.contains("<form"))
            }
        }
    }

    @Test func saysInTheReadersLanguageThatThereIsNoSuchLink() async throws {
        try await Harness.run { harness in
            let page = try await harness.client.send("GET", "/tr/link/%3Cscript%3E")
            #expect(page.status == 404)
            #expect(page.text.contains("Böyle bir ödeme bağlantısı yok"))
            #expect(try await harness.client.send("GET", "/de/link/x").status == 404)
        }
    }

    @Test func tellsItsScriptWhenToReload() async throws {
        try await Harness.run { harness in
            let id = try await harness.published()
            func version() async throws -> String? {
                try await harness.client.send("GET", "/en/link/\(id)/state").json?["version"]?.stringValue
            }
            let active = try await version()
            #expect(
                try await harness.client.send("GET", "/en/link/\(id)").text.contains(
                    "data-version=\"\(active ?? "?")\""))
            try harness.sandbox.pay(id)
            let paid = try await version()
            harness.sandbox.advance(by: .seconds(2))
            let settled = try await version()
            #expect(Set([active, paid, settled]).count == 3)
        }
    }

    @Test(arguments: [(59, "0:59"), (3_600, "1:00:00"), (86_400, "1 day 00:00:00"), (180_061, "2 days 02:01:01")])
    func writesTheTimeLeft(seconds: Int64, text: String) {
        let link = SandboxLink(
            id: "018f5a3c-0000-7000-8000-000000000000", amount: 1, description: "x", mediaURL: nil, reusable: false,
            requestedPayerUserID: nil, expirationTimestamp: testStart.unixSeconds + seconds, created: testStart,
            updated: testStart)
        let page = CheckoutPage(
            link: link, now: testStart, locale: .en, merchantName: "Shop", username: "shop", nonce: "n")
        #expect(page.html.text.contains(">\(text)</b>"))
    }
}
