// `paylink report`: its figures against three other ways to find them, its forms, its mail, and names that mean harm.

import Foundation
import TestSupport
import Testing

@Suite struct ReportCommandTests {
    private static let account = "018f5a3c-0000-7000-8000-00000000a11c"
    private static let month = ["report", "--month", "2026-11", "--zone", "Europe/Berlin"]

    /// A ledger that paylink has made, with one account at the service's own address.
    private struct Shop {
        let folder = try! TemporaryFolder()  // Safe because: a test without a folder is to fail.

        var environment: [String: String] {
            [
                "PAYLINK_LEDGER": folder.path + "/ledger.db", "ONESHOT_USER_ID": ReportCommandTests.account,
                "ONESHOT_API_TOKEN": "unused",
            ]
        }

        static func open() async throws -> Shop {
            let shop = Shop()
            let made = try await shop.run(["run", "-e", "paylink.once('made', function() return true end)"])
            #expect(made.status == 0, "\(made)")
            return shop
        }

        func run(_ arguments: [String], _ more: [String: String] = [:]) async throws -> Outcome {
            try await PaylinkProcess.start(
                arguments, environment: environment.merging(more) { $1 }, directory: folder.path, limit: .seconds(300)
            ).finish()
        }

        func python(_ arguments: [String]) async throws -> Outcome {
            let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("Fixtures/report_month.py").path
            return try await ChildProcess(
                "/usr/bin/python3", [file] + arguments, environment: ["PATH": "/usr/bin:/bin"], directory: folder.path,
                limit: .seconds(300)
            ).finish()
        }

        /// Links of which each has one name, made and paid on the first of November.
        func insert(names: [String]) async throws {
            let file = try folder.write("names.json", JSON(names).text)
            let code = """
                import json, sqlite3, sys, uuid
                names = json.load(open(sys.argv[2]))
                c = sqlite3.connect(sys.argv[1])
                for n, name in enumerate(names):
                    i = str(uuid.UUID(int=n + 1)); at = 1793520000
                    p = {"id": str(uuid.UUID(int=n + 1000)), "payLinkId": i, "amount": 5000000, "createdTimestamp": at}
                    l = {"id": i, "status": 1, "amount": 5000000, "description": name, "paymentCount": 1, "mostRecentPayment": p,
                         "createdTimestamp": at}
                    c.execute("INSERT INTO links (scope_id, key, state, run_id, is_held, attempts, possible_orphans, amount_micro, "
                        "created_at, updated_at, link_id, status, url, locale, close_on_complete, description, terms, link) "
                        "VALUES (1, ?, 'done', 1, 0, 1, 0, 5000000, ?, ?, ?, 'paid', 'u', 'en', 0, ?, '{}', ?)",
                        (name, at, at, i, name, json.dumps(l)))
                    c.execute("INSERT INTO payments (scope_id, link_id, payment_id, received_micro, made_at, seen_at, payment) "
                        "VALUES (1, ?, ?, 5000000, ?, ?, ?)", (i, p["id"], at, at, json.dumps(p)))
                c.commit()
                """
            let outcome = try await ChildProcess("/usr/bin/python3", ["-c", code, folder.path + "/ledger.db", file]).finish()
            #expect(outcome.status == 0, "\(outcome)")
        }
    }

    /// Every figure against the month's construction, SQL on the ledger, and Python over the export.
    @Test func aMonthOfFiftyThousandLinksAgreesFigureByFigure() async throws {
        let shop = try await Shop.open()
        let filled = try await shop.python(["fill", "ledger.db", "50000", "figures.json"])
        #expect(filled.status == 0, "\(filled)")
        let report = try await shop.run(Self.month + ["--json", "--by", "day"])
        #expect(report.status == 0 && report.errors == "", "\(report.errors)")
        try shop.folder.write("report.json", report.output)
        let export = try await shop.run(["ledger", "export", "--json"])
        try shop.folder.write("export.json", export.output)
        let checked = try await shop.python(["check", "figures.json", "ledger.db", "report.json", "export.json"])
        #expect(checked.status == 0, "\(checked)")

        // The forms show the same.
        let total = try #require(try JSON(parsing: report.output)["total"])
        let csv = try await shop.run(Self.month + ["--csv", "--by", "description"])
        let columns = csv.lines[0].split(separator: ",").map(String.init)
        let last = try #require(csv.lines.last).split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        #expect(csv.lines.count == 54 && columns.count == last.count && last[0] == "total", "\(csv.lines.count)")
        for (name, cell) in zip(columns, last).dropFirst() {
            #expect(total[name]?.string == cell || total[name]?.integer == Int(cell), "\(name): \(cell)")
        }
    }

    /// What a key or a description holds is text wherever it is shown.
    @Test(arguments: BrowserTests.screens)
    func namesThatMeanHarmAreText(_ screen: BrowserTests.Screen) async throws {
        let shop = try await Shop.open()
        let names = [
            "<script>document.title = 'owned'</script>", "\"><img src=x onerror=\"document.title='owned'\">", "</table></main><h1>x",
            "&lt;b&gt; &amp;", "\u{202E}gnp.tfel-ot-thgir", "שלום עולם", "\u{1B}[31mred", "]]>--><!--",
            String(repeating: "long", count: 2_500), "{{7*7}}${7*7}", "=1+1", "",
        ]
        try await shop.insert(names: names)
        for by in ["hour", "day", "month", "key", "description"] {
            for locale in ["en", "es", "tr"] {
                let text = try await shop.run(Self.month + ["--by", by, "--locale", locale])
                #expect(text.status == 0 && text.lines.allSatisfy { $0.count <= 80 }, "\(by), \(locale): \(text)")
            }
        }
        let text = try await shop.run(Self.month + ["--by", "description"])
        #expect(text.status == 0 && !text.output.contains("\u{1B}"), "\(text)")
        #expect(!text.output.unicodeScalars.contains("\u{202E}"))
        let outcome = try await shop.run(Self.month + ["--by", "description", "--html", "page.html"])
        #expect(outcome.status == 0 && outcome.output == "", "\(outcome)")
        let page = try String(contentsOfFile: shop.folder.path + "/page.html", encoding: .utf8)
        #expect(!page.contains("<script") && !page.contains("<img") && page.contains("&lt;script&gt;"))

        let browser = try await Chromium.start()
        try await browser.resize(width: screen.width, height: screen.height, isMobile: screen.isMobile)
        try await browser.open("file://" + shop.folder.path + "/page.html")
        #expect(try await browser.value("document.title").string?.hasPrefix("Pay links, 2026-11-01") == true)
        #expect(try await browser.value("document.querySelectorAll('h1').length").integer == 1)
        let shown = try await browser.value("[...document.querySelectorAll('section tbody th')].map(e => e.textContent)")
        for name in names where !name.isEmpty { #expect(shown.list.contains { $0.string == name }, "\(name.prefix(40))") }
        let width = try await browser.value("document.documentElement.scrollWidth").integer
        #expect(width == screen.width, "no horizontal overflow")
        // Whatever can be reached by the keyboard has a name, and each picture has its numbers behind it.
        let unnamed = try await browser.value(
            "[...document.querySelectorAll('[tabindex], summary, [role=img]')].filter(e => !(e.getAttribute('aria-label') || e.textContent).trim()).length")
        #expect(unnamed.integer == 0)
        #expect(try await browser.value("document.querySelectorAll('figure table').length").integer == 2)
        #expect(try await browser.value("document.querySelectorAll('th:not([scope])').length").integer == 0)
        #expect(try await browser.complaints() == [])
        #expect(try await browser.screenshot("report-\(screen.name)") > 10_000)
    }

    @Test func itIsSentAsTextWithThePageAttached() async throws {
        let shop = try await Shop.open()
        try await shop.insert(names: ["order-1", "order-2"])
        let post = try await Receiver.start("smtp_receiver", in: shop.folder)
        try shop.folder.write("paylink.toml", "[mail]\nserver = \"smtp://127.0.0.1:\(post.port)\"\nfrom = \"shop@example.com\"\n")
        let outcome = try await shop.run(Self.month + ["--mail", "boss@example.com", "--mail", "Office <office@example.com>"])
        #expect(outcome.status == 0 && outcome.output == "" && outcome.errors == "", "\(outcome)")
        let entry = try #require(try post.entries().first)
        let mail = entry["data"]?.string.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) } ?? ""
        for part in ["boss@example.com", "office@example.com", "Pay links, 2026-11-01", "paylink-2026-11-01_2026-11-30.html"] {
            #expect(mail.contains(part), "\(part): \(mail.prefix(2_000))")
        }

        for (settings, reason) in [
            ("[mail]\nserver = \"smtp://127.0.0.1:1\"\n", "needs a sender"), ("[mail]\nfrom = \"a@b.example\"\n", "needs a mail server"),
        ] {
            try shop.folder.write("paylink.toml", settings)
            let refused = try await shop.run(Self.month + ["--mail", "boss@example.com"])
            #expect(refused.status == 78 && refused.errors.contains(reason), "\(refused)")
        }
        try shop.folder.write("paylink.toml", "[mail]\nserver = \"smtp://127.0.0.1:1\"\nfrom = \"a@b.example\"\n")
        let away = try await shop.run(Self.month + ["--mail", "boss@example.com"])
        #expect(away.status == 69 && away.errors.contains("the report was not sent"), "\(away)")
        let none = try await shop.run(Self.month + ["--mail", "no address"])
        #expect(none.status == 64, "\(none)")
    }

    @Test(
        arguments: [
            (["--month", "2026-13"], "no month"), (["--month", "November"], "no month"), (["--since", "yesterday"], "neither a day"),
            (["--since", "2026-02-30"], "neither a day"), (["--until", "2026-11-02"], "needs --since"),
            (["--since", "2026-11-02", "--until", "2026-11-01"], "before --since"), (["--since", "7d", "--until", "soon"], "no day"),
            (["--today", "--yesterday"], "not both"), (["--by", "week"], "none of"), (["--csv", "--json"], "not both"),
            (["--zone", "Europe/Nowhere"], "Europe/Nowhere"),
        ])
    func whatCannotBeMeantIsRefused(options: [String], reason: String) async throws {
        let shop = try await Shop.open()
        let outcome = try await shop.run(["report"] + options)
        #expect(outcome.status == 64 && outcome.errors.contains(reason) && outcome.output == "", "\(outcome)")
    }

    @Test func periodsFollowTheClockOfTheirZone() async throws {
        let shop = try await Shop.open()
        try await shop.insert(names: ["order-1"])
        // 2026-11-01T12:00:00Z is the day before yesterday there.
        func asked(_ options: String...) async throws -> Int? {
            let outcome = try await shop.run(["report", "--json"] + options, ["PAYLINK_TEST_NOW": "1793620000"])
            #expect(outcome.status == 0, "\(outcome)")
            return try JSON(parsing: outcome.output)["total"]?["asked_links"]?.integer
        }
        #expect(try await asked("--yesterday", "--zone", "UTC") == 1)
        #expect(try await asked("--today", "--zone", "UTC") == 0)
        #expect(try await asked("--yesterday", "--zone", "Pacific/Kiritimati") == 0)
        #expect(try await asked("--since", "2d") == 1)
        #expect(try await asked("--since", "1h") == 0)
        #expect(try await asked("--since", "2026-11-01", "--until", "2026-11-01", "--zone", "UTC") == 1)
        #expect(try await asked() == 1)
    }
}
