// Whoever waits for a host call, as the call sees it.

import LuaRuntime

/// A suspended task, for whoever will finish what it waits for.
struct Waiter {
    /// Kept for as long as anything outside may finish the wait.
    let host: ScriptHost
    let task: LuaTaskID
    let generation: UInt32

    /// The wait returns the values written.
    func returns(_ write: (LuaWriter) -> Void) { host.complete(task, generation, write) }
}
