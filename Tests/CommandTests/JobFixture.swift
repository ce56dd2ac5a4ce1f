// What tests of jobs work with: a folder with a ledger, scripts and a crontab of its own; a monitor's server.

import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// A folder of a test's own, and `paylink` run in it.
final class JobFixture: Sendable {
    let folder: TemporaryFolder
    /// 2026-11-25T12:00:00Z.
    static let noon = 1_795_608_000

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(
            "crontab.sh",
            """
            #!/bin/sh
            tab="${0%/*}/crontab"
            case $1 in
            -l) if [ -f "$tab" ]; then cat "$tab"; else echo "no crontab for tester" >&2; exit 1; fi ;;
            -r) rm -f "$tab" ;;
            -) cat > "$tab" ;;
            *) exit 2 ;;
            esac
            """, mode: 0o755)
    }

    func environment(now: Int? = nil) -> [String: String] {
        var variables = [
            "PAYLINK_LEDGER": folder.path + "/state/ledger.db", "PAYLINK_CRONTAB": folder.path + "/crontab.sh",
            "PATH": "/usr/bin:/bin", "TZ": "UTC",
        ]
        if let now { variables["PAYLINK_TEST_NOW"] = String(now) }
        return variables
    }

    func start(
        _ arguments: [String], now: Int? = nil, _ more: [String: String] = [:], errors: ChildProcess.Stream = .pipe
    ) throws -> ChildProcess {
        try PaylinkProcess.start(
            arguments, environment: environment(now: now).merging(more) { $1 }, directory: folder.path, errors: errors)
    }

    func run(
        _ arguments: [String], now: Int? = nil, _ more: [String: String] = [:], errors: ChildProcess.Stream = .pipe
    ) async throws -> Outcome {
        try await start(arguments, now: now, more, errors: errors).finish()
    }

    /// `paylink run --job daily`, hourly, with code.
    func job(
        _ code: String, _ options: [String] = [], now: Int? = nil, schedule: String? = nil,
        _ more: [String: String] = [:]
    ) async throws -> Outcome {
        let timing = schedule.map { ["--schedule", $0, "--zone", "UTC"] } ?? []
        return try await run(["run", "--job", "daily"] + timing + options + ["-e", code], now: now, more)
    }

    /// What is recorded, the newest first.
    func runs() async throws -> [JSON] {
        let outcome = try await run(["runs", "--json", "--limit", "100"])
        return try outcome.lines.map { try JSON(parsing: $0) }
    }

    func show(_ id: Int) async throws -> JSON {
        try JSON(parsing: await run(["runs", "show", "\(id)", "--json"]).output)
    }

    /// Waits until a run is under way.
    func untilRunning() async throws -> JSON {
        for _ in 0..<200 {
            // Not there before the first run has made it.
            if let run = try? await runs().first, run["outcome"]?.string == "running" { return run }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw ChildProcessFailure(description: "no run began")
    }

    var crontab: String {
        get { (try? String(contentsOfFile: folder.path + "/crontab", encoding: .utf8)) ?? "(none)" }
    }
}

/// A server on loopback that answers every request and keeps what was asked for.
final class PingServer: Sendable {
    let port: Int
    private let listener: Int32
    private let seen = Mutex<[String]>([])

    var targets: [String] { seen.withLock { $0 } }

    /// - Parameter answers: `nil`: it accepts connections and never says a word.
    init(status: Int? = 200) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        try #require(isBound)
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread { self.serve(connection, status) }
            }
        }
    }

    func close() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ connection: Int32, _ status: Int?) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { break }
            let request = String(decoding: buffer[..<count], as: UTF8.self)
            seen.withLock { $0.append(request.split(separator: " ").dropFirst().first.map(String.init) ?? "") }
            guard let status else { continue }
            let reply = Array("HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\n".utf8)
            _ = reply.withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
        }
        Glibc.close(connection)
    }
}
