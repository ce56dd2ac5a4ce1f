// A script's process that says anything at all to the real host, message after message in good order: no number, text or
// value that it makes up may harm the parent. `PAYLINK_HOSTILE_WORDS` says how many messages; scripts/nightly sends a million.

import Foundation
import NIOCore
import NIOPosix
import OneShotPay
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import LuaRuntime
@testable import Scripting

@Suite struct HostileWordsTests {
    static let count = Int(ProcessInfo.processInfo.environment["PAYLINK_HOSTILE_WORDS"] ?? "") ?? 10_000
    static let perProcess = 500

    @Test(arguments: [true, false]) func theHostIsUnharmed(_ isUntrusted: Bool) async throws {
        let folder = try TemporaryFolder()
        let before = ChildLua.framesHeard.load(ordering: .relaxed)
        try await ScriptHarness.withSandbox { sandbox in
            // A process ends early where its words ask for that; others take its place.
            for seed in 1...max(1, Self.count / Self.perProcess * 2) {
                guard ChildLua.framesHeard.load(ordering: .relaxed) - before <= Self.count / 8 else { break }
                var process = ScriptProcessOptions(
                    executable: ScriptProcessOptions.beside("hostile-child"), hasFiles: !isUntrusted)
                process.arguments = ["words", String(seed), String(Self.perProcess)]
                _ = try await Self.run(process, isUntrusted, folder, sandbox.baseURL)
            }
        }
        let heard = ChildLua.framesHeard.load(ordering: .relaxed) - before
        print("hostile words: \(heard) frames heard, untrusted: \(isUntrusted)")
        #expect(heard > Self.count / 8)
    }

    /// One process, ended where it waits for longer than a moment.
    private static func run(
        _ process: ScriptProcessOptions, _ isUntrusted: Bool, _ folder: TemporaryFolder, _ service: String
    ) async throws -> ScriptResult {
        var options = ScriptOptions(limits: LuaLimits(memory: 16 << 20, stretch: .seconds(5)))
        options.isolation = .process(process)
        options.isUntrusted = isUntrusted
        options.files = FileAccess(own: [folder.path], readable: [], writable: [])
        var configuration = OneShotPayConfiguration()
        configuration.baseURL = service
        let runner = ScriptRunner(configuration: configuration, credentials: nil, options: options) { _ in }
        let loop = ScriptHarness.group.next()
        let control = ScriptControl(loop)
        let source = ScriptSource(text: [], name: "hostile.lua", directory: folder.path, isFile: true)
        let result = control.start(runner, source)
        let stop = loop.scheduleTask(in: .milliseconds(150)) { control.stop(.interrupt) }
        defer { stop.cancel() }
        return try await result.get()
    }
}
