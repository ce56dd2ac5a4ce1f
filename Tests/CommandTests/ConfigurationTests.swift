// Settings files as the commands use them: what goes before what, the ways of the token, permissions, complaints.

import Foundation
import Glibc
import Testing

@Suite struct ConfigurationTests {
    private struct Ground {
        let sandbox: SandboxProcess
        let folder: TemporaryFolder
        var user: String { sandbox.variables["ONESHOT_USER_ID"] ?? "" }
        var base: String { sandbox.variables["PAYLINK_BASE_URL"] ?? "" }

        static func make() async throws -> Ground {
            Ground(sandbox: try await SandboxProcess.start(), folder: try TemporaryFolder())
        }

        /// Runs in the folder with nothing of the sandbox's in the environment.
        func run(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> Outcome {
            try await PaylinkProcess.run(
                arguments, environment: ["HOME": folder.path + "/home"].merging(environment) { $1 }, directory: folder.path)
        }
    }

    private static let create = ["create", "--amount", "1", "--description", "Tea", "--json"]

    @Test(arguments: ["file", "command", "credential", "env"])
    func theTokenComesFromEachOfTheSafePlaces(_ way: String) async throws {
        let ground = try await Ground.make()
        try ground.folder.write("token", SandboxProcess.token + "\n", mode: 0o600)
        let place = switch way {
        case "file": "token = { file = \"token\" }"
        case "command": "token = { command = [\"cat\", \"token\"] }"
        case "credential": "token = { credential = \"token\" }"
        default: "token = { env = \"SHOP_TOKEN\" }"
        }
        try ground.folder.write(
            "paylink.toml", "base_url = \"\(ground.base)\"\nuser_id = \"\(ground.user)\"\n\(place)\n", mode: 0o644)
        let outcome = try await ground.run(
            Self.create,
            ["PATH": "/usr/bin:/bin", "CREDENTIALS_DIRECTORY": ground.folder.path, "SHOP_TOKEN": SandboxProcess.token])
        #expect(outcome.status == 0, "\(outcome)")
        let doctor = try await ground.run(
            ["doctor"],
            ["PATH": "/usr/bin:/bin", "CREDENTIALS_DIRECTORY": ground.folder.path, "SHOP_TOKEN": SandboxProcess.token])
        #expect(doctor.status == 0, "\(doctor)")
        #expect(!(doctor.output + doctor.errors + outcome.output + outcome.errors).contains(SandboxProcess.token))
    }

    @Test func aLooseTokenFileIsRefused() async throws {
        let ground = try await Ground.make()
        try ground.folder.write("token", SandboxProcess.token, mode: 0o644)
        try ground.folder.write(
            "paylink.toml", "base_url = \"\(ground.base)\"\nuser_id = \"\(ground.user)\"\ntoken = { file = \"token\" }\n")
        let outcome = try await ground.run(Self.create)
        #expect(outcome.status == 78, "\(outcome)")
        #expect(outcome.errors.contains("token has mode 0644") && outcome.errors.contains("chmod 600 token"), "\(outcome.errors)")
        #expect(!outcome.errors.contains(SandboxProcess.token))
        #expect(try await ground.sandbox.links().isEmpty)
    }

    @Test func flagsThenVariablesThenTheNearFileThenTheUsers() async throws {
        let ground = try await Ground.make()
        let script = try ground.folder.write(
            "url.lua", "local l = assert(paylink.create{ amount = 1, description = 'Tea' }) print(l.url:match('/(%a%a)/link'))")
        try FileManager.default.createDirectory(
            atPath: ground.folder.path + "/home/.config/paylink", withIntermediateDirectories: true)
        let account = ["ONESHOT_USER_ID": ground.user, "ONESHOT_API_TOKEN": SandboxProcess.token, "PAYLINK_BASE_URL": ground.base]
        func locale(_ arguments: [String] = [], _ environment: [String: String] = [:]) async throws -> String {
            let outcome = try await ground.run(["run"] + arguments + [script], account.merging(environment) { $1 })
            return outcome.output + outcome.errors
        }
        #expect(try await locale() == "en\n")
        try ground.folder.write("home/.config/paylink/config.toml", "locale = \"tr\"\n")
        #expect(try await locale() == "tr\n")
        try ground.folder.write("paylink.toml", "locale = \"es\"\n[profile.home]\nlocale = \"tr\"\n")
        #expect(try await locale() == "es\n")
        #expect(try await locale(["--profile", "home"]) == "tr\n")
        #expect(try await locale([], ["PAYLINK_LOCALE": "en"]) == "en\n")
        #expect(try await locale(["--locale", "tr"], ["PAYLINK_LOCALE": "en"]) == "tr\n")
    }

    @Test func permissionsComeFromTheFileAndNeverFromTheScript() async throws {
        let ground = try await Ground.make()
        let script = try ground.folder.write(
            "see.lua",
            """
            print(program.run{ "echo", "hi" } and "ran" or "refused", (select(2, http.get("http://127.0.0.1:9/")) or {}).code, os.getenv("SHOP"))
            """)
        let before = try await ground.run(["run", script], ["PATH": "/usr/bin:/bin", "SHOP": "mugs"])
        #expect(before.output == "refused\tnot_allowed\tnil\n", "\(before)")
        try ground.folder.write("paylink.toml", "[allow]\nrun = [\"echo\"]\nnet = [\"127.0.0.1:9\"]\nenv = [\"SHOP\"]\n")
        let after = try await ground.run(["run", script], ["PATH": "/usr/bin:/bin", "SHOP": "mugs"])
        #expect(after.output == "ran\tconnect_failed\tmugs\n", "\(after)")
        // A file that others can change grants nothing, and says so.
        chmod(ground.folder.path + "/paylink.toml", 0o666)
        let loose = try await ground.run(["run", script], ["PATH": "/usr/bin:/bin"])
        #expect(loose.status == 78 && loose.errors.contains("paylink.toml"), "\(loose)")
    }

    @Test func aScriptCannotRewriteItsSettings() async throws {
        let ground = try await Ground.make()
        let script = try ground.folder.write("w.lua", #"print(select(2, csv.writer("paylink.toml", { "a" })).code)"#)
        try ground.folder.write("paylink.toml", "locale = \"es\"\n")
        #expect(try await ground.run(["run", script]).output == "not_allowed\n")
    }

    @Test func brokenFilesAreNamedWithTheirLines() async throws {
        let ground = try await Ground.make()
        let script = try ground.folder.write("s.lua", "print('never')")
        try ground.folder.write("paylink.toml", "locale = \"es\"\nbase_ulr = \"x\"\n[run]\ntimeout = \"soon\"\n")
        let outcome = try await ground.run(["run", script])
        #expect(outcome.status == 78 && outcome.output == "", "\(outcome)")
        for part in ["paylink.toml:2", "base_url", "paylink.toml:4", "soon"] {
            #expect(outcome.errors.contains(part), "\(part): \(outcome.errors)")
        }
        #expect(try await ground.run(["run", "--config", "/dev/null", script]).output == "never\n")
        #expect(try await ground.run(["run", "--config", "missing.toml", script]).status == 78)
    }

    @Test func secretsOfTheFileReachRequestsAndNothingElse() async throws {
        let ground = try await Ground.make()
        let script = try ground.folder.write(
            "secret.lua", #"local s = assert(secret("HOOK")) print(s, ("%s"):format(tostring(s))) log.info("x", { s = s }) error("no " .. tostring(s))"#)
        try ground.folder.write("hook", "whsec_verysecret", mode: 0o600)
        try ground.folder.write("paylink.toml", "[secrets]\nHOOK = { file = \"hook\" }\n")
        let outcome = try await ground.run(["run", script])
        #expect(outcome.output == "***\t***\n", "\(outcome)")
        #expect(!outcome.errors.contains("verysecret"))
    }
}
