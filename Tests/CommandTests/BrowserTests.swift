// The checkout page in a real browser: what a payer sees on a desktop and on a phone, and what paying there does.

import Testing

@Suite struct BrowserTests {
    struct Screen: Sendable, CustomTestStringConvertible {
        var name: String
        var width: Int
        var height: Int
        var isMobile: Bool

        var testDescription: String { name }
    }

    static let screens = [
        Screen(name: "desktop", width: 1280, height: 900, isMobile: false),
        Screen(name: "phone", width: 390, height: 844, isMobile: true),
    ]

    /// Whether an element is there, has a size, lies inside the window and is not covered by another.
    private func isVisible(_ selector: String, _ browser: Chromium) async throws -> Bool {
        try await browser.value(
            """
            (() => {
              const e = document.querySelector('\(selector)')
              if (!e) return false
              const r = e.getBoundingClientRect(), s = getComputedStyle(e)
              if (r.width < 1 || r.height < 1 || s.visibility !== 'visible' || Number(s.opacity) < 0.5) return false
              if (r.left < 0 || r.right > innerWidth || r.top < 0 || r.bottom > innerHeight) return false
              const top = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)
              return e === top || e.contains(top)
            })()
            """
        ).flag ?? false
    }

    private func text(_ selector: String, _ browser: Chromium) async throws -> String {
        try await browser.value("document.querySelector('\(selector)')?.innerText ?? ''").string ?? ""
    }

    private func expectFits(_ screen: Screen, _ browser: Chromium) async throws {
        let width = try await browser.value("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
            .integer
        #expect(width == screen.width, "no horizontal overflow")
        let wide = try await browser.value(
            """
            [...document.querySelectorAll('body *')].filter(e => { const r = e.getBoundingClientRect(); return r.width > 0 && (r.right > innerWidth + 1 || r.left < -1) }).map(e => e.className || e.tagName)
            """)
        #expect(wide.list.isEmpty, "\(wide)")
    }

    @Test(arguments: screens)
    func aPayerPaysAndTheWaitEnds(_ screen: Screen) async throws {
        let sandbox = try await SandboxProcess.start(["--merchant", "Blue Mug Shop", "--settle-after", "1h"])
        let link = try await sandbox.created([
            "--amount", "1234.50", "--description", "Order 1001: two mugs, <b>blue</b> & large",
        ])
        let id = try #require(link["id"]?.string)
        let waiting = try sandbox.start(["wait", id, "--timeout", "60s"])
        let browser = try await Chromium.start()
        try await browser.resize(width: screen.width, height: screen.height, isMobile: screen.isMobile)
        try await browser.open(try #require(link["url"]?.string))

        #expect(try await text("h1", browser) == "Order 1001: two mugs, <b>blue</b> & large")
        #expect(try await text(".merchant-name", browser) == "Blue Mug Shop")
        #expect(try await text(".amount", browser) == "$1,234.50")
        #expect(try await text("#pay", browser) == "Pay $1,234.50")
        for selector in ["h1", ".merchant-name", ".amount", "#pay", "#timer"] {
            #expect(try await isVisible(selector, browser), "\(selector)")
        }
        try await expectFits(screen, browser)
        #expect(try await browser.screenshot("\(screen.name)-active") > 5_000)

        try await sandbox.untilAskedFor(id)
        try await browser.loading { try await browser.click("#pay") }
        #expect(try await browser.value("document.body.dataset.face").string == "paid")
        #expect(try await text("h2", browser) == "Payment received")
        #expect(try await text(".amount", browser) == "$1,234.50")
        #expect(try await isVisible("h2", browser))
        #expect(try await browser.value("document.querySelector('#pay') === null").flag == true)
        try await expectFits(screen, browser)
        #expect(try await browser.screenshot("\(screen.name)-paid") > 5_000)
        #expect(try await browser.complaints() == [])

        let outcome = try await waiting.finish()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.lines.contains("status       paid"))
        #expect(try await sandbox.links().first?["paymentCount"]?.integer == 1)
    }

    @Test func aWindowThatMayNotCloseItselfSaysSo() async throws {
        let sandbox = try await SandboxProcess.start()
        let link = try await sandbox.created(["--close-on-complete"])
        let address = try #require(link["url"]?.string)
        #expect(address.hasSuffix("?closeOnComplete=true"))
        let browser = try await Chromium.start()
        try await browser.resize(width: 390, height: 844, isMobile: true)
        // With a history, a window is the user's own, and no page may close it.
        try await browser.open(try #require(sandbox.variables["PAYLINK_BASE_URL"]) + "/")
        try await browser.open(address)
        try await browser.loading { try await browser.click("#pay") }
        #expect(try await text(".standing", browser).contains("You can close this window."))
        #expect(try await browser.value("document.body.dataset.close").string == "yes")
        try await browser.screenshot("phone-close-on-complete")
    }

    @Test func anOpenPageShowsAPaymentMadeElsewhere() async throws {
        let sandbox = try await SandboxProcess.start()
        let link = try await sandbox.created()
        let browser = try await Chromium.start()
        try await browser.open(try #require(link["url"]?.string))
        #expect(try await browser.value("document.body.dataset.face").string == "active")
        try await browser.loading { try await sandbox.pay(try #require(link["id"]?.string)) }
        #expect(try await browser.value("document.body.dataset.face").string == "paid")
    }

    @Test(arguments: [("expire", "This link has expired"), ("archive", "This link is no longer available")])
    func aLinkThatIsOverCannotBePaid(_ call: String, _ title: String) async throws {
        let sandbox = try await SandboxProcess.start()
        let link = try await sandbox.created()
        try await sandbox.control("POST", "\(call)/\(try #require(link["id"]?.string))")
        let browser = try await Chromium.start()
        try await browser.resize(width: 1280, height: 900, isMobile: false)
        try await browser.open(try #require(link["url"]?.string))
        #expect(try await text("h2", browser) == title)
        #expect(try await browser.value("document.querySelector('#pay') === null").flag == true)
        try await browser.screenshot("desktop-\(call)")
    }
}
