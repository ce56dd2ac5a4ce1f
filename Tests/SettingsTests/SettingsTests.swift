// Settings files and places of secrets: what is read, what is refused, and where each complaint points.

import Foundation
import Glibc
import Testing

@testable import Settings

@Suite struct SettingsFileTests {
    private static let own = FileTrust(owner: 1_000, mode: 0o644)

    private func file(
        _ text: String, trust: FileTrust = own, profile: String? = nil, judge: @escaping SettingsFile.Judge = { _, _ in nil }
    ) -> SettingsFile {
        SettingsFile("/shop/paylink.toml", text: text, trust: trust, user: 1_000, profile: profile, judge: judge)
    }

    @Test func readsEveryKindOfValueWithItsLine() {
        let read = file(
            """
            base_url = "https://pay.example"
            poll_rate = 2.5

            [run]
            timeout = "5m"
            max_links = 100

            [allow]
            net = ["shop.example:443"]

            [secrets]
            HOOK = { command = ["pass", "hook"] }
            """)
        #expect(read.problems == [])
        #expect(read.entries["base_url"]?.text == "https://pay.example")
        #expect(read.entries["base_url"]?.origin == "/shop/paylink.toml:1")
        #expect(read.entries["poll_rate"]?.text == "2.5")
        #expect(read.entries["run.timeout"]?.line == 5)
        #expect(read.entries["run.max_links"]?.text == "100")
        #expect(read.entries["allow.net"]?.list == ["shop.example:443"])
        #expect(read.entries["secrets.HOOK"]?.secret == .command(["pass", "hook"]))
    }

    @Test(arguments: [
        ("base_ulr = \"x\"", 1, "base_url"), ("\n[run]\ntimeuot = 5", 3, "timeout"), ("token = \"abc\"", 1, "a table"),
        ("token = { file = 5 }", 1, "file"), ("token = { flie = \"x\" }", 1, "file"), ("locale = \"de\"", 1, "\"en\""),
        ("[allow]\nread = \"x\"", 2, "a list"), ("base_url = = 3", 1, ""), ("[run]\nmax_links = -1", 2, "whole number"),
        ("poll_rate = \"fast\"", 1, "requests a second"),
    ])
    func namesTheLineOfWhatIsWrong(_ text: String, _ line: Int, _ says: String) {
        let problems = file(text).problems
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.line == line, "\(problems)")
        #expect(problems.first?.description.hasPrefix("/shop/paylink.toml:\(line)") == true, "\(problems)")
        #expect(problems.first.map { says.isEmpty || $0.description.contains(says) } == true, "\(problems)")
    }

    @Test func tellsAllProblemsAtOnce() {
        let read = file("base_ulr = 1\nlocale = \"de\"\nuser_id = 5\nledger = \"ok.db\"")
        #expect(read.problems.count == 3, "\(read.problems)")
        #expect(read.entries["ledger"] != nil)
    }

    @Test func neverShowsATokenThatIsWrittenIntoTheFile() {
        let problems = file("token = \"sk-very-secret\"").problems
        #expect(problems.count == 1)
        #expect(!problems[0].description.contains("sk-very-secret"))
    }

    @Test func aProfileOverlaysTheRest() {
        let text = "locale = \"en\"\nuser_id = \"a\"\n[profile.live]\nuser_id = \"b\"\n[profile.live.run]\ntimeout = \"1m\""
        let plain = file(text), live = file(text, profile: "live")
        #expect(plain.entries["user_id"]?.text == "a")
        #expect(live.entries["user_id"]?.text == "b")
        #expect(live.entries["locale"]?.text == "en")
        #expect(live.entries["run.timeout"]?.text == "1m")
        #expect(plain.profiles == ["live"])
        #expect(SettingsStack([file(text, profile: "lvie")], profile: "lvie").problems.count == 1)
    }

    @Test(arguments: [
        (UInt32(1_000), UInt32(0o644), true), (0, 0o644, true), (1_000, 0o600, true), (1_001, 0o644, false),
        (1_000, 0o664, false), (1_000, 0o646, false),
    ])
    func aFileThatOthersCanChangeGrantsNothing(_ owner: UInt32, _ mode: UInt32, _ isTrusted: Bool) {
        let read = file("[allow]\nnet = [\"*\"]", trust: FileTrust(owner: owner, mode: mode))
        #expect(read.problems.isEmpty == isTrusted, "\(read.problems)")
    }

    @Test func nearerFilesComeFirst() {
        let near = SettingsFile("/a", text: "locale = \"es\"", trust: Self.own, user: 1_000, judge: { _, _ in nil })
        let far = SettingsFile(
            "/b", text: "locale = \"tr\"\nuser_id = \"u\"", trust: Self.own, user: 1_000, judge: { _, _ in nil })
        let stack = SettingsStack([near, far])
        #expect(stack.text("locale") == "es")
        #expect(stack.text("user_id") == "u")
        #expect(stack["locale"]?.origin == "/a:1")
    }
}

@Suite struct SecretReaderTests {
    private func folder() -> String {
        var template = Array("/tmp/paylink-secrets-XXXXXX".utf8CString)
        return String(cString: mkdtemp(&template))
    }

    private func reader(_ variables: [String: String] = [:], limit: Duration = .seconds(10)) -> SecretReader {
        SecretReader(commandLimit: limit) { variables[$0] }
    }

    private func failure(_ reader: SecretReader, _ place: SecretPlace) -> SecretFailure? {
        do throws(SecretFailure) {
            _ = try reader.read(place)
            return nil
        } catch { return error }
    }

    @Test func readsAPrivateFileAndRefusesALooseOne() throws {
        let path = folder() + "/token"
        try Data("s3cret\n".utf8).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o600)
        #expect(try reader().read(.file(path)) == "s3cret")
        for mode: mode_t in [0o640, 0o604, 0o644, 0o660] {
            chmod(path, mode)
            let problem = failure(reader(), .file(path))
            #expect(problem?.code == .looseMode)
            #expect(problem?.message.contains("chmod 600") == true && problem?.message.contains(path) == true)
            #expect(problem?.message.contains("s3cret") == false)
        }
    }

    @Test func refusesWhatIsEmptyMissingOrNoFile() throws {
        let folder = folder()
        try Data("\n".utf8).write(to: URL(fileURLWithPath: folder + "/empty"))
        chmod(folder + "/empty", 0o600)
        for path in [folder + "/empty", folder + "/missing", folder] {
            #expect(failure(reader(), .file(path))?.message.contains(path) == true)
        }
        #expect(failure(reader(), .environment("NONE"))?.message.contains("NONE") == true)
    }

    @Test func takesVariablesCredentialsAndCommands() throws {
        let folder = folder()
        try Data("from systemd\n".utf8).write(to: URL(fileURLWithPath: folder + "/hook"))
        chmod(folder + "/hook", 0o400)
        let reader = reader(["CREDENTIALS_DIRECTORY": folder, "HOOK": "from a variable"])
        #expect(try reader.read(.credential("hook")) == "from systemd")
        #expect(try reader.read(.environment("HOOK")) == "from a variable")
        #expect(try reader.read(.command(["/bin/sh", "-c", "echo from a command"])) == "from a command")
        #expect(throws: SecretFailure.self) { try reader.read(.credential("../hook")) }
    }

    @Test func aCommandThatFailsOrHangsIsNamedAndItsOutputIsNot() {
        let failed = failure(reader(), .command(["/bin/sh", "-c", "echo s3cret; exit 4"]))
        #expect(failed?.code == .commandFailed)
        #expect(failed?.message.contains("4") == true && failed?.message.contains("s3cret") == false)
        #expect(failure(reader(limit: .milliseconds(200)), .command(["/bin/sh", "-c", "sleep 100"]))?.code == .commandFailed)
        #expect(failure(reader(), .command(["/no/such/program"]))?.message.contains("/no/such/program") == true)
    }
}
