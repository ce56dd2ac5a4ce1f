// How a watch looks at links, and what it makes of what it sees.

import Console
import Ledger
import NIOCore
import OneShotPay

extension WatchFeed {
    /// These are followed no more.
    func stop(_ rows: [LinkRow]) {
        for row in rows {
            follows.removeValue(forKey: row)?.cancel()
            if let id = failing.removeValue(forKey: row) { calmDown(id) }
        }
    }

    // MARK: Open links

    /// An open link's turn has come.
    func look(_ row: LinkRow, _ record: LinkRecord?) {
        guard let memory = followed.open.memory(row) else { return }
        guard let record, let link = record.link, link.isOpen else {
            // Somebody else has seen how it ended: the ledger has the event.
            followed.open.remove(row)
            stop([row])
            return read()
        }
        let id = link.id
        let resting = WaitResting(known: link, madeAt: record.createdAt, memory: memory) { [weak self] rest in
            self?.rests(row, id, rest)
        }
        follows[row] = links.wait(
            id, page: link.page, paymentBefore: Self.mark(link), looksOnce: options.isSweep, isKnown: true,
            persists: !options.isSweep, resting: options.isSweep ? nil : resting
        ) {
            // Not the whole link: there may be very many.
            [weak self] result in self?.looked(row, id, result)
        }
    }

    private func rests(_ row: LinkRow, _ id: PayLinkID, _ rest: WaitRest) {
        guard !isEnding, !isOver, follows.removeValue(forKey: row) != nil else { return }
        failing[row] = rest.memory.failures > 0 ? id : nil
        followed.open.rest(row, rest)
        lookOpen()
    }

    /// It has its turn again then, as a link that has not been looked at.
    func rest(_ row: LinkRow, until due: NIODeadline) { followed.open.rest(row, .unseen(due)) }

    /// One link was looked at in vain several times: the others would only make the sweep long and its report longer.
    private func giveUp(_ failure: LinkFailure) {
        hasGivenUp = true
        let left = followed.open.endAll() + 1
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
        failing[row] = nil
        calmDown(id)
        followed.open.end(row)
        defer { lookOpen() }
        switch result {
        case .success(let seen):
            goOn(row, seen)
            read()
        case .failure(let failure):
            switch failure.service?.code {
            case .underpaid?:
                if let seen = failure.link { goOn(row, seen) }
                read()
            case .expired?, .archived?, .ignored?, .timeout?: read()
            default: notSeen(id, failure)
            }
        }
        changed()
        endSweepIfDone()
    }

    /// A reusable link has another turn. Its payment is recorded by now, or will be before the ledger is read again.
    private func goOn(_ row: LinkRow, _ seen: PayLink) {
        guard seen.reusable, !options.isSweep else { return }
        // What cannot be recorded would be seen as new at each look.
        rest(row, until: links.eventLoop.now + (links.recordingProblem == nil ? .seconds(1) : .seconds(30)))
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
        lateLooks[row] = links.wait(
            link.id, page: link.page, paymentBefore: Self.mark(link), looksOnce: true, isKnown: true, isLate: true
        ) {
            [weak self, id = link.id] result in self?.lookedLate(row, id, result)
        }
    }

    private func lookedLate(_ row: LinkRow, _ id: PayLinkID, _ result: Result<PayLink, LinkFailure>) {
        if case .failure(let failure) = result, failure.service?.code == .cancelled { return }
        guard !isEnding, !isOver, !hasGivenUp else { return }
        lateLooks[row] = nil
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
