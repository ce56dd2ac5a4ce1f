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
        let order: UInt64
        fileprivate(set) var body: (() -> Void)?
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

        func isBefore(_ other: Item) -> Bool { (due, order) < (other.due, other.order) }
    }

    /// Where every simulation begins: late enough that a moment before it can be named.
    package static let beginning = NIODeadline.uptimeNanoseconds(1_000_000_000_000_000)

    package private(set) var now = SimulatedTime.beginning
    /// Things done so far.
    package private(set) var steps = 0
    private var queue = SimulatedQueue()
    /// What only looks whether something has changed.
    private var looks = SimulatedQueue()
    private var order: UInt64 = 0
    /// Counts what has changed that a look could see.
    package private(set) var changes: UInt64 = 0

    package init() {}

    /// Since the beginning.
    package var elapsed: TimeAmount { now - Self.beginning }

    /// Notes something to do.
    /// - Parameters:
    ///   - life: the process that does it; it is not done if that has ended by then.
    ///   - isLook: whether it only looks whether something has changed.
    @discardableResult
    package func add(
        due: NIODeadline, life: SimulatedLife? = nil, isLook: Bool = false, _ body: @escaping () -> Void
    ) -> Item {
        order += 1
        let item = Item(due: max(due, now), order: order, life: life, body: body)
        if isLook { looks.add(item) } else { queue.add(item) }
        return item
    }

    /// Something has changed that a look could see.
    package func noteChange() { changes += 1 }

    /// When something is done next that is no look.
    package func nextDeed() -> NIODeadline { queue.first?.due ?? .distantFuture }

    /// Does what is due next, at `end` at the latest.
    /// - Returns: whether there was anything; otherwise it is `end` now.
    package func step(until end: NIODeadline) -> Bool {
        while let next = takeFirst(until: end) {
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
        for item in queue.items + looks.items where item.life === life { item.cancel() }
    }

    /// Forgets all that is to be done.
    package func clear() {
        for item in queue.items + looks.items { item.cancel() }
        queue = SimulatedQueue()
        looks = SimulatedQueue()
    }

    private func takeFirst(until end: NIODeadline) -> Item? {
        let (deed, look) = (queue.first, looks.first)
        guard let first = [deed, look].compactMap({ $0 }).min(by: { $0.isBefore($1) }), first.due <= end else {
            return nil
        }
        return first === look ? looks.removeFirst() : queue.removeFirst()
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
