// The API token and access tokens appear nowhere: not in output, logs or errors, not even when a server echoes them.

import Foundation
import TestSupport
import Testing

@Suite struct SecretTests {
    static let secret = "s3cr3t-t0ken-that-n0body-sees"
    static let account = ["ONESHOT_USER_ID": "018f5a3c-0000-7000-8000-00000000a11c", "ONESHOT_API_TOKEN": secret]
    static let mug = ["--amount", "1", "--description", "Mug"]

    private func expectNothing(_ outcome: Outcome, of secret: String = SecretTests.secret, _ what: String) {
        #expect(!(outcome.output + outcome.errors).contains(secret), "\(what): \(outcome)")
    }

    @Test(arguments: [
        ["create"] + mug, ["create", "--json"] + mug, ["get", LinkCommandTests.unknown],
        ["wait", LinkCommandTests.unknown, "--json"],
        ["doctor"],
        [
            "run", "--log-level", "debug", "-e",
            "local l, e = paylink.get('\(LinkCommandTests.unknown)') log.debug('seen', e) assert(l, e)",
        ],
    ])
    func noneWhenItIsRefused(_ arguments: [String]) async throws {
        let sandbox = try await SandboxProcess.start()
        let outcome = try await sandbox.run(arguments, ["ONESHOT_API_TOKEN": Self.secret])
        #expect(outcome.status == 77, "\(outcome)")
        expectNothing(outcome, "\(arguments)")
    }

    @Test(arguments: ["token", "create"], [400, 401, 403, 404, 418])
    func noneWhenTheServerEchoesIt(_ endpoint: String, _ status: Int) async throws {
        let sandbox = try await SandboxProcess.start()
        let echo =
            #"you sent client_secret=\#(SandboxProcess.token)&more {\"client_secret\": \"\#(SandboxProcess.token)\"}"#
        try await sandbox.addFault(
            #"{"endpoint": "\#(endpoint)", "action": "status", "status": \#(status), "body": "\#(echo)"}"#)
        for arguments in [
            ["create", "--json"] + Self.mug,
            ["run", "--log-level", "debug", "-e", "print(paylink.create{ amount = 1, description = 'Mug' })"],
        ] {
            let outcome = try await sandbox.run(arguments)
            expectNothing(outcome, of: SandboxProcess.token, "\(arguments)")
            #expect(
                (outcome.output + outcome.errors).contains("\(status)") || status == 401 || status == 404, "\(outcome)")
        }
    }

    @Test func noneInASuccessThatCannotBeUsed() async throws {
        let sandbox = try await SandboxProcess.start()
        let echo = #"{\"echo\": \"\#(SandboxProcess.token)\", \"id\": 5}"#
        try await sandbox.addFault(#"{"endpoint": "create", "action": "status", "status": 200, "body": "\#(echo)"}"#)
        let outcome = try await sandbox.run(["create", "--payer", "123e4567-e89b-12d3-a456-426614174000"] + Self.mug)
        #expect(outcome.status == 75, "\(outcome)")
        #expect(outcome.errors.contains("***"))
        expectNothing(outcome, of: SandboxProcess.token, "create")
    }

    @Test(arguments: [
        ["ONESHOT_API_TOKEN": secret], ["ONESHOT_API_TOKEN": "\(secret)\nmore", "ONESHOT_USER_ID": "u"],
        ["ONESHOT_API_TOKEN": secret, "ONESHOT_USER_ID": "u", "PAYLINK_LOCALE": "xx"],
        ["ONESHOT_API_TOKEN": secret, "ONESHOT_USER_ID": "u", "PAYLINK_BASE_URL": "nonsense"],
        [
            "ONESHOT_API_TOKEN": secret, "ONESHOT_USER_ID": "u",
            "PAYLINK_BASE_URL": "https://user:\(secret)@example.com",
        ],
        ["ONESHOT_API_TOKEN": secret, "ONESHOT_USER_ID": "u", "HTTPS_PROXY": "socks9://user:\(secret)@127.0.0.1:1"],
    ])
    func noneWhenTheSettingsAreWrong(_ environment: [String: String]) async throws {
        for arguments in [
            ["create"] + Self.mug, ["run", "-e", "assert(paylink.get('\(LinkCommandTests.unknown)'))"], ["doctor"],
        ] {
            let outcome = try await PaylinkProcess.run(arguments, environment: environment)
            #expect(outcome.status == 78, "\(outcome)")
            expectNothing(outcome, "\(arguments)")
        }
    }

    @Test(arguments: [
        [], ["--allow-env", "ONESHOT_API_TOKEN"], ["--allow-env=ONESHOT_API_TOKEN", "--allow-env=ONESHOT_USER_ID"],
    ])
    func aScriptCannotReadIt(_ options: [String]) async throws {
        let code = """
            print(os.getenv("ONESHOT_API_TOKEN"))
            local function look(value, seen, depth)
              if type(value) == "string" then io.write(value, "\\n") end
              if type(value) ~= "table" or seen[value] or depth > 6 then return end
              seen[value] = true
              for k, v in next, value do look(k, seen, depth + 1) look(v, seen, depth + 1) end
              look(getmetatable(value), seen, depth + 1)
            end
            look(_G, {}, 0)
            """
        let outcome = try await PaylinkProcess.run(["run"] + options + ["-e", code], environment: Self.account)
        expectNothing(outcome, "\(options)")
    }

    @Test func aScriptSeesOnlyTheVariablesItIsAllowed() async throws {
        let environment = ["SHOP_NAME": "Blue Mug", "HIDDEN": "hidden-value", "PATH": "/usr/bin"]
        let outcome = try await PaylinkProcess.run(
            [
                "run", "--allow-env", "SHOP_NAME", "-e",
                #"print(os.getenv("SHOP_NAME"), os.getenv("HIDDEN"), os.getenv("PATH"), os.getenv("NONE"))"#,
            ],
            environment: environment)
        #expect(outcome.output == "Blue Mug\tnil\tnil\tnil\n", "\(outcome)")
    }

    /// Neither the API token nor an access token (a JSON Web Token), in the ledger and all that lies beside it.
    @Test func noneInTheLedger() async throws {
        let sandbox = try await SandboxProcess.start(), folder = try TemporaryFolder()
        let code = """
            assert(paylink.create{ key = 'order-1', amount = 1, description = 'Mug' }:refresh())
            print(pcall(paylink.once, 'effect-1', function() return { key = secret('SHOP') } end))
            assert(paylink.once('effect-2', function() return assert(secret('SHOP')) and 'done' end))
            """
        let outcome = try await sandbox.run(
            ["run", "-e", code],
            ["PAYLINK_LEDGER": folder.path + "/state/ledger.db", "PAYLINK_SECRET_SHOP": Self.secret])
        #expect(outcome.status == 0 && outcome.output.hasPrefix("false\t"), "\(outcome)")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/state")
        var text = ""
        for name in names {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/state/" + name))
            text += String(decoding: bytes, as: UTF8.self)
        }
        #expect(text.contains("order-1") && text.contains("effect-2"))
        for secret in [SandboxProcess.token, Self.secret, "eyJ"] { #expect(!text.contains(secret), "\(secret)") }
    }

    @Test func neverOnTheCommandLine() async throws {
        for command in ["create", "get", "wait", "run", "watch", "batch", "doctor", "sandbox", "cron", "ledger"] {
            let outcome = try await PaylinkProcess.run(["help", command])
            #expect(outcome.status == 0)
            #expect(!outcome.output.has("--(api-)?(token|secret|password)[ =]"), "\(command)")
        }
    }
}
