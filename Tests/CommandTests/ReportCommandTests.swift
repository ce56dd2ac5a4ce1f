// `paylink report`: its figures against three other ways to find them, its forms, its mail, and names that mean harm.

import Foundation
import TestSupport
import Testing

@Suite struct ReportCommandTests {
    private static let month = ["report", "--month", "2026-11", "--zone", "Europe/Berlin"]

    /// Every figure against the month's construction, SQL on the ledger, and Python over the export.
    @Test func aMonthOfFiftyThousandLinksAgreesFigureByFigure() async throws {
        let shop = try await ReportShop.open()
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
        #expect(
            csv.lines.count == 54 && columns.count == last.count && last[..<2] == ["total", ""], "\(csv.lines.count)")
        for (name, cell) in zip(columns, last).dropFirst(2) {
            #expect(total[name]?.string == cell || total[name]?.integer == Int(cell), "\(name): \(cell)")
        }
    }

    /// What a key or a description holds is text wherever it is shown.
    @Test(arguments: BrowserTests.screens)
    func namesThatMeanHarmAreText(_ screen: BrowserTests.Screen) async throws {
        let shop = try await ReportShop.open()
        let names = [
            "<script>document.title = 'owned'</script>", "\"><img src=x onerror=\"document.title='owned'\">",
            "</table></main><h1>x",
            "&lt;b&gt; &amp;", "\u{202E}gnp.tfel-ot-thgir", "שלום עולם", "\u{1B}[31mred", "]]>--><!--",
            String(repeating: "long", count: 2_500), "{{7*7}}${7*7}", "=1+1", "",
            String(repeating: "\t", count: 15) + "x",
            String(repeating: "\u{200B}", count: 10_000), String(repeating: "o\u{301}", count: 5_000), "total",
            "caf\u{E9}", "cafe\u{301}",
        ]
        try await shop.insert(names: names)
        for by in ["hour", "day", "month", "key", "description"] {
            for locale in ["en", "es", "tr"] {
                let text = try await shop.run(Self.month + ["--by", by, "--locale", locale])
                #expect(
                    text.status == 0 && text.lines.allSatisfy { $0.filter { $0 != "\u{200B}" }.count <= 80 },
                    "\(by), \(locale): \(text)")
            }
        }
        let text = try await shop.run(Self.month + ["--by", "description"])
        #expect(text.status == 0 && !text.output.contains("\u{1B}") && !text.output.contains("\t"), "\(text)")
        #expect(text.lines.allSatisfy { $0.unicodeScalars.count <= 160 }, "no line is endless")
        let csv = try await shop.run(Self.month + ["--by", "description", "--csv"])
        #expect(csv.lines.filter { $0.hasPrefix("group,caf") }.count == 2)
        #expect(csv.lines.filter { $0.hasPrefix("total,") }.count == 1)
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
        let shown = try await browser.value(
            "[...document.querySelectorAll('section tbody th')].map(e => e.textContent)")
        for name in names.prefix(7)
        where !name.isEmpty && !name.unicodeScalars.contains(where: { $0.value == 0x202E || $0.value < 32 }) {
            #expect(shown.list.contains { $0.string == name }, "\(name.prefix(40))")
        }
        #expect(shown.list.allSatisfy { ($0.string ?? "").count <= 301 } && page.utf8.count < 100_000)
        let width = try await browser.value("document.documentElement.scrollWidth").integer
        #expect(width == screen.width, "no horizontal overflow")
        // Whatever can be reached by the keyboard has a name, and each picture has its numbers behind it.
        let unnamed = try await browser.value(
            "[...document.querySelectorAll('[tabindex], summary, [role=img]')].filter(e => !(e.getAttribute('aria-label') || e.textContent).trim()).length"
        )
        #expect(unnamed.integer == 0)
        #expect(try await browser.value("document.querySelectorAll('figure table').length").integer == 2)
        #expect(try await browser.value("document.querySelectorAll('th:not([scope])').length").integer == 0)
        #expect(try await browser.complaints() == [])
        #expect(try await browser.screenshot("report-\(screen.name)") > 10_000)
    }

    @Test func itIsSentAsTextWithThePageAttached() async throws {
        let shop = try await ReportShop.open()
        try await shop.insert(names: ["order-1", "order-2"])
        let post = try await Receiver.start("smtp_receiver", in: shop.folder)
        try shop.folder.write(
            "paylink.toml", "[mail]\nserver = \"smtp://127.0.0.1:\(post.port)\"\nfrom = \"shop@example.com\"\n")
        let outcome = try await shop.run(
            Self.month + ["--mail", "boss@example.com", "--mail", "Office <office@example.com>"])
        #expect(outcome.status == 0 && outcome.output == "" && outcome.errors == "", "\(outcome)")
        let entry = try #require(try post.entries().first)
        let mail =
            entry["data"]?.string.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) } ?? ""
        for part in [
            "boss@example.com", "office@example.com", "Pay links, 2026-11-01", "paylink-2026-11-01_2026-11-30.html",
        ] {
            #expect(mail.contains(part), "\(part): \(mail.prefix(2_000))")
        }

        for (settings, reason) in [
            ("[mail]\nserver = \"smtp://127.0.0.1:1\"\n", "needs a sender"),
            ("[mail]\nfrom = \"a@b.example\"\n", "needs a mail server"),
            ("[mail]\nfrom = \"a@b.example\"\nserver = \"ftp://x\"\n", "mail server"),
            ("[mail]\nfrom = \"nobody\"\nserver = \"sendmail\"\n", "mail.from"),
        ] {
            try shop.folder.write("paylink.toml", settings)
            let refused = try await shop.run(Self.month + ["--mail", "boss@example.com"])
            #expect(refused.status == 78 && refused.errors.contains(reason), "\(refused)")
        }
        // A program that took all of it and then failed: perhaps it was sent.
        let program = try shop.folder.write("sendmail.sh", "#!/bin/sh\ncat >/dev/null\nexit 70\n", mode: 0o755)
        try shop.folder.write("paylink.toml", "[mail]\nserver = \"\(program)\"\nfrom = \"a@b.example\"\n")
        let doubtful = try await shop.run(Self.month + ["--mail", "boss@example.com", "--csv"])
        #expect(doubtful.status == 75 && doubtful.errors.contains("may have been sent"), "\(doubtful)")
        #expect(doubtful.lines.last?.hasPrefix("total,") == true)
        try shop.folder.write("paylink.toml", "[mail]\nserver = \"smtp://127.0.0.1:1\"\nfrom = \"a@b.example\"\n")
        let away = try await shop.run(Self.month + ["--mail", "boss@example.com"])
        #expect(away.status == 69 && away.errors.contains("the report was not sent"), "\(away)")
        let none = try await shop.run(Self.month + ["--mail", "no address"])
        #expect(none.status == 64, "\(none)")
    }

    @Test(
        arguments: [
            (["--month", "2026-13"], "no month"), (["--month", "November"], "no month"),
            (["--since", "yesterday"], "neither a day"),
            (["--since", "2026-02-30"], "neither a day"), (["--until", "2026-11-02"], "needs --since"),
            (["--since", "2026-11-02", "--until", "2026-11-01"], "not before --until"),
            (["--since", "7d", "--until", "2020-01-01"], "not before --until"),
            (["--since", "2099-01-01"], "not before now"),
            (["--since", "0001-01-01"], "neither a day"),
            (["--since", "7d", "--until", "soon"], "no day"),
            (["--today", "--yesterday"], "not both"), (["--by", "week"], "none of"), (["--csv", "--json"], "not both"),
            (["--zone", "Europe/Nowhere"], "Europe/Nowhere"),
        ])
    func whatCannotBeMeantIsRefused(options: [String], reason: String) async throws {
        let shop = try await ReportShop.open()
        let outcome = try await shop.run(["report"] + options)
        #expect(outcome.status == 64 && outcome.errors.contains(reason) && outcome.output == "", "\(outcome)")
    }

    @Test func periodsFollowTheClockOfTheirZone() async throws {
        let shop = try await ReportShop.open()
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

    /// A slot that passed while the machine was off is reported as it would have been; what cron starts is recorded.
    @Test func asAJobItReportsOfTheDayBeforeItsSlot() async throws {
        let fixture = try JobFixture()
        let mine = ["ONESHOT_USER_ID": ReportShop.account]
        let refused = try await fixture.run(
            ["cron", "add", "morning", "--schedule", "0 6 * * *", "--report", "--", "--yesterday", "--by", "week"], mine
        )
        #expect(refused.status == 64 && refused.errors.contains("none of hour"), "\(refused)")
        for limited in [
            ["cron", "add", "m", "--schedule", "@daily", "--max-runtime", "1m", "--report"],
            ["report", "--job", "m", "--max-runtime", "1m"],
        ] {
            let outcome = try await fixture.run(limited, mine)
            #expect(outcome.status == 64, "\(outcome)")
            #expect(outcome.errors.contains("--max-runtime is for jobs with a script"), "\(outcome)")
        }
        let added = try await fixture.run(
            [
                "cron", "add", "morning", "--schedule", "0 6 * * *", "--zone", "UTC", "--report", "--", "--yesterday",
                "--json",
            ],
            now: JobFixture.noon, mine)
        #expect(added.status == 0 && added.output.contains("runs  paylink report --yesterday --json"), "\(added)")
        let listed = try await fixture.run(["cron", "list", "--json"], now: JobFixture.noon)
        #expect(try JSON(parsing: listed.lines[0])["command"]?.string == "report", "\(listed)")
        let crontab = try String(contentsOfFile: fixture.folder.path + "/crontab", encoding: .utf8)
        #expect(crontab.contains(" report --job morning --schedule '0 6 * * *' --zone UTC"), "\(crontab)")

        // Three days later, in the evening.
        let words = [
            "report", "--job", "morning", "--schedule", "0 6 * * *", "--zone", "UTC", "--added-at",
            String(JobFixture.noon),
            "--yesterday", "--json",
        ]
        let evening = JobFixture.noon + 3 * 86_400 + 8 * 3_600
        let ran = try await fixture.run(words, now: evening, mine)
        #expect(ran.status == 0 && ran.output == "", "a job that is well is silent: \(ran)")
        let shown = try await fixture.run(["runs", "show", "1", "--json"], now: evening)
        let tail = try JSON(parsing: shown.output)["log_tail"]?.string ?? ""
        #expect(try JSON(parsing: tail)["since"]?.string == "2026-11-27T00:00:00+00:00", "\(shown)")
        let again = try await fixture.run(words, now: evening, mine)
        #expect(again.status == 0 && again.output == "", "nothing is due: \(again)")
        let runs = try await fixture.run(["runs", "--json"], now: evening)
        #expect(runs.lines.count == 1, "\(runs)")
        #expect(try JSON(parsing: runs.lines[0])["slot_text"]?.string == "2026-11-28T06:00:00+00:00", "\(runs)")

        let failing = try await fixture.run(
            ["report", "--job", "page", "--html", "/nowhere/page.html"], now: evening, mine)
        #expect(failing.status == 74 && failing.errors.contains("paylink: job page failed"), "\(failing)")
        let loose = try await fixture.run(["report", "--schedule", "0 6 * * *"], mine)
        #expect(loose.status == 64 && loose.errors.contains("need --job NAME"), "\(loose)")
    }

    @Test func whoseLinksAreCountedIsNeverGuessed() async throws {
        let shop = try await ReportShop.open()
        try await shop.insert(names: ["order-1"])
        let nobody = ["ONESHOT_USER_ID": ""]
        let only = try await shop.run(Self.month + ["--json"], nobody)
        #expect(try JSON(parsing: only.output)["total"]?["asked_links"]?.integer == 1)
        for variables in [["PAYLINK_BASE_URL": "http://127.0.0.1:1"], [:]] {
            if variables.isEmpty { try shop.folder.write("paylink.toml", "base_url = \"http://127.0.0.1:1\"\n") }
            let elsewhere = try await shop.run(Self.month + ["--json"], nobody.merging(variables) { $1 })
            #expect(elsewhere.status == 78 && elsewhere.output == "", "\(elsewhere)")
            #expect(elsewhere.errors.contains("links of 0 at http://127.0.0.1:1"), "\(elsewhere)")
        }
        let unknown = try await shop.run(
            Self.month + ["--json", "--account", "somebody", "--base-url", "https://1shotpay.com"])
        #expect(unknown.status == 0 && unknown.errors.contains("no link of account somebody"), "\(unknown)")
    }

    /// What the service says of times and amounts is not trusted to be sensible; it ends no process.
    @Test func numbersBeyondAllMeasureEndNothing() async throws {
        let shop = try await ReportShop.open()
        try await shop.insert(names: ["order-1", "order-2", "order-3"])
        let code = """
            import json, sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            for row, made, paid, amount in [(1, -5, 2**63 - 1, 5000000), (2, 1793520000, 1793520000, -(2**63 - 1))]:
                link = json.loads(c.execute("SELECT link FROM links WHERE id = ?", (row,)).fetchone()[0])
                link["createdTimestamp"] = made
                payment = link["mostRecentPayment"]
                payment["createdTimestamp"], payment["amount"] = paid, amount
                c.execute("UPDATE links SET link = ? WHERE id = ?", (json.dumps(link), row))
                c.execute("UPDATE payments SET payment = ? WHERE link_id = ?", (json.dumps(payment), link["id"]))
            c.commit()
            """
        let spoiled = try await ChildProcess("/usr/bin/python3", ["-c", code, shop.folder.path + "/ledger.db"]).finish()
        #expect(spoiled.status == 0, "\(spoiled)")
        for arguments in [["--json"], ["--text"], ["--csv"], ["--html", "page.html"]].map({ Self.month + $0 })
            + [["ledger", "list"], ["ledger", "export", "--totals"]]
        {
            let outcome = try await shop.run(arguments)
            #expect([0, 65, 74].contains(outcome.status), "\(outcome)")
        }
    }
}
