// An event loop in simulated time.

package import NIOCore
package import OneShotPay

#if canImport(Dispatch)
    package import Dispatch
#endif

/// An event loop of a simulated process: what it is given to do is done when the simulated time says so.
package final class SimulatedLoop: EventLoop, @unchecked Sendable {
    // Safe because: a simulation runs on one thread from its beginning to its end.

    private let time: SimulatedTime
    private let life: SimulatedLife
    /// How long what is to be done at once takes to begin: two processes take turns in an order that this decides.
    private let delay: () -> TimeAmount
    private var latest = NIODeadline.uptimeNanoseconds(0)

    package init(_ time: SimulatedTime, _ life: SimulatedLife, delay: @escaping () -> TimeAmount = { .zero }) {
        self.time = time
        self.life = life
        self.delay = delay
    }

    package var now: NIODeadline { time.now }
    package var inEventLoop: Bool { true }
    package func preconditionInEventLoop(file: StaticString, line: UInt) {}

    package func execute(_ task: @escaping () -> Void) {
        guard !life.hasEnded else { return }
        // In the order in which they came.
        latest = max(latest, time.now + delay())
        time.add(due: latest, life: life, task)
    }

    package func scheduleTask<Value>(
        deadline: NIODeadline, _ task: @escaping () throws -> Value
    ) -> Scheduled<Value> {
        schedule(deadline, isLook: false, task)
    }

    private func schedule<Value>(
        _ deadline: NIODeadline, isLook: Bool, _ task: @escaping () throws -> Value
    ) -> Scheduled<Value> {
        let promise = makePromise(of: Value.self)
        guard !life.hasEnded else {
            promise.fail(EventLoopError.cancelled)
            return Scheduled(promise: promise, cancellationTask: {})
        }
        let item = time.add(due: deadline, life: life, isLook: isLook) {
            do { promise.assumeIsolated().succeed(try task()) } catch { promise.fail(error) }
        }
        item.whenCancelled = { promise.fail(EventLoopError.cancelled) }
        return Scheduled(promise: promise) { item.cancel() }
    }

    package func scheduleTask<Value>(
        in amount: TimeAmount, _ task: @escaping () throws -> Value
    ) -> Scheduled<Value> {
        scheduleTask(deadline: time.now + amount, task)
    }

    /// For a world in which looks that would see nothing are left out.
    /// - Parameter isUnsteady: whether a look may see something else than the one before although nothing has changed.
    package func quiet(unless isUnsteady: @escaping () -> Bool) -> PayLinkEngine.Quiet {
        PayLinkEngine.Quiet(
            changes: { [time] in time.changes },
            until: { [time] in isUnsteady() ? time.now : time.nextDeed() },
            schedule: { [self] in schedule($0, isLook: true, $1) })
    }

    package func next() -> any EventLoop { self }
    package func any() -> any EventLoop { self }
    package func makeIterator() -> EventLoopIterator { EventLoopIterator([self]) }

    #if canImport(Dispatch)
        package func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void) {
            queue.async { callback(nil) }
        }
    #endif
}
