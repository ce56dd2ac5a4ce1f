// What the operations do to the table of payments: one row for each that was seen, and which were reported.

import JSON
import OneShotPay

extension LedgerUnit {
    /// A payment was given to whoever waited for the link by its id.
    mutating func report(_ link: PayLink) throws -> Bool {
        guard link.payment != nil else { return false }
        try note(link, isReported: true)
        _ = try ownRun()
        return true
    }

    /// A row has become this link's: payments of it that were reported before are events from now on, also behind a mark.
    func noteFirst(_ link: PayLink) throws {
        guard link.payment != nil else { return }
        try note(link)
        try connection.prepared(.becomeEvents).bind(try ownScope()).bind(link.id.description).bind(now).run()
    }

    /// Records the payment that a link shows, if it does.
    func note(_ link: PayLink, isReported: Bool = false) throws {
        guard let payment = link.payment else { return }
        let note = try connection.prepared(.notePayment).bind(try ownScope()).bind(link.id.description)
            .bind(payment.id.description).bind(payment.amount.microUSDC)
        if let madeAt = payment.createdAt { note.bind(madeAt) } else { note.bindNull() }
        note.bind(link.paymentEvent?.rawValue).bind(now).bind(isReported)
        store.json.reset()
        payment.write(to: store.json)
        note.bind(utf8: store.json.bytes)
        try note.run()
    }
}
