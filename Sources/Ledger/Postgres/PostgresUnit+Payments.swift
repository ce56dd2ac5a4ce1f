// What the operations do to the table of payments: one row for each that was seen, and which were reported.

import JSON
import OneShotPay

extension PostgresUnit {
    /// A payment was given to whoever waited for the link by its id.
    mutating func report(_ link: PayLink) throws(PostgresFailure) -> Bool {
        guard link.payment != nil else { return false }
        try note(link, isReported: true)
        return true
    }

    /// A row has become this link's: payments of it that were reported before are events from now on, also behind a mark.
    mutating func noteFirst(_ link: PayLink) throws(PostgresFailure) {
        guard link.payment != nil else { return }
        try note(link)
        let scope = try ownScope(), now = now
        _ = try query(PostgresSQL.becomeEvents) {
            $0.bind(scope)
            $0.bind(link.id.description)
            $0.bind(now)
        }
    }

    /// Records the payment that a link shows, if it does.
    mutating func note(_ link: PayLink, isReported: Bool = false) throws(PostgresFailure) {
        guard let payment = link.payment else { return }
        let scope = try ownScope()
        _ = try query(PostgresSQL.notePayment) {
            $0.bind(scope)
            $0.bind(link.id.description)
            $0.bind(payment.id.description)
            $0.bind(payment.amount.microUSDC)
            $0.bind(payment.createdAt)
            $0.bind(link.paymentEvent?.rawValue)
            $0.bind(now)
            $0.bind(isReported)
            store.json.reset()
            payment.write(to: store.json)
            $0.bind(json: store.json.bytes)
        }
    }
}
