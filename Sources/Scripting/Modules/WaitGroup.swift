// Many waits whose outcomes are taken one by one, in the order in which they come: paylink.wait_each.

import OneShotPay

/// Waits of one `wait_each`, and the outcomes that nobody has taken yet.
final class WaitGroup {
    typealias Done = (Result<PayLink, OneShotPayError>) -> Void

    private var calls: [Int: PayLinkCall] = [:]
    private var arrived: [(index: Int, result: Result<PayLink, OneShotPayError>)] = []
    private var taken = 0
    private var added = 0
    private var given = 0
    private var waiter: ((Int, Result<PayLink, OneShotPayError>) -> Void)?
    private var isClosed = false

    /// Whether every outcome has been given.
    var isExhausted: Bool { given == added }

    func add(_ start: (@escaping Done) -> PayLinkCall?) {
        added += 1
        let index = added
        let call = start { [weak self] result in self?.arrive(index, result) }
        if let call { calls[index] = call }
    }

    /// Gives the next outcome, now or when it comes.
    func next(_ take: @escaping (Int, Result<PayLink, OneShotPayError>) -> Void) {
        if taken < arrived.count {
            let (index, result) = arrived[taken]
            taken += 1
            given += 1
            if taken == arrived.count {
                arrived.removeAll(keepingCapacity: true)
                taken = 0
            }
            take(index, result)
        } else {
            waiter = take
        }
    }

    func forgetWaiter() { waiter = nil }

    /// Ends the waits that are left; their outcomes are dropped.
    func close() {
        isClosed = true
        waiter = nil
        let open = calls.values
        calls = [:]
        for call in open { call.cancel() }
    }

    private func arrive(_ index: Int, _ result: Result<PayLink, OneShotPayError>) {
        calls[index] = nil
        guard !isClosed else { return }
        if let waiter {
            self.waiter = nil
            given += 1
            waiter(index, result)
        } else {
            arrived.append((index, result))
        }
    }
}
