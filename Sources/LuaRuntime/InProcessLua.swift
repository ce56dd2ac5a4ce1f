// A Lua state in this process: the C host, called directly.

import CLuaHost

/// The engine of a script that lives in this process.
final class InProcessLua: LuaEngine {
    private let raw: OpaquePointer
    private let box: HostBox
    private var stuckBox: StuckBox?
    private let written: UnsafeMutablePointer<lh_buffer>
    let stopper: LuaStopper

    /// - Throws: `ScriptFailure` when there is not enough memory, or the limit is too small to start.
    init(limits: LuaLimits, host: any LuaHost) throws(ScriptFailure) {
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
        written = lh_reply_buffer(raw)!  // Safe because: it is a field of the state.
        let address = UInt(bitPattern: raw)
        stopper = LuaStopper { reason in
            // Safe because: the stopper is retired before the state is closed.
            if let raw = OpaquePointer(bitPattern: address) { lh_stop(raw, reason.raw) }
        }
    }

    deinit {
        stopper.retire()
        lh_close(raw)
    }

    var reply: UnsafeMutablePointer<lh_buffer> {
        _ = lh_reply_buffer(raw)
        return written
    }

    func define(_ operation: LuaOperation) throws(ScriptFailure) {
        guard lh_define(raw, operation.name, operation.shown, operation.number, operation.waits ? 1 : 0) != 0 else {
            throw ScriptFailure(message: "not enough memory")
        }
    }

    /// Asking costs next to nothing here.
    func keep(_ constant: LuaConstant) {}

    func runPrelude(_ source: [UInt8], chunk: String) throws(ScriptFailure) {
        let outcome = source.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { lh_prelude(raw, $0.baseAddress, $0.count, chunk) }
        }
        if UInt32(outcome.status) != LH_FINISHED.rawValue { throw ScriptFailure(outcome) }
    }

    func load(_ source: [UInt8], chunk: String, arguments: [UInt8]) throws(ScriptFailure) -> LuaTaskID {
        let outcome = source.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                lh_load(raw, $0.baseAddress, $0.count, chunk, arguments, arguments.count)
            }
        }
        guard UInt32(outcome.status) == LH_FINISHED.rawValue else { throw ScriptFailure(outcome) }
        return LuaTaskID(raw: outcome.task)
    }

    func resume(_ task: LuaTaskID, generation: UInt32, mode: lh_resume_mode, from: UInt32) -> LuaOutcome {
        LuaOutcome(
            lh_resume(
                raw, task.raw, generation, Int32(mode.rawValue), written.pointee.bytes, written.pointee.count, from))
    }

    func kill(_ task: LuaTaskID, code: String, message: String) { lh_kill(raw, task.raw, code, message) }
    func countLines() { _ = lh_cover_lines(raw) }

    var lineCounts: [LineCounts] {
        var found: [LineCounts] = []
        var lines = lh_covered_lines()
        while lh_covered(raw, found.count, &lines) != 0 {
            found.append(
                LineCounts(
                    file: String(cString: lines.name), function: Int(lines.function),
                    counts: Array(UnsafeBufferPointer(start: lines.counts, count: lines.lines))))
        }
        return found
    }

    func rest() { lh_rest(raw) }
    func release(_ task: LuaTaskID) { lh_release(raw, task.raw) }
    func origin(of task: LuaTaskID) -> String { String(cString: lh_task_origin(raw, task.raw)) }

    func flushFiles() -> Int32? {
        let code = lh_flush_files(raw)
        return code == 0 ? nil : code
    }

    func charge(_ bytes: Int) -> Bool { lh_charge(raw, bytes) != 0 }
    func uncharge(_ bytes: Int) { lh_uncharge(raw, bytes) }

    func tellStuck(after grace: Duration, _ tell: @escaping @Sendable (LuaStop) -> Void) {
        let box = StuckBox(tell)
        stuckBox = box
        lh_tell_stuck(
            raw, UInt64(max(0, grace / .nanoseconds(1))),
            { context, reason in
                guard let context, let stop = LuaStop(reason) else { return }
                // Safe because: the engine holds the box, and its watchdog ends before it does.
                Unmanaged<StuckBox>.fromOpaque(context).takeUnretainedValue().tell(stop)
            }, Unmanaged.passUnretained(box).toOpaque())
    }

    var stopped: LuaStop? { LuaStop(lh_stopped(raw)) }
    var lost: ScriptFailure? { nil }
    var crossings: Int { 0 }
    var memory: (used: Int, peak: Int) { (lh_memory_used(raw), lh_memory_peak(raw)) }
    var allocations: Int { Int(lh_allocations(raw)) }
}

/// Who is told that a script does not end.
private final class StuckBox: Sendable {
    let tell: @Sendable (LuaStop) -> Void
    init(_ tell: @escaping @Sendable (LuaStop) -> Void) { self.tell = tell }
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
