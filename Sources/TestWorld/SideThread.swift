// A thread that takes turns with a world's own: one of the two waits whenever the other runs, so that nothing is shared
// at any moment and the order of things is the same each time.

import Dispatch
import Simulation

/// A body that may wait, beside a world in which nothing may.
final class SideThread: @unchecked Sendable {
    // Safe because: of the two threads only the one whose turn it is touches anything; the semaphores hand it over.

    private let time: SimulatedTime
    private let worldsTurn = DispatchSemaphore(value: 0)
    private let bodysTurn = DispatchSemaphore(value: 0)
    private var isBegun = false
    private var isOver = false
    private var isGivenUp = false

    /// What the body waits for.
    private final class Awaited: @unchecked Sendable {
        // Safe because: as for the thread.
        var hasHappened = false
        var isWaitedFor = false
    }

    init(_ time: SimulatedTime) { self.time = time }

    /// Runs a body from the world's next step on.
    func start(_ body: @escaping @Sendable () -> Void) {
        time.add(due: time.now) { [self] in
            guard !isGivenUp else { return }
            DispatchQueue(label: "paylink.test.side").async { [self] in
                bodysTurn.wait()
                body()
                isOver = true
                worldsTurn.signal()
            }
            isBegun = true
            giveTurn()
        }
    }

    /// On the body's thread: lets the world go on until it calls what `begin` is given.
    func wait(_ begin: (@escaping @Sendable () -> Void) -> Void) {
        guard !isGivenUp else { return }
        let awaited = Awaited()
        begin { [weak self] in
            guard !awaited.hasHappened else { return }
            awaited.hasHappened = true
            guard awaited.isWaitedFor, let self else { return }
            time.add(due: time.now) { [weak self] in self?.giveTurn() }
        }
        guard !awaited.hasHappened else { return }
        awaited.isWaitedFor = true
        worldsTurn.signal()
        bodysTurn.wait()
    }

    /// Nothing that the body waits for will come: it is over when this returns.
    func giveUp() {
        isGivenUp = true
        if isBegun { giveTurn() }
    }

    private func giveTurn() {
        guard !isOver else { return }
        bodysTurn.signal()
        worldsTurn.wait()
    }
}
