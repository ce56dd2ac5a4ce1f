// `paylink doctor`: goes on after a problem, never shows a secret, and knows what cron would see.

import Foundation
import TestSupport
import Testing

@Suite struct DoctorTests {
    @Test func goesOnAfterAProblemAndKeepsTheFirstStatus() async throws {
        let folder = try TemporaryFolder()
        try folder.write("paylink.toml", "locale = \"xx\"\n[secrets]\nA = { file = \"none\" }")
        let outcome = try await PaylinkProcess.run(
            ["doctor"], environment: ["PAYLINK_LEDGER": "/proc/none/ledger.db"], directory: folder.path)
        #expect(outcome.status == 78, "\(outcome)")
        for what in ["FAIL settings", "ok   service", "FAIL credentials", "FAIL secrets.A", "FAIL ledger"] {
            #expect(outcome.output.contains(what), "\(what): \(outcome)")
        }
    }

    @Test func cronMissesWhatOnlyTheShellHas() async throws {
        let sandbox = try await SandboxProcess.start(), home = try TemporaryFolder()
        let environment = [
            "HOME": home.path, "PAYLINK_LEDGER": home.path + "/ledger.db", "PAYLINK_SECRET_WEBHOOK": "never-shown",
            "PAYLINK_MAIL_SERVER": "sendmail",
        ]
        let outcome = try await sandbox.run(["doctor", "--cron", "--json"], environment)
        #expect(outcome.status == 78, "\(outcome)")
        let reports = try outcome.lines.map { try JSON(parsing: $0) }
        #expect(reports.map { $0["surroundings"]?.string } == ["shell", "cron"])
        #expect(reports.map { $0["status"]?.integer } == [0, 78])
        let warnings = reports[0]["findings"]?.list.compactMap { $0["text"]?.string } ?? []
        for name in [
            "ONESHOT_USER_ID", "ONESHOT_API_TOKEN", "PAYLINK_BASE_URL", "PAYLINK_LEDGER", "PAYLINK_SECRET_WEBHOOK",
            "PAYLINK_MAIL_SERVER",
        ] {
            #expect(warnings.contains { $0.hasPrefix(name + " is set here and not under cron") }, "\(warnings)")
        }
        #expect(!outcome.output.contains(SandboxProcess.token) && !outcome.output.contains("never-shown"))
    }

    @Test func whatHoldsForScriptsIsShownWithItsPlace() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "paylink.toml",
            "[run]\nmax_links = 5\n[mail]\nserver = \"smtps://mail.example\"\npassword_secret = \"MAIL\"\nfrom = \"a@b.example\"\n"
        )
        let outcome = try await PaylinkProcess.run(["doctor"], directory: folder.path)
        for line in ["run.max_links", "5", "paylink.toml:2", "smtps://mail.example", "no secret MAIL", "a@b.example"] {
            #expect(outcome.output.contains(line), "\(line): \(outcome)")
        }
        let known = try await PaylinkProcess.run(
            ["doctor"], environment: ["PAYLINK_SECRET_MAIL": "never-shown"], directory: folder.path)
        #expect(!known.output.contains("no secret MAIL") && !known.output.contains("never-shown"), "\(known)")
    }

    @Test func cronIsContentWithSettingsBesideTheScript() async throws {
        let sandbox = try await SandboxProcess.start(), home = try TemporaryFolder()
        try home.write("token", SandboxProcess.token, mode: 0o600)
        let address = sandbox.variables["PAYLINK_BASE_URL"] ?? "", user = sandbox.variables["ONESHOT_USER_ID"] ?? ""
        try home.write(
            "paylink.toml",
            "base_url = \"\(address)\"\nuser_id = \"\(user)\"\ntoken = { file = \"token\" }\nledger = \"ledger.db\"\n")
        try home.write("nightly.lua", "print(1)")
        // Nothing but the home folder, and this test's own ledger is taken away again.
        let outcome = try await PaylinkProcess.run(
            ["doctor", "--cron", "./nightly.lua"], environment: ["HOME": home.path, "PAYLINK_LEDGER": ""],
            directory: home.path)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.components(separatedBy: "ok   sign-in").count == 3, "\(outcome)")
        #expect(!outcome.output.contains(SandboxProcess.token))
    }

    @Test func aScriptIsCheckedAndItsMistakesAreTold() async throws {
        let folder = try TemporaryFolder()
        try folder.write("bad.lua", "local link = paylink.create{ amout = 1 }\nprint(link)")
        let outcome = try await PaylinkProcess.run(["doctor", "--json", "bad.lua"], directory: folder.path)
        #expect(outcome.output.contains("bad.lua:1:") && outcome.output.contains("amout"), "\(outcome)")
        try folder.write("good.lua", "print(paylink.usd(1))")
        let good = try await PaylinkProcess.run(["doctor", "good.lua"], directory: folder.path)
        #expect(good.output.contains("ok   script       good.lua: no mistakes found"), "\(good)")
        let none = try await PaylinkProcess.run(["doctor", "none.lua"], directory: folder.path)
        #expect(none.output.contains("FAIL script"), "\(none)")
    }

    @Test func commandsOfSecretsAreRunAndNeverShown() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "paylink.toml",
            "[secrets]\nGOOD = { command = [\"echo\", \"never-shown\"] }\nBAD = { command = [\"false\"] }\nGONE = { command = [\"no-such-program-here\"] }\n"
        )
        let outcome = try await PaylinkProcess.run(["doctor"], directory: folder.path)
        for line in ["ok   secrets.GOOD", "FAIL secrets.BAD", "ended with status 1", "FAIL secrets.GONE"] {
            #expect(outcome.output.contains(line), "\(line): \(outcome)")
        }
        #expect(!outcome.output.contains("never-shown") && !outcome.errors.contains("never-shown"))
    }

    @Test(arguments: [
        ("owner@shop.example", true), ("Shop <owner@shop.example>", true), ("owner", false), ("a@@b", false),
    ])
    func theSenderOfMailIsLookedAt(_ address: String, _ isOne: Bool) async throws {
        let folder = try TemporaryFolder()
        try folder.write("paylink.toml", "[mail]\nfrom = \"\(address)\"\n")
        let outcome = try await PaylinkProcess.run(["doctor"], directory: folder.path)
        #expect(outcome.output.contains("FAIL mail.from") != isOne, "\(outcome)")
    }

    /// `cron add` carries where state lies into its entries, so the ledger is the same there.
    @Test func cronHasTheLedgerOfTheStateFolder() async throws {
        let home = try TemporaryFolder()
        let outcome = try await PaylinkProcess.run(
            ["doctor", "--cron"],
            environment: ["HOME": home.path, "XDG_STATE_HOME": home.path + "/state", "PAYLINK_LEDGER": ""],
            directory: home.path)
        let ledgers = outcome.lines.filter { $0.contains(" ledger ") && $0.contains("/state/paylink/ledger.db") }
        #expect(ledgers.count == 2, "\(outcome)")
    }

    /// Laws about zones change each year, so an old table is named.
    @Test(arguments: [
        ("# version 2025b\n", "warn zones", "2025b"), ("# version 2026f\n", "ok   zones", "2026f"),
        (nil, "warn zones", "cannot be told"),
    ])
    func cronTellsHowOldTheZonesAre(_ text: String?, _ mark: String, _ told: String) async throws {
        let folder = try TemporaryFolder()
        if let text { try folder.write("tzdata.zi", text) }
        let outcome = try await PaylinkProcess.run(
            ["doctor", "--cron"],
            environment: ["HOME": folder.path, "TZDIR": folder.path, "PAYLINK_TEST_NOW": "1795608000"],
            directory: folder.path)
        let line = outcome.lines.first { $0.contains(" zones ") }
        #expect(line?.hasPrefix(mark) == true && line?.contains(told) == true, "\(outcome)")
    }

    @Test func cronNamesAShellThatDoesNotReadTheEntries() async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("crontab", "SHELL=/usr/bin/fish\n")
        let outcome = try await fixture.run(["doctor", "--cron"])
        #expect(outcome.output.contains("line 1 of your crontab sets SHELL=/usr/bin/fish"), "\(outcome)")
    }
}
