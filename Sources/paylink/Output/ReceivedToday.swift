// What came today, for the status line of a watch: read from the ledger now and then, on a thread of its own.

import Cron
import Dispatch
import Jobs
import Ledger
import OneShotPay
import Report
import Synchronization

/// The sum of the present day's payments, as it was read last.
final class ReceivedToday: Sendable {
    private struct State {
        var sum: Money?
        var isReading = false
        var next = ContinuousClock.now
    }

    private let place: LedgerPlace
    private let scope: LedgerScope
    private let queue = DispatchQueue(label: "received today")
    private let state = Mutex(State())

    /// `nil`: what is kept in memory has no second reader.
    init?(_ place: LedgerPlace, _ scope: LedgerScope) {
        if case .memory = place { return nil }
        (self.place, self.scope) = (place, scope)
    }

    /// The sum, if it has been read; has it read again when that is some seconds ago. Waits for nothing.
    var sum: Money? {
        let (sum, reads) = state.withLock { state in
            guard !state.isReading, ContinuousClock.now >= state.next else { return (state.sum, false) }
            state.isReading = true
            return (state.sum, true)
        }
        if reads { queue.async { [self] in read() } }
        return sum
    }

    private func read() {
        let began = ContinuousClock.now
        let found = try? Self.received(place, scope, now: JobClock.system.now)
        let took = ContinuousClock.now - began
        state.withLock { state in
            state.sum = found ?? state.sum
            state.isReading = false
            // At most a thirtieth of the time.
            state.next = .now + max(.seconds(3), took * 30)
        }
    }

    private static func received(_ place: LedgerPlace, _ scope: LedgerScope, now: Int64) throws -> Money {
        let store = try place.open(
            scope: nil, run: RunDescription(command: "watch"), creates: false, words: .commands)
        defer { store.close() }
        let zone = try Zone(named: Zone.systemName())
        var sum = Money.zero
        let day = LedgerPeriod(scope, since: zone.beginning(of: zone.day(at: now)), before: .max)
        try store.forEachReceipt(in: day) { sum = try sum.adding($0.payment.amount) }
        return sum
    }
}
