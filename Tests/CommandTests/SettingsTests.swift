// Settings files as a person uses them: which one counts, where the token comes from, what is refused.

import Foundation
import TestSupport
import Testing

@Suite struct SettingsTests {
    static let secret = "s3cr3t-token-in-a-file"
    static let id = LinkCommandTests.unknown

    /// A home folder, and below it a folder with a script.
    private struct Home {
        let folder: TemporaryFolder

        init() throws {
            folder = try TemporaryFolder()
            for path in ["/.config/paylink", "/shop"] {
                try FileManager.default.createDirectory(
                    atPath: folder.path + path, withIntermediateDirectories: true)
            }
        }

        func near(_ text: String, mode: mode_t = 0o644) throws {
            try folder.write("shop/paylink.toml", text, mode: mode)
        }
        func far(_ text: String) throws { try folder.write(".config/paylink/config.toml", text) }

        func run(_ arguments: [String], _ more: [String: String] = [:]) async throws -> Outcome {
            try await PaylinkProcess.run(
                arguments, environment: ["HOME": folder.path, "PATH": "/usr/bin:/bin"].merging(more) { $1 },
                directory: folder.path + "/shop")
        }

        func script(_ code: String, _ options: [String] = [], _ more: [String: String] = [:]) async throws -> Outcome {
            let path = try folder.write("shop/script.lua", code)
            return try await run(["run"] + options + [path], more)
        }
    }

    @Test func aFlagGoesBeforeTheEnvironmentBeforeTheNearFileBeforeTheFarOne() async throws {
        let home = try Home()
        func locale(_ arguments: [String] = [], _ more: [String: String] = [:]) async throws -> String {
            let report = try JSON(parsing: try await home.run(["doctor", "--json"] + arguments, more).output)
            let found = report["findings"]?.list.first { $0["what"]?.string == "locale" }
            return "\(found?["text"]?.string ?? "none") \(found?["origin"]?.string ?? "")"
        }
        #expect(try await locale() == "none ")
        try home.far("locale = \"tr\"")
        #expect(try await locale() == "tr \(home.folder.path)/.config/paylink/config.toml:1")
        try home.near("\nlocale = \"es\"\n[profile.x]\nlocale = \"tr\"")
        #expect(try await locale() == "es paylink.toml:2")
        #expect(try await locale(["--profile", "x"]) == "tr paylink.toml:4")
        #expect(try await locale([], ["PAYLINK_PROFILE": "x"]) == "tr paylink.toml:4")
        #expect(try await locale([], ["PAYLINK_LOCALE": "en"]) == "en environment, PAYLINK_LOCALE")
        #expect(try await locale(["--locale", "tr"], ["PAYLINK_LOCALE": "en"]) == "tr flag")
        #expect(try await locale(["--config", "/dev/null"]) == "none ")
    }

    @Test(arguments: ["file", "command", "credential", "env", "service manager"])
    func theTokenComesByEachWay(_ way: String) async throws {
        let sandbox = try await SandboxProcess.start(), home = try Home()
        try home.folder.write("shop/token", SandboxProcess.token + "\n", mode: 0o600)
        try home.folder.write("shop/oneshot_api_token", SandboxProcess.token, mode: 0o400)
        let token =
            switch way {
            case "file": "token = { file = \"token\" }"
            case "command": "token = { command = [\"cat\", \"\(home.folder.path)/shop/token\"] }"
            case "credential": "token = { credential = \"token\" }"
            case "env": "token = { env = \"SHOP_TOKEN\" }"
            default: ""
            }
        let address = sandbox.variables["PAYLINK_BASE_URL"] ?? "", user = sandbox.variables["ONESHOT_USER_ID"] ?? ""
        try home.near("base_url = \"\(address)\"\nuser_id = \"\(user)\"\n\(token)\n")
        var more: [String: String] = [:]
        if way == "env" { more["SHOP_TOKEN"] = SandboxProcess.token }
        if way == "credential" || way == "service manager" {
            more["CREDENTIALS_DIRECTORY"] = home.folder.path + "/shop"
        }
        for arguments in [
            ["create", "--amount", "1", "--description", "Mug"], ["doctor"],
        ] {
            let outcome = try await home.run(arguments, more)
            #expect(outcome.status == 0, "\(way): \(outcome)")
            #expect(!(outcome.output + outcome.errors).contains(SandboxProcess.token))
        }
        let outcome = try await home.script(
            "print(assert(paylink.create{amount = 1, description = 'Mug'}).url)", [], more)
        #expect(outcome.status == 0 && outcome.output.contains(address), "\(outcome)")
    }

    @Test(arguments: [0o644, 0o640, 0o606] as [mode_t])
    func aLooseTokenFileIsRefused(_ mode: mode_t) async throws {
        let home = try Home()
        try home.near("user_id = \"u\"\ntoken = { file = \"token\" }")
        let path = try home.folder.write("shop/token", Self.secret, mode: mode)
        for arguments in [["get", Self.id], ["run", "script.lua"], ["doctor"]] {
            try home.folder.write("shop/script.lua", "print(1)")
            let outcome = try await home.run(arguments)
            #expect(outcome.status == 78, "\(outcome)")
            let text = outcome.output + outcome.errors
            #expect(
                text.contains("chmod 600") && text.contains("token") && !text.contains(Self.secret), "\(path): \(text)")
        }
    }

    @Test func halfAnAccountIsNamed() async throws {
        let home = try Home()
        try home.near("user_id = \"u\"")
        let noToken = try await home.run(["get", Self.id])
        #expect(noToken.status == 78 && noToken.errors.contains("the API token is missing"), "\(noToken)")
        try home.near("token = { env = \"T\" }")
        let noUser = try await home.run(["get", Self.id], ["T": Self.secret])
        #expect(noUser.status == 78 && noUser.errors.contains("the user id is missing"), "\(noUser)")
    }

    @Test func everyProblemIsToldWithItsLine() async throws {
        let home = try Home()
        try home.near(
            "base_ulr = \"x\"\n[run]\ntimeout = \"soon\"\n[allow]\nnet = [\"a/b\"]\nenv = [\"ONESHOT_API_TOKEN\"]")
        for arguments in [["run", "-e", "print(1)"], ["get", Self.id], ["ledger", "list"], ["doctor"]] {
            let outcome = try await home.run(arguments)
            let text = outcome.output + outcome.errors
            #expect(outcome.status == 78, "\(outcome)")
            #expect(text.contains("paylink.toml:1: base_ulr is no setting; did you mean base_url?"), "\(text)")
            #expect(text.contains("paylink.toml:3: run.timeout") && text.contains("paylink.toml:5: allow.net"))
            #expect(text.contains("paylink.toml:6: allow.env"))
        }
        try home.near("locale = \"en\"\nledger = [\n")
        let broken = try await home.run(["run", "-e", "print(1)"])
        #expect(broken.status == 78 && broken.output.isEmpty && broken.errors.contains("no valid TOML"), "\(broken)")
    }

    @Test func permissionsOfAFileHoldForScriptsBesideIt() async throws {
        let home = try Home(), other = try TemporaryFolder()
        try other.write("orders.csv", "id\n7\n")
        let code = "for row in csv.rows('\(other.path)/orders.csv') do print(row.id, os.getenv('SHOP')) end"
        let refused = try await home.script(code, [], ["SHOP": "mug"])
        #expect(refused.status != 0 && refused.errors.contains("--allow-read"), "\(refused)")
        let allowed = "[allow]\nread = [\"\(other.path)\"]\nenv = [\"SHOP\"]\n"
        try home.near(allowed)
        #expect(try await home.script(code, [], ["SHOP": "mug"]).output == "7\tmug\n")
        try home.near(allowed, mode: 0o666)
        let open = try await home.script(code, [], ["SHOP": "mug"])
        #expect(open.status == 78 && open.errors.contains("somebody else can change"), "\(open)")
    }

    @Test func aScriptCannotWriteTheSettingsOfItsNextRunNorReadTheToken() async throws {
        let home = try Home()
        try home.near("user_id = \"u\"\ntoken = { file = \"token\" }")
        try home.folder.write("shop/token", "name\n\(Self.secret)", mode: 0o600)
        let environment = ["ONESHOT_API_TOKEN": "t"]
        let writing = try await home.script("assert(csv.writer('paylink.toml', {'a'})):close()", [], environment)
        #expect(writing.status != 0 && writing.errors.contains("belongs to paylink itself"), "\(writing)")
        let reading = try await home.script("for row in csv.rows('token') do print(row.name) end", [], environment)
        #expect(reading.status != 0 && !(reading.output + reading.errors).contains(Self.secret), "\(reading)")
    }

    @Test func limitsOfAFileHoldWhereNoFlagSaysOtherwise() async throws {
        let home = try Home()
        try home.near("[run]\ntimeout = \"200ms\"\nmax_links = 1")
        #expect(try await home.script("sleep(20)").status == 124)
        let code = "for i = 1, 2 do print((select(2, paylink.create{amount = 1, description = 'Mug'}) or {}).code) end"
        let options = ["--sandbox", "--timeout", "20s"]
        #expect(try await home.script(code, options).output == "nil\nlimit_reached\n")
        #expect(try await home.script(code, options + ["--max-links", "2"]).output == "nil\nnil\n")
    }
}
