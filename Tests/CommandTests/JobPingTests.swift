// `--ping`: a monitor is told of each run, and never in its way.

import TestSupport
import Testing

@Suite struct JobPingTests {
    @Test func tellsAMonitorOfStartSuccessAndFailure() async throws {
        let fixture = try JobFixture()
        let server = try PingServer()
        defer { server.close() }
        let ping = ["--ping", "http://127.0.0.1:\(server.port)/abc"]
        #expect(try await fixture.job("", ping).status == 0)
        #expect(try await fixture.job("os.exit(3)", ping).status == 3)
        #expect(
            server.targets.sorted() == [
                "/abc/fail?run=2&job=daily", "/abc/start?run=1&job=daily", "/abc/start?run=2&job=daily",
                "/abc?run=1&job=daily",
            ])
    }

    @Test func aMonitorThatIsDownNeverFailsTheJob() async throws {
        let fixture = try JobFixture()
        let server = try PingServer(status: 500)
        let broken = ["--ping", "http://127.0.0.1:\(server.port)/abc?x=1"]
        let refused = try await fixture.job("", broken)
        #expect(refused.status == 0 && refused.errors == "")
        #expect(server.targets.contains("/abc/start?x=1&run=1&job=daily"))
        server.close()
        let gone = try await fixture.job("os.exit(3)", ["--log-level", "debug"] + broken)
        #expect(gone.status == 3)
        #expect(gone.errors.contains("the ping"))
    }

    @Test func aMonitorThatIsSilentDoesNotHoldTheJobUpForEver() async throws {
        let fixture = try JobFixture()
        let server = try PingServer(status: nil)
        defer { server.close() }
        let outcome = try await fixture.job("", ["--ping", "http://127.0.0.1:\(server.port)/abc"])
        // It is killed, and has no status, when it is not over within a minute.
        #expect(outcome.status == 0)
    }

    /// A monitor whose certificate only the settings file's `ca_file` vouches for.
    @Test func believesTheAuthorityThatTheSettingsFileNames() async throws {
        let fixture = try JobFixture()
        let monitor = try await TLSMonitor(fixture.folder.path)
        defer { monitor.close() }
        let ping = ["--log-level", "debug", "--ping", "https://localhost:\(monitor.port)/abc"]
        let doubted = try await fixture.job("os.exit(3)", ping)
        #expect(doubted.status == 3)
        #expect(doubted.errors.contains("the ping did not arrive"), "\(doubted)")
        try fixture.folder.write("paylink.toml", "ca_file = \"\(monitor.authority)\"\n")
        let believed = try await fixture.job("os.exit(3)", ping)
        #expect(believed.status == 3)
        #expect(!believed.errors.contains("the ping"), "\(believed)")
    }
}

/// A web server with a certificate of its own making, by the openssl program.
private final class TLSMonitor: Sendable {
    let port: Int
    /// Path of the certificate that vouches for it.
    let authority: String
    private let server: ChildProcess

    init(_ folder: String) async throws {
        authority = folder + "/monitor.pem"
        let key = folder + "/monitor.key"
        let made = try await ChildProcess(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-batch",
                "-days",
                "2", "-keyout", key, "-out", authority, "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost",
            ]
        ).finish()
        try #require(made.status == 0, "\(made)")
        server = try ChildProcess(
            "/usr/bin/openssl", ["s_server", "-4", "-accept", "0", "-www", "-cert", authority, "-key", key])
        // It prints "ACCEPT 0.0.0.0:41234".
        let line = try await server.line { $0.hasPrefix("ACCEPT") }
        port = try #require(line.split(separator: ":").last.flatMap { Int($0) }, "\(line)")
    }

    func close() { server.kill() }
}
