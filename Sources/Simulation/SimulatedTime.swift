// The time of a simulated world: a queue of what is due. Nothing sleeps; time jumps to what is due next.

package import NIOCore

/// A clock that goes on when somebody asks for the next step, and runs what is due then.
///
/// Everything in one simulation shares one, on one thread.
package final class SimulatedTime: @unchecked Sendable {
    // Safe because: a simulation runs on one thread from its beginning to its end.

    /// Something to do at a moment; it can be called off.
    package final class Item: @unchecked Sendable {
        // Safe because: as for the time itself.
        let due: NIODeadline
        fileprivate let order: UInt64
        fileprivate var body: (() -> Void)?
        fileprivate weak var life: SimulatedLife?
        fileprivate let isOwned: Bool

        fileprivate init(due: NIODeadline, order: UInt64, life: SimulatedLife?, body: @escaping () -> Void) {
            self.due = due
            self.order = order
            self.life = life
            isOwned = life != nil
            self.body = body
        }

        /// Called when it is called off, or its process ends.
        package var whenCancelled: (() -> Void)?

        package func cancel() {
            guard body != nil else { return }
            body = nil
            whenCancelled?()
            whenCancelled = nil
        }

        fileprivate func isBefore(_ other: Item) -> Bool { (due, order) < (other.due, other.order) }
    }

    /// Where every simulation begins: late enough that a moment before it can be named.
    package static let beginning = NIODeadline.uptimeNanoseconds(1_000_000_000_000_000)

    package private(set) var now = SimulatedTime.beginning
    /// Things done so far.
    package private(set) var steps = 0
    private var heap: [Item] = []
    private var order: UInt64 = 0

    package init() {}

    /// Since the beginning.
    package var elapsed: TimeAmount { now - Self.beginning }

    /// Notes something to do.
    /// - Parameter life: the process that does it; it is not done if that has ended by then.
    @discardableResult
    package func add(due: NIODeadline, life: SimulatedLife? = nil, _ body: @escaping () -> Void) -> Item {
        order += 1
        let item = Item(due: max(due, now), order: order, life: life, body: body)
        heap.append(item)
        rise(heap.count - 1)
        return item
    }

    /// Does what is due next, at `end` at the latest.
    /// - Returns: whether there was anything; otherwise it is `end` now.
    package func step(until end: NIODeadline) -> Bool {
        while let next = heap.first {
            guard next.due <= end else { break }
            removeFirst()
            guard let body = next.body else { continue }
            now = next.due
            if next.isOwned {
                guard let life = next.life, life.takesStep() else {
                    next.cancel()
                    continue
                }
            }
            next.body = nil
            steps += 1
            body()
            return true
        }
        now = max(now, end)
        return false
    }

    /// Forgets what a process had to do.
    func forget(_ life: SimulatedLife) {
        for item in heap where item.life === life { item.cancel() }
    }

    // MARK: Heap

    private func removeFirst() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        var parent = 0
        while true {
            var first = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].isBefore(heap[first]) {
                first = child
            }
            guard first != parent else { return }
            heap.swapAt(first, parent)
            parent = first
        }
    }

    private func rise(_ index: Int) {
        var child = index
        while child > 0, case let parent = (child - 1) / 2, heap[child].isBefore(heap[parent]) {
            heap.swapAt(child, parent)
            child = parent
        }
    }
}

/// A process of a simulated world. It can end between any two of its steps, as `kill -9` would end it.
package final class SimulatedLife {
    private let time: SimulatedTime
    package private(set) var hasEnded = false
    package private(set) var steps = 0
    /// The step that it does not live to take; `nil` lets it live.
    package var endsBefore: Int?
    /// Called once, when it has ended.
    package var whenEnded: (() -> Void)?

    package init(_ time: SimulatedTime) { self.time = time }

    package func end() {
        guard !hasEnded else { return }
        hasEnded = true
        time.forget(self)
        whenEnded?()
        whenEnded = nil
    }

    fileprivate func takesStep() -> Bool {
        guard !hasEnded else { return false }
        steps += 1
        guard let endsBefore, steps >= endsBefore else { return true }
        end()
        return false
    }
}
