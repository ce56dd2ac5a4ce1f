// Whoever waits for a host call, as the call sees it.

package import LuaRuntime

/// A suspended task, for whoever will finish what it waits for.
package struct Waiter {
    /// Kept for as long as anything outside may finish the wait.
    package let host: ScriptHost
    package let task: LuaTaskID
    let generation: UInt32

    /// The wait returns the values written.
    package func returns(_ write: (LuaWriter) -> Void) { host.complete(task, generation, write) }
}
