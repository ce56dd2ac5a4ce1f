// One look at every open link of the ledger, within the budget of all polls. What is seen is recorded by the looks
// themselves; nothing is followed up.

import Ledger
import OneShotPay

/// What the looks of a sync showed.
package struct SyncSummary: Sendable {
    /// Open links when it began.
    package var total = 0
    package var paid = 0
    package var underpaid = 0
    package var expired = 0
    package var archived = 0
    package var ignored = 0
    /// Still to be paid.
    package var open = 0
    /// Looked at in vain, or not at all.
    package var unseen = 0
    /// The first reason why a link was not seen.
    package var problem: LinkFailure?

    package init() {}

    package var seen: Int { paid + underpaid + expired + archived + ignored + open }
    /// Links with an event that a watch would follow up.
    package var changed: Int { paid + underpaid + expired }
}

/// Looks at every open link once. Belongs to the event loop of its links.
package final class LedgerSync {
    /// How many waits there are at a time: each holds a whole link.
    private static let width = 500

    private let links: RecordedLinks
    private let report: (SyncSummary) -> Void
    private let done: (Result<SyncSummary, LinkFailure>) -> Void
    private var summary = SyncSummary()
    private var rows: ArraySlice<LinkRow> = []
    private var looks: [LinkRow: RecordedCall] = [:]
    private var isReading = false
    /// Nothing more is looked at: it was cancelled, or the service cannot be reached.
    private var isEnding = false
    private var isFinishing = false
    private var isOver = false

    /// - Parameters:
    ///   - report: told after every look.
    ///   - done: called once, when all that was seen is recorded. A failure is one that every look would have.
    package init(
        _ links: RecordedLinks, report: @escaping (SyncSummary) -> Void,
        _ done: @escaping (Result<SyncSummary, LinkFailure>) -> Void
    ) {
        self.links = links
        self.report = report
        self.done = done
    }

    /// Begins. Cancelling it ends the looks under way; what was seen until then stays recorded and counted.
    package func begin() -> RecordedCall {
        isReading = true
        links.ledger.read { store throws(LedgerError) in
            try store.openLinks()
        } _: { [self] result in
            isReading = false
            switch result {
            case .failure(let error): end(.failure(LinkFailure(error)))
            case .success(let open):
                summary.total = open.count
                rows = open[...]
                goOn()
            }
        }
        return RecordedCall { [self] in stop() }
    }

    // MARK: Looking

    private func goOn() {
        guard !isOver, !isReading else { return }
        guard !isEnding, !rows.isEmpty else {
            if looks.isEmpty { finish() }
            return
        }
        guard looks.count < Self.width / 2 else { return }
        isReading = true
        let page = Array(rows.prefix(Self.width - looks.count))
        rows = rows.dropFirst(page.count)
        links.ledger.read { store throws(LedgerError) in
            try store.links(rows: page)
        } _: { [self] result in
            isReading = false
            switch result {
            case .failure(let error): end(.failure(LinkFailure(error)))
            case .success(let records):
                for record in records where !isEnding { look(record) }
                goOn()
            }
        }
    }

    private func look(_ record: LinkRecord) {
        guard let link = record.link else { return }
        let before = link.reusable ? link.payment.map { PaymentMark(id: $0.id, createdAt: $0.createdAt) } : nil
        looks[record.row] = links.wait(link.id, page: link.page, paymentBefore: before, looksOnce: true, isKnown: true)
        {
            [self] result in looked(record.row, result)
        }
    }

    private func looked(_ row: LinkRow, _ result: Result<PayLink, LinkFailure>) {
        guard looks.removeValue(forKey: row) != nil, !isOver else { return }
        switch result {
        case .success: summary.paid += 1
        case .failure(let failure): count(failure)
        }
        report(summary)
        goOn()
    }

    private func count(_ failure: LinkFailure) {
        switch failure.service?.code {
        case .underpaid?: summary.underpaid += 1
        case .expired?: summary.expired += 1
        case .archived?: summary.archived += 1
        case .ignored?: summary.ignored += 1
        // One look that brought a link that is not paid yet.
        case .timeout? where failure.link != nil: summary.open += 1
        case .unauthorized?, .invalidConfiguration?: end(.failure(failure))
        case let code:
            // When this process ended the look, it is no problem of the service's.
            if code != .cancelled { summary.problem = summary.problem ?? failure }
            // The others would only make it longer.
            if [.connectFailed, .resolveFailed, .tlsFailed].contains(code) { stop() }
        }
    }

    // MARK: Ends

    private func stop() {
        isEnding = true
        for call in Array(looks.values) { call.cancel() }
        goOn()
    }

    private func finish() {
        guard !isFinishing else { return }
        isFinishing = true
        summary.unseen = summary.total - summary.seen
        // Behind all that the looks recorded.
        links.ledger.read { store throws(LedgerError) in
            try store.changeMark()
        } _: { [self] result in
            if let problem = links.recordingProblem { return end(.failure(LinkFailure(problem))) }
            switch result {
            case .failure(let error): end(.failure(LinkFailure(error)))
            case .success: end(.success(summary))
            }
        }
    }

    private func end(_ result: Result<SyncSummary, LinkFailure>) {
        guard !isOver else { return }
        isOver = true
        for call in Array(looks.values) { call.cancel() }
        looks = [:]
        done(result)
    }
}
