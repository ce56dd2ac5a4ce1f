// A sandbox on a free port whose clock stands still until moved, and the calls tests make to it.

@testable import Sandbox

/// The instant that tests begin at: 2027-01-15 08:00:00 UTC.
let testStart = SandboxInstant(milliseconds: 1_800_000_000_000)

extension SandboxCore {
    /// A core with a still clock and fixed ids.
    static func still(_ options: SandboxOptions = SandboxOptions(), restored: StateFile? = nil) -> SandboxCore {
        SandboxCore(options: options, restored: restored, seed: 7, wall: { testStart })
    }
}

/// A running sandbox with a client.
struct Harness: Sendable {
    let sandbox: SandboxServer
    let client: SocketClient
    static let json = "application/json"

    /// Runs `body` against a sandbox, and stops it however that ends.
    static func run(
        _ options: SandboxOptions = SandboxOptions(),
        _ body: @Sendable (Harness) async throws -> Void
    ) async throws {
        let sandbox = try await SandboxServer.start(core: .still(options))
        do {
            try await body(Harness(sandbox: sandbox, client: SocketClient(port: sandbox.port)))
        } catch {
            await sandbox.stop()
            throw error
        }
        await sandbox.stop()
    }

    static let credentials = """
        {"client_id": "\(SandboxOptions.defaultUserID)", "client_secret": "\(SandboxOptions.defaultAPIToken)", \
        "grant_type": "client_credentials"}
        """
    static let mug = #"{"amount": 12.50, "description": "Blue mug", "reuseable": false}"#

    func token() async throws -> String {
        let reply = try await client.send(
            "POST", "/api/m2m/v0/token", headers: ["Content-Type": Self.json], body: Self.credentials)
        return reply.json?["access_token"]?.stringValue ?? ""
    }

    func create(_ body: String = Harness.mug, token: String, key: String? = nil) async throws -> RawReply {
        var headers = ["Content-Type": Self.json, "Authorization": "Bearer \(token)"]
        if let key { headers["Idempotency-Key"] = key }
        return try await client.send("POST", "/api/m2m/v0/links", headers: headers, body: body)
    }

    func get(_ id: String, token: String) async throws -> RawReply {
        try await client.send("GET", "/api/m2m/v0/links/\(id)", headers: ["Authorization": "Bearer \(token)"])
    }

    /// Publishes a link and gives its id.
    func published(_ body: String = Harness.mug) async throws -> String {
        let reply = try await create(body, token: try await token())
        return reply.json?["id"]?.stringValue ?? ""
    }
}
