// Many waits whose outcomes are taken one by one, in the order in which they come: paylink.wait_each.

import LuaRuntime
import OneShotPay
import Recorder

/// Waits of one `wait_each`, and the outcomes that nobody has taken yet.
final class WaitGroup {
    /// Given an index and its outcome, or nothing when there will be no more.
    typealias Take = ((index: Int, result: Result<PayLink, LinkFailure>)?) -> Void
    typealias Done = (Result<PayLink, LinkFailure>) -> Void

    /// The task that made it: the waits end with it.
    let owner: LuaTaskID?

    init(owner: LuaTaskID?) { self.owner = owner }

    /// What each wait takes of the host's memory.
    static let cost = 1 << 10
    /// What is counted as the script's memory.
    var charged: Int { added * Self.cost }

    private var calls: [Int: RecordedCall] = [:]
    private var arrived: [(index: Int, result: Result<PayLink, LinkFailure>)] = []
    private var taken = 0
    private var added = 0
    private var given = 0
    /// Tasks that share the iterator are served in the order in which they came.
    private var waiters: [(task: LuaTaskID, take: Take)] = []
    private var isClosed = false

    /// Whether every outcome has been given.
    var isExhausted: Bool { given == added }

    func add(_ start: (@escaping Done) -> RecordedCall?) {
        added += 1
        let index = added
        let call = start { [weak self] result in self?.arrive(index, result) }
        if let call { calls[index] = call }
    }

    /// Gives the next outcome to the task, now or when it comes.
    func next(for task: LuaTaskID, _ take: @escaping Take) {
        if taken < arrived.count {
            let outcome = arrived[taken]
            taken += 1
            given += 1
            if taken == arrived.count {
                arrived.removeAll(keepingCapacity: true)
                taken = 0
            }
            take(outcome)
            tellTheRest()
        } else {
            waiters.append((task, take))
        }
    }

    func forgetWaiter(_ task: LuaTaskID) { waiters.removeAll { $0.task == task } }

    /// Ends the waits that are left; their outcomes are dropped.
    func close() {
        isClosed = true
        given = added
        tellTheRest()
        let open = calls.values
        calls = [:]
        for call in open { call.cancel() }
    }

    private func arrive(_ index: Int, _ result: Result<PayLink, LinkFailure>) {
        calls[index] = nil
        guard !isClosed else { return }
        guard !waiters.isEmpty else {
            arrived.append((index, result))
            return
        }
        given += 1
        waiters.removeFirst().take((index, result))
        tellTheRest()
    }

    private func tellTheRest() {
        guard isExhausted else { return }
        let rest = waiters
        waiters = []
        for waiter in rest { waiter.take(nil) }
    }
}
