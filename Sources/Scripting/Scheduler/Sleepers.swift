// Tasks that sleep: one timer of the event loop for all of them. The loop looks through all its timers to take one away,
// so that many sleepers that are ended early would cost the square of their number.

internal import NIOCore

/// Those who wait for a moment. Those who no longer do stay until they are the larger part.
struct Sleepers<Waiter> {
    private struct Sleeper: Comparable {
        var due: NIODeadline
        var number: Int

        static func < (one: Sleeper, other: Sleeper) -> Bool { (one.due, one.number) < (other.due, other.number) }
    }

    /// A heap: none is due before the one at half its place.
    private var heap: [Sleeper] = []
    private var waiters: [Int: Waiter] = [:]
    private var count = 0

    /// When the next one is due.
    var due: NIODeadline? { heap.first?.due }

    /// Gives the number to ``remove(_:)`` it by.
    mutating func add(_ waiter: Waiter, due: NIODeadline) -> Int {
        count += 1
        waiters[count] = waiter
        heap.append(Sleeper(due: due, number: count))
        rise(heap.count - 1)
        return count
    }

    mutating func remove(_ number: Int) {
        guard waiters.removeValue(forKey: number) != nil else { return }
        if waiters.isEmpty { return heap.removeAll() }
        if heap.count > 16, waiters.count < heap.count / 2 {
            heap.removeAll { waiters[$0.number] == nil }
            heap.sort()
        }
    }

    /// The next one that is due by then.
    mutating func popDue(_ now: NIODeadline) -> Waiter? {
        while let first = heap.first, first.due <= now {
            let last = heap.removeLast()
            if !heap.isEmpty {
                heap[0] = last
                sink()
            }
            if let waiter = waiters.removeValue(forKey: first.number) { return waiter }
        }
        return nil
    }

    private mutating func rise(_ from: Int) {
        var place = from
        while place > 0, heap[place] < heap[(place - 1) / 2] {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func sink() {
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            guard least != place else { return }
            heap.swapAt(place, least)
            place = least
        }
    }
}
