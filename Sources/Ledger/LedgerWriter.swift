// A store behind a queue: what comes in while one transaction reaches the disk shares the next one, so that many
// links share the price of one fsync. Callers stay on their own event loop.

package import Dispatch
import Synchronization

/// Gives a store to callers on another thread: changes are committed in groups, callbacks come back to the caller.
package final class LedgerWriter: Sendable {
    package typealias Open = @Sendable () throws(LedgerError) -> any LedgerStore
    /// Runs a body where callbacks belong: on the caller's event loop.
    package typealias Deliver = @Sendable (@escaping @Sendable () -> Void) -> Void

    private enum Job {
        case change(LedgerOperation, (Result<LedgerAnswer, LedgerError>) -> Void)
        /// Reads, and gives back what is to be done on the caller's side.
        case read((Result<any LedgerStore, LedgerError>) -> () -> Void)
        case close(() -> Void)
    }

    private struct Inbox: @unchecked Sendable {
        // Safe because: callbacks are made on the caller's loop, moved here untouched, and called there again.
        var jobs: [Job] = []
        var isDraining = false
        /// The caller's loop has not come to the end of its turn: what it adds until then shares a commit.
        var isGathering = false
        /// Whether the queue waits for that end.
        var isAwaited = false
    }

    /// Callbacks on their way back.
    fileprivate struct Answers: @unchecked Sendable {
        // Safe because: as for Inbox.
        var bodies: [() -> Void] = []
    }

    private let inbox = Mutex<Inbox>(Inbox())
    private let store: Lazy
    private let deliver: Deliver

    /// Where a store does its work.
    package enum Place: Sendable {
        /// On a thread that may wait for a disk.
        case thread
        /// Within the call, on the caller's one thread; only the callbacks come later. For a store that waits for no
        /// disk.
        case caller
        /// Where and when `later` says, one after the other: for simulated time.
        case later(@Sendable (@escaping @Sendable () -> Void) -> Void)

        fileprivate var isThread: Bool { if case .thread = self { true } else { false } }
        fileprivate var schedule: (@Sendable (@escaping @Sendable () -> Void) -> Void)? {
            switch self {
            case .caller: return nil
            case .later(let schedule): return schedule
            case .thread:
                let queue = DispatchQueue(label: "paylink.ledger", qos: .userInitiated)
                return { body in queue.async(execute: body) }
            }
        }
    }

    private let schedule: (@Sendable (@escaping @Sendable () -> Void) -> Void)?
    private let gathers: Bool
    private let patience: DispatchTimeInterval
    private let gathered = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - open: called where the store does its work, at the first use; again at the next one if it fails.
    ///   - patience: for how long a commit waits at most for what the caller's loop adds in the turn that it is in.
    package init(
        open: @escaping Open, deliver: @escaping Deliver, place: Place = .thread,
        patience: DispatchTimeInterval = .milliseconds(1)
    ) {
        store = Lazy(open)
        self.patience = patience
        self.deliver = deliver
        schedule = place.schedule
        gathers = place.isThread
    }

    /// Forgets what is queued, as when a simulated process is killed.
    package func discard() { inbox.withLock { $0.jobs = [] } }

    /// Queues a change; `done` is called on the caller's side once it is durable, or has failed.
    package func submit(
        _ operation: LedgerOperation, _ done: @escaping (Result<LedgerAnswer, LedgerError>) -> Void
    ) {
        add(.change(operation, done))
    }

    /// Reads after all that was queued before. `body` runs away from the caller and may only use what it is given.
    package func read<Value>(
        _ body: @escaping @Sendable (any LedgerStore) throws(LedgerError) -> Value,
        _ done: @escaping (Result<Value, LedgerError>) -> Void
    ) {
        add(
            .read { store in
                let result: Result<Value, LedgerError>
                do throws(LedgerError) { result = .success(try body(try store.get())) } catch {
                    result = .failure(error)
                }
                return { done(result) }
            })
    }

    /// Closes the store after all that was queued. A use after it opens the store again.
    package func close(_ done: @escaping () -> Void) { add(.close(done)) }

    private func add(_ job: Job) {
        guard let schedule else { return perform([job]) }
        let job = Answers.Carrier(job)
        let (starts, isFirst) = inbox.withLock { inbox in
            inbox.jobs.append(job.content)
            defer { (inbox.isDraining, inbox.isGathering) = (true, gathers) }
            return (!inbox.isDraining, gathers && !inbox.isGathering)
        }
        // Behind all that the loop has to do now: replies that came together are recorded together.
        if isFirst { deliver { self.haveGathered() } }
        guard starts else { return }
        Self.busy.add(1, ordering: .relaxed)
        schedule { self.drain() }
    }

    private func haveGathered() {
        let isAwaited = inbox.withLock { inbox in
            defer { (inbox.isGathering, inbox.isAwaited) = (false, false) }
            return inbox.isAwaited
        }
        if isAwaited { gathered.signal() }
    }

    // MARK: On the queue

    /// Writers with something on its way to the disk, in this process: whoever ends it in a hurry waits for them.
    package static var areBusy: Bool { busy.load(ordering: .relaxed) > 0 }
    private static let busy = Atomic<Int>(0)

    private func drain() {
        defer { Self.busy.subtract(1, ordering: .relaxed) }
        while true {
            awaitGathering()
            let jobs = inbox.withLock { inbox in
                defer { inbox.jobs.removeAll(keepingCapacity: true) }
                if inbox.jobs.isEmpty { inbox.isDraining = false }
                return Answers.Carrier(inbox.jobs)
            }.content
            guard !jobs.isEmpty else { return }
            perform(jobs)
        }
    }

    /// Waits for the end of the loop's turn, but not for a script that computes meanwhile.
    private func awaitGathering() {
        let waits = inbox.withLock { inbox in
            inbox.isAwaited = inbox.isGathering && !inbox.jobs.isEmpty
            return inbox.isAwaited
        }
        guard waits, gathered.wait(timeout: .now() + patience) == .timedOut else { return }
        // It may have been signalled since.
        let isSignalled = inbox.withLock { inbox in
            defer { inbox.isAwaited = false }
            return !inbox.isAwaited
        }
        if isSignalled { gathered.wait() }
    }

    private func perform(_ jobs: [Job]) {
        var answers = Answers()
        var index = 0
        while index < jobs.count {
            switch jobs[index] {
            case .change:
                var operations: [LedgerOperation] = []
                var callbacks: [(Result<LedgerAnswer, LedgerError>) -> Void] = []
                while index < jobs.count, case .change(let operation, let done) = jobs[index] {
                    operations.append(operation)
                    callbacks.append(done)
                    index += 1
                }
                commit(operations, callbacks, &answers)
            case .read(let body):
                answers.bodies.append(body(store.open()))
                index += 1
            case .close(let done):
                store.close()
                answers.bodies.append(done)
                index += 1
            }
        }
        let ready = answers
        deliver { for body in ready.bodies { body() } }
    }

    private func commit(
        _ operations: [LedgerOperation], _ callbacks: [(Result<LedgerAnswer, LedgerError>) -> Void],
        _ answers: inout Answers
    ) {
        CrashPoint.beforeCommit.reached()
        let result = perform(operations)
        // What one operation stumbles over (a damaged row) is not the others' fault.
        if operations.count > 1, case .failure(let error) = result, [.corrupt, .failed].contains(error.code) {
            for (operation, done) in zip(operations, callbacks) {
                let alone = perform([operation])
                answers.bodies.append { done(alone.map { $0[0] }) }
            }
            return
        }
        for (index, done) in callbacks.enumerated() {
            answers.bodies.append { done(result.map { $0[index] }) }
        }
    }

    private func perform(_ operations: [LedgerOperation]) -> Result<[LedgerAnswer], LedgerError> {
        // Whoever could not open it, or never had to, has no run to end.
        if !store.isOpen, operations.allSatisfy({ if case .endRun = $0 { true } else { false } }) {
            return .success(operations.map { _ in .changed(false) })
        }
        do throws(LedgerError) { return .success(try store.open().get().perform(operations)) } catch {
            return .failure(error)
        }
    }

    /// Opens the store when it is needed. Used on the queue only.
    private final class Lazy: @unchecked Sendable {
        // Safe because: only the serial queue touches it, or the caller's one thread where there is no queue.
        private let make: Open
        private var opened: (any LedgerStore)?

        init(_ make: @escaping Open) { self.make = make }

        var isOpen: Bool { opened != nil }

        func open() -> Result<any LedgerStore, LedgerError> {
            if let opened { return .success(opened) }
            do throws(LedgerError) {
                let made = try make()
                opened = made
                return .success(made)
            } catch {
                return .failure(error)
            }
        }

        func close() {
            opened?.close()
            opened = nil
        }
    }
}

extension LedgerWriter.Answers {
    /// Carries jobs across the lock.
    struct Carrier<Content>: @unchecked Sendable {
        // Safe because: as for Inbox.
        var content: Content
        init(_ content: Content) { self.content = content }
    }
}
