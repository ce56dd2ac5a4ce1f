// What a script may use. A limit that is reached ends the script; nothing in it can catch that.

import CLuaHost

/// The bounds of one Lua state.
public struct LuaLimits: Sendable {
    /// Bytes that the Lua heap may hold, host buffers included. Reaching it is an ordinary Lua error
    /// ("not enough memory"), which a script may catch.
    public var memory: Int
    /// VM instructions the script may execute, or `nil`: not counted. Counting halves the speed of the VM.
    public var instructions: Int?
    /// The longest that a script may run without waiting for anything.
    public var stretch: Duration?
    /// How long a script may run in all; time spent waiting does not count.
    public var total: Duration?

    /// Owners one above the other that a task may have: ending a tree of tasks goes down it.
    package static let taskDepth = 200

    /// Tests: fail the n-th allocation, and all later ones when `failsFromThere`.
    package var failingAllocation: (index: Int, failsFromThere: Bool)?

    /// 256 MiB, no instruction count, 30 s without a wait, and no bound on the running time in all.
    public init(
        memory: Int = 256 << 20,
        instructions: Int? = nil,
        stretch: Duration? = .seconds(30),
        total: Duration? = nil
    ) {
        self.memory = memory
        self.instructions = instructions
        self.stretch = stretch
        self.total = total
    }

    var raw: lh_limits {
        lh_limits(
            memory: max(0, memory),
            instructions: UInt64(max(0, instructions ?? 0)),
            stretch_ns: stretch.map(Self.nanoseconds) ?? 0,
            total_ns: total.map(Self.nanoseconds) ?? 0,
            fail_at: UInt64(failingAllocation?.index ?? 0),
            fail_from: failingAllocation?.failsFromThere == true ? 1 : 0
        )
    }

    private static func nanoseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0, seconds < 1 << 33 else { return seconds < 0 ? 1 : UInt64.max / 2 }
        return max(1, UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000))
    }
}
