// What is in doubt on the dashboard: told, and settled there only where that is allowed, asked twice, and recorded.

import TestSupport
import Testing

@Suite struct DashboardDoubtTests {
    /// A link whose request was sent and had no answer, and an effect that failed.
    private func shop() async throws -> DashboardShop {
        let shop = try await DashboardShop.open()
        try await shop.doubt("order-7")
        _ = try await shop.run(["run", "-e", "paylink.once('mail-7', function() error('no answer') end)"])
        return shop
    }

    @Test func itIsToldInWordsAndCommandsAndNothingCanBeDecidedByDefault() async throws {
        let shop = try await shop()
        let dashboard = try await shop.dashboard()
        let page = try await dashboard.until("doubt") { $0.contains("order-7") && $0.contains("mail-7") }
        #expect(page.contains("paylink ledger doubt resolve --retry order-7"))
        #expect(page.contains("paylink ledger doubt resolve --effect --happened mail-7"))
        #expect(page.contains("there may be a link that a customer can pay"))
        #expect(page.contains("--allow-actions") && !page.contains("<form method"))
        #expect(try await dashboard.get().body.contains("<span class=\"badge\">2</span>"))
        let refused = try await dashboard.post("act", "action=retry&subject=1&confirmed=yes")
        #expect(refused.status == 403)
        #expect(try await shop.run(["ledger", "doubt", "list"]).output.contains("order-7"))
    }

    @Test func aDecisionIsAskedTwiceAndRecorded() async throws {
        let shop = try await shop()
        let dashboard = try await shop.dashboard(["--allow-actions"])
        let page = try await dashboard.until("doubt") { $0.contains("order-7") && $0.contains("mail-7") }
        #expect(page.contains("name=\"action\" value=\"retry\"") && !page.contains("name=\"confirmed\""))
        let asked = try await dashboard.post("act", "action=retry&subject=1")
        #expect(asked.status == 200 && asked.body.contains("the customer may pay twice"))
        #expect(try await shop.run(["ledger", "doubt", "list"]).output.contains("order-7"))
        let done = try await dashboard.post("act", "action=retry&subject=1&confirmed=yes")
        #expect(done.status == 303 && done["Location"]?.hasSuffix("/doubt?said=done") == true)
        #expect(try await dashboard.get("doubt?said=done").body.contains("Done, and recorded."))
        #expect(try await shop.run(["ledger", "show", "order-7"]).output.contains("prepared"))
        let again = try await dashboard.post("act", "action=retry&subject=1&confirmed=yes")
        #expect(again["Location"]?.hasSuffix("said=refused") == true)
        let effect = try await dashboard.post("act", "action=happened&subject=mail-7&confirmed=yes")
        #expect(effect["Location"]?.hasSuffix("said=done") == true)
        try await dashboard.until("doubt") {
            !$0.contains("mail-7") && $0.contains("the next run or watch sends it again")
        }
        let runs = try await ChildProcess(
            "/usr/bin/python3",
            [
                "-c",
                "import sqlite3, sys\nprint(*[r[0] for r in sqlite3.connect(sys.argv[1]).execute('SELECT command FROM runs')], sep='\\n')",
                shop.folder.path + "/ledger.db",
            ], environment: ["PATH": "/usr/bin:/bin"]
        ).finish().output
        #expect(
            runs.contains("dashboard: retry order-7, by ") && runs.contains("dashboard: happened mail-7, by "),
            "\(runs)")
    }

    @Test func whatIsGivenUpIsDismissedByName() async throws {
        let shop = try await shop()
        let dashboard = try await shop.dashboard(["--allow-actions"])
        try await dashboard.until("doubt") { $0.contains("order-7") }
        for action in ["abandon", "dismiss"] {
            let done = try await dashboard.post("act", "action=\(action)&subject=1&confirmed=yes")
            #expect(done["Location"]?.hasSuffix("said=done") == true, "\(action)")
        }
        try await dashboard.until("doubt") { !$0.contains("order-7") }
        let story = try await dashboard.until("links/1") { $0.contains("Settled by hand") }
        #expect(story.contains("given up") && story.contains("dismissed by"))
    }

    @Test(arguments: [
        "", "action=retry", "action=nothing&subject=1", "action=retry&subject=x", "action=retry&subject=999999",
        "subject=1",
    ])
    func whatCannotBeDecidedIsRefused(_ form: String) async throws {
        let shop = try await DashboardShop.open()
        _ = try await shop.link("order-1")
        let dashboard = try await shop.dashboard(["--allow-actions"])
        let status = try await dashboard.post("act", form).status
        #expect(status == 400 || status == 404)
        let settled = try await dashboard.post("act", "action=retry&subject=1&confirmed=yes")
        #expect(settled["Location"]?.hasSuffix("said=refused") == true, "a link that is made is in no doubt")
        #expect(try await dashboard.post("act", String(repeating: "x", count: 20_000)).status == 413)
    }
}
