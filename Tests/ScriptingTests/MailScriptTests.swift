// mail.send as scripts use it: against a real mail server, against programs, and what a script may not do.

import Foundation
import Glibc
import LuaRuntime
import TestSupport
import Testing

@testable import Scripting

/// Debian's aiosmtpd, which records what it takes.
private final class MailReceiver {
    let port: Int
    let record: String
    private let process = Process()
    private let input = Pipe()

    init(_ folder: TemporaryFolder, _ options: [String] = []) throws {
        try #require(
            FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/aiosmtpd/__init__.py"),
            "the package python3-aiosmtpd is needed: scripts/test installs it")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Receivers/smtp_receiver.py").path
        record = folder.path + "/mail.jsonl"
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [script, "--record", record] + options
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    func messages() throws -> [(to: [String], text: String)] {
        try String(contentsOfFile: record, encoding: .utf8).split(separator: "\n").map { line in
            let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let data = try #require((object["data"] as? String).flatMap { Data(base64Encoded: $0) })
            return (object["to"] as? [String] ?? [], String(decoding: data, as: UTF8.self))
        }
    }
}

@Suite struct MailScriptTests {
    private func run(_ script: String, server: String?, in folder: TemporaryFolder, isDryRun: Bool = false) async throws
        -> ScriptRun
    {
        try await ScriptHarness.run(script.replacing("DIR", with: folder.path)) { runner in
            runner.options.files = FileAccess(readable: [], writable: [folder.path])
            runner.options.mail.server = server
            try? runner.options.recipients.allow("*")
            runner.options.isDryRun = isDryRun
        }
    }

    @Test func aMessageReachesARealServer() async throws {
        let folder = try TemporaryFolder()
        try folder.write("invoice.txt", "12.50 USD")
        let receiver = try MailReceiver(folder, ["--refuse", "gone@x.example", "--auth", "shop:geheim"])
        let run = try await run(
            """
            local sent = assert(mail.send{ from = "Shop <shop@x.example>", to = { "a@x.example", "gone@x.example" }, bcc = "b@x.example",
              subject = "Paid", text = ".dot\\n", token = "tok-1", attachments = { "DIR/invoice.txt" }, password = "geheim" })
            assert(sent.id == "<tok-1@x.example>" and #sent.accepted == 2)
            assert(sent.refused[1].address == "gone@x.example" and not sent.refused[1].retryable)
            local nothing, err = mail.send{ from = "a@x.example", to = "a@x.example", subject = "", text = "x", password = "wrong" }
            assert(not nothing and err.code == "mail_refused" and not err.message:find("wrong"), tostring(err))
            """, server: "smtp://shop@127.0.0.1:\(receiver.port)", in: folder)
        #expect(run.result == .finished(status: 0))
        let messages = try receiver.messages()
        #expect(messages.count == 1 && messages.first?.to == ["a@x.example", "b@x.example"])
        #expect(
            messages.first?.text.contains("\r\n.dot\r\n") == true
                && messages.first?.text.contains("b@x.example") == false)
    }

    @Test(arguments: [
        ("subject = \"a\\nBcc: x@y\", text = \"x\"", "invalid_mail"),
        ("text = \"x\", server = \"smtp://h.example\"", "not_allowed"),
        ("text = \"x\", server = \"sendmail\"", "not_allowed"), ("attachments = { \"/etc/hostname\" }", "not_allowed"),
        ("attachments = { \"DIR/none\" }", "not_found"), ("text = \"x\"", "mail_failed"),
        ("text = \"x\", to = \"nobody\"", "invalid_mail"),
    ])
    func failuresAreValues(_ options: String, _ code: String) async throws {
        let folder = try TemporaryFolder()
        let run = try await run(
            """
            local given = { from = "a@x.example", to = "b@x.example", subject = "s" }
            for key, value in pairs{ \(options) } do given[key] = value end
            local sent, err = mail.send(given)
            assert(not sent and err.code == "\(code)" and err.retryable == (err.code == "mail_failed"), tostring(err))
            """, server: "smtp://127.0.0.1:1", in: folder)
        #expect(run.result == .finished(status: 0))
    }

    @Test func aDryRunSendsNothing() async throws {
        let folder = try TemporaryFolder()
        let run = try await run(
            "assert(mail.send{ from = \"a@x.example\", to = \"b@x.example\", subject = \"s\", text = \"x\" })",
            server: "smtp://127.0.0.1:1", in: folder, isDryRun: true)
        #expect(run.texts == ["mail would be sent"] && run.result == .finished(status: 0))
    }

    /// STARTTLS and TLS from the start, with the right authority, without it, and under another name.
    @Test(arguments: [
        ("smtp+starttls", "localhost", true, "sent"), ("smtps", "localhost", true, "sent"),
        ("smtps", "localhost", false, "mail_refused"), ("smtp+starttls", "localhost", false, "mail_refused"),
        ("smtps", "127.0.0.1", true, "mail_refused"),
    ])
    func theServerIsWhoItClaimsToBe(_ scheme: String, _ host: String, _ isTrusted: Bool, _ expected: String)
        async throws
    {
        let folder = try TemporaryFolder()
        let make = Process()
        make.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        make.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-batch", "-days",
            "2",
            "-keyout", folder.path + "/key.pem", "-out", folder.path + "/cert.pem", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost",
        ]
        make.standardError = FileHandle.nullDevice
        try make.run()
        make.waitUntilExit()
        let tls = ["--cert", folder.path + "/cert.pem", "--key", folder.path + "/key.pem"]
        let receiver = try MailReceiver(folder, tls + (scheme == "smtps" ? ["--implicit"] : []))
        let run = try await ScriptHarness.run(
            """
            local sent, err = mail.send{ from = "a@x.example", to = "b@x.example", subject = "s", text = "x" }
            assert((sent and "sent" or err.code) == "\(expected)", tostring(err))
            """
        ) { runner in
            try? runner.options.recipients.allow("@x.example")
            runner.options.mail.server = "\(scheme)://\(host):\(receiver.port)"
            runner.options.mail.caFile = isTrusted ? folder.path + "/cert.pem" : nil
        }
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(try receiver.messages().count == (expected == "sent" ? 1 : 0))
    }

    @Test(arguments: [
        ("cat > DIR/got; printf '%s|' \"$@\" > DIR/arguments", "sent"), ("cat > /dev/null; exit 75", "mail_failed"),
        ("echo no such user; exit 67", "mail_refused"), ("cat > /dev/null; kill -9 $$", "mail_in_doubt"),
        ("cat > /dev/null; sleep 30", "mail_in_doubt"), ("cat > /dev/null; exit 76", "mail_in_doubt"),
        ("cat > /dev/null; exit 1", "mail_in_doubt"), ("exit 1", "mail_refused"),
        ("cat > /dev/null; echo ssmtp: Cannot open mail:25 >&2; exit 1", "mail_failed"),
    ])
    func aProgramTakesTheMailAsSendmailDoes(_ body: String, _ expected: String) async throws {
        let folder = try TemporaryFolder()
        let program = try folder.write("sendmail", "#!/bin/sh\n" + body.replacing("DIR", with: folder.path) + "\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        let run = try await run(
            """
            local sent, err = mail.send{ from = "a@x.example", to = "b@x.example", bcc = "-c@x.example", subject = "s", text = "x", timeout = "1s" }
            assert((sent and "sent" or err.code) == "\(expected)", tostring(err))
            """, server: program, in: folder)
        #expect(run.result == .finished(status: 0), "\(run.result)")
        guard expected == "sent" else { return }
        #expect(try folder.read("arguments") == "-i|-f|a@x.example|--|b@x.example|-c@x.example|")
        #expect(try folder.read("got").hasSuffix("\n\nx"))
    }

    @Test func aProgramGetsAlmostNoEnvironment() async throws {
        setenv("PAYLINK_MAIL_TEST", "visible", 1)
        let folder = try TemporaryFolder()
        let program = try folder.write("sendmail", "#!/bin/sh\ncat > /dev/null\nenv > \(folder.path)/environment\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        let run = try await run(
            "assert(mail.send{ from = 'a@x.example', to = 'b@x.example', subject = 's', text = 'x' })",
            server: program, in: folder)
        #expect(run.result == .finished(status: 0), "\(run.result)")
        let names = try folder.read("environment").split(separator: "\n").compactMap { $0.split(separator: "=").first }
        // The shell's own are among them.
        let known: Set<Substring> = ["PATH", "LC_ALL", "HOME", "USER", "LOGNAME", "PWD", "OLDPWD", "SHLVL", "_"]
        #expect(names.contains("PATH") && Set(names).isSubset(of: known), "\(names)")
    }

    @Test func withoutAServerItSaysWhatToSet() async throws {
        let folder = try TemporaryFolder()
        let run = try await run(
            "local _, err = mail.send{ from = \"a@b\", to = \"b@c\", subject = \"s\", text = \"x\" }\nassert(err.code == \"not_configured\")",
            server: nil, in: folder)
        #expect(run.result == .finished(status: 0))
    }
}
