// A pay link, or why there is none, as Lua sees it.

import LuaRuntime
import OneShotPay
import Recorder

enum LinkWriter {
    /// The link; or nil and an error table.
    static func write(_ result: Result<PayLink, LinkFailure>, key: String? = nil, to reply: LuaWriter) {
        switch result {
        case .success(let link): write(link, key: key, to: reply)
        case .failure(let error):
            reply.null()
            write(error, to: reply)
        }
    }

    /// - Parameter receivedInAll: what came for a reusable link by all of its payments that were seen.
    static func write(_ link: PayLink, key: String? = nil, receivedInAll: Money? = nil, to reply: LuaWriter) {
        reply.beginMap(hint: 32)
        string("id", link.id.description, reply)
        string("url", link.url, reply)
        string("agent_url", link.agentURL, reply)
        string("status", link.status.name, reply)
        reply.string("amount" as StaticString)
        reply.box(link.amount.microUSDC)
        string("description", link.description, reply)
        string("media_url", link.mediaURL, reply)
        integer("expires_at", link.expiresAt, reply)
        boolean("reusable", link.reusable, reply)
        boolean("payer_defined_amount", link.payerDefinedAmount, reply)
        string("payer", link.payer?.description, reply)
        boolean("archived", link.archived, reply)
        boolean("ignored_by_payer", link.ignoredByPayer, reply)
        integer("payment_count", link.paymentCount, reply)
        integer("unseen_payments", link.unseenPayments, reply)
        boolean("deletable", link.deletable, reply)
        if let payment = link.payment {
            reply.string("payment" as StaticString)
            write(payment, to: reply)
        }
        string("user_id", link.userID?.description, reply)
        string("username", link.username, reply)
        string("account_address", link.accountAddress, reply)
        string("profile_image_url", link.profileImageURL, reply)
        integer("created_at", link.createdAt, reply)
        integer("updated_at", link.updatedAt, reply)
        if link.status != .active || link.reusable { writeSettlement(link, to: reply) }
        if let receivedInAll {
            reply.string("received_in_all" as StaticString)
            reply.box(receivedInAll.microUSDC)
        }
        string("key", key ?? link.key, reply)
        if link.possibleOrphans > 0 { integer("possible_orphans", Int64(link.possibleOrphans), reply) }
        if link.page.closeOnComplete { boolean("close_on_complete", true, reply) }
        reply.end()
    }

    /// What was received beside what was asked.
    private static func writeSettlement(_ link: PayLink, to reply: LuaWriter) {
        for (name, money) in [("missing", link.missing), ("overpaid", link.overpaid)] as [(StaticString, Money?)] {
            guard let money else { continue }
            reply.string(name)
            reply.box(money.microUSDC)
        }
        guard link.payment != nil else { return }
        boolean("late", link.isPaidLate, reply)
        integer("paid_at", link.payment?.createdAt, reply)
    }

    private static func write(_ payment: Payment, to reply: LuaWriter) {
        reply.beginMap(hint: 7)
        string("id", payment.id.description, reply)
        reply.string("amount" as StaticString)
        reply.box(payment.amount.microUSDC)
        string("transaction_hash", payment.transactionHash, reply)
        string("relayer_transaction_id", payment.relayerTransactionID, reply)
        string("paid_by", payment.paidBy?.description, reply)
        integer("created_at", payment.createdAt, reply)
        integer("updated_at", payment.updatedAt, reply)
        reply.end()
    }

    /// An error table.
    static func write(_ error: LinkFailure, to reply: LuaWriter) {
        reply.beginMap(hint: 10)
        string("code", error.code.name, reply)
        string("message", error.message, reply)
        boolean("retryable", error.retryable, reply)
        if let service = error.service {
            integer("status", service.status.map(Int64.init), reply)
            if let after = service.retryAfter {
                reply.string("retry_after" as StaticString)
                reply.number(after / .seconds(1))
            }
            string("cause", service.cause, reply)
            string("field", service.field, reply)
            let orphans = service.possibleOrphans
            if orphans > 0 { integer("possible_orphans", Int64(orphans), reply) }
        }
        if let link = error.link {
            boolean("payable", link.isPayable, reply)
            integer("late_until", error.lateUntil, reply)
            reply.string("link" as StaticString)
            write(link, to: reply)
        }
        reply.end()
    }

    private static func string(_ key: StaticString, _ value: String?, _ reply: LuaWriter) {
        guard let value else { return }
        reply.string(key)
        reply.string(value)
    }

    private static func integer(_ key: StaticString, _ value: Int64?, _ reply: LuaWriter) {
        guard let value else { return }
        reply.string(key)
        reply.integer(value)
    }

    private static func boolean(_ key: StaticString, _ value: Bool, _ reply: LuaWriter) {
        reply.string(key)
        reply.boolean(value)
    }
}

extension ScriptHost {
    /// The wait gives nil and an error.
    func fails(_ waiter: Waiter, _ error: LinkFailure) -> (() -> Void)? {
        soon { waiter.returns { LinkWriter.write(.failure(error), to: $0) } }
        return nil
    }
}
