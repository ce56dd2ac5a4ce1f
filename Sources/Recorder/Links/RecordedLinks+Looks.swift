// Looks at links, and waits for them: what the service says is recorded, what the ledger knows is added.

import Ledger
import NIOCore
package import OneShotPay

extension RecordedLinks {
    /// Fetches a link and records its state.
    package func get(
        _ id: PayLinkID, page: CheckoutPage? = nil, _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
    ) -> RecordedCall {
        if let refused = refusePlanned(id, done) { return refused }
        guard isOwnOnly else { return RecordedCall(look(id, page, done)) }
        return afterRecord(of: id, done) { _ in self.look(id, page, done) }
    }

    private func look(
        _ id: PayLinkID, _ page: CheckoutPage?, _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
    ) -> PayLinkCall {
        engine.get(id, page: page) { result in
            self.observe(result)
            self.withKey(result, id, done)
        }
    }

    /// Waits until a link is paid in full and records its state; the parameters are those of `PayLinkEngine.wait`.
    ///
    /// Unless it is known, a reusable link's payment must be newer than `paymentBefore`, or than the one reported last.
    package func wait(
        _ id: PayLinkID, page: CheckoutPage? = nil, paymentBefore: PaymentMark? = nil, timeout: Duration? = nil,
        settled: Bool = false, looksOnce: Bool = false, isKnown: Bool = false,
        isLate: Bool = false, expiresAt: Int64? = nil, persists: Bool = false, resting: WaitResting? = nil,
        _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
    ) -> RecordedCall {
        if let refused = refusePlanned(id, done) { return refused }
        guard isKnown, !isOwnOnly else {
            // Whether a 404 means that there is no such link, and which payment is no news, the ledger may know.
            reportGiven(id)
            return afterRecord(of: id, before: paymentBefore, done) { found in
                let beginning = try? found.get()
                if let beginning, let unreported = beginning.unreported,
                    !settled || beginning.isSuperseded || unreported.payment?.isSettled == true
                {
                    self.give(unreported, done)
                    return nil
                }
                var tell = { result in
                    self.noteGiven(result)
                    done(result)
                }
                if case .failure(let error) = found {
                    tell = { [tell] result in
                        // Nobody knows whether it was reported before.
                        guard case .success(let link) = result, link.reusable else { return tell(result) }
                        done(.failure(LinkFailure(error, link: link)))
                    }
                }
                return self.follow(
                    id, page, beginning?.paymentBefore ?? paymentBefore, timeout, settled, looksOnce,
                    beginning?.isKnown ?? false, isLate, beginning?.expiresAt ?? expiresAt, persists, resting,
                    isUntouched: beginning?.isUntouched ?? false, tell)
            }
        }
        return RecordedCall(
            follow(
                id, page, paymentBefore, timeout, settled, looksOnce, isKnown, isLate, expiresAt, persists, resting,
                done))
    }

    /// Begins a call once the ledger has said what it knows of the link.
    private func afterRecord(
        of id: PayLinkID, before: PaymentMark? = nil, _ done: @escaping (Result<PayLink, LinkFailure>) -> Void,
        _ begin: @escaping (Result<WaitBeginning, LedgerError>) -> PayLinkCall?
    ) -> RecordedCall {
        let slot = WaitSlot()
        ledger.read { store throws(LedgerError) in
            try WaitBeginning(store, id, before: before)
        } _: { [self] found in
            guard !slot.isCancelled else {
                return done(.failure(LinkFailure(OneShotPayError(.cancelled, "waiting for link \(id): cancelled"))))
            }
            let isRecorded = (try? found.get().isKnown) ?? false
            guard isRecorded || !isOwnOnly else { return done(.failure(.notOwn(id, words))) }
            slot.call = begin(found)
        }
        return RecordedCall {
            slot.isCancelled = true
            slot.call?.cancel()
        }
    }

    /// Gives a payment of a reusable link that was seen by others, or by looks that reported it to nobody.
    private func give(_ link: PayLink, _ done: @escaping (Result<PayLink, LinkFailure>) -> Void) {
        let result: Result<PayLink, OneShotPayError> =
            OneShotPayError.underpaid(link).map { .failure($0) } ?? .success(link)
        withKey(result, link.id) { result in
            self.noteGiven(result)
            self.tellOfGaps(result)
            done(result)
        }
    }

    private func follow(
        _ id: PayLinkID, _ page: CheckoutPage?, _ paymentBefore: PaymentMark?, _ timeout: Duration?, _ settled: Bool,
        _ looksOnce: Bool, _ isKnown: Bool, _ isLate: Bool, _ expiresAt: Int64?, _ persists: Bool,
        _ resting: WaitResting?, isUntouched: Bool = false,
        _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
    ) -> PayLinkCall {
        budget.hear()
        budget.use()
        return engine.wait(
            id, page: page, paymentBefore: paymentBefore, timeout: timeout, settled: settled, looksOnce: looksOnce,
            isKnown: isKnown, isLate: isLate, expiresAt: expiresAt, persists: persists,
            resting: resting
        ) { result in
            let result = result.map { link in
                var link = link
                link.isTakenAtItsWord = link.settlement == .unseen
                return link
            }
            self.observe(result, wasUntouched: isUntouched)
            self.withKey(result, id) { result in
                self.tellOfGaps(result)
                done(result)
            }
        }
    }

    // MARK: What is known

    /// A link that was only planned cannot be asked for.
    private func refusePlanned(
        _ id: PayLinkID, _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
    ) -> RecordedCall? {
        guard id == .planned else { return nil }
        soon { done(.failure(LinkFailure(.dryRun, "this is a dry run: the link was not made, so nobody can pay it"))) }
        return RecordedCall {}
    }

    /// Gives a link, or the one behind a failure, with what the ledger knows of it: its key, how many of its payments were
    /// seen, and when it ended. A failure to see it is given its state as it was recorded last.
    private func withKey(
        _ result: Result<PayLink, OneShotPayError>, _ id: PayLinkID,
        _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
    ) {
        let result = result.mapError { LinkFailure($0) }
        var seen: PayLink?
        switch result {
        case .success(let link): seen = link
        case .failure(let failure):
            if failure.service?.code == .cancelled { return done(result) }
            seen = failure.link
        }
        guard !isClosing else { return done(result) }
        ledger.read { [seen] store throws(LedgerError) -> (link: PayLink, record: LinkRecord?)? in
            let record = try store.record(of: id)
            guard let seen = seen ?? record?.link else { return nil }
            var link = seen
            link.key = record?.key
            if let known = record?.link, known.payment?.id == seen.payment?.id { link.isKnownLate = known.isKnownLate }
            // One payment is the one that is shown.
            guard seen.paymentCount > 1 else { return (link, record) }
            let others = try store.payments(of: seen.id).filter { $0.id != seen.payment?.id }
            link.seenPayments = Int64(others.count + (seen.payment == nil ? 0 : 1))
            return (link, record)
        } _: { [engine, words] found in
            guard case .success((let link, let record)?) = found else { return done(result) }
            switch result {
            case .success: done(.success(link))
            case .failure(var failure):
                failure.link = link
                if let record {
                    let grace = engine.configuration.lateGrace
                    failure.tellUntilWhen(record, grace: grace, now: engine.localTime, words)
                }
                done(.failure(failure))
            }
        }
    }

    /// What the service said of a link is recorded without anybody waiting for it.
    /// - Parameter wasUntouched: whether the row said before that nothing had come of the link. A wait that is given up while
    ///   that is still so has nothing to record, and a script may give up many at once.
    func observe(_ result: Result<PayLink, OneShotPayError>, wasUntouched: Bool = false) {
        let seen: PayLink? =
            switch result {
            case .success(let link): link
            case .failure(let error) where wasUntouched && error.code == .cancelled:
                error.link.flatMap { $0.isUntouched ? nil : $0 }
            case .failure(let error): error.link
            }
        guard let seen, !isClosing else { return }
        ends.forgetSight(of: seen.id)
        ledger.submit(.observe(seen)) { [weak self] result in
            guard let self else { return }
            guard case .failure(let error) = result else { return ends.forgetSight(of: seen.id) }
            recordingProblem = recordingProblem ?? error
            ends.keep(sight: seen)
        }
    }
}
