// A mapping at work: a user's Lua function makes the table of terms before anything else looks at the rows.
// What the Lua side does is in MappingDriver.swift, how the table is read again in MappedTable.swift.

package import CSV
package import Console
package import LuaRuntime
package import NIOCore
import OneShotPay
package import Scripting
import Synchronization

/// Why there is no table: the script did not load, gave no function, failed as a whole, or reached a limit.
package struct MappingFailure: Error, Sendable {
    package var failure: ScriptFailure
    /// The script, whose lines the failure names.
    package var script: ScriptSource
    package var message: String { failure.message }
    /// Whether it used up its time.
    package var isLimit: Bool { failure.stop != nil && failure.stop != .lost }
}

/// Runs a mapping. `stop` and `interrupt` may be called from any thread.
///
/// The script sees its own folder and the input, and has no service to make links with.
package final class RowMapping: Sendable {
    private let script: ScriptSource
    private let options: ScriptOptions
    private let log: @Sendable (LogMessage) -> Void
    private let control: ScriptControl
    private let pause: BatchPause

    /// - Parameters:
    ///   - options: limits and surroundings; of its files only what is reserved counts, the rest is decided here.
    ///   - loop: where the script runs; nobody may wait on it.
    ///   - pause: how whoever calls `run` waits for the script.
    ///   - log: where the script's own messages go.
    package init(
        _ script: ScriptSource, options: ScriptOptions, on loop: any EventLoop, pause: BatchPause = .blocking,
        log: @escaping @Sendable (LogMessage) -> Void
    ) {
        self.script = script
        self.options = options
        self.log = log
        self.pause = pause
        control = ScriptControl(loop)
    }

    /// Ends it at what it waits for.
    package func stop() { control.stop(.interrupt) }

    /// Ends whatever it computes at this moment.
    package func interrupt() { control.interrupt(.interrupt) }

    /// Lets go of the script at once, as when a simulated process is killed.
    package func discard() { control.discard() }

    /// Makes the table, one row for each of the input's. To be called once, and not on the script's loop.
    ///
    /// - Parameters:
    ///   - delimiter: the input's, as it was found.
    ///   - folders: where the table's file may lie.
    ///   - progress: told how many rows are through, on the script's loop.
    /// - Throws: ``MappingFailure``; ``BatchError``: `interrupted`, `output_failed`, `input_failed`.
    package func run(
        _ input: BatchInput, delimiter: CSVDelimiter, folders: [String], progress: @escaping @Sendable (Int) -> Void
    ) throws -> MappedTable {
        let table = try MappedTable(in: folders)
        let token = "\(UInt64.random(in: 0...UInt64.max)) "
        let receiver = Receiver(table)
        var options = options
        let reserved = options.files.reserved
        options.files = FileAccess(readable: [script.directory ?? ".", input.pathOfDescriptor], writable: [])
        options.files.reserved = reserved
        // Answers come as messages of the highest level, which is always let through.
        let runner = ScriptRunner(credentials: nil, options: options) { [log, control] message in
            guard message.text.hasPrefix(token) else { return log(message) }
            if receiver.take(message.text.dropFirst(token.count)) {
                progress(receiver.rows)
            } else {
                control.stop(.interrupt)
            }
        }
        let driver = ScriptSource(
            text: MappingDriver.text(
                script: script.text, path: script.name, input: input.pathOfDescriptor, delimiter: delimiter.byte,
                encoding: input.encoding == .windows1252 ? "windows-1252" : "utf-8",
                keepsGuards: !input.removesFormulaGuard, token: token),
            name: MappingDriver.name, directory: script.directory)
        let result: ScriptResult
        do { result = try pause.value { done in control.start(runner, driver).whenComplete { done($0) } } } catch let
            failure as ScriptFailure
        {
            throw MappingFailure(failure: failure, script: script)
        }
        if let problem = receiver.problem { throw problem }
        switch result {
        case .finished where receiver.isComplete:
            try input.checkUnchanged()
            return table
        case .finished:
            let message = "\(script.name): os.exit ended the mapping before its last row"
            throw MappingFailure(failure: ScriptFailure(message: message), script: script)
        case .failed(let failure): throw MappingFailure(failure: failure, script: script)
        case .stopped: throw BatchError(.interrupted, "interrupted")
        }
    }

    /// Takes in what the driver hands over.
    private final class Receiver: Sendable {
        private struct State {
            var rows = 0
            var isComplete = false
            var problem: BatchError?
        }

        private let table: MappedTable
        private let state = Mutex(State())

        init(_ table: MappedTable) { self.table = table }

        var rows: Int { state.withLock { $0.rows } }
        var isComplete: Bool { state.withLock { $0.isComplete } }
        var problem: BatchError? { state.withLock { $0.problem } }

        /// - Parameter text: how many rows, a line feed, and the rows; or that these were all.
        /// - Returns: false when it could not be kept.
        func take(_ text: Substring) -> Bool {
            state.withLock { state in
                guard text != "end" else {
                    state.isComplete = true
                    return true
                }
                guard let end = text.utf8.firstIndex(of: UInt8(ascii: "\n")), let count = Int(text[..<end]) else {
                    return false
                }
                do throws(BatchError) { try table.append(text[text.utf8.index(after: end)...]) } catch {
                    state.problem = error
                    return false
                }
                state.rows += count
                return true
            }
        }
    }
}
