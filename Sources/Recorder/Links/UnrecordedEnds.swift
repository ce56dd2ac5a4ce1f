// Ends that the ledger did not take, because its disk was full or somebody held it: they are kept, and recorded as soon as
// it takes them. Until then others would wait for what has long been over, as long as this run lives. The same goes for
// what was seen of a link: a payment is followed up only when it is recorded.

import Ledger
import NIOCore
import OneShotPay

/// What this run knows of links and effects, and the ledger does not.
final class UnrecordedEnds {
    /// Whose end it is.
    enum Subject: Hashable {
        /// By the bytes of its key.
        case link([UInt8])
        case effect([UInt8])
        /// What was seen of it last.
        case seen(PayLinkID)
        /// Nobody can ask for it again.
        case keyless
    }

    private struct End {
        let subject: Subject
        let operation: LedgerOperation
        let whenRecorded: () -> Void
    }

    private static let firstPause = TimeAmount.seconds(1)
    private static let longestPause = TimeAmount.seconds(60)

    private let ledger: LedgerWriter
    private let eventLoop: any EventLoop
    private var ends: [Int: End] = [:]
    private var number = 0
    /// What was seen, by its link: the latest alone.
    private var sights: [PayLinkID: Int] = [:]
    /// Subjects that are being claimed: an end that came behind the claim would be taken for the new attempt's.
    private var claimed: Set<Subject> = []
    private var timer: Scheduled<Void>?
    private var pause = UnrecordedEnds.firstPause
    private var isClosed = false

    init(_ ledger: LedgerWriter, on eventLoop: any EventLoop) {
        self.ledger = ledger
        self.eventLoop = eventLoop
    }

    /// Keeps an end. `whenRecorded` is called once the ledger has taken it.
    /// - Returns: a number by which it can be taken back.
    @discardableResult
    func keep(_ operation: LedgerOperation, of subject: Subject, whenRecorded: @escaping () -> Void = {}) -> Int {
        number += 1
        ends[number] = End(subject: subject, operation: operation, whenRecorded: whenRecorded)
        setTimer()
        return number
    }

    /// Somebody else records it.
    func takeBack(_ number: Int) { ends[number] = nil }

    /// Keeps what was seen of a link.
    func keep(sight link: PayLink) {
        forgetSight(of: link.id)
        sights[link.id] = keep(.observe(link), of: .seen(link.id)) { [weak self] in self?.sights[link.id] = nil }
    }

    /// Something newer was seen of it.
    func forgetSight(of id: PayLinkID) {
        if let number = sights.removeValue(forKey: id) { ends[number] = nil }
    }

    /// The subject is about to be claimed: its ends go to the ledger before the claim, and none behind it.
    func willClaim(_ subject: Subject) {
        guard subject != .keyless, ends.values.contains(where: { $0.subject == subject }) else { return }
        record { $0 == subject }
        claimed.insert(subject)
    }

    /// The claim is answered. What it grants is a new attempt, whose end is another one.
    func didClaim(_ subject: Subject, isGranted: Bool) {
        guard claimed.remove(subject) != nil, isGranted else { return }
        for (number, end) in ends where end.subject == subject { ends[number] = nil }
    }

    /// Offers all of them a last time.
    func close() {
        isClosed = true
        timer?.cancel()
        record { _ in true }
    }

    private func record(_ isMeant: (Subject) -> Bool) {
        for (number, end) in ends.sorted(by: { $0.key < $1.key }) where isMeant(end.subject) {
            ledger.submit(end.operation) { [weak self] result in
                guard let self, case .success = result, ends.removeValue(forKey: number) != nil else { return }
                pause = Self.firstPause
                end.whenRecorded()
            }
        }
    }

    private func setTimer() {
        guard timer == nil, !isClosed, !ends.isEmpty else { return }
        timer = eventLoop.assumeIsolated().scheduleTask(in: pause) { [weak self] in
            guard let self else { return }
            timer = nil
            pause = min(pause * 2, Self.longestPause)
            record { !self.claimed.contains($0) }
            setTimer()
        }
    }
}
