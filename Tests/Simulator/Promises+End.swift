// What must hold once everything works again, and has for a while.

import Ledger
import OneShotPay
import Sandbox

extension Promises {
    func judgeEnd(_ processes: [ShopProcess]) {
        for process in processes where !process.isAtRest {
            violated("\(process.name) has not come to its end", kind: "stuck")
        }
        do throws(LedgerError) {
            for order in plan.orders { try judge(order) }
            for (id, _) in payments { try judgeFollowUps(id) }
        } catch {
            violated("the ledger cannot be read at the end: \(error)", kind: "unreadable ledger")
        }
    }

    /// Every link that was made is the one that is recorded, or counted as a possible orphan; none that was published is
    /// lost.
    private func judge(_ order: Plan.Order) throws(LedgerError) {
        let records = try records(of: order)
        let covered = records.reduce(0) { sum, record in
            sum + record.possibleOrphans + (record.state == .done || record.state == .sent ? 1 : 0)
        }
        let made = made[order.number]?.count ?? 0
        if made > covered {
            violated(
                "\(order.description): \(made) links were made, and \(covered) are accounted for", kind: "uncounted")
        }
        for id in published[order.number] ?? [] where !records.contains(where: { $0.link?.id == id }) {
            violated("\(order.description): link \(id) was published, and is not in the ledger", kind: "lost")
        }
    }

    /// Whether every payment that must be followed up has been.
    func isEverythingFollowedUp(by now: Double) -> Bool {
        payments.keys.allSatisfy { id in (try? isFollowedUp(id)) ?? false }
    }

    private func judgeFollowUps(_ id: PayLinkID) throws(LedgerError) {
        guard try !isFollowedUp(id) else { return }
        violated("the payment of \(id) was never followed up", kind: "not followed up")
    }

    /// Whether the newest payment of a link in the ledger was followed up; of a reusable link, each that the ledger has
    /// seen. Its newest is there to be seen, others may go unseen.
    private func isFollowedUp(_ id: PayLinkID) throws(LedgerError) -> Bool {
        guard let record = try ledger.reader.record(of: id), record.state == .done, let amount = payments[id]?.last
        else { return true }
        func effect(_ micro: Int64) -> String {
            "watch:watch:\(micro >= record.amount.microUSDC ? "paid" : "underpaid"):\(id)"
        }
        guard record.link?.reusable == true else { return hasHappened(effect(amount)) }
        let seen = try ledger.reader.payments(of: id)
        for payment in seen where !hasHappened("\(effect(payment.amount.microUSDC)):\(payment.id)") { return false }
        guard let newest = service?.links.first(where: { PayLinkID($0.id) == id })?.mostRecentPayment else {
            return true
        }
        return seen.contains { $0.id.description == newest.id }
    }
}
