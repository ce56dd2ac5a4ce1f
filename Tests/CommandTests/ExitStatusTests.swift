// The exit status of every outcome, and the message that comes with it.

import Testing

@Suite struct ExitStatusTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var arguments: [String]
        var environment: [String: String] = [:]
        var status: Int32
        /// Parts of standard error.
        var says: [String] = []

        var testDescription: String { name }
    }

    static let account = [
        "ONESHOT_USER_ID": "018f5a3c-0000-7000-8000-00000000a11c", "ONESHOT_API_TOKEN": "some-token-1",
    ]
    static let mug = ["--amount", "1", "--description", "Mug"]
    static let id = LinkCommandTests.unknown

    /// Nothing here reaches a service.
    static let cases = [
        // 0
        Case(name: "help", arguments: ["--help"], status: 0),
        Case(name: "version", arguments: ["--version"], status: 0),
        Case(name: "a script that returns", arguments: ["run", "-e", "return 3"], status: 0),
        Case(name: "an empty script", arguments: ["run", "-e", ""], status: 0),
        Case(name: "a script that says so", arguments: ["run", "-e", "os.exit(true)"], status: 0),
        // 1 and the script's own
        Case(name: "error", arguments: ["run", "-e", "error('no')"], status: 1, says: ["command line:1: no"]),
        Case(
            name: "a failed assert", arguments: ["run", "-e", "assert(nil, 'no stock')"], status: 1, says: ["no stock"]),
        Case(name: "os.exit(false)", arguments: ["run", "-e", "os.exit(false)"], status: 1),
        Case(name: "os.exit(3)", arguments: ["run", "-e", "os.exit(3)"], status: 3),
        Case(
            name: "os.exit in a task", arguments: ["run", "-e", "task.spawn(function() os.exit(4) end) sleep('1h')"],
            status: 4),
        Case(name: "os.exit inside pcall", arguments: ["run", "-e", "pcall(os.exit, 5) print('on')"], status: 5),
        Case(
            name: "os.exit that closes",
            arguments: [
                "run", "-e",
                "local x <close> = setmetatable({}, { __close = function() io.stderr:write('closed') end }) os.exit(6, true)",
            ], status: 6, says: ["closed"]),
        // 64
        Case(name: "unknown command", arguments: ["creat"], status: 64, says: ["creat"]),
        Case(
            name: "unknown option", arguments: ["create"] + mug + ["--resuable"], status: 64,
            says: ["Unknown option '--resuable'. Did you mean '--reusable'?"]),
        Case(
            name: "misspelt required option", arguments: ["create", "--amout", "1", "--description", "Mug"], status: 64,
            says: ["--amout", "--amount"]),
        Case(name: "missing option", arguments: ["create", "--amount", "1"], status: 64, says: ["--description"]),
        Case(
            name: "missing value", arguments: ["create", "--description", "Mug", "--amount"], status: 64,
            says: ["--amount"]),
        Case(name: "missing id", arguments: ["get"], status: 64, says: ["<id>"]),
        Case(name: "too many ids", arguments: ["wait", id, id], status: 64, says: [id]),
        Case(name: "no script", arguments: ["run"], status: 64, says: ["Missing the script", "paylink run"]),
        Case(
            name: "unknown option of run", arguments: ["run", "--sandbx", "s.lua"], status: 64,
            says: ["Unknown option '--sandbx'", "--sandbox"]),
        Case(
            name: "bad size", arguments: ["run", "--memory", "much", "-e", ""], status: 64, says: ["much", "--memory"]),
        Case(
            name: "bad log level", arguments: ["run", "--log-level", "loud", "-e", ""], status: 64,
            says: ["loud", "debug, info, warn or error"]),
        // 77, 78
        Case(
            name: "no credentials", arguments: ["create"] + mug, status: 78,
            says: ["ONESHOT_USER_ID", "ONESHOT_API_TOKEN"]),
        Case(
            name: "no token", arguments: ["create"] + mug,
            environment: ["ONESHOT_USER_ID": "018f5a3c-0000-7000-8000-00000000a11c"],
            status: 78, says: ["ONESHOT_API_TOKEN is not set"]),
        Case(
            name: "empty user id", arguments: ["get", id],
            environment: ["ONESHOT_USER_ID": "", "ONESHOT_API_TOKEN": "some-token-1"],
            status: 78, says: ["ONESHOT_USER_ID is not set"]),
        Case(
            name: "a token of two lines", arguments: ["get", id],
            environment: account.merging(["ONESHOT_API_TOKEN": "some-\ntoken-1"]) { $1 }, status: 78,
            says: ["line break"]),
        Case(
            name: "a script without credentials", arguments: ["run", "-e", "assert(paylink.get('\(id)'))"], status: 78,
            says: ["--sandbox"]),
        Case(
            name: "plain http to another machine", arguments: ["create"] + mug + ["--base-url", "http://10.0.0.1"],
            environment: account,
            status: 78, says: ["http://10.0.0.1", "use https"]),
        Case(
            name: "plain http by the environment", arguments: ["get", id],
            environment: account.merging(["PAYLINK_BASE_URL": "http://example.com"]) { $1 }, status: 78,
            says: ["http://example.com", "use https"]),
        Case(
            name: "an address that is none", arguments: ["get", id, "--base-url", "shop"], environment: account,
            status: 78, says: ["\"shop\""]),
        Case(
            name: "unknown language", arguments: ["create"] + mug + ["--locale", "xx"], environment: account,
            status: 78,
            says: ["\"xx\"", "en, es or tr"]),
        Case(
            name: "unknown language by the environment", arguments: ["run", "-e", ""],
            environment: ["PAYLINK_LOCALE": "EN"], status: 78,
            says: ["\"EN\"", "en, es or tr"]),
        Case(
            name: "certificates that are not there",
            arguments: ["get", id, "--base-url", "https://127.0.0.1:1", "--ca-file", "/no/ca.pem"],
            environment: account, status: 78, says: ["/no/ca.pem"]),
        // 124
        Case(
            name: "a script that waits past its limit", arguments: ["run", "--timeout", "200ms", "-e", "sleep('1h')"],
            status: 124,
            says: ["time limit"]),
        Case(
            name: "a script that computes past its limit",
            arguments: ["run", "--timeout", "200ms", "-e", "while true do end"],
            status: 124, says: ["time limit"]),
    ]

    @Test(arguments: cases)
    func tellsBy(_ case: Case) async throws {
        let outcome = try await PaylinkProcess.run(`case`.arguments, environment: `case`.environment)
        #expect(outcome.status == `case`.status, "\(outcome)")
        for part in `case`.says { #expect(outcome.errors.contains(part)) }
        if `case`.status != 0 { #expect(outcome.output == "") }
    }

    @Test func unreachableAfterTheConnectionIsRefused() async throws {
        let outcome = try await PaylinkProcess.run(
            ["create", "--base-url", "http://127.0.0.1:1"] + Self.mug, environment: Self.account, limit: .seconds(100))
        #expect(outcome.status == 69)
        #expect(outcome.errors.contains("paylink: connect_failed: "), "\(outcome.errors)")
        #expect(outcome.errors.contains("127.0.0.1:1"))
        #expect(outcome.errors.contains("Connection refused"))
        #expect(
            outcome.errors.filter { $0 == "(" }.count == outcome.errors.filter { $0 == ")" }.count, "\(outcome.errors)")
    }

    @Test func unreachableWhenTheNameDoesNotExist() async throws {
        let outcome = try await PaylinkProcess.run(
            ["create", "--base-url", "https://nonexistent.invalid"] + Self.mug, environment: Self.account,
            limit: .seconds(100))
        #expect(outcome.status == 69)
        #expect(outcome.errors.contains("paylink: resolve_failed: "), "\(outcome.errors)")
        #expect(outcome.errors.contains("nonexistent.invalid could not be resolved"))
    }

    @Test func refusedForAWrongToken() async throws {
        let sandbox = try await SandboxProcess.start()
        for arguments in [
            ["create"] + Self.mug, ["get", Self.id], ["wait", Self.id],
            ["run", "-e", "assert(paylink.get('\(Self.id)'))"], ["doctor"],
        ] {
            let outcome = try await sandbox.run(arguments, ["ONESHOT_API_TOKEN": "wrong-token-1"])
            #expect(outcome.status == 77, "\(arguments): \(outcome)")
            #expect((outcome.errors + outcome.output).contains("refused the credentials"))
        }
        #expect(try await sandbox.links().isEmpty)
    }

    @Test func refusedForAWrongUser() async throws {
        let sandbox = try await SandboxProcess.start()
        let outcome = try await sandbox.run(["create"] + Self.mug, ["ONESHOT_USER_ID": "not-a-user"])
        #expect(outcome.status == 77)
        #expect(outcome.errors.contains("check the user id"))
    }

    @Test func doctorIsContentWithASandbox() async throws {
        let sandbox = try await SandboxProcess.start()
        let outcome = try await sandbox.run(["doctor"])
        #expect(outcome.status == 0)
        #expect(outcome.lines.allSatisfy { $0.hasPrefix("ok ") })
    }

    @Test func aScriptThatDiesOfTheServicesFailureKeepsItsStatus() async throws {
        let sandbox = try await SandboxProcess.start()
        try await sandbox.addFault(
            #"{"endpoint": "create", "action": "status", "status": 503, "headers": {"Retry-After": "3600"}}"#)
        let outcome = try await sandbox.run([
            "run", "-e",
            #"assert(paylink.create{ amount = 1, description = "Mug", payer = "123e4567-e89b-12d3-a456-426614174000" })"#,
        ])
        #expect(outcome.status == 75, "\(outcome)")
        #expect(outcome.errors.contains("in_doubt"))
    }
}
