// Pay links through the ledger: what is claimed before a request, recorded after it, and looked up instead of it.
// How one create goes is in Creation/, looks and waits are in RecordedLinks+Looks.swift, effects in Effects/.

package import Advice
package import Console
import JSON
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
    package private(set) var planned: [LinkOrder] = []
    let account: String
    /// What messages call the means that they advise.
    package let words: AdviceWords
    /// Whose the keys are for the service's idempotency.
    package var keyOwner: String
    /// Of links, only those that this ledger records may be looked at.
    package var isOwnOnly = false
    let json = JSONWriter()
    var register = CreationRegister()
    /// Where creations are claimed and recorded, and who makes the links: in a dry run neither is real.
    private(set) lazy var creations: any CreationLedger =
        limits.isDryRun ? DryRunLedger(above: ledger, scope, on: eventLoop) : ledger
    private(set) lazy var service: any CreationService =
        limits.isDryRun
        ? DryRunService(engine, plan: { [unowned self] in plan($0) })
        : LiveService(engine, keyOwner: keyOwner)
    var active: [ObjectIdentifier: CreationCall] = [:]
    /// Effects of this run under way, by the bytes of their key, and who waits for their end.
    var effects: [[UInt8]: EffectQueue] = [:]
    /// What the ledger has yet to take.
    private(set) lazy var ends = UnrecordedEnds(ledger, on: eventLoop)
    /// Effects that this run was granted and whose end is not recorded, by their rows: the bytes of their keys.
    var begunEffects: [EffectRow: [UInt8]] = [:]
    /// Told when a wait for another task of this run begins (true) and ends (false).
    package var effectWaitChanged: (EffectWaiter, Bool) -> Void = { _, _ in }
    /// The first reason why something that was seen of a link is not recorded.
    package internal(set) var recordingProblem: LedgerError?
    /// Whether runs on other hosts may use the account, and record in the same ledger.
    package var sharesAccount = false
    /// This run's part of the account's requests.
    package private(set) lazy var budget = AccountBudget(self)
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
        engine: PayLinkEngine, ledger: LedgerWriter, account: String, limits: CreationLimits = CreationLimits(),
        words: AdviceWords = .neutral
    ) {
        self.engine = engine
        self.ledger = ledger
        self.account = account
        keyOwner = account
        self.limits = limits
        self.words = words
    }

    package var eventLoop: any EventLoop { engine.eventLoop }
    package var scope: LedgerScope { LedgerScope(account: account, baseURL: engine.defaultPage.baseURL) }

    /// Creates a link, or gives the one that is recorded under its key.
    /// - Parameters:
    ///   - terms: the order's, where they are at hand in their canonical form.
    ///   - waitsForOthers: whether a key that another run is at is waited for, until the deadline.
    @discardableResult
    package func create(
        _ order: LinkOrder, terms: String? = nil, deadline: NIODeadline? = nil, waitsForOthers: Bool = true,
        _ done: @escaping (Result<PayLink, LinkFailure>) -> Void
    ) -> RecordedCall {
        let call = CreationCall(
            self, order, terms: terms, deadline: deadline, waitsForOthers: waitsForOthers, done)
        soon { call.begin() }
        return RecordedCall { call.cancel() }
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
    package func finishCreates(_ done: @escaping () -> Void) {
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
        for call in Array(active.values) where !call.isAtService { call.cancel() }
        engine.shutdown { [self] in
            for call in Array(active.values) { call.cancel() }
            let finish = { [self] in
                ends.close()
                ledger.submit(.endRun(exitStatus: exitStatus)) { _ in }
                ledger.close(done)
            }
            if active.isEmpty { finish() } else { whenIdle = finish }
        }
    }

    /// Lets go of everything under way, as when a simulated process is killed: nothing more is sent or recorded.
    package func discard() {
        isClosing = true
        engine.discard()
        ledger.discard()
        for call in active.values { call.discard() }
        active = [:]
        register = CreationRegister()
        effects = [:]
        whenIdle = nil
        effectWaitChanged = { _, _ in }
        warn = { _ in }
    }

    // MARK: For calls

    func soon(_ body: @escaping () -> Void) { eventLoop.assumeIsolated().execute(body) }

    /// What a dry run would have made.
    private func plan(_ order: LinkOrder) {
        if planned.count < 5 { planned.append(order) }
    }

    func ended(_ call: CreationCall) {
        active[ObjectIdentifier(call)] = nil
        guard active.isEmpty, let body = whenIdle else { return }
        whenIdle = nil
        body()
    }
}
