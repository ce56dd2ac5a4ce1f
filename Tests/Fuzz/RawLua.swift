// A Lua state without the Swift face around it, so that its decoder can be given bytes that no writer would write.

import CLuaHost
import LuaRuntime

/// Decodes any bytes as a script's arguments or as the reply to a wait, and has Lua encode them again.
final class RawLua {
    enum Loaded {
        /// The bytes are no values; why, in Lua's words.
        case refused(String)
        /// They are, but Lua cannot encode them.
        case acceptedOnly(String)
        case echoed([UInt8])
    }

    private enum Operation {
        static let echo: UInt32 = 1
        static let wait: UInt32 = 2
    }

    private let state: OpaquePointer
    private let host = EchoHost()
    private var waiting: (task: UInt32, generation: UInt32)?

    init() {
        var limits = lh_limits()
        // Little, so that allocations fail now and then.
        limits.memory = 1 << 20
        // Safe because: without enough memory for an empty state nothing can be tested at all.
        state = lh_open(
            &limits,
            { context, operation, _, arguments, count, _ in
                guard operation == Operation.echo else { return Int32(LH_RETURN.rawValue) }
                // Safe because: the host lives as long as the state, which passes it back unchanged.
                let host = Unmanaged<EchoHost>.fromOpaque(context!).takeUnretainedValue()
                host.echoed = Array(UnsafeBufferPointer(start: arguments, count: count))
                return Int32(LH_RETURN.rawValue)
            }, Unmanaged.passUnretained(host).toOpaque())!
        precondition(lh_define(state, "echo", "echo", Operation.echo, 0) != 0)
        precondition(lh_define(state, "wait", "wait", Operation.wait, 1) != 0)
        let prelude = "local host = ... echo, wait = host.echo, host.wait"
        precondition(lh_prelude(state, prelude, prelude.utf8.count, "=prelude").status == Int32(LH_FINISHED.rawValue))
    }

    deinit { lh_close(state) }

    /// Has a script encode its arguments again.
    func load(_ bytes: UnsafeRawBufferPointer) throws -> Loaded {
        host.echoed = nil
        let source = "echo(...)"
        let loaded = lh_load(
            state, source, source.utf8.count, "=fuzz", bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
            bytes.count)
        guard loaded.status == Int32(LH_FINISHED.rawValue) else { return .refused(reason(loaded)) }
        defer { lh_release(state, loaded.task) }
        let ended = lh_resume(state, loaded.task, 0, Int32(LH_RESUME_VALUES.rawValue), nil, 0, 0)
        if let echoed = host.echoed { return .echoed(echoed) }
        try expect(ended.status == Int32(LH_FAILED.rawValue), "a script that ended without a call or an error")
        return .acceptedOnly(reason(ended))
    }

    /// Goes on with a script that waits.
    /// - Returns: whether the bytes reached it as values.
    func resume(_ bytes: UnsafeRawBufferPointer, raising: Bool) throws -> Bool {
        if waiting == nil { try startWaiting() }
        guard let (task, generation) = waiting else { return false }
        host.echoed = nil
        let mode = Int32((raising ? LH_RESUME_RAISE : LH_RESUME_VALUES).rawValue)
        let outcome = lh_resume(
            state, task, generation, mode, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, 0)
        if outcome.status == Int32(LH_WAITING.rawValue) {
            waiting = (task, outcome.generation)
        } else {
            try expect(outcome.status == Int32(LH_FAILED.rawValue), "a waiting script that ended: \(outcome.status)")
            lh_release(state, task)
            waiting = nil
        }
        // What pcall said comes first.
        return host.echoed?.withUnsafeBytes {
            var reader = LuaReader($0)
            return reader.boolean() ?? false
        } ?? false
    }

    private func startWaiting() throws {
        let source = "while true do pcall(echo, pcall(wait)) end"
        let loaded = lh_load(state, source, source.utf8.count, "=fuzz", nil, 0)
        try expect(loaded.status == Int32(LH_FINISHED.rawValue), "a script does not load")
        let outcome = lh_resume(state, loaded.task, 0, Int32(LH_RESUME_VALUES.rawValue), nil, 0, 0)
        try expect(outcome.status == Int32(LH_WAITING.rawValue), "a script does not wait")
        waiting = (loaded.task, outcome.generation)
    }

    /// The error without place and numbers.
    private func reason(_ outcome: lh_outcome) -> String {
        guard outcome.status == Int32(LH_FAILED.rawValue) else { return "no memory for a report" }
        var reader = LuaReader(UnsafeRawBufferPointer(start: outcome.bytes, count: outcome.count))
        let text = reader.value()?.stringValue ?? "no text"
        let words = text.split(separator: ": ").last?.prefix { $0 != "(" } ?? ""
        return words.split(separator: " ").filter { !$0.contains(where: \.isNumber) }.joined(separator: " ")
    }
}

/// Keeps what the script sent.
private final class EchoHost {
    var echoed: [UInt8]?
}
