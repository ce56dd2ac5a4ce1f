// Pay links through the ledger: what is claimed before a request, recorded after it, and looked up instead of it.
// The course of one create is in RecordedCreate.swift, effects are in RecordedEffects.swift.

package import Ledger
package import NIOCore
package import OneShotPay

/// The service as scripts and commands see it: an engine whose every link is recorded.
///
/// Not Sendable: it belongs to the engine's event loop, and every callback runs there.
package final class RecordedLinks {
    package let engine: PayLinkEngine
    package let ledger: LedgerWriter
    package internal(set) var limits: CreationLimits
    /// Up to five of the links that a dry run would have made.
    package internal(set) var planned: [LinkOrder] = []
    let account: String
    /// Whose the keys are for the service's idempotency.
    var keyOwner: String
    /// Of links, only those that this ledger records may be looked at.
    package var isOwnOnly = false
    let json = JSONWriter()
    /// Creates under way, by the bytes of their key: a second one with the same key waits for the first.
    var making: [[UInt8]: RecordedCreate] = [:]
    /// Links that were made and could not be recorded yet. A later create of the key records them; it sends nothing.
    var unrecorded: [[UInt8]: UnrecordedLink] = [:]
    /// The same without a key: nobody can ask for them again, so they are recorded at the end.
    var unrecordedWithoutKey: [UnrecordedLink] = []
    /// The terms of keys that a dry run has planned.
    var plannedTerms: [[UInt8]: String] = [:]
    var active: [ObjectIdentifier: RecordedCreate] = [:]
    /// Effects of this run under way, by the bytes of their key, and who waits for their end.
    var effects: [[UInt8]: EffectQueue] = [:]
    /// Told when a wait for another task of this run begins (true) and ends (false).
    package var effectWaitChanged: (EffectWaiter, Bool) -> Void = { _, _ in }
    /// The first reason why something that was seen of a link is not recorded.
    package private(set) var recordingProblem: LedgerError?
    /// Told at the end what the waits cost.
    package var waitSummary: ((WaitFigures) -> Void)?
    /// Told what the service does not show of a link that was waited for.
    package var warn: (LogMessage) -> Void = { _ in }
    /// Payments of reusable links that waits by id have given, and that are not recorded as reported yet.
    var given: [PayLinkID: PayLink] = [:]
    /// How many payments of a link were not seen when that was told last.
    var toldGaps: [PayLinkID: Int64] = [:]
    var isClosing = false
    private var whenIdle: (() -> Void)?

    package init(
        engine: PayLinkEngine, ledger: LedgerWriter, account: String, limits: CreationLimits = CreationLimits()
    ) {
        self.engine = engine
        self.ledger = ledger
        self.account = account
        keyOwner = account
        self.limits = limits
    }

    var eventLoop: any EventLoop { engine.eventLoop }
    package var scope: LedgerScope { LedgerScope(account: account, baseURL: engine.defaultPage.baseURL) }

    /// Creates a link, or gives the one that is recorded under its key.
    @discardableResult
    package func create(
        _ order: LinkOrder, deadline: NIODeadline? = nil, _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
    ) -> RecordedCall {
        let call = RecordedCreate(self, order, deadline: deadline, done)
        soon { call.begin() }
        return RecordedCall { call.cancel() }
    }

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
        isLate: Bool = false, _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
    ) -> RecordedCall {
        if let refused = refusePlanned(id, done) { return refused }
        guard isKnown, !isOwnOnly else {
            // Whether a 404 means that there is no such link, and which payment is no news, the ledger may know.
            reportGiven(id)
            return afterRecord(of: id, before: paymentBefore, done) { found in
                let beginning = try? found.get()
                return self.follow(
                    id, page, beginning?.paymentBefore ?? paymentBefore, timeout, settled, looksOnce,
                    beginning?.isKnown ?? false, isLate
                ) { result in
                    // Nobody knows whether it was reported before.
                    if case .failure(let error) = found, case .success(let link) = result, link.reusable {
                        return done(.failure(LinkFailure(error, link: link)))
                    }
                    self.noteGiven(result)
                    done(result)
                }
            }
        }
        return RecordedCall(follow(id, page, paymentBefore, timeout, settled, looksOnce, isKnown, isLate, done))
    }

    /// Begins a call once the ledger has said what it knows of the link.
    private func afterRecord(
        of id: PayLinkID, before: PaymentMark? = nil, _ done: @escaping (Result<PayLink, LinkFailure>) -> Void,
        _ begin: @escaping (Result<WaitBeginning, LedgerError>) -> PayLinkCall
    ) -> RecordedCall {
        let slot = WaitSlot()
        ledger.read { store throws(LedgerError) in
            try WaitBeginning(store, id, before: before)
        } _: { [self] found in
            guard !slot.isCancelled else {
                return done(.failure(LinkFailure(OneShotPayError(.cancelled, "waiting for link \(id): cancelled"))))
            }
            let isRecorded = (try? found.get().isKnown) ?? false
            guard isRecorded || !isOwnOnly else { return done(.failure(.notOwn(id))) }
            slot.call = begin(found)
        }
        return RecordedCall {
            slot.isCancelled = true
            slot.call?.cancel()
        }
    }

    private func follow(
        _ id: PayLinkID, _ page: CheckoutPage?, _ paymentBefore: PaymentMark?, _ timeout: Duration?, _ settled: Bool,
        _ looksOnce: Bool, _ isKnown: Bool, _ isLate: Bool, _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
    ) -> PayLinkCall {
        engine.wait(
            id, page: page, paymentBefore: paymentBefore, timeout: timeout, settled: settled, looksOnce: looksOnce,
            isKnown: isKnown, isLate: isLate
        ) { result in
            let result = result.map { link in
                var link = link
                link.isTakenAtItsWord = link.settlement == .unseen
                return link
            }
            self.observe(result)
            self.withKey(result, id) { result in
                self.tellOfGaps(result)
                done(result)
            }
        }
    }

    /// The record under a key, without a request.
    package func find(_ key: String, _ done: @escaping (Result<LinkRecord?, LedgerError>) -> Void) {
        ledger.read { store throws(LedgerError) in
            try store.links(keys: [key]).first ?? nil
        } _: {
            done($0)
        }
    }

    /// Records in the order in which they were made, without a request.
    package func list(_ query: LinkQuery, _ done: @escaping (Result<[LinkRecord], LedgerError>) -> Void) {
        ledger.read { store throws(LedgerError) in
            try store.links(query)
        } _: {
            done($0)
        }
    }

    /// Lets the creates under way end by themselves, for longer than one request may take.
    func finishCreates(_ done: @escaping () -> Void) {
        guard !active.isEmpty else { return done() }
        let end = eventLoop.assumeIsolated().scheduleTask(in: .seconds(35)) { [self] in
            whenIdle = nil
            done()
        }
        whenIdle = {
            end.cancel()
            done()
        }
    }

    /// Ends what is under way, records how it ended, and closes the ledger.
    package func shutdown(exitStatus: Int32 = 0, _ done: @escaping () -> Void) {
        isClosing = true
        if exitStatus == 0 { reportAllGiven() }
        waitSummary?(engine.waitFigures)
        engine.shutdown { [self] in
            for call in Array(active.values) { call.cancel() }
            let finish = { [self] in
                for link in unrecordedWithoutKey + unrecorded.values {
                    ledger.submit(.finish(link.row, link.outcome)) { _ in }
                }
                ledger.submit(.endRun(exitStatus: exitStatus)) { _ in }
                ledger.close(done)
            }
            if active.isEmpty { finish() } else { whenIdle = finish }
        }
    }

    // MARK: For calls

    func soon(_ body: @escaping () -> Void) { eventLoop.assumeIsolated().execute(body) }

    func ended(_ call: RecordedCreate) {
        active[ObjectIdentifier(call)] = nil
        guard active.isEmpty, let body = whenIdle else { return }
        whenIdle = nil
        body()
    }

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
            // One payment is the one that is shown.
            guard seen.paymentCount > 1 else { return (link, record) }
            let others = try store.payments(of: seen.id).filter { $0.id != seen.payment?.id }
            link.seenPayments = Int64(others.count + (seen.payment == nil ? 0 : 1))
            return (link, record)
        } _: { [grace = engine.configuration.lateGrace] found in
            guard case .success((let link, let record)?) = found else { return done(result) }
            switch result {
            case .success: done(.success(link))
            case .failure(var failure):
                failure.link = link
                if let record { failure.tellUntilWhen(record, grace: grace) }
                done(.failure(failure))
            }
        }
    }

    /// What the service said of a link is recorded without anybody waiting for it.
    func observe(_ result: Result<PayLink, OneShotPayError>) {
        let seen: PayLink? =
            switch result {
            case .success(let link): link
            case .failure(let error): error.link
            }
        guard let seen, !isClosing else { return }
        ledger.submit(.observe(seen)) { [weak self] result in
            if case .failure(let error) = result { self?.recordingProblem = self?.recordingProblem ?? error }
        }
    }
}
