// Which payment of a reusable link was reported to whoever waits for the link by its id: the next wait is for a newer one.
// A wait for a link that was passed in needs none of this: the state passed in says what is known.

package import Ledger
package import OneShotPay

extension RecordedLinks {
    /// Records that the payment of a link was given to whoever waited for it.
    ///
    /// What a script was given is recorded when it waits for the link again, or ends well: one that dies before is given
    /// the same payment again.
    package func report(_ link: PayLink, _ done: @escaping (LedgerError?) -> Void) {
        given[link.id] = nil
        guard link.reusable, link.payment != nil else { return soon { done(nil) } }
        ledger.submit(.report(link)) { result in
            if case .failure(let error) = result { done(error) } else { done(nil) }
        }
    }

    /// A payment was given, and did not arrive.
    package func takeBack(_ link: PayLink) { given[link.id] = nil }

    /// What a wait for an id by nothing else begins with.
    func reportGiven(_ id: PayLinkID) {
        guard let link = given.removeValue(forKey: id) else { return }
        ledger.submit(.report(link)) { _ in }
    }

    /// At the end of a run that went well.
    func reportAllGiven() {
        for id in Array(given.keys) { reportGiven(id) }
    }

    /// Notes what a wait by id alone has given.
    func noteGiven(_ result: Result<PayLink, LinkFailure>) {
        let link: PayLink?
        switch result {
        case .success(let paid): link = paid
        // A short payment was given, too: the next wait is for another one.
        case .failure(let failure): link = failure.service?.code == .underpaid ? failure.link : nil
        }
        guard let link, link.reusable, link.payment != nil else { return }
        given[link.id] = link
    }

    /// Tells what the service does not show of a link, once for each new gap.
    func tellOfGaps(_ result: Result<PayLink, LinkFailure>) {
        let link: PayLink?
        switch result {
        case .success(let paid): link = paid
        case .failure(let failure): link = failure.link
        }
        guard let link else { return }
        if case .failure = result, link.settlement == .unseen { return }
        tellOfGap(link)
    }

    /// The same for a link that somebody else has looked at.
    package func tellOfGap(_ link: PayLink) {
        guard let message = LinkWarning.message(for: link) else { return }
        guard toldGaps[link.id] != link.unseenPayments else { return }
        toldGaps[link.id] = link.unseenPayments
        warn(message)
    }
}

/// What the ledger knows of a link before a wait for it.
struct WaitBeginning: Sendable {
    var isKnown = false
    /// Whether the row says that the link is open, and nothing has been seen of it but that.
    var isUntouched = false
    var expiresAt: Int64?
    var paymentBefore: PaymentMark?
    /// The link with a payment that was seen and not reported yet, though a newer one may have come since.
    var unreported: PayLink?
    /// Whether a newer payment was seen than that one: the service shows no more of it then, not even its hash.
    var isSuperseded = false

    /// - Parameter before: the payment that the caller names; without it, the one that was reported last.
    init(_ store: any LedgerStore, _ id: PayLinkID, before: PaymentMark?) throws(LedgerError) {
        let record = try store.record(of: id)
        isKnown = record != nil
        isUntouched = record?.link?.isUntouched == true && record?.endedAt == nil
        expiresAt = record?.link?.expiresAt
        let payments = try store.payments(of: id)
        let named = before.map { before in payments.first { $0.id == before.id }?.mark ?? before }
        paymentBefore = named ?? payments.lastReported?.mark
        if let link = record?.link, link.reusable {
            unreported = payments.next(after: before?.id).map { link.showing($0.payment) }
            isSuperseded = link.payment?.id != unreported?.payment?.id
        }
    }
}

extension PayLink {
    /// Whether it is as it was made, for all that a ledger keeps of it.
    var isUntouched: Bool { status == .active && isOpen && payment == nil && paymentCount == 0 }
}
