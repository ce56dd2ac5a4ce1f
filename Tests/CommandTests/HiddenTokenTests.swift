// What others see of the secrets in this process's environment once it has read them: nothing, from outside or as a
// program that it starts; while the run itself works as ever.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct HiddenTokenTests {
    private static let hook = "hook-value-5f1c", shop = "shop-value-77aa"

    /// The environment of a running process, as the system shows it.
    private func environment(of process: ChildProcess) throws -> String {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(process.identifier)/environ"))
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: ["run", "run --sandbox", "run --untrusted", "watch", "job", "batch --map"])
    func whoeverLooksFromOutsideSeesNoToken(_ command: String) async throws {
        let sandbox = try await SandboxProcess.start(), folder = try TemporaryFolder()
        try folder.write("paylink.toml", "[secrets]\nSHOP = { env = \"SHOP_KEY\" }\n")
        let ready =
            "log.info('ready') "
            + (command == "watch" ? "paylink.on('paid', function() end)" : "sleep(60)")
        // A mapping has no service to make links with.
        let create = "assert(paylink.create{ key = 'k', amount = 1, description = 'Mug' })\n"
        let script = try folder.write("wait.lua", (command == "batch --map" ? "" : create) + ready)
        var arguments = command.split(separator: " ").map(String.init)
        if command == "job" { arguments = ["run", "--job", "nightly"] }
        if command.hasSuffix("untrusted") { arguments.append("--max-links=1") }
        let process = try sandbox.start(
            arguments + [script] + (command == "batch --map" ? [try folder.write("orders.csv", "id\n1\n")] : []),
            [
                "PAYLINK_SECRET_HOOK": Self.hook, "SHOP_KEY": Self.shop, "PLAIN": "plain-value",
                "PAYLINK_LEDGER": folder.path + "/state/ledger.db",
            ], directory: folder.path)
        if command == "job" {
            // It tells what its script said at its end alone.
            for _ in 0..<1000 where try await sandbox.links().isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        } else {
            try await process.message { $0.contains { $0.hasSuffix("ready") } }
        }
        let seen = try environment(of: process)
        #expect(seen.contains("PLAIN=plain-value") && seen.contains("ONESHOT_API_TOKEN="))
        #expect(!seen.contains(SandboxProcess.token) && !seen.contains(Self.hook))
        // With --untrusted nobody reads the file that says what it is.
        #expect(!seen.contains(Self.shop) || command.hasSuffix("untrusted"))
        process.kill()
    }

    /// What a program inherits: the one that prints a secret has the whole environment, but for what is secret in it.
    @Test func programsInheritNoSecret() async throws {
        let sandbox = try await SandboxProcess.start(), folder = try TemporaryFolder()
        let show = try folder.write("show", "#!/bin/sh\nenv > \"$OUT\"\necho value\n", mode: 0o755)
        try folder.write(
            "paylink.toml", "[secrets]\nSHOWN = { command = [\"\(show)\"] }\nSHOP = { env = \"SHOP_KEY\" }\n")
        let code = """
            assert(secret('SHOWN') and secret('SHOP') and secret('HOOK'))
            print(assert(paylink.create{ amount = 1, description = 'Mug' }).status)
            print(assert(program.run{ '/usr/bin/env' }).output)
            """
        let outcome = try await sandbox.start(
            ["run", "--allow-run=/usr/bin/env", "-e", code],
            [
                "PAYLINK_SECRET_HOOK": Self.hook, "SHOP_KEY": Self.shop, "OUT": folder.path + "/out",
                "PATH": "/usr/bin:/bin",
            ], directory: folder.path
        ).finish()
        #expect(outcome.status == 0 && outcome.output.hasPrefix("active\n"), "\(outcome)")
        let inherited = try String(contentsOfFile: folder.path + "/out", encoding: .utf8)
        #expect(inherited.contains("OUT=") && inherited.contains("ONESHOT_USER_ID="))
        for text in [inherited, outcome.output] {
            #expect(!text.contains(SandboxProcess.token) && !text.contains(Self.hook) && !text.contains(Self.shop))
        }
    }

    @Test func aVariableThatHoldsASecretIsNotShownToTheScript() async throws {
        let folder = try TemporaryFolder()
        try folder.write("paylink.toml", "[secrets]\nSHOP = { env = \"SHOP_KEY\" }\n")
        let outcome = try await PaylinkProcess.run(
            ["run", "--allow-env=SHOP_KEY", "-e", "print(os.getenv('SHOP_KEY'), secret('SHOP') ~= nil)"],
            environment: ["SHOP_KEY": Self.shop], directory: folder.path)
        #expect(outcome.output == "nil\ttrue\n" && outcome.errors.contains("SHOP_KEY"), "\(outcome)")
    }

    /// They are read after they were taken out of the environment.
    @Test func commandsStillKnowWhatIsSet() async throws {
        let folder = try TemporaryFolder()
        let outcome = try await PaylinkProcess.run(
            ["doctor", "--cron"],
            environment: [
                "ONESHOT_API_TOKEN": "abc", "ONESHOT_USER_ID": "u", "PAYLINK_SECRET_HOOK": Self.hook, "PATH": "/bin",
            ], directory: folder.path)
        for name in ["ONESHOT_API_TOKEN", "PAYLINK_SECRET_HOOK"] {
            #expect(outcome.output.contains(name), "\(outcome)")
        }
        #expect(!outcome.output.contains(Self.hook))
    }
}
