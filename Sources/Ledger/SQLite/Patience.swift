// How long one call waits for others that hold the ledger, and how it spends the time.

import Glibc
import Synchronization

/// The time that one call may still wait. Begun by each call, asked by SQLite's busy handler and by our own loops:
/// SQLite does not ask its handler in every case (switching to WAL, recovering after a crash).
final class Patience: Sendable {
    let limit: Duration
    /// On the monotonic clock; a clock that is set back does not matter.
    private let deadline = Atomic<UInt64>(0)
    private let pause = Atomic<UInt64>(0)

    init(_ limit: Duration) {
        self.limit = limit
    }

    /// A call begins.
    func begin() {
        deadline.store(Self.now() + UInt64(max(0, limit / .nanoseconds(1))), ordering: .relaxed)
        pause.store(500_000, ordering: .relaxed)
    }

    /// Waits a little; false, at once, when the time is up.
    ///
    /// Pauses grow from half a millisecond to four, about as long as a few commits take, and are cut at random so that
    /// many processes do not come back together.
    func wait() -> Bool {
        let now = Self.now()
        let end = deadline.load(ordering: .relaxed)
        guard now < end else { return false }
        let longest = pause.load(ordering: .relaxed)
        pause.store(min(longest * 2, 4_000_000), ordering: .relaxed)
        let nanoseconds = min(UInt64.random(in: longest / 2...longest), end - now)
        var request = timespec(tv_sec: 0, tv_nsec: Int(nanoseconds))
        nanosleep(&request, nil)
        return true
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
