// A script and the HTTP server that it talks to.

import LuaRuntime
import Sandbox
import TestSupport

@testable import Scripting

enum HTTPFixture {
    /// Runs a script in which URL stands for the server's address.
    static func run(
        _ script: String, _ answer: @escaping @Sendable (ServerRequest) -> RawReply = { _ in .ok("fine") },
        allowing: [String]? = nil, adjust: (inout ScriptRunner) -> Void = { _ in }
    ) async throws -> (run: ScriptRun, requests: [ServerRequest]) {
        let server = try await RawServer.start(answer)
        let text = script.replacing("URL", with: server.url).replacing("PORT", with: "\(server.port)")
        let run = try await ScriptHarness.run(text) { runner in
            for host in allowing ?? ["127.0.0.1:\(server.port)"] { try? runner.options.network.allow(host) }
            runner.options.secrets = SecretScriptTests.source
            adjust(&runner)
        }
        let requests = server.requests
        await server.stop()
        return (run, requests)
    }
}
