// `--ping`: a monitor is told of each run, and never in its way.

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
}
