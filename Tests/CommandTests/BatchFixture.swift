// A batch in a folder of its own, against a sandbox of its own, with a ledger of its own.

import Foundation
import TestSupport

struct BatchFixture: Sendable {
    let sandbox: SandboxProcess
    let folder: TemporaryFolder

    static let create = "POST /api/m2m/v0/links"

    static func start(_ arguments: [String] = []) async throws -> BatchFixture {
        BatchFixture(sandbox: try await SandboxProcess.start(arguments), folder: try TemporaryFolder())
    }

    var environment: [String: String] { ["PAYLINK_LEDGER": folder.path + "/ledger.db", "HOME": folder.path] }

    /// Runs `paylink batch` in the folder.
    func batch(_ arguments: [String], _ more: [String: String] = [:], limit: Duration = .seconds(120)) async throws
        -> Outcome
    {
        try await start(arguments, more, limit: limit).finish()
    }

    func start(
        _ arguments: [String], _ more: [String: String] = [:], errors: ChildProcess.Stream = .pipe,
        limit: Duration = .seconds(120)
    ) throws -> ChildProcess {
        try sandbox.start(
            ["batch"] + arguments, environment.merging(more) { $1 }, directory: folder.path, errors: errors,
            limit: limit)
    }

    /// Writes `orders.csv` with `count` good rows.
    func writeOrders(_ count: Int, amount: String = "1.50") throws {
        let rows = (1...count).map { "order-\($0),\(amount),Mug \($0)\n" }.joined()
        try folder.write("orders.csv", "order_id,amount,description\n" + rows)
    }

    func append(_ name: String, _ text: String) throws {
        try folder.write(name, (read(name) ?? "") + text)
    }

    func read(_ name: String) -> String? {
        FileManager.default.contents(atPath: folder.path + "/" + name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Rows of a file without quotes, the header left out.
    func rows(_ name: String) -> [[String]] {
        (read(name) ?? "").split(separator: "\n").dropFirst().map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// Requests to create a link that reached the sandbox.
    func creations() async throws -> Int { try await sandbox.requests().filter { $0 == Self.create }.count }

    /// How many links the sandbox has under each description.
    func linksByDescription() async throws -> [String: Int] {
        Dictionary(try await sandbox.links().map { ($0["description"]?.string ?? "", 1) }, uniquingKeysWith: +)
    }
}
