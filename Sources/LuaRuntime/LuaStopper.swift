// The one thing that another thread may do to a Lua state: end what runs in it.

import Synchronization

/// Ends a script from any thread: at once if it runs, at its next step if it waits.
package final class LuaStopper: Sendable {
    private let act: Mutex<(@Sendable (LuaStop) -> Void)?>

    /// - Parameter act: ends the script; called under a lock, and not after ``retire()``.
    init(_ act: @escaping @Sendable (LuaStop) -> Void) { self.act = Mutex(act) }

    /// The first reason given counts.
    package func stop(_ reason: LuaStop) { act.withLock { $0?(reason) } }

    func retire() { act.withLock { $0 = nil } }
}
