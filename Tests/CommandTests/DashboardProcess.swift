// `paylink dashboard` as a process of its own, over a ledger of the test's.

import Foundation
import TestSupport

/// A running dashboard on a free port. It ends when the test lets go of it.
struct DashboardProcess: Sendable {
    let process: ChildProcess
    /// As it printed it, with the token.
    let address: String
    let port: Int

    var token: String { address.split(separator: "/").last.map(String.init) ?? "" }

    static func start(
        _ environment: [String: String], _ options: [String] = [], limit: Duration = .seconds(120)
    ) async throws -> DashboardProcess {
        let process = try PaylinkProcess.start(
            ["dashboard", "--no-open", "--zone", "Europe/Berlin"] + options, environment: environment, limit: limit)
        let address = try await process.line { $0.hasPrefix("http://127.0.0.1:") }
        guard let port = URL(string: address)?.port else {
            throw ChildProcessFailure(description: "the dashboard printed no address with a port: \(address)")
        }
        return DashboardProcess(process: process, address: address, port: port)
    }

    /// - Parameter path: behind the token.
    func get(_ path: String = "", headers: [String] = [], host: String? = nil) async throws -> HTTPReply {
        try await HTTPCall.send("GET", "/\(token)/\(path)", port: port, headers: headers, host: host)
    }

    func post(_ path: String, _ form: String, headers: [String] = []) async throws -> HTTPReply {
        try await HTTPCall.send(
            "POST", "/\(token)/\(path)", port: port,
            headers: ["Content-Type: application/x-www-form-urlencoded"] + headers, body: form)
    }

    /// Asks for a page until what it shows holds.
    @discardableResult
    func until(_ path: String, _ holds: (String) -> Bool) async throws -> String {
        var body = ""
        for _ in 0..<400 {
            body = try await get(path).body
            if holds(body) { return body }
            try await Task.sleep(for: .milliseconds(25))
        }
        throw ChildProcessFailure(description: "\(path) did not become what is awaited within 10 s: \(body)")
    }
}

/// A shop with links, in a sandbox and a ledger of its own.
struct DashboardShop: Sendable {
    let sandbox: SandboxProcess
    let folder: TemporaryFolder

    static func open(_ options: [String] = []) async throws -> DashboardShop {
        DashboardShop(sandbox: try await SandboxProcess.start(options), folder: try TemporaryFolder())
    }

    var environment: [String: String] {
        sandbox.variables.merging(
            [
                "PAYLINK_LEDGER": folder.path + "/ledger.db", "XDG_STATE_HOME": folder.path,
                "PAYLINK_CRONTAB": "/bin/false",
            ]) { $1 }
    }

    @discardableResult
    func run(_ arguments: [String]) async throws -> Outcome {
        try await PaylinkProcess.start(arguments, environment: environment, directory: folder.path).finish()
    }

    /// Makes a link, and gives its id.
    func link(_ key: String, _ amount: String = "12.50", _ description: String = "Blue mug") async throws -> String {
        let outcome = try await run([
            "create", "--amount", amount, "--description", description, "--key", key, "--json",
        ])
        guard outcome.status == 0, let id = try JSON(parsing: outcome.output)["id"]?.string else {
            throw ChildProcessFailure(description: "no link: \(outcome)")
        }
        return id
    }

    /// A link whose request was sent and had no answer: with a payer it is not sent again by itself.
    func doubt(_ key: String) async throws {
        try await sandbox.addFault(#"{"endpoint": "create", "action": "reset_after_commit", "times": 1}"#)
        let outcome = try await run([
            "create", "--amount", "9.00", "--description", "Cup", "--key", key, "--payer",
            "123e4567-e89b-12d3-a456-426614174000",
        ])
        guard outcome.status == 75 else { throw ChildProcessFailure(description: "not in doubt: \(outcome)") }
    }

    /// Pays a link, and has the ledger see it.
    func pay(_ id: String, _ amount: String? = nil) async throws {
        try await sandbox.pay(id, amount)
        let outcome = try await run(["get", id])
        guard outcome.status == 0 else { throw ChildProcessFailure(description: "get failed: \(outcome)") }
    }

    func dashboard(_ options: [String] = []) async throws -> DashboardProcess {
        try await DashboardProcess.start(environment, options)
    }
}
