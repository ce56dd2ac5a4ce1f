// `paylink sandbox` as a process of its own, with its control calls. It ends when the test lets go of it.

import Foundation

/// A running sandbox on a free port.
struct SandboxProcess: Sendable {
    let process: ChildProcess
    /// What it printed: the variables that point a client at it.
    let variables: [String: String]
    let port: Int

    static let token = "sandbox-api-token"

    static func start(_ arguments: [String] = [], limit: Duration = .seconds(120)) async throws -> SandboxProcess {
        let process = try PaylinkProcess.start(["sandbox", "--port", "0"] + arguments, limit: limit)
        var variables: [String: String] = [:]
        for name in ["PAYLINK_BASE_URL", "ONESHOT_USER_ID", "ONESHOT_API_TOKEN"] {
            let prefix = "export \(name)="
            variables[name] = String(try await process.line { $0.hasPrefix(prefix) }.dropFirst(prefix.count))
        }
        guard let port = variables["PAYLINK_BASE_URL"].flatMap({ URL(string: $0)?.port }) else {
            throw ChildProcessFailure(description: "the sandbox printed no address with a port: \(variables)")
        }
        return SandboxProcess(process: process, variables: variables, port: port)
    }

    // MARK: The executable against this sandbox

    func run(
        _ arguments: [String], _ more: [String: String] = [:], input: String? = nil, limit: Duration = .seconds(60)
    ) async throws -> Outcome {
        try await start(arguments, more, input: input, limit: limit).finish()
    }

    func start(
        _ arguments: [String], _ more: [String: String] = [:], input: String? = nil, directory: String = "/",
        output: ChildProcess.Stream = .pipe, errors: ChildProcess.Stream = .pipe, limit: Duration = .seconds(60)
    ) throws -> ChildProcess {
        try PaylinkProcess.start(
            arguments, environment: variables.merging(more) { $1 }, input: input, directory: directory, output: output,
            errors: errors, limit: limit)
    }

    /// Publishes a link by `paylink create` and gives it as the command's JSON has it.
    func created(_ arguments: [String] = []) async throws -> JSON {
        let outcome = try await run(["create", "--amount", "12.50", "--description", "Blue mug", "--json"] + arguments)
        guard outcome.status == 0 else { throw ChildProcessFailure(description: "create failed: \(outcome)") }
        return try JSON(parsing: outcome.output)
    }

    // MARK: Control calls

    @discardableResult
    func control(_ method: String, _ path: String, _ body: String = "") async throws -> JSON {
        let reply = try await HTTPCall.send(method, "/sandbox/" + path, port: port, body: body)
        guard reply.status == 200 else {
            throw ChildProcessFailure(description: "\(method) \(path): \(reply.status) \(reply.body)")
        }
        return try JSON(parsing: reply.body)
    }

    func pay(_ id: String, _ amount: String? = nil) async throws {
        try await control("POST", "pay/\(id)", amount.map { "{\"amount\": \"\($0)\"}" } ?? "")
    }

    func advance(seconds: Int) async throws { try await control("POST", "advance", "{\"seconds\": \(seconds)}") }

    func addFault(_ rule: String) async throws { try await control("POST", "faults", rule) }

    /// The links that really exist.
    func links() async throws -> [JSON] { try await control("GET", "links")["links"]?.list ?? [] }

    func record() async throws -> [JSON] {
        try await control("GET", "record?since=0&limit=1000")["entries"]?.list ?? []
    }

    /// The requests that reached the service's own calls, such as "POST /api/m2m/v0/links".
    func requests() async throws -> [String] {
        try await record().filter { $0["kind"]?.string == "request" }
            .map { "\($0["method"]?.string ?? "") \($0["path"]?.string ?? "")" }
            .filter { $0.contains(" /api/m2m/") }
    }

    /// Returns once the link has been asked for `count` times, so that a wait is known to have begun.
    func untilAskedFor(_ id: String, times count: Int = 1) async throws {
        for _ in 0..<400 {
            if try await requests().filter({ $0 == "GET /api/m2m/v0/links/\(id)" }).count >= count { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw ChildProcessFailure(description: "link \(id) was not asked for \(count) times within 20 s")
    }
}

extension SandboxProcess {
    /// The whole record from an entry on, page by page.
    func wholeRecord(since first: Int = 0) async throws -> [JSON] {
        var entries: [JSON] = []
        var since = first
        while true {
            let page = try await control("GET", "record?since=\(since)&limit=1000")["entries"]?.list ?? []
            guard let last = page.last?["seq"]?.integer else { return entries }
            entries += page
            since = last
        }
    }

    /// The requests to create a link since an entry.
    func creations(since first: Int = 0) async throws -> [JSON] {
        try await wholeRecord(since: first).filter {
            $0["kind"]?.string == "request" && $0["method"]?.string == "POST"
                && $0["path"]?.string == "/api/m2m/v0/links"
        }
    }

    /// The number of the newest entry.
    func position() async throws -> Int { try await wholeRecord().last?["seq"]?.integer ?? 0 }
}
