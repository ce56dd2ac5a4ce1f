// The dashboard in a real browser: desktop and phone, light and dark, keyboard and assistive technology, and payments as they come.

import TestSupport
import Testing

@Suite struct DashboardBrowserTests {
    struct Screen: Sendable, CustomTestStringConvertible {
        var name: String
        var width: Int
        var height: Int
        var isDark: Bool

        var testDescription: String { name }
    }

    static let screens = [
        Screen(name: "desktop", width: 1280, height: 900, isDark: false),
        Screen(name: "desktop-dark", width: 1280, height: 900, isDark: true),
        Screen(name: "phone", width: 390, height: 844, isDark: false),
        Screen(name: "phone-dark", width: 360, height: 740, isDark: true),
    ]

    private static let hostile =
        "<img src=x onerror=document.title='hacked'> \u{202E}gnp.exe שלום " + String(repeating: "W", count: 300)

    /// Links in every state, a doubt, jobs and a batch.
    private func shop() async throws -> DashboardShop {
        let shop = try await DashboardShop.open()
        let script = try shop.folder.write(
            "shop.lua",
            """
            for i = 1, 12 do
              assert(paylink.create{ amount = tostring(i * 37) .. ".50", description = "Order " .. i, key = "order-" .. (1000 + i) })
            end
            print("report done")
            """)
        _ = try await shop.run(["run", "--job", "daily", script])
        for (key, amount) in [("order-1002", nil), ("order-1005", "20.00"), ("order-1007", "900.00")]
            as [(String, String?)]
        {
            let id = try JSON(parsing: try await shop.run(["ledger", "show", "--json", key]).output)["link"]?["id"]?
                .string
            try await shop.pay(try #require(id), amount)
        }
        try await shop.pay(try await shop.link("evil-<b>1</b>", "3.00", Self.hostile))
        let bad = try shop.folder.write("bad.lua", "error('no database')")
        _ = try await shop.run(["run", "--job", "nightly", bad])
        try shop.folder.write("orders.csv", "key,amount,description\nb-1,5.00,Cup\n")
        _ = try await shop.run(["batch", "orders.csv"])
        try await shop.doubt("order-7")
        return shop
    }

    @Test(arguments: screens)
    func everyPageFitsIsNamedAndCanBeRead(_ screen: Screen) async throws {
        let shop = try await shop()
        let dashboard = try await shop.dashboard(["--allow-actions"])
        try await dashboard.until("") { $0.contains("$1,") && $0.contains("badge") }
        let browser = try await Chromium.start()
        try await browser.resize(width: screen.width, height: screen.height, isMobile: screen.width < 500)
        try await browser.prefer(dark: screen.isDark)
        let evil = try await dashboard.get("links?q=evil").body.firstMatch(of: #/links\/(\d+)"/#)?.1 ?? "1"
        let run =
            try await dashboard.get("jobs").body.firstMatch(of: #/mark failed" href="[^"]*jobs\/(\d+)"/#)?.1 ?? "1"
        for path in ["", "links", "links/\(evil)", "doubt", "jobs", "jobs/\(run)", "times"] {
            try await browser.open(dashboard.address + path)
            let name = "dashboard-\(screen.name)-" + (path.isEmpty ? "today" : path.replacing("/", with: "-"))
            try await browser.screenshot(name)
            let width = try await browser.value("document.documentElement.scrollWidth").integer
            #expect(width == screen.width, "\(name): no horizontal overflow")
            let problems = try await browser.value(Self.checks).list.compactMap(\.string)
            #expect(problems.isEmpty, "\(name): \(problems.joined(separator: "\n"))")
            let unnamed = try await browser.accessibilityTree().filter {
                ["link", "button", "textbox", "searchbox", "combobox", "image", "img", "table", "heading"].contains(
                    $0.role)
                    && $0.name.isEmpty
            }
            #expect(unnamed.isEmpty, "\(name): \(unnamed)")
        }
        #expect(try await browser.value("document.title").string?.contains("hacked") == false)
        // The checks see what is wrong.
        _ = try await browser.value(
            "document.querySelector('main').insertAdjacentHTML('beforeend', '<p id=content>twice</p><h4>deep</h4><table><tr><th>x</th></tr></table>' + '<button>.</button>'); "
                + "const b = [...document.querySelectorAll('main button')].pop(); b.style = 'min-height:0;padding:0;font-size:8px;color:#999;background:#aaa;margin-left:-900px'; 1"
        )
        let planted = try await browser.value(Self.checks).list.compactMap(\.string).joined(separator: "\n")
        for problem in ["id twice", "heading skips", "scope", "contrast", "small to touch", "beyond the window"] {
            #expect(planted.contains(problem), "\(problem): \(planted)")
        }
        #expect(try await browser.complaints() == [])
    }

    /// What can be checked without a library: names, structure, contrast, sizes of what is touched.
    private static let checks = """
        (() => {
          const problems = []
          const say = (what, e) => problems.push(what + ': ' + e.outerHTML.slice(0, 160))
          const ids = [...document.querySelectorAll('[id]')].map(e => e.id)
          for (const id of new Set(ids)) if (ids.filter(i => i === id).length > 1) problems.push('id twice: ' + id)
          if (document.querySelectorAll('main').length !== 1 || document.querySelectorAll('h1').length !== 1) problems.push('one main, one h1')
          if (!document.documentElement.lang || !document.title) problems.push('language and title')
          let level = 1
          for (const h of document.querySelectorAll('h1,h2,h3,h4')) { const n = +h.tagName[1]; if (n > level + 1) say('heading skips', h); level = n }
          for (const e of document.querySelectorAll('[aria-labelledby]')) if (!document.getElementById(e.getAttribute('aria-labelledby'))) say('label missing', e)
          for (const e of document.querySelectorAll('th')) if (!e.scope) say('scope', e)
          for (const e of document.querySelectorAll('[tabindex]')) if (e.tabIndex > 0) say('tabindex', e)
          const numbers = c => c.match(/[\\d.]+/g).map(Number)
          const light = c => { const [r, g, b] = numbers(c).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b }
          const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05) }
          const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor, n = numbers(c); if (n.length < 4 || n[3] > 0) return c } return 'rgb(255, 255, 255)' }
          const seen = e => { const r = e.getBoundingClientRect(), s = getComputedStyle(e); return r.width > 1 && r.height > 1 && s.visibility === 'visible' && s.clipPath === 'none' }
          for (const e of document.querySelectorAll('body *')) {
            if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !seen(e) || e.closest('.unseen, .skip')) continue
            const svg = e.closest('svg'), style = getComputedStyle(e)
            const r = ratio(svg ? style.fill : style.color, behind(svg || e))
            if (r < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) say('contrast ' + r.toFixed(2), e)
          }
          for (const e of document.querySelectorAll('button, input:not([type=hidden]), select, nav a, .button, .mark[href]')) {
            const r = e.getBoundingClientRect()
            if (seen(e) && (r.width < 24 || r.height < 24)) say('small to touch', e)
          }
          for (const e of document.querySelectorAll('body *')) {
            const r = e.getBoundingClientRect()
            if (seen(e) && !e.closest('.wide, .picture, .skip') && (r.right > innerWidth + 1 || r.left < -1)) say('beyond the window', e)
          }
          return problems
        })()
        """

    @Test func aPaymentAppearsWithinASecondWithoutReload() async throws {
        let shop = try await DashboardShop.open()
        let id = try await shop.link("order-1001", "12.50")
        let dashboard = try await shop.dashboard()
        try await dashboard.until("") { $0.contains("1 link") }
        let browser = try await Chromium.start()
        try await browser.open(dashboard.address)
        try await browser.until("document.getElementById('state').className === 'soft on'")
        _ = try await browser.value(
            """
            (() => {
              window.isTheSame = true
              document.querySelector('summary').click()
              document.querySelector('summary').focus()
              window.came = new Promise(done => new MutationObserver(() => {
                if (document.querySelector('#payments li')) done(performance.timeOrigin + performance.now())
              }).observe(document.getElementById('payments'), { childList: true, subtree: true }))
              return 1
            })()
            """)
        try await shop.sandbox.pay(id)
        let got = try await shop.run(["get", id])
        #expect(got.status == 0)
        let recorded = try await browser.value("performance.timeOrigin + performance.now()").number ?? 0
        let came = try await browser.value("window.came").number ?? .infinity
        // A machine that is busy with other tests is given more: what is asked for is measured by scripts/bench dashboard.
        #expect(came - recorded < 5_000)
        #expect(try await browser.value("window.isTheSame").flag == true, "no reload")
        #expect(
            try await browser.value("document.querySelector('#payments li').innerText").string?.contains("$12.50")
                == true)
        #expect(
            try await browser.value("document.getElementById('news').textContent").string
                == "Received $12.50 for order-1001.")
        try await browser.until(
            "document.querySelector('#sums li:nth-child(2)').innerText.replace(/\\s/g, '').includes('$12.50')")
        // What was open stays open, and the focus stays where it was.
        try await browser.until(
            "document.querySelector('#hours .picture').getAttribute('aria-label').includes('received $12.50')")
        #expect(try await browser.value("document.querySelector('details').open").flag == true)
        #expect(try await browser.value("document.activeElement.tagName").string == "SUMMARY")
        #expect(try await browser.complaints() == [])
    }

    @Test func everythingIsReachedByTheKeyboard() async throws {
        let shop = try await shop()
        let dashboard = try await shop.dashboard(["--allow-actions"])
        try await dashboard.until("doubt") { $0.contains("order-7") }
        let browser = try await Chromium.start()
        try await browser.resize(width: 1280, height: 900, isMobile: false)
        try await browser.open(dashboard.address)
        func focused() async throws -> String {
            try await browser.value(
                "(document.activeElement.innerText || document.activeElement.getAttribute('aria-label') || document.activeElement.tagName).trim()"
            ).string ?? ""
        }
        /// Presses Tab until it is there; the focus can be seen on the way.
        func tab(to wanted: String, most: Int = 60) async throws {
            for _ in 0..<most {
                try await browser.press("Tab")
                let isShown = try await browser.value(
                    "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
                ).flag
                let name = try await focused()
                #expect(isShown == true, "the focus is seen on \(name)")
                if name == wanted { return }
            }
            Issue.record("\(wanted) was not reached by Tab")
        }
        try await browser.press("Tab")
        #expect(try await focused() == "Skip to the content")
        try await browser.press("Enter")
        #expect(try await browser.value("document.activeElement.id").string == "content")
        try await browser.open(dashboard.address)
        try await tab(to: "Links")
        try await browser.loading { try await browser.press("Enter") }
        try await tab(to: "INPUT")
        try await browser.type("order-1005")
        try await browser.loading { try await browser.press("Enter") }
        try await tab(to: "order-1005")
        try await browser.loading { try await browser.press("Enter") }
        #expect(try await browser.value("document.querySelector('h1').innerText").string == "order-1005")
        #expect(
            try await browser.value("document.querySelector('#story').innerText").string?.contains("lacking") == true)
        try await browser.open(dashboard.address + "doubt")
        try await tab(to: "It was not made: send it again")
        try await browser.loading { try await browser.press("Enter") }
        try await tab(to: "Yes, do it")
        try await browser.loading { try await browser.press("Enter") }
        #expect(try await browser.value("document.body.innerText").string?.contains("Done, and recorded.") == true)
        #expect(try await browser.complaints() == [])
    }

    @Test func thePagesAreWholeWithoutScripts() async throws {
        let shop = try await DashboardShop.open()
        try await shop.pay(try await shop.link("order-1001"))
        let dashboard = try await shop.dashboard()
        try await dashboard.until("") { $0.contains("$12.50") }
        let browser = try await Chromium.start()
        try await browser.allowScripts(false)
        try await browser.open(dashboard.address)
        try await browser.screenshot("dashboard-without-scripts")
        try await browser.loading { try await browser.click("nav li:nth-child(2) a") }
        let names = try await browser.accessibilityTree().map(\.name)
        #expect(names.contains("order-1001") && names.contains("Find"))
    }
}
