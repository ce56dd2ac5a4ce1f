// `paylink run --untrusted`: the ledger of its own, links within the limit, and settings that grant nothing. What each
// right comes to is in DefaultRightsTests.

import Foundation
import TestSupport
import Testing

@Suite struct UntrustedTests {
    private static let create = """
        local link, err = paylink.create{ key = 'order-1', amount = 1, description = 'Mug' }
        print(link and link.id or err.code)
        """

    private struct Fixture {
        let sandbox: SandboxProcess
        let folder: TemporaryFolder
        var environment: [String: String] {
            ["PAYLINK_LEDGER": folder.path + "/state/ledger.db", "XDG_CONFIG_HOME": folder.path + "/config"]
        }

        init() async throws {
            sandbox = try await SandboxProcess.start()
            folder = try TemporaryFolder()
        }

        func run(_ arguments: [String], input: String = "") async throws -> Outcome {
            try await sandbox.start(["run"] + arguments, environment, input: input, directory: folder.path).finish()
        }

        var ledgers: [String] {
            let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/state/untrusted")
            return (names ?? []).filter { $0.hasSuffix(".db") }.sorted()
        }
    }

    @Test func oneKeyIsOneLinkInEveryRunAndForTheNextVersion() async throws {
        let fixture = try await Fixture()
        let script = try fixture.folder.write("mug.lua", Self.create)
        let first = try await fixture.run(["--untrusted", "--max-links", "1", script])
        #expect(first.status == 0 && first.output.count == 37, "\(first)")
        try fixture.folder.write("mug.lua", "-- the next version\n" + Self.create)
        try FileManager.default.createSymbolicLink(
            atPath: fixture.folder.path + "/other-name.lua", withDestinationPath: script)
        for path in [script, "mug.lua", "./other-name.lua"] {
            // A recorded link costs nothing of the limit.
            let again = try await fixture.run(["--untrusted", path])
            #expect(again.output == first.output, "\(again)")
        }
        #expect(try await fixture.sandbox.links().count == 1)
        #expect(
            fixture.ledgers.count == 1 && fixture.ledgers.first?.hasPrefix("mug-lua-") == true, "\(fixture.ledgers)")
    }

    @Test func nobodyElsesKeyIsTheirs() async throws {
        let fixture = try await Fixture()
        let one = try fixture.folder.write("one.lua", Self.create),
            two = try fixture.folder.write("two.lua", Self.create)
        let trusted = try await fixture.run([one])
        let outcomes = [
            trusted, try await fixture.run(["--untrusted", "--max-links=1", one]),
            try await fixture.run(["--untrusted", "--max-links=1", two]),
            try await fixture.run(["--untrusted", "--max-links=1", "-e", Self.create]),
            try await fixture.run(["--untrusted", "--max-links=1", "-"], input: Self.create + " "),
        ]
        #expect(Set(outcomes.map(\.output)).count == 5, "\(outcomes)")
        #expect(try await fixture.run([one]).output == trusted.output)
        #expect(try await fixture.run(["--untrusted", "-e", Self.create]).output == outcomes[3].output)
        // For the service they are different keys as well.
        let keys = try await fixture.sandbox.creations().compactMap { $0["idempotency_key"]?.string }
        #expect(keys.count == 5 && Set(keys).count == 5, "\(keys)")
    }

    @Test(arguments: [([], 0), (["--max-links", "2"], 2), (["--max-links=5", "--max-total=2.5"], 2)])
    func linksAreMadeWithinTheLimit(_ options: [String], _ count: Int) async throws {
        let fixture = try await Fixture()
        let code = """
            for i = 1, 3 do
              local link, err = paylink.create{ amount = 1, description = 'Mug' }
              print(link and 'made' or err.code)
              if link then assert(link:refresh().id == link.id and paylink.get(link.id)) end
            end
            """
        let outcome = try await fixture.run(["--untrusted"] + options + ["-e", code])
        let expected = (1...3).map { $0 <= count ? "made" : "limit_reached" }
        #expect(outcome.status == 0 && outcome.lines == expected, "\(outcome)")
        #expect(try await fixture.sandbox.links().count == count)
    }

    @Test(arguments: [
        "--allow-read=.", "--allow-write=.", "--allow-net=x.example", "--allow-mail=a@x.example", "--allow-run=true",
        "--allow-env=HOME",
    ])
    func aPermissionBesideItIsAMistake(_ option: String) async throws {
        let name = option.prefix { $0 != "=" }
        for options in [["--untrusted", option], [option, "--untrusted"]] {
            let outcome = try await PaylinkProcess.run(["run"] + options + ["-e", "print(1)"])
            #expect(outcome.status == 64 && outcome.output.isEmpty, "\(outcome)")
            #expect(outcome.errors.contains("\(name) would give one"), "\(outcome)")
        }
    }

    @Test func settingsGrantNothingAndThatIsSaid() async throws {
        let fixture = try await Fixture()
        try FileManager.default.createDirectory(
            atPath: fixture.folder.path + "/config/paylink", withIntermediateDirectories: true)
        try fixture.folder.write(
            "config/paylink/config.toml", "locale = \"es\"\n[allow]\nread = [\"/\"]\nenv = [\"HOME\"]\n")
        // Whoever wrote the script may have written this, too.
        try fixture.folder.write("paylink.toml", "base_url = \"https://thief.example\"\n[allow]\nnet = [\"*\"]\n")
        let code = """
            print(io.open('/etc/hostname'), os.getenv('HOME'), (http.get('http://127.0.0.1:1/')))
            print(assert(paylink.create{ amount = 1, description = 'Mug' }).url:find('/es/', 1, true) ~= nil)
            """
        let script = try fixture.folder.write("mug.lua", code)
        let outcome = try await fixture.sandbox.start(
            ["run", "--untrusted", "--max-links=1", script], fixture.environment, directory: fixture.folder.path
        ).finish()
        #expect(outcome.status == 0 && outcome.lines == ["nil\tnil\tnil", "true"], "\(outcome)")
        for said in ["allow.read is ignored", "allow.env is ignored", "paylink.toml is not read"] {
            #expect(outcome.errors.contains(said), "\(outcome)")
        }
    }

    @Test func aLedgerThatOthersUseIsRefused() async throws {
        let fixture = try await Fixture()
        let script = try fixture.folder.write("mug.lua", Self.create)
        for path in [fixture.folder.path + "/state/ledger.db", "state/../state/ledger.db"] {
            let outcome = try await fixture.run(["--untrusted", "--max-links=1", "--ledger", path, script])
            #expect(outcome.status == 64 && outcome.errors.contains("other scripts use"), "\(outcome)")
            _ = try await fixture.run([script])  // then the file is there
        }
        let own = try await fixture.run(["--untrusted", "--max-links=1", "--ledger=own.db", script])
        #expect(own.status == 0 && own.output.count == 37, "\(own)")
        #expect(fixture.ledgers.isEmpty)
        let shown = try await PaylinkProcess.run(
            ["ledger", "list", "--ledger", "own.db"], directory: fixture.folder.path)
        #expect(shown.output.contains("order-1"), "\(shown)")
    }

    /// Whoever runs it says where the service and the account are: by a file that they name.
    @Test func settingsThatAreNamedHold() async throws {
        let fixture = try await Fixture()
        let address = fixture.sandbox.variables["PAYLINK_BASE_URL"] ?? ""
        let user = fixture.sandbox.variables["ONESHOT_USER_ID"] ?? ""
        try fixture.folder.write("token", SandboxProcess.token, mode: 0o600)
        let named = try fixture.folder.write(
            "own.toml",
            "base_url = \"\(address)\"\nuser_id = \"\(user)\"\ntoken = { file = \"token\" }\n[allow]\nenv = [\"HOME\"]\n"
        )
        let script = try fixture.folder.write("mug.lua", Self.create + "print(os.getenv('HOME'))")
        let outcome = try await PaylinkProcess.run(
            ["run", "--untrusted", "--max-links=1", "--config", named, script],
            environment: fixture.environment.merging(["HOME": "/nowhere"]) { $1 }, directory: fixture.folder.path)
        #expect(outcome.status == 0 && outcome.lines.last == "nil" && outcome.output.count == 41, "\(outcome)")
        #expect(outcome.errors.contains("allow.env is ignored"), "\(outcome)")
        #expect(try await fixture.sandbox.links().count == 1)
    }

    /// What is in a ledger of its own is nothing to a command that was not given this ledger.
    @Test func nobodyFollowsItsLinksUnasked() async throws {
        let fixture = try await Fixture()
        let script = try fixture.folder.write("mug.lua", Self.create)
        let made = try await fixture.run(["--untrusted", "--max-links=1", script])
        #expect(made.status == 0 && made.output.count == 37, "\(made)")
        let own = fixture.folder.path + "/state/untrusted/" + (fixture.ledgers.first ?? "")
        #expect(own.has("/mug-lua-[0-9a-f]{16}[.]db$"), "\(own)")
        // makes the others' ledger
        _ = try await fixture.run(["-e", "assert(paylink.once('x', function() return 1 end))"])
        let follow = try fixture.folder.write("follow.lua", "paylink.on('paid', function() print('followed') end)")
        try await fixture.sandbox.pay(String(made.output.dropLast()))
        let since = try await fixture.sandbox.position()
        for (options, isGiven) in [([], false), (["--ledger", own], true)] {
            let synced = try await fixture.sandbox.run(["ledger", "sync"] + options, fixture.environment)
            #expect(synced.status == 0, "\(synced)")
            #expect(try await fixture.sandbox.wholeRecord(since: since).isEmpty != isGiven, "\(synced)")
            let swept = try await fixture.sandbox.run(
                ["watch", "--once", "--since=1h"] + options + [follow], fixture.environment)
            #expect(swept.status == 0 && swept.output == (isGiven ? "followed\n" : ""), "\(swept)")
        }
    }

    @Test func aJobMayRunIt() async throws {
        let fixture = try JobFixture()
        try fixture.folder.write("mug.lua", "print(io.open('mug.lua'))")
        let added = try await fixture.run(["cron", "add", "x", "--schedule", "@daily", "--", "--untrusted", "mug.lua"])
        #expect(added.status == 0 && fixture.crontab.contains(" --untrusted mug.lua"), "\(added)")
        let run = try await fixture.run(["run", "--job", "x", "--untrusted", "mug.lua"])
        #expect(run.status == 0, "\(run)")
        let told = try await fixture.run(["runs", "show", "1"])
        #expect(told.output.contains("--untrusted"), "\(told)")
    }

    /// Standard output alone is left of the streams, and only to write to.
    @Test func noStreamCanBeRead() async throws {
        let code = """
            for _, what in ipairs{
              function() return io.stdin end, function() return io.stderr end, function() return io.read() end,
              function() return io.lines() end, function() return io.lines('/etc/hostname') end,
              function() return io.stdout:read('a') end, function() return io.stdout:lines() end,
              function() return io.stdout:seek('set') end, function() return io.write(''):read('n') end,
              function() return io.stdout.read(io.stdout) end, function() return require('other') end,
              function() return dofile('other.lua') end, function() return os.tmpname() end,
              function() return os.execute('true') end, function() return io.popen('true') end,
            } do
              local ok, err = pcall(what)
              print(not ok and type(err) == 'string' and (err:find('untrusted') or err:find('not available')) ~= nil)
            end
            io.stdout:write('written ', 1, '\\n')
            """
        let outcome = try await PaylinkProcess.run(["run", "--untrusted", "-e", code], input: "secret\n")
        #expect(outcome.lines == Array(repeating: "true", count: 15) + ["written 1"], "\(outcome)")
    }

    @Test(arguments: ["watch", "batch"])
    func otherCommandsDoNotTakeIt(_ command: String) async throws {
        let outcome = try await PaylinkProcess.run([command, "--untrusted", "x"])
        #expect(outcome.status == 64 && outcome.errors.contains("--untrusted"), "\(outcome)")
    }
}
