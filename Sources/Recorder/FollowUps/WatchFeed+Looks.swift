// How a watch looks at links, and what it makes of what it sees.

import Console
import Ledger
import NIOCore
import OneShotPay

extension WatchFeed {
    /// Takes in what the ledger lists.
    /// - Returns: the rows to begin with.
    func take(open: [LinkRow], ended: [EndedLink]) -> [LinkRow] {
        let (begin, stop) = followed.take(
            open: open, ended: ended, now: links.eventLoop.now, unixTime: links.engine.localTime)
        for row in stop { follows.removeValue(forKey: row)?.cancel() }
        return begin
    }

    // MARK: Open links

    func follow(_ record: LinkRecord) {
        guard let link = record.link, !isEnding, !isOver else { return }
        follow(record.row, link)
    }

    private func follow(_ row: LinkRow, _ link: PayLink) {
        guard !hasGivenUp else { return state.unseen += 1 }
        follows[row] = links.wait(
            link.id, page: link.page, paymentBefore: Self.mark(link), looksOnce: options.isSweep, isKnown: true,
            persists: !options.isSweep
        ) {
            // Not the whole link: there may be very many.
            [weak self, id = link.id] result in self?.looked(row, id, result)
        }
    }

    /// One link was looked at in vain several times: the others would only make the sweep long and its report longer.
    private func giveUp(_ failure: LinkFailure) {
        hasGivenUp = true
        let left = follows.count + 1
        state.unseen += left
        let what = left == 1 ? "1 link was" : "\(left) links were"
        log(LogMessage(level: .warn, text: "\(failure.message); \(what) not seen", fields: []))
        stopLooking()
        changed()
        endSweepIfDone()
    }

    private func looked(_ row: LinkRow, _ id: PayLinkID, _ result: Result<PayLink, LinkFailure>) {
        if case .failure(let failure) = result, failure.service?.code == .cancelled { return calmDown(id) }
        guard !isEnding, !isOver, !hasGivenUp else { return }
        follows[row] = nil
        calmDown(id)
        switch result {
        case .success(let seen):
            // A reusable link goes on; its payment is recorded by now, or will be before the ledger is read again.
            if seen.reusable, !options.isSweep { follow(row, seen) }
            read()
        case .failure(let failure):
            switch failure.service?.code {
            case .underpaid?:
                // A reusable link goes on behind the short payment, which is recorded by now.
                if let seen = failure.link, seen.reusable, !options.isSweep { follow(row, seen) }
                read()
            case .expired?, .archived?, .ignored?, .timeout?: read()
            default: notSeen(id, failure)
            }
        }
        changed()
        endSweepIfDone()
    }

    private func notSeen(_ id: PayLinkID, _ failure: LinkFailure) {
        switch failure.service?.code {
        case .unauthorized?, .invalidConfiguration?, .redirectRefused?: if !hasReached { return fail(failure) }
        case .connectFailed?, .resolveFailed?, .tlsFailed?:
            if options.isSweep { return giveUp(failure) }
        default: break
        }
        state.unseen += 1
        log(LogMessage(level: .warn, text: failure.message, fields: [("link", id.description)]))
    }

    /// A look is over, whoever waited for it.
    func noticed(_ report: WaitReport) {
        guard !report.isLate, !isOver else { return }
        switch report.seen {
        case .success:
            hasReached = true
            calmDown(report.id)
        case .failure(let error):
            if !hasReached, [.unauthorized, .invalidConfiguration, .redirectRefused].contains(error.code) {
                return fail(LinkFailure(error))
            }
            if let message = trouble.failed(report.id, error.message, now: links.eventLoop.now) { log(message) }
            changed()
        }
    }

    private func calmDown(_ id: PayLinkID) {
        if let message = trouble.over(id, now: links.eventLoop.now) { log(message) }
    }

    private static func mark(_ link: PayLink) -> PaymentMark? {
        link.reusable ? link.payment.map { PaymentMark(id: $0.id, createdAt: $0.createdAt) } : nil
    }

    // MARK: Ended links

    func dueLooks() -> [LinkRow] {
        guard !isEnding, !isOver, !hasGivenUp else { return [] }
        return followed.dueLooks(now: links.eventLoop.now, unixTime: links.engine.localTime)
    }

    func lookLate(_ row: LinkRow, _ link: PayLink?) {
        guard let link else { return ended(late: row, isSeen: false) }
        follows[row] = links.wait(
            link.id, page: link.page, paymentBefore: Self.mark(link), looksOnce: true, isKnown: true, isLate: true
        ) {
            [weak self, id = link.id] result in self?.lookedLate(row, id, result)
        }
    }

    private func lookedLate(_ row: LinkRow, _ id: PayLinkID, _ result: Result<PayLink, LinkFailure>) {
        if case .failure(let failure) = result, failure.service?.code == .cancelled { return }
        guard !isEnding, !isOver, !hasGivenUp else { return }
        follows[row] = nil
        var isSeen = true
        if case .failure(let failure) = result {
            switch failure.service?.code {
            case .underpaid?, .expired?, .archived?, .ignored?, .timeout?: break
            default:
                isSeen = false
                notSeen(id, failure)
            }
        }
        if isSeen {
            hasReached = true
            // What was seen is recorded before this, in the same order.
            links.ledger.submit(.lookedLate(row)) { _ in }
            read()
        }
        ended(late: row, isSeen: isSeen)
        changed()
        endSweepIfDone()
    }

    private func ended(late row: LinkRow, isSeen: Bool) {
        followed.looked(late: row, isSeen: isSeen, now: links.eventLoop.now, unixTime: links.engine.localTime)
    }
}
