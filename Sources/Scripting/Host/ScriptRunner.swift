// The public face for Swift programs that embed scripts: one call runs one script.

public import Console
package import Ledger
import LuaRuntime
public import NIOCore
import NIOPosix
public import OneShotPay
public import Recorder

/// Runs Lua scripts inside a Swift program.
///
/// ```swift
/// let runner = ScriptRunner(credentials: credentials)
/// let source = ScriptSource(text: Array("print(paylink.usd('1.50') * 2)".utf8), name: "inline")
/// let result = try await runner.run(source)
/// ```
public struct ScriptRunner: Sendable {
    /// How the service is reached.
    public var configuration: OneShotPayConfiguration
    /// `nil`: calls that need the service fail with code `invalid_configuration`.
    public var credentials: Credentials?
    /// Arguments, limits and surroundings of each script.
    public var options: ScriptOptions
    /// Where links and effects are recorded. In memory, keys mean something only within one run.
    public var ledger = LedgerLocation.memory
    /// Gives a ledger that is open already, in place of one at ``ledger``.
    package var openedLedger: (@Sendable (LedgerScope) -> any LedgerStore)?
    /// How many links each script may make, and for how much; or that it only plans.
    package var limits = CreationLimits()
    /// Told at the end what the waits cost, on the event loop.
    package var waitSummary: (@Sendable (WaitFigures) -> Void)?
    /// Where a script's messages go.
    public var log: @Sendable (LogMessage) -> Void

    /// A runner for any number of scripts, one after the other or side by side.
    public init(
        configuration: OneShotPayConfiguration = OneShotPayConfiguration(), credentials: Credentials?,
        options: ScriptOptions = ScriptOptions(), log: @escaping @Sendable (LogMessage) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.credentials = credentials
        self.options = options
        self.log = log
    }

    /// Runs a script to its end. Cancelling the surrounding Swift task interrupts the script.
    ///
    /// - Parameters:
    ///   - source: the script.
    ///   - eventLoop: where it runs; one of NIO's shared loops when `nil`.
    /// - Returns: how it ended; a script's own failure is a result, not an error.
    /// - Throws: `ScriptFailure` when Lua could not be started within the limits.
    public func run(_ source: ScriptSource, on eventLoop: (any EventLoop)? = nil) async throws -> ScriptResult {
        let loop = eventLoop ?? MultiThreadedEventLoopGroup.singleton.next()
        let control = ScriptControl(loop)
        return try await withTaskCancellationHandler {
            try await control.start(self, source).get()
        } onCancel: {
            control.stop(.interrupt)
        }
    }
}
