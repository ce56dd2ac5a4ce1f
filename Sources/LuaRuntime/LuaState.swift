// One Lua state behind its engine: loading, resuming and ending tasks.
// It knows nothing of what the operations mean; that is the LuaHost's.

import CLuaHost

/// What a Lua state asks of its host, always on the thread that is using the state.
package protocol LuaHost: AnyObject {
    /// A host call that does not wait. Returns false to raise the one value written to `reply`.
    /// The state must not be used from within.
    func call(operation: UInt32, task: LuaTaskID?, arguments: inout LuaReader, reply: LuaWriter) -> Bool
    /// A task was made; it is resumed first with generation 0. False: it is refused, as nested too deep.
    func spawned(_ child: LuaTaskID, by parent: LuaTaskID) -> Bool
    /// No script holds the task's handle any more.
    func collected(_ task: LuaTaskID)
}

/// A Lua state with limits. It has one owner: it is used from one thread at a time and never from within
/// one of its own calls. Only `stopper` may be used from elsewhere.
package final class LuaState {
    private let engine: any LuaEngine

    /// - Throws: `ScriptFailure` when there is not enough memory, or the limit is too small to start; with a process
    ///   of its own also when that cannot be started.
    package init(limits: LuaLimits, isolation: LuaIsolation = .none, host: any LuaHost) throws(ScriptFailure) {
        switch isolation {
        case .none: engine = try InProcessLua(limits: limits, host: host)
        case .process(let options): engine = try ChildLua(limits: limits, options: options, host: host)
        }
    }

    /// Ends what runs, from any thread.
    package var stopper: LuaStopper { engine.stopper }

    /// Makes `host.<name>` for the prelude. Before the prelude runs.
    package func define(_ operation: LuaOperation) throws(ScriptFailure) { try engine.define(operation) }

    /// Says what a call will answer throughout the run, so that it need not be asked. After the operations.
    package func keep(_ constant: LuaConstant) { engine.keep(constant) }

    /// Runs host-provided Lua, with the table of host functions as its argument. Its frames are hidden from
    /// tracebacks when `chunk` begins with "=[paylink".
    package func runPrelude(_ source: [UInt8], chunk: String) throws(ScriptFailure) {
        try engine.runPrelude(source, chunk: chunk)
    }

    /// Makes a task of a script's text. It starts when it is first resumed, with generation 0.
    ///
    /// - Parameters:
    ///   - chunk: Lua's chunk name: "@" and the file's name, or "=" and a label.
    ///   - arguments: what `...` holds in the script.
    /// - Throws: `ScriptFailure` for a syntax error.
    package func load(_ source: [UInt8], chunk: String, arguments: [String]) throws(ScriptFailure) -> LuaTaskID {
        var encoded: [UInt8] = []
        for argument in arguments {
            encoded.append(UInt8(LH_STRING.rawValue))
            withUnsafeBytes(of: UInt32(argument.utf8.count).littleEndian) { encoded.append(contentsOf: $0) }
            encoded.append(contentsOf: argument.utf8)
        }
        return try engine.load(source, chunk: chunk, arguments: encoded)
    }

    /// Starts a task, or goes on after a wait with the values that `write` writes.
    ///
    /// - Parameter raising: the wait raises the one value written instead of returning it.
    package func resume(
        _ task: LuaTaskID, generation: UInt32, raising: Bool = false, _ write: (LuaWriter) -> Void = { _ in }
    ) -> LuaOutcome {
        let reply = engine.reply
        write(LuaWriter(reply))
        var mode = raising ? LH_RESUME_RAISE : LH_RESUME_VALUES
        if reply.pointee.failed != 0 {
            LuaWriter(engine.reply).string("not enough memory")
            mode = LH_RESUME_RAISE
        }
        return engine.resume(task, generation: generation, mode: mode, from: 0)
    }

    /// Goes on with the results of a finished task, or nil and its error.
    package func resume(_ task: LuaTaskID, generation: UInt32, withResultsOf other: LuaTaskID) -> LuaOutcome {
        _ = engine.reply
        return engine.resume(task, generation: generation, mode: LH_RESUME_RESULTS, from: other.raw)
    }

    /// Ends a task that waits or has not started: its pending `__close` handlers run, nothing can catch it.
    /// Who joins the task gets an error with `code` and `message`.
    package func kill(_ task: LuaTaskID, code: String = "cancelled", message: String = "the task was cancelled") {
        engine.kill(task, code: code, message: message)
    }

    /// The host waits now: `LuaLimits.stretch` is counted anew from the next resume.
    package func rest() { engine.rest() }

    /// Gives the slot of a finished or killed task back. Only after its handle was collected.
    package func release(_ task: LuaTaskID) { engine.release(task) }

    /// Where a task was spawned, such as "script.lua:12".
    package func origin(of task: LuaTaskID) -> String { engine.origin(of: task) }

    /// Writes what the files that the script has open hold back. The `errno` of the first that could not be written.
    package func flushFiles() -> Int32? { engine.flushFiles() }

    /// What ended the script, also when a `__close` handler did so while its task was killed.
    package var stopped: LuaStop? { engine.stopped }

    /// Why the state is gone, when its process ended or did what it must not.
    package var lost: ScriptFailure? { engine.lost }

    /// How often the script waited for another process: calls and waits that left its own.
    package var crossings: Int { engine.crossings }

    /// What the host keeps for the script counts as the script's memory. False: there is not so much left.
    package func charge(_ bytes: Int) -> Bool { engine.charge(bytes) }

    package func uncharge(_ bytes: Int) { engine.uncharge(bytes) }

    /// Asks to be told once, on a thread of the state's own, when what runs does not end though a limit of time was
    /// reached `grace` ago. To be called before a script runs. A script's own process is ended instead, and nobody told.
    package func tellStuck(after grace: Duration, _ tell: @escaping @Sendable (LuaStop) -> Void) {
        engine.tellStuck(after: grace, tell)
    }

    /// Counts how often lines begin from now on, which makes Lua several times slower. Not in a process of its own.
    package func countLines() { engine.countLines() }

    /// The files of which lines have begun.
    package var lineCounts: [LineCounts] { engine.lineCounts }

    /// Bytes that the Lua heap holds now, and the most it ever held.
    package var memory: (used: Int, peak: Int) { engine.memory }

    package var allocations: Int { engine.allocations }
}
