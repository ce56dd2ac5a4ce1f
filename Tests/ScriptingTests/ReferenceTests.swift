// The documentation comes from the table that the runtime uses, and its examples run.

import Foundation
import LuaRuntime
import NIOCore
import NIOPosix
import OneShotPay
import Recorder
import Sandbox
import TestSupport
import Testing

@testable import Scripting

@Suite struct ReferenceTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func theReferenceInDocsIsTheOneOfTheRuntime() throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let generated = try loop.submit { try APIReference.markdown(on: loop) }.wait()
        let stored = try String(contentsOf: Self.root.appendingPathComponent("docs/lua-api.md"), encoding: .utf8)
        #expect(stored == generated + "\n", "run: paylink reference > docs/lua-api.md")
    }

    /// The one table of terms and the options of `paylink.create` say the same.
    /// The tests of the check go by what the runtime says of itself.
    @Test func theDescriptionForTheCheckIsTheStoredOne() throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let generated = try loop.submit { try APIReference.description(on: loop) }.wait()
        let path = Self.root.appendingPathComponent("Tests/ScriptCheckTests/Fixtures/api.txt")
        let stored = try String(contentsOf: path, encoding: .utf8)
        let said = Set(generated.split(separator: "\n")), kept = Set(stored.split(separator: "\n"))
        #expect(said.subtracting(kept).isEmpty && kept.subtracting(said).isEmpty)
        #expect(said.count > 300)
    }

    @Test func everyTermOfALinkIsAnOptionOfCreate() throws {
        let stored = try String(contentsOf: Self.root.appendingPathComponent("docs/lua-api.md"), encoding: .utf8)
        let create = try #require(stored.components(separatedBy: "### `paylink.create{…}`").last)
        let section = try #require(create.components(separatedBy: "\n### ").first)
        for term in LinkOrder.terms {
            let row = section.split(separator: "\n").first { $0.hasPrefix("| `\(term.name)` ") }
            #expect(row?.contains(term.meaning) == true, "\(term.name): \(row ?? "no row")")
        }
    }

    @Test func everyExampleOfTheReferenceRuns() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let markdown = try await loop.submit { try APIReference.markdown(on: loop) }.get()
        let examples = markdown.components(separatedBy: "```lua\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
        #expect(examples.count >= 20)
        let folder = try TemporaryFolder()
        try await ScriptHarness.withSandbox(payAfter: .milliseconds(10)) { sandbox in
            for example in examples {
                let text = example.replacing(/"([a-z]+\.csv)"/) { "\"\(folder.path)/\($0.output.1)\"" }
                let run = try await ScriptHarness.run(text, sandbox: sandbox) { runner in
                    runner.options.files = FileAccess(readable: [], writable: [folder.path])
                    runner.options.mail.server = "/bin/true"
                    try? runner.options.recipients.allow("*")
                }
                #expect(run.result == .finished(status: 0), "\(example)")
            }
        }
    }

    @Test(arguments: [
        ("90s", 90.0), ("15m", 900), ("2h30m", 9000), ("7d", 604_800), ("500ms", 0.5), ("1.5s", 1.5), ("45", 45),
        ("0", 0), ("1w", 604_800),
    ])
    func durationsAreRead(_ text: String, _ seconds: Double) {
        #expect(DurationText.parse(text) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "x", "15x", "m", "1m1h", "1h1h", "-5s", "1e3", "1 h", "1.s", ".5s", "1.2.3s", "99999999999d", "5m30", "１s",
    ])
    func malformedDurationsAreRefused(_ text: String) {
        #expect(DurationText.parse(text) == nil)
    }
}
