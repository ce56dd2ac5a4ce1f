// A webhook receiver or a mail server as a process of its own (Tests/Receivers), which writes down what it gets.

import Foundation
import TestSupport

/// A server that writes down what it gets.
struct Receiver: Sendable {
    let process: ChildProcess
    let port: String
    let record: String

    static func start(_ name: String, in folder: TemporaryFolder) async throws -> Receiver {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Receivers/\(name).py").path
        let record = folder.path + "/\(name).jsonl"
        // It ends with its standard input.
        let process = try ChildProcess(
            "/bin/sh",
            ["-c", "tail -f /dev/null | exec /usr/bin/python3 \"$0\" --record \"$1\"", file, record],
            environment: ["PATH": "/usr/bin:/bin"], directory: folder.path, limit: .seconds(3_000))
        return Receiver(process: process, port: try await process.line { Int($0) != nil }, record: record)
    }

    func entries() throws -> [JSON] {
        guard let text = try? String(contentsOfFile: record, encoding: .utf8) else { return [] }
        return try text.split(separator: "\n").map { try JSON(parsing: String($0)) }
    }
}
