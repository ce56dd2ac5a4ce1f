// docs/security.md says what a script can do by default and untrusted: each line of its table is tried both ways, and
// each line must be here.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct DefaultRightsTests {
    /// What is tried for each line: Lua that calls `tell(ok, error)`. HERE is the working directory, AWAY another.
    private static let trials: [String: String] = [
        "read a file below its own folder or the working directory": "tell(io.open('HERE/data.csv'))",
        "read a script there": "tell(io.open('HERE/other.lua'))",
        "load a script there by `require`": "tell(pcall(require, 'other'))",
        "write, replace, rename or remove a file there":
            """
        local table, err = csv.writer('HERE/new.csv', { 'a' })
        if table then
          table:close()
          assert(os.rename('HERE/new.csv', 'HERE/data.csv'))
          tell(os.remove('HERE/data.csv'))
        else
          assert(not os.rename('HERE/data.csv', 'HERE/new.csv') and not os.remove('HERE/data.csv'))
          assert(not csv.append('HERE/data.csv', { a = 1 }) and not io.open('HERE/data.csv', 'w'))
          tell(nil, err)
        end
        """,
        "write into a file there that has other names (hard links)": "tell(io.open('HERE/linked.txt', 'a'))",
        "read or write a `paylink.toml` beside the script or in the working directory, even if there is none yet":
            "assert(not os.rename('HERE/data.csv', 'HERE/paylink.toml')) tell(io.open('HERE/paylink.toml', 'w'))",
        "write, replace, rename or remove a `.lua` file there, or a `paylink.toml` below":
            """
        assert(not os.remove('HERE/other.lua') and not io.open('HERE/config/paylink.toml', 'w'))
        assert(not os.rename('HERE/other.lua', 'HERE/x.txt') and not csv.writer('HERE/new.lua', { 'a' }))
        tell(io.open('HERE/other.lua', 'w'))
        """,
        "read a file elsewhere": "tell(io.open('AWAY/file.txt'))",
        "write a file elsewhere": "tell(io.open('AWAY/file.txt', 'a'))",
        "read the settings and the ledger that are in use":
            "assert(not io.open('HERE/ledger.db', 'w')) tell(io.open('HERE/ledger.db'))",
        "write the user's own settings, even if there are none yet":
            "tell(io.open('HERE/config/paylink/config.toml', 'w'))",
        "read what is no storage, such as procfs": "tell(io.open('/proc/self/environ'))",
        "send mail, though a mail server is configured":
            "tell(mail.send{ from = 'a@x.example', to = 'b@x.example', subject = 's', text = 'x' })",
        "reach a host by `http`": "tell(http.get('http://127.0.0.1:1/'))",
        "run a program": "tell(program.run{ 'true' })",
        "see a variable of the environment": "tell(os.getenv('SHOP_NAME'), 'nil')",
        "have a secret sent that it can name": "tell(secret('SHOP'))",
        "read the text of a secret":
            "tell(tostring(secret('SHOP')) == 'hidden-value' or nil, tostring(secret('SHOP')))",
        "make pay links on the account": "tell(paylink.create{ amount = 1, description = 'Mug' })",
        "see the links of other scripts": "local n = 0 for _ in paylink.links() do n = n + 1 end tell(n > 0)",
        "look at any link of the account whose id it knows":
            """
        local link, err = paylink.get(arg[1])
        local _, waited = paylink.wait(arg[1], { timeout = 1 })
        local _, each = paylink.wait_each({ arg[1] }, { timeout = 1 })()
        assert(waited.code == each.code and waited.code == (link and 'timeout' or err.code))
        tell(link, err)
        """,
        "use the `once` keys of other scripts: see a result, or be first":
            """
        assert(paylink.once('new:effect', function() return 'mine' end) == 'mine')
        tell(paylink.once('theirs:effect', function() return 'mine' end) == 'theirs')
        """,
        "read standard input": "local ok, line = pcall(io.read, 'l') tell(ok and line, line)",
        "write standard output": "tell(io.write(''))",
        "write standard error as it likes": "tell(pcall(function() return io.stderr:write('') end))",
        "write lines there with `log`": "tell(pcall(log.info, 'said'))",
        "see its arguments, and the path that it was started by":
            "tell(... == arg[1] and arg[1] and arg[0] == 'HERE/trial.lua')",
        "see the time": "tell(os.time() > 0 and os.date() and os.clock())",
        "load native code or bytecode": "tell(load(string.dump and string.dump(tell) or '\\27Lua'))",
    ]

    private struct Line {
        var what: String
        var answer: String
        var untrusted: String
        var flag: String
    }

    private static func table() throws -> [Line] {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/security.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n## What a script can do by default\n").last)
        let lines = try #require(section.components(separatedBy: "\n## ").first).split(separator: "\n")
        return lines.filter { $0.hasPrefix("|") }.dropFirst(2).map { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            return Line(
                what: cells[0], answer: cells[1], untrusted: cells[2], flag: cells.count > 3 ? cells[3] : "")
        }
    }

    @Test func everyLineIsTried() throws {
        #expect(try Set(Self.table().map(\.what)) == Set(Self.trials.keys))
    }

    @Test(arguments: trials.keys.sorted())
    func theTableTellsTheTruth(_ what: String) async throws {
        let line = try #require(try Self.table().first { $0.what == what })
        let outcome = try await attempt(what)
        #expect(outcome.status == 0 && outcome.output.hasPrefix(line.answer + "\t"), "\(line.what): \(outcome)")
        // A refusal names the flag that the table names.
        if line.answer == "no", let flag = line.flag.split(separator: "`").first(where: { $0.hasPrefix("--allow-") }),
            !outcome.output.hasSuffix("\tnil\n")
        {
            let name = flag.prefix { $0 != "=" } + "="
            #expect(outcome.output.contains(name), "\(line.what): \(outcome)")
        }
    }

    @Test(arguments: trials.keys.sorted())
    func theTableTellsTheTruthOfUntrustedScripts(_ what: String) async throws {
        let line = try #require(try Self.table().first { $0.what == what })
        let outcome = try await attempt(what, ["--untrusted"])
        #expect(outcome.status == 0 && outcome.output.hasPrefix(line.untrusted + "\t"), "\(line.what): \(outcome)")
        // A refusal says why, and names no flag that could not be given.
        let isSilent = outcome.output.hasSuffix("\tnil\n") || what.contains("bytecode")
        if line.untrusted == "no", !isSilent {
            #expect(
                outcome.output.contains(what.contains("make pay links") ? "--max-links" : "--untrusted"), "\(outcome)")
        }
        #expect(!outcome.output.contains("--allow-"), "\(line.what): \(outcome)")
    }

    private func attempt(_ what: String, _ options: [String] = []) async throws -> Outcome {
        let sandbox = try await SandboxProcess.start()
        let here = try TemporaryFolder(), there = try TemporaryFolder()
        try here.write("data.csv", "a\n1\n")
        try here.write("other.lua", "return 1\n")
        try there.write("file.txt", "there\n")
        link(there.path + "/file.txt", here.path + "/linked.txt")
        try FileManager.default.createDirectory(
            atPath: here.path + "/config/paylink", withIntermediateDirectories: true)
        let environment = [
            "PAYLINK_LEDGER": here.path + "/ledger.db", "PAYLINK_MAIL_SERVER": "/bin/true", "SHOP_NAME": "Mugs",
            "PAYLINK_SECRET_SHOP": "hidden-value", "XDG_CONFIG_HOME": here.path + "/config",
        ]
        let theirs = """
            print(assert(paylink.create{ key = 'theirs', amount = 1, description = 'Theirs' }).id)
            assert(paylink.once('theirs:effect', function() return 'theirs' end))
            """
        let before = try await sandbox.run(["run", "-e", theirs], environment)
        #expect(before.status == 0)
        let code = """
            local function tell(ok, err) print(ok and "yes" or "no", ok and "" or tostring(err)) end
            \(Self.trials[what] ?? "")
            """
        let script = try here.write(
            "trial.lua", code.replacing("HERE", with: here.path).replacing("AWAY", with: there.path))
        return try await sandbox.start(
            ["run"] + options + [script, before.lines.first ?? ""], environment, input: "line\n", directory: here.path
        ).finish()
    }

    private static let mail =
        "local m, err = mail.send{ from = 'a@x.example', to = 'b@x.example', subject = 's', text = 'x' } print(m and 'sent' or err.code)"

    @Test(arguments: [
        ([], "", "not_allowed\n", 0), (["--allow-mail=b@x.example"], "", "sent\n", 0),
        (["--allow-mail", "c@x.example", "--allow-mail", "@x.example"], "", "sent\n", 0),
        ([], "[allow]\nmail = [\"@x.example\"]\n", "sent\n", 0), ([], "[allow]\nmail = [\"*\"]\n", "sent\n", 0),
        (["--allow-mail", "c@x.example"], "[allow]\nmail = [\"@y.example\"]\n", "not_allowed\n", 0),
        (["--allow-mail", "x.example"], "", "", 64), (["--allow-mail", ""], "", "", 64),
        ([], "[allow]\nmail = [\"x.example\"]\n", "", 78), ([], "[allow]\nmail = \"b@x.example\"\n", "", 78),
    ])
    func flagsAndSettingsSayWhomMailMayReach(_ flags: [String], _ settings: String, _ output: String, _ status: Int32)
        async throws
    {
        let folder = try TemporaryFolder()
        try folder.write("paylink.toml", settings)
        let sendmail = try folder.write("sendmail", "#!/bin/sh\ncat > /dev/null\n", mode: 0o755)
        let outcome = try await PaylinkProcess.run(
            ["run"] + flags + ["-e", Self.mail], environment: ["PAYLINK_MAIL_SERVER": sendmail],
            directory: folder.path)
        #expect(outcome.status == status && outcome.output == output, "\(outcome)")
    }

    @Test(arguments: [
        ([], false, 0), (["--allow-write=."], true, 0), (["--allow-write=new.lua"], true, 0),
        (["--allow-write=./new.lua"], true, 0), (["--allow-write=other.lua"], false, 0),
        (["--allow-write=.."], false, 0),
        (["--allow-write=new.txt"], false, 64), (["--allow-write=none/new.lua"], false, 64),
        (["--allow-read=new.lua"], false, 64),
    ])
    func aScriptIsWrittenWhereAFlagNamesIt(_ flags: [String], _ isWritten: Bool, _ status: Int32) async throws {
        let folder = try TemporaryFolder()
        let outcome = try await PaylinkProcess.run(
            ["run"] + flags + ["-e", "print(io.open('new.lua', 'w'))"], directory: folder.path)
        #expect(outcome.status == status, "\(outcome)")
        #expect(FileManager.default.fileExists(atPath: folder.path + "/new.lua") == isWritten, "\(outcome)")
    }

    /// The script that runs is one, whatever its name; another file beside it is not.
    @Test func aScriptDoesNotRewriteItself() async throws {
        let folder = try TemporaryFolder()
        let text = "print(select(2, io.open(arg[0], 'w'))) assert(io.open('beside', 'w'))"
        let script = try folder.write("nightly", text)
        let outcome = try await PaylinkProcess.run(["run", script], directory: folder.path)
        #expect(outcome.status == 0 && outcome.output.contains("--allow-write="), "\(outcome)")
        #expect(try String(contentsOfFile: script, encoding: .utf8) == text)
    }

    /// Started in /, as cron and services may: that is no permission for everything.
    @Test func theRootIsNoWorkingDirectory() async throws {
        let code = "print(io.open('/etc/passwd')) print(io.open('etc/passwd')) print(io.open('/proc/self/environ'))"
        let outcome = try await PaylinkProcess.run(["run", "-e", code], directory: "/")
        #expect(outcome.lines.count == 3 && outcome.lines.allSatisfy { $0.hasPrefix("nil\t") }, "\(outcome)")
    }
}
