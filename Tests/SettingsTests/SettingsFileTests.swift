// What a settings file may say, what is wrong with it and on which line, and who may have written it.

import Foundation
import Secrets
import TestSupport
import Testing

@testable import Settings

@Suite struct SettingsFileTests {
    private static let mine = FileTrust(owner: getuid(), mode: 0o644)

    private func file(
        _ text: String, path: String = "/shop/paylink.toml", trust: FileTrust = Self.mine, profile: String? = nil
    ) -> SettingsFile {
        SettingsFile(path, text: text, trust: trust, user: getuid(), profile: profile) { kind, text in
            kind == .duration && text == "soon" ? "is no duration" : nil
        }
    }

    @Test func everyKindOfValueIsRead() {
        let read = file(
            """
            base_url = "https://pay.example"
            ledger = "data/ledger.db"
            poll_rate = 2.5
            token = { file = "token" }

            [secrets]
            SHOP = { command = ["pass", "show", "shop"] }
            MAIL = { credential = "mail" }

            [allow]
            read = ["in", "/srv"]
            net = ["shop.example:443"]

            [run]
            timeout = "15m"
            max_links = 10
            max_total = "250.00"
            """)
        #expect(read.problems.isEmpty, "\(read.problems)")
        #expect(read.entries["ledger"]?.text == "/shop/data/ledger.db")
        #expect(read.entries["poll_rate"]?.text == "2.5" && read.entries["run.max_links"]?.text == "10")
        #expect(read.entries["token"]?.secret == .file("/shop/token"))
        #expect(read.entries["secrets.SHOP"]?.secret == .command(["pass", "show", "shop"]))
        #expect(read.entries["secrets.MAIL"]?.secret == .credential("mail"))
        #expect(read.entries["allow.read"]?.list == ["/shop/in", "/srv"])
        #expect(read.entries["allow.net"]?.line == 12 && read.entries["run.timeout"]?.origin == "/shop/paylink.toml:15")
    }

    @Test(arguments: [
        ("base_ulr = \"x\"", 1, "base_ulr", "did you mean base_url"),
        ("\n[alow]\nread = []", 2, "alow", "did you mean allow"),
        ("timeout = \"5m\"", 1, "timeout", "did you mean run.timeout"),
        ("locale = \"fr\"", 1, "locale", "one of \"en\""),
        ("poll_rate = 0", 1, "poll_rate", "above 0"),
        ("poll_rate = \"fast\"", 1, "poll_rate", "number of requests"),
        ("[run]\nmax_links = -1", 2, "run.max_links", "0 or more"),
        ("[run]\ntimeout = \"soon\"", 2, "run.timeout", "is no duration"),
        ("# x\ntoken = \"abc\"", 2, "token", "must not be a secret itself"),
        ("token = { file = \"a\", env = \"B\" }", 1, "token", "must be a table"),
        ("token = { command = \"pass show x\" }", 1, "token", "no shell"),
        ("token = { where = \"a\" }", 1, "token", "must be a table"),
        ("[secrets]\n\"a/b\" = { env = \"X\" }", 2, "secrets.a/b", "no name of a secret"),
        ("allow = [\"x\"]", 1, "allow", "write [allow]"),
        ("[allow]\nnet = \"shop.example\"", 2, "allow.net", "list of hosts"),
        ("[allow]\nrun = [1]", 2, "allow.run", "list of programs"),
        ("[profile.x]\nlocal = \"es\"", 2, "profile.x.local", "did you mean locale"),
    ])
    func aProblemNamesLineKeyAndWhatToDo(_ text: String, _ line: Int, _ key: String, _ words: String) {
        let problems = file(text).problems
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.line == line && problems.first?.key == key, "\(problems)")
        #expect(problems.first?.description.contains(words) == true, "\(problems)")
    }

    @Test func allProblemsAreToldAtOnce() {
        #expect(file("a = 1\nb = 2\n[run]\nc = 3").problems.count == 3)
    }

    @Test func brokenSyntaxNamesItsLine() {
        let problem = file("locale = \"en\"\nbase_url = \"x\n").problems.first
        #expect(problem?.line == 2 && problem?.key == nil && problem?.description.contains("no valid TOML") == true)
    }

    @Test func aProfileGoesOverTheRestOfItsFile() {
        let text = "locale = \"en\"\npoll_rate = 5\n[profile.test]\nlocale = \"es\"\n[profile.test.run]\nmax_links = 3"
        #expect(file(text).entries["locale"]?.text == "en" && file(text).entries["run.max_links"] == nil)
        let chosen = file(text, profile: "test")
        #expect(chosen.entries["locale"]?.text == "es" && chosen.entries["poll_rate"]?.text == "5")
        #expect(chosen.entries["run.max_links"]?.line == 6)
        #expect(SettingsStack([chosen], profile: "test").problems.isEmpty)
        #expect(
            SettingsStack([chosen], profile: "tset").problems.first?.description.contains("there are: test") == true)
        #expect(SettingsStack([], profile: "test").problems.count == 1)
    }

    @Test(
        arguments: [
            (getuid(), 0o644, true), (0, 0o644, true), (getuid(), 0o600, true), (getuid(), 0o664, false),
            (getuid(), 0o646, false), (getuid() &+ 1, 0o644, false), (getuid() &+ 1, 0o600, false),
        ] as [(UInt32, UInt32, Bool)])
    func whatAStrangerCanWriteIsNotRead(_ owner: UInt32, _ mode: UInt32, _ isTrusted: Bool) {
        for text in ["allow.run = [\"rm\"]", "run.max_total = \"1000000\"", "locale = \"es\"", ""] {
            let read = file(text, trust: FileTrust(owner: owner, mode: mode))
            #expect(read.problems.isEmpty == isTrusted, "\(read.problems)")
            #expect(read.entries.isEmpty == (!isTrusted || text.isEmpty))
        }
        // Trust comes first: what the file holds is not even looked at.
        let problems = file("= = =", trust: FileTrust(owner: owner, mode: mode)).problems
        #expect(problems.first?.description.contains("no valid TOML") == isTrusted, "\(problems)")
    }

    @Test func theNearestFileCountsAndPermissionsAddUp() {
        let near = file("locale = \"es\"\n[allow]\nenv = [\"A\"]", path: "/a/paylink.toml")
        let far = file("locale = \"tr\"\nledger = \"/l\"\n[allow]\nenv = [\"B\"]", path: "/b/config.toml")
        let stack = SettingsStack([near, far])
        #expect(stack.text("locale") == "es" && stack.text("ledger") == "/l")
        #expect(stack.list("allow.env").flatMap(\.list) == ["A", "B"])
    }

    @Test func filesAreLookedForInTheirPlaces() {
        func places(_ named: String?, _ directory: String, _ environment: [String: String]) -> [String] {
            SettingsStack.places(named: named, directory: directory) { environment[$0] }.map(\.path)
        }
        #expect(places("x.toml", "/s", ["HOME": "/h"]) == ["x.toml"])
        #expect(places(nil, "/s", ["HOME": "/h"]) == ["/s/paylink.toml", "/h/.config/paylink/config.toml"])
        #expect(
            places(nil, ".", ["HOME": "/h", "XDG_CONFIG_HOME": "/c"]) == ["paylink.toml", "/c/paylink/config.toml"])
        #expect(places(nil, "/", [:]) == ["/paylink.toml"])
    }

    @Test func aFileThatIsNamedMustBeThere() throws {
        let missing = NSTemporaryDirectory() + "none-\(UUID().uuidString).toml"
        #expect(SettingsFile.read(missing) { _, _ in nil } == nil)
        #expect(SettingsFile.read(missing, isNamed: true) { _, _ in nil }?.problems.count == 1)
        #expect(SettingsFile.read("/dev/null", isNamed: true) { _, _ in nil }?.problems.isEmpty == true)
    }

    /// Without being held up: nobody writes into the pipe.
    @Test func whatIsNoFileIsRefused() throws {
        let own = try TemporaryFolder()
        defer { withExtendedLifetime(own) {} }
        let folder = own.path
        mkfifo(folder + "/pipe", 0o600)
        symlink("/proc/self/environ", folder + "/shown")
        for isNamed in [true, false] {
            for (path, words) in [
                (folder + "/pipe", "no regular file"), (folder, "no regular file"), ("/dev/zero", "no regular file"),
                ("/proc/self/environ", "stores nothing"), (folder + "/shown", "stores nothing"),
            ] {
                let problems = SettingsFile.read(path, isNamed: isNamed) { _, _ in nil }?.problems ?? []
                #expect(problems.count == 1 && problems[0].description.contains(words), "\(path): \(problems)")
            }
        }
        // Only whoever names it means that there are none.
        #expect(SettingsFile.read("/dev/null") { _, _ in nil }?.problems.count == 1)
    }

    @Test func everyKeyIsDocumented() throws {
        let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/settings.md")
        let text = try String(contentsOf: docs, encoding: .utf8)
        for key in SettingsKey.all {
            #expect(text.contains("| `\(key.name)` | \(key.meaning) |"), "docs/settings.md lacks \(key.name)")
        }
    }
}
