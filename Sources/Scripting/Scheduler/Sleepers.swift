// Tasks that sleep: one timer of the event loop for all of them. The loop looks through all its timers to take one away,
// so that many sleepers that are ended early would cost the square of their number.

internal import NIOCore
import OneShotPay

/// Those who wait for a moment. Those who no longer do stay until they are the larger part.
struct Sleepers<Waiter> {
    private var queue = DueQueue<Int>()
    private var waiters: [Int: Waiter] = [:]
    private var count = 0

    /// When the next one is due.
    var due: NIODeadline? { queue.first?.due }

    /// Gives the number to ``remove(_:)`` it by.
    mutating func add(_ waiter: Waiter, due: NIODeadline) -> Int {
        count += 1
        waiters[count] = waiter
        queue.add(count, due: due)
        return count
    }

    mutating func remove(_ number: Int) {
        guard waiters.removeValue(forKey: number) != nil else { return }
        if waiters.isEmpty {
            queue = DueQueue()
        } else if queue.count > 16, waiters.count < queue.count / 2 {
            queue.keep { waiters[$0] != nil }
        }
    }

    /// The number of the one that was added last.
    var last: Int { count }

    /// The next one that is due by then.
    /// - Parameter last: the number after which none counts: whoever is woken may go to sleep again at once.
    mutating func popDue(_ now: NIODeadline, upTo last: Int = .max) -> Waiter? {
        while let first = queue.first, first.due <= now, first.element <= last {
            _ = queue.popFirst()
            if let waiter = waiters.removeValue(forKey: first.element) { return waiter }
        }
        return nil
    }
}
