// One Lua state behind its C host: loading, resuming and ending tasks.
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
    private let raw: OpaquePointer
    private unowned let host: any LuaHost
    /// Ends what runs, from any thread.
    package let stopper: LuaStopper

    /// - Throws: `ScriptFailure` when there is not enough memory, or the limit is too small to start.
    package init(limits: LuaLimits, host: any LuaHost) throws(ScriptFailure) {
        self.host = host
        var limits = limits.raw
        let box = HostBox(host)
        guard
            let raw = lh_open(
                &limits,
                { context, operation, task, arguments, count, reply in
                    // Safe because: the box lives as long as the state, which passes it back unchanged.
                    Unmanaged<HostBox>.fromOpaque(context!).takeUnretainedValue()
                        .call(operation, task, UnsafeRawBufferPointer(start: arguments, count: count), reply)
                }, Unmanaged.passUnretained(box).toOpaque())
        else { throw ScriptFailure(message: "not enough memory to start Lua") }
        self.raw = raw
        self.box = box
        stopper = LuaStopper(raw)
    }

    private let box: HostBox

    deinit {
        stopper.retire()
        lh_close(raw)
    }

    /// Makes `host.<name>` for the prelude; `shown` is the function's name in messages.
    package func define(_ name: String, shown: String, operation: UInt32, waits: Bool) throws(ScriptFailure) {
        guard lh_define(raw, name, shown, operation, waits ? 1 : 0) != 0 else {
            throw ScriptFailure(message: "not enough memory")
        }
    }

    /// Runs host-provided Lua, with the table of host functions as its argument. Its frames are hidden from
    /// tracebacks when `chunk` begins with "=[paylink".
    package func runPrelude(_ source: [UInt8], chunk: String) throws(ScriptFailure) {
        let outcome = source.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { lh_prelude(raw, $0.baseAddress, $0.count, chunk) }
        }
        if UInt32(outcome.status) != LH_FINISHED.rawValue { throw ScriptFailure(outcome) }
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
        let outcome = source.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                lh_load(raw, $0.baseAddress, $0.count, chunk, encoded, encoded.count)
            }
        }
        guard UInt32(outcome.status) == LH_FINISHED.rawValue else { throw ScriptFailure(outcome) }
        return LuaTaskID(raw: outcome.task)
    }

    /// Starts a task, or goes on after a wait with the values that `write` writes.
    ///
    /// - Parameter raising: the wait raises the one value written instead of returning it.
    package func resume(
        _ task: LuaTaskID, generation: UInt32, raising: Bool = false, _ write: (LuaWriter) -> Void = { _ in }
    ) -> LuaOutcome {
        let reply = lh_reply_buffer(raw)!  // Safe because: it is a field of the state.
        write(LuaWriter(reply))
        if reply.pointee.failed != 0 {
            _ = lh_reply_buffer(raw)
            LuaWriter(reply).string("not enough memory")
            return outcome(of: task, generation, LH_RESUME_RAISE, reply.pointee, from: 0)
        }
        return outcome(of: task, generation, raising ? LH_RESUME_RAISE : LH_RESUME_VALUES, reply.pointee, from: 0)
    }

    /// Goes on with the results of a finished task, or nil and its error.
    package func resume(_ task: LuaTaskID, generation: UInt32, withResultsOf other: LuaTaskID) -> LuaOutcome {
        outcome(of: task, generation, LH_RESUME_RESULTS, lh_buffer(), from: other.raw)
    }

    /// Ends a task that waits or has not started: its pending `__close` handlers run, nothing can catch it.
    /// Who joins the task gets an error with `code` and `message`.
    package func kill(_ task: LuaTaskID, code: String = "cancelled", message: String = "the task was cancelled") {
        lh_kill(raw, task.raw, code, message)
    }

    /// The host waits now: `LuaLimits.stretch` is counted anew from the next resume.
    package func rest() { lh_rest(raw) }

    /// Gives the slot of a finished or killed task back. Only after its handle was collected.
    package func release(_ task: LuaTaskID) { lh_release(raw, task.raw) }

    /// Where a task was spawned, such as "script.lua:12".
    package func origin(of task: LuaTaskID) -> String { String(cString: lh_task_origin(raw, task.raw)) }

    /// What ended the script, also when a `__close` handler did so while its task was killed.
    /// Writes what the files that the script has open hold back. The `errno` of the first that could not be written.
    package func flushFiles() -> Int32? {
        let code = lh_flush_files(raw)
        return code == 0 ? nil : code
    }

    package var stopped: LuaStop? { LuaStop(lh_stopped(raw)) }

    /// Bytes that the Lua heap holds now, and the most it ever held.
    package var memory: (used: Int, peak: Int) { (lh_memory_used(raw), lh_memory_peak(raw)) }

    package var allocations: Int { Int(lh_allocations(raw)) }

    private func outcome(
        of task: LuaTaskID, _ generation: UInt32, _ mode: lh_resume_mode, _ reply: lh_buffer, from: UInt32
    ) -> LuaOutcome {
        let outcome = lh_resume(
            raw, task.raw, generation, Int32(mode.rawValue), reply.bytes, reply.count, from)
        switch UInt32(outcome.status) {
        case LH_FINISHED.rawValue: return .finished
        case LH_STALE.rawValue: return .stale
        case LH_WAITING.rawValue:
            let arguments = LuaReader(UnsafeRawBufferPointer(start: outcome.bytes, count: outcome.count))
            return .waiting(operation: outcome.operation, generation: outcome.generation, arguments: arguments)
        default: return .failed(ScriptFailure(outcome))
        }
    }
}

/// What the C host calls back: it must outlive the state and is not retained by it.
private final class HostBox {
    unowned let host: any LuaHost
    init(_ host: any LuaHost) { self.host = host }

    func call(
        _ operation: UInt32, _ task: UInt32, _ arguments: UnsafeRawBufferPointer,
        _ reply: UnsafeMutablePointer<lh_buffer>?
    ) -> Int32 {
        var reader = LuaReader(arguments)
        switch operation {
        case 0xFFFF_0001:  // LH_SPAWNED
            if let child = reader.integer() {
                let accepted = host.spawned(LuaTaskID(raw: UInt32(child)), by: LuaTaskID(raw: task))
                return Int32((accepted ? LH_RETURN : LH_RAISE).rawValue)
            }
        case 0xFFFF_0002:  // LH_COLLECTED
            host.collected(LuaTaskID(raw: task))
        default:
            guard let reply else { return 0 }
            let caller = task == 0 ? nil : LuaTaskID(raw: task)
            let returned = host.call(operation: operation, task: caller, arguments: &reader, reply: LuaWriter(reply))
            return Int32((returned ? LH_RETURN : LH_RAISE).rawValue)
        }
        return 0
    }
}
