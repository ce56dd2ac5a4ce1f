// Keeps a run within its part of its account's requests, where runs on several hosts record in one ledger: each tells the others,
// by way of the ledger, what it wants, and hears what is its. What the service refuses to one slows all of them.

import Ledger
package import NIOCore
import OneShotPay

/// The part of an account's requests that is one run's. Belongs to the event loop of its links.
package final class AccountBudget {
    /// How often it is agreed upon while there is something to agree about.
    private static var pace: TimeAmount { .seconds(2) }
    /// The same when the service has said "too many".
    private static var hurry: TimeAmount { .milliseconds(200) }

    private unowned let links: RecordedLinks
    private var timer: Scheduled<Void>?
    private var isAsking = false
    private var lastAsked: NIODeadline?
    /// What the service has refused since the ledger was told last.
    private var refusal: Duration?
    private var refusals: Int64?
    private var isHearing = false

    /// Whether links are being made, one after the other.
    package var isCreating = false { didSet { if isCreating { use() } } }
    /// How many runs make links at present, this one among them.
    package private(set) var creators = 1
    /// Until when nobody is to make links.
    package private(set) var pausedUntil = NIODeadline.uptimeNanoseconds(0)
    /// Told when another run may have recorded something.
    package var heard: () -> Void = {}

    init(_ links: RecordedLinks) { self.links = links }

    /// Something is going to be asked of the service.
    func use() {
        guard links.sharesAccount, !isAsking, timer == nil else { return }
        links.engine.refusalObserver = { [weak self] pause in self?.refused(pause) }
        let earliest = (lastAsked ?? .uptimeNanoseconds(0)) + Self.pace
        earliest <= links.eventLoop.now ? ask() : ask(at: earliest)
    }

    /// Listens to what others record.
    func hear() {
        guard links.sharesAccount, !isHearing else { return }
        isHearing = true
        let loop = links.eventLoop
        let box = NIOLoopBound(WeakBudget(self), eventLoop: loop)
        links.ledger.read { store throws(LedgerError) in
            store.listen { news in loop.execute { box.value.budget?.take(news) } }
        } _: { [weak self] result in
            if case .failure = result { self?.isHearing = false }
        }
    }

    private func take(_ news: LedgerNews) {
        guard !links.isClosing else { return }
        for id in news.changed { links.engine.hurry(id) }
        heard()
    }

    private func refused(_ pause: Duration?) {
        refusal = max(refusal ?? .zero, pause ?? .zero)
        guard !isAsking else { return }
        ask(at: max(links.eventLoop.now, (lastAsked ?? .uptimeNanoseconds(0)) + Self.hurry))
    }

    private func ask(at due: NIODeadline) {
        timer?.cancel()
        timer = links.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in self?.ask() }
    }

    private func ask() {
        timer?.cancel()
        timer = nil
        guard !links.isClosing else { return }
        isAsking = true
        lastAsked = links.eventLoop.now
        let use = AccountUse(
            waiting: links.engine.waitLoad, isCreating: isCreating, isRefused: refusal != nil, pause: refusal ?? .zero)
        refusal = nil
        links.ledger.read { store throws(LedgerError) in
            try store.agree(use)
        } _: { [weak self] result in
            guard let self else { return }
            isAsking = false
            if case .success(let share?) = result { take(share, isRefused: use.isRefused) }
            guard !links.isClosing, links.engine.waitLoad > 0 || isCreating || refusal != nil else { return }
            ask(at: links.eventLoop.now + (refusal == nil ? Self.pace : Self.hurry))
        }
    }

    private func take(_ share: AccountShare, isRefused: Bool) {
        links.engine.divideWaits(share.waiting)
        creators = share.creators
        let now = links.eventLoop.now
        pausedUntil = now + TimeAmount(share.pause)
        // One's own refusal has slowed it already.
        if let refusals, share.refusals > refusals, !isRefused { links.engine.slowWaits(pause: share.pause) }
        refusals = share.refusals
    }
}

private final class WeakBudget {
    weak var budget: AccountBudget?

    init(_ budget: AccountBudget) { self.budget = budget }
}
