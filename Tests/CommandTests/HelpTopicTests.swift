// `paylink explain`, `paylink help TOPIC` and the one table behind them.

import Foundation
import Ledger
import OneShotPay
import Recorder
import TestSupport
import Testing

@testable import paylink

@Suite struct HelpTopicTests {
    @Test func everyCodeIsExplained() throws {
        let typed =
            OneShotPayError.Code.allCases.map(\.rawValue) + LinkFailure.Code.allCases.map(\.rawValue)
            + LedgerError.Code.allCases.map(\.rawValue)
        for code in typed { #expect(ErrorCatalog.entry(code) != nil, "\(code)") }
        // What modules of the API give by name.
        let sources = try #require(
            FileManager.default.enumerator(atPath: Self.root.path + "/Sources/Scripting")?.allObjects as? [String])
        var named: Set<String> = []
        for file in sources where file.hasSuffix(".swift") || file.hasSuffix(".lua") {
            let text = try String(contentsOfFile: Self.root.path + "/Sources/Scripting/" + file, encoding: .utf8)
            for match in text.matches(of: /code(?::| =) "([a-z_]+)"/) { named.insert(String(match.1)) }
        }
        #expect(named.count > 12)
        // What the host's own Lua deals with before a script sees it.
        for code in named.subtracting(["no_memory", "too_many", "script_process"]) {
            #expect(ErrorCatalog.entry(code) != nil, "\(code)")
        }
    }

    @Test func noCodeIsExplainedTwice() {
        let codes = ErrorCatalog.all.map(\.code)
        #expect(Set(codes).count == codes.count)
    }

    @Test func thePageOfErrorsIsTheTable() throws {
        let page = try String(contentsOf: Self.root.appendingPathComponent("docs/errors.md"), encoding: .utf8)
        #expect(page == ErrorCatalog.markdown + "\n", "run: paylink reference --errors > docs/errors.md")
    }

    @Test func aCodeIsExplained() async throws {
        let outcome = try await PaylinkProcess.run(["explain", "key_reused"])
        #expect(
            outcome.status == 0 && outcome.output.hasPrefix("key_reused: The key belongs to a link with other terms."))
        #expect(outcome.output.contains("status 65"))
        #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func anExitStatusIsExplained() async throws {
        let outcome = try await PaylinkProcess.run(["explain", "75"])
        #expect(outcome.status == 0 && outcome.output.contains("run it again"))
        #expect(try await PaylinkProcess.run(["explain", "200"]).status == 64)
    }

    @Test func aMisspeltCodeIsToldOf() async throws {
        let outcome = try await PaylinkProcess.run(["explain", "key_resused"])
        #expect(outcome.status == 64 && outcome.errors.contains("did you mean 'key_reused'?"), "\(outcome)")
    }

    @Test(arguments: ["options", "errors", "exit-status"])
    func aTopicIsTold(_ topic: String) async throws {
        let outcome = try await PaylinkProcess.run(["help", topic], environment: ["COLUMNS": "80"])
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        for line in outcome.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        try Snapshot.check(outcome.output, "topic-\(topic)")
    }

    /// Whatever status the page of commands lists, the program can tell of, and the other way round.
    @Test func theStatusesAreThoseOfThePage() throws {
        let page = try String(contentsOf: Self.root.appendingPathComponent("docs/commands.md"), encoding: .utf8)
        let listed = Set(page.matches(of: /(?m)^\| (\d+) \|/).compactMap { Int32($0.1) })
        #expect(listed == Set(ExitStatusCatalog.all.map(\.status.rawValue)))
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}
