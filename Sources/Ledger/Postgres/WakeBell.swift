// Wakes a thread that sleeps.

import Dispatch
import Synchronization

/// One sleeper, any number of ringers.
final class WakeBell: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    /// Whether it has rung since the sleeper woke: more rings change nothing.
    private let hasRung = Atomic<Bool>(false)

    func ring() { if !hasRung.exchange(true, ordering: .acquiringAndReleasing) { semaphore.signal() } }

    /// Returns when it rings, or after so long.
    func wait(_ limit: Duration) {
        let nanoseconds = Int(clamping: Int64((limit / .nanoseconds(1)).rounded(.up)))
        if semaphore.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success {
            hasRung.store(false, ordering: .releasing)
        }
    }
}
