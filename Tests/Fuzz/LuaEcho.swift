// A script that gives back whatever it is given, behind the Swift face: what LuaWriter writes and LuaReader reads.

import LuaRuntime

/// A Lua state in which one task waits again and again with the value that it was resumed with.
final class LuaEcho {
    private let host = SilentHost()
    private let state: LuaState
    private var task: LuaTaskID
    private var generation: UInt32 = 0

    init() {
        do {
            state = try LuaState(limits: LuaLimits(memory: 64 << 20, stretch: nil), host: host)
            try state.define(LuaOperation(number: 1, name: "give", shown: "give", waits: true))
            try state.runPrelude(Array("give = (...).give".utf8), chunk: "=prelude")
            let source = Array("local value = give() while true do value = give(value) end".utf8)
            task = try state.load(source, chunk: "=fuzz", arguments: [])
            guard case .waiting(_, let first, _) = state.resume(task, generation: 0) else {
                preconditionFailure("the script does not wait")
            }
            generation = first
        } catch {
            preconditionFailure("Lua does not start: \(error)")
        }
    }

    /// What Lua gives back for a value.
    func send(_ value: LuaValue) throws -> LuaValue {
        let outcome = state.resume(task, generation: generation) { $0.value(value) }
        guard case .waiting(_, let next, var arguments) = outcome else {
            throw FuzzFailure(description: "sent \(value)\ngot \(outcome)")
        }
        generation = next
        guard let back = arguments.value(), arguments.kind == nil else {
            throw FuzzFailure(description: "sent \(value), got no value or several")
        }
        return back
    }
}

private final class SilentHost: LuaHost {
    func call(operation: UInt32, task: LuaTaskID?, arguments: inout LuaReader, reply: LuaWriter) -> Bool { true }
    func spawned(_ child: LuaTaskID, by parent: LuaTaskID) -> Bool { false }
    func collected(_ task: LuaTaskID) {}
}
