// Runs scripts in process, against a sandbox of the test's own or against nothing.

import Console
import Foundation
import LuaRuntime
import NIOCore
import NIOPosix
import OneShotPay
import Sandbox
import Scripting
import Synchronization
import TestSupport

/// What a script left behind.
struct ScriptRun {
    var result: ScriptResult
    var messages: [LogMessage]

    var texts: [String] { messages.map(\.text) }

    var failure: ScriptFailure? {
        if case .failed(let failure) = result { failure } else { nil }
    }
}

enum ScriptHarness {
    /// Loops of their own, and so many that one on which a script computes for seconds is not given to another run
    /// meanwhile: that one's connections would be late.
    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 96)

    /// `PAYLINK_TEST_ISOLATION=process` gives each script a process of its own.
    static let isolation: LuaIsolation =
        ProcessInfo.processInfo.environment["PAYLINK_TEST_ISOLATION"] == "process"
        ? .process(ScriptProcessOptions(hasFiles: true, acceptsHalfAWall: true)) : .none

    static func run(
        _ text: String, name: String = "test.lua", sandbox: SandboxServer? = nil, directory: String? = nil,
        limits: LuaLimits = LuaLimits(stretch: .seconds(10)), on loops: MultiThreadedEventLoopGroup = group,
        adjust: (inout ScriptRunner) -> Void = { _ in }
    ) async throws -> ScriptRun {
        let messages = Mutex<[LogMessage]>([])
        var options = ScriptOptions(limits: limits)
        options.logLevel = .debug
        options.isolation = isolation
        var configuration = OneShotPayConfiguration()
        var credentials: Credentials?
        if let sandbox {
            configuration.baseURL = sandbox.baseURL
            credentials = try Credentials(userID: sandbox.options.userID, apiToken: sandbox.options.apiToken)
        }
        let collected = Collected(messages: messages)
        var runner = ScriptRunner(configuration: configuration, credentials: credentials, options: options) { message in
            collected.add(message)
        }
        adjust(&runner)
        let source = ScriptSource(text: Array(text.utf8), name: name, directory: directory, isFile: true)
        let result = try await runner.run(source, on: loops.next())
        return ScriptRun(result: result, messages: collected.all)
    }

    /// Runs with a folder that it may read and write, for which DIR stands in the script.
    static func run(
        _ script: String, in folder: TemporaryFolder, adjust: (inout ScriptRunner) -> Void = { _ in }
    ) async throws -> ScriptRun {
        try await run(script.replacing("DIR", with: folder.path)) { runner in
            runner.options.files = FileAccess(own: [folder.path], readable: [], writable: [])
            adjust(&runner)
        }
    }

    /// Runs with a sandbox whose payer pays after `delay`.
    static func withSandbox(
        payAfter delay: Duration? = nil, _ body: (SandboxServer) async throws -> Void
    ) async throws {
        var options = SandboxOptions()
        options.payAfter = delay
        options.settleAfter = .milliseconds(10)
        let server = try await SandboxServer.start(options)
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private final class Collected: Sendable {
        private let messages: Mutex<[LogMessage]>
        init(messages: consuming Mutex<[LogMessage]>) { self.messages = messages }
        func add(_ message: LogMessage) { messages.withLock { $0.append(message) } }
        var all: [LogMessage] { messages.withLock { $0 } }
    }
}
