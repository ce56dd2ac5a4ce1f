// The one thing that another thread may do to a Lua state: end what runs in it.

import CLuaHost
import Synchronization

/// Ends a script from any thread: at once if it runs, at its next step if it waits.
package final class LuaStopper: Sendable {
    private let state: Mutex<Address>

    private struct Address: @unchecked Sendable {
        // Safe because: used only under the mutex, and cleared before the state is closed.
        var raw: OpaquePointer?
    }

    init(_ raw: OpaquePointer) { state = Mutex(Address(raw: raw)) }

    /// The first reason given counts.
    package func stop(_ reason: LuaStop) {
        let number =
            switch reason {
            case .stretch: LH_STOP_STRETCH
            case .total: LH_STOP_TIME
            case .instructions: LH_STOP_INSTRUCTIONS
            case .deadline: LH_STOP_DEADLINE
            case .interrupt: LH_STOP_INTERRUPT
            case .exit: LH_STOP_EXIT
            }
        state.withLock { address in
            if let raw = address.raw { lh_stop(raw, Int32(number.rawValue)) }
        }
    }

    func retire() { state.withLock { $0.raw = nil } }
}
