// A host for states that call nothing.

import LuaRuntime

final class SilentHost: LuaHost {
    func call(operation: UInt32, task: LuaTaskID?, arguments: inout LuaReader, reply: LuaWriter) -> Bool { true }
    func spawned(_ child: LuaTaskID, by parent: LuaTaskID) -> Bool { true }
    func collected(_ task: LuaTaskID) {}
}
