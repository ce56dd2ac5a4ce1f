// The files a sandbox keeps: state between runs, and the record.
// Each test has a folder of its own.

import Foundation
import TestSupport
import Testing

@testable import Sandbox

/// The state file and the record file.
@Suite struct FileTests {
    private func inFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try await body(URL(fileURLWithPath: folder.path))
        withExtendedLifetime(folder) {}
    }

    @Test func keepsLinksAndTheClockBetweenRuns() async throws {
        try await inFolder { folder in
            let path = folder.appendingPathComponent("state.json").path
            let options = SandboxOptions(stateFile: path)
            let first = try await SandboxServer.start(options)
            let harness = Harness(sandbox: first, client: SocketClient(port: first.port))
            let paid = try await harness.published()
            let open = try await harness.published(#"{"amount": 0.000001, "description": "é", "reuseable": true}"#)
            try first.pay(paid)
            first.advance(by: .seconds(1_000))
            let (links, now) = (first.links, first.now)
            await first.stop()

            let second = try await SandboxServer.start(options)
            #expect(second.links == links)
            #expect(second.links.map(\.id) == [paid, open])
            #expect(second.now >= now)
            await second.stop()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["state.json"])
        }
    }

    @Test(arguments: ["", "{}", "not json", #"{"version": 2, "clockOffsetMilliseconds": 0, "links": []}"#])
    func refusesAStateItCannotReadAndLeavesItAlone(content: String) async throws {
        try await inFolder { folder in
            let file = folder.appendingPathComponent("state.json")
            try Data(content.utf8).write(to: file)
            let error = await #expect(throws: SandboxError.self) {
                try await SandboxServer.start(SandboxOptions(stateFile: file.path))
            }
            #expect(error?.code == .stateUnreadable)
            #expect(try Data(contentsOf: file) == Data(content.utf8))
        }
    }

    @Test func saysWhenAFileOrPortCannotBeHad() async throws {
        try await inFolder { folder in
            let missing = folder.appendingPathComponent("no/such/file").path
            for options in [SandboxOptions(stateFile: missing), SandboxOptions(recordFile: missing)] {
                let error = await #expect(throws: SandboxError.self) { try await SandboxServer.start(options) }
                #expect(error?.code == .fileUnwritable)
            }
            let running = try await SandboxServer.start()
            let error = await #expect(throws: SandboxError.self) {
                try await SandboxServer.start(SandboxOptions(port: running.port))
            }
            #expect(error?.code == .cannotBind)
            await running.stop()
        }
    }

    @Test func appendsTheRecordAsJSONLines() async throws {
        try await inFolder { folder in
            let file = folder.appendingPathComponent("record.jsonl")
            for _ in 0..<2 {
                let sandbox = try await SandboxServer.start(SandboxOptions(recordFile: file.path))
                let harness = Harness(sandbox: sandbox, client: SocketClient(port: sandbox.port))
                try sandbox.pay(try await harness.published())
                await sandbox.stop()
            }
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            let kinds = try lines.map { try JSONReader.parse(Array($0.utf8))["kind"]?.stringValue }
            let run = ["request", "request", "created", "paid"]
            #expect(kinds == run + run)
        }
    }
}
