// Secrets as scripts hold them: usable, and never readable.

import Console
import Glibc
import LuaRuntime
import Synchronization
import TestSupport
import Testing

@testable import Scripting

@Suite struct SecretScriptTests {
    static let source = SecretSource { name in
        switch name {
        case "KEY": .success("hunter2-long")
        case "OTHER": .success("se\"cret two")
        case "EMPTY": .success("")
        case "LOOSE": .failure(SecretProblem(code: "loose_mode", message: "the file is open to others"))
        default: .failure(SecretProblem(code: "not_found", message: "there is no \(name)"))
        }
    }

    private func run(_ script: String) async throws -> ScriptRun {
        try await ScriptHarness.run(script) { $0.options.secrets = Self.source }
    }

    @Test func aSecretPrintsAsStars() async throws {
        let run = try await run(
            """
            local key = assert(secret("KEY"))
            assert(tostring(key) == "***" and string.format("%s|%10s", key, key) == "***|       ***")
            assert(type(key) == "userdata" and key == secret("KEY") and key ~= secret("OTHER"))
            local joined = "Bearer " .. key .. " and " .. 7 .. secret("OTHER")
            assert(tostring(joined) == "***" and joined ~= key)
            log.info("made", { key = key, joined = joined, deep = { key } })
            local text, err = json.encode{ list = { 1, key } }
            assert(text == nil and err.code == "invalid_json" and err.message:find("list[2]", 1, true), err)
            assert(require("secret") == secret)
            """)
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(run.messages.first?.fields.first { $0.name == "key" }?.value == "***")
        #expect(run.messages.first?.fields.first { $0.name == "joined" }?.value == "***")
        #expect(!"\(run.messages)".contains("hunter2"))
    }

    @Test(arguments: [
        "#key", "key.value", "key[1]", "key + 1", "key < key", "key()", "key .. {}", "key .. nil",
        "setmetatable(key, {})",
        "rawget(key, 1)", "next(key)", "table.concat({ key })", "string.rep(key, 2)", "string.byte(key)", "error(key)",
        "key.x == nil", "os.getenv(key)", "io.write(key)", "load(key)", "secret(key)", "utf8.len(key)",
        "tonumber(key) + 0",
        "paylink.create{ amount = 1, description = key }", "log.info(key)", "json.decode(key)",
    ])
    func nothingTurnsASecretIntoText(_ expression: String) async throws {
        let run = try await run(
            """
            local key = assert(secret("KEY"))
            local ok, what = pcall(function() return \(expression) end)
            assert(not ok, "it gave " .. tostring(what))
            assert(not tostring(what):find("hunter2", 1, true))
            """)
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func itsMetatableIsOutOfReach() async throws {
        let run = try await run(
            """
            local key = assert(secret("KEY"))
            assert(getmetatable(key) == false)
            assert(not pcall(function() key.x = 1 end))
            local forged = setmetatable({ 1, "x" }, { __tostring = function() return "***" end, __name = "secret" })
            local ok, problem = pcall(http.get, "http://127.0.0.1:1/", { headers = { a = { { 1 } } } })
            assert(not ok and problem:find("must be a string", 1, true), problem)
            ok, problem = pcall(http.get, "http://127.0.0.1:1/", { auth = { bearer = forged } })
            assert(not ok and problem:find("a string or a secret", 1, true), problem)
            """)
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test(arguments: [
        ("EMPTY", "unreadable"), ("LOOSE", "loose_mode"), ("NONE", "not_found"), ("../KEY", "invalid_request"),
        (".hidden", "invalid_request"), ("", "invalid_request"), ("a/b", "invalid_request"),
        ("a\\0b", "invalid_request"),
    ])
    func whatCannotBeHadIsAValue(_ name: String, _ code: String) async throws {
        let run = try await run(
            """
            local key, err = secret("\(name)")
            assert(key == nil and err.code == "\(code)", err)
            """)
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func aSecretIsReadOnceForAllTasks() async throws {
        let run = try await ScriptHarness.run(
            """
            local all = task.map({ 1, 2, 3, 4 }, { concurrency = 4 }, function() return (secret("KEY")) end)
            for i = 2, 4 do assert(all[i] == all[1]) end
            assert(secret("KEY") == all[1])
            """
        ) { runner in
            let source = CountingSource()
            runner.options.secrets = SecretSource { source.read($0) }
        }
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    private final class CountingSource: Sendable {
        private let count = Mutex(0)

        func read(_ name: String) -> Result<String, SecretProblem> {
            // A value that changes shows whether a later reading replaces the first.
            .success("value \(count.withLock { $0 += 1; return $0 })")
        }
    }

    @Test func aScriptMayEndWhileItsSecretIsBeingRead() async throws {
        let run = try await ScriptHarness.run(
            """
            task.spawn(function() secret("SLOW") end)
            sleep("10ms")
            os.exit(3)
            """
        ) { runner in
            runner.options.secrets = SecretSource { _ in
                usleep(200_000)
                return .success("late")
            }
        }
        #expect(run.result == .finished(status: 3))
        usleep(300_000)  // the reading ends after the script: nothing may be touched then
    }

    @Test func reportsAndMessagesAreCleanedByValue() async throws {
        // A script that has the text from elsewhere still does not print it.
        let run = try await run(
            """
            local key, other = secret("KEY"), secret("OTHER")
            log.warn("got hunter2-long", { ["hunter2-long"] = 'se"cret two' })
            error("it is hunter2-" .. "long, or hunter2%2Dlong")
            """)
        #expect(run.texts == ["got ***"])
        #expect(run.messages.first?.fields.first?.name == "***" && run.messages.first?.fields.first?.value == "***")
        #expect(
            run.failure?.message.contains("it is ***") == true && run.failure?.message.contains("hunter2-long") == false
        )
    }

    @Test func theSystemGivesFilesBeforeVariables() throws {
        let folder = try TemporaryFolder()
        try folder.write("DB", "from file\n")
        try folder.write("BLANK", "\n")
        try folder.write("LOOSE", "for all to see\n")
        for (name, mode) in [("DB", 0o600), ("BLANK", 0o600), ("LOOSE", 0o644)] as [(String, mode_t)] {
            chmod(folder.path + "/" + name, mode)
        }
        let path = folder.path
        let source = SecretSource.system { name in
            switch name {
            case "CREDENTIALS_DIRECTORY": path
            case "PAYLINK_SECRET_DB", "PAYLINK_SECRET_ENV": "from variable"
            case "PAYLINK_SECRET_NONE": ""
            default: nil
            }
        }
        #expect(try source.read("DB").get() == "from file")
        #expect(try source.read("ENV").get() == "from variable")
        for (name, code) in [
            ("NONE", "not_found"), ("BLANK", "unreadable"), ("LOOSE", "loose_mode"), ("a/b", "unreadable"),
        ] {
            #expect(throws: SecretProblem.self) { try source.read(name).get() }
            if case .failure(let problem) = source.read(name) { #expect(problem.code == code) }
        }
        mkdir(folder.path + "/DIR", 0o700)
        if case .failure(let problem) = source.read("DIR") {
            #expect(problem.message.contains("no regular file"))
        } else {
            Issue.record("a folder was read")
        }
    }
}
