// A pay link on standard output: for a person, as JSON, with a QR code.

import ArgumentParser
import Console
import Glibc
import JSON
import LuaRuntime
import OneShotPay
import Recorder
import Scripting

struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print the address as a QR code, too.")
    var qr = false

    /// - Parameter isMade: it may be new: if its address cannot be printed, it is told elsewhere.
    func print(_ link: PayLink, key: String? = nil, isMade: Bool = false) throws {
        guard !Self.write(link, key: key, json: json, qr: qr) else { return }
        if !isMade, StandardOutput.isAbandoned { throw Terminal.lostOutput().code }
        Terminal.message("standard output could not be written; the link is \(link.id), \(link.url)")
        throw ExitStatus.inputOutput.code
    }

    /// Prints a link; false when it could not be written.
    static func write(_ link: PayLink, key: String? = nil, json: Bool, qr: Bool) -> Bool {
        let printed =
            json ? Terminal.output(LinkText.json(link, key: key)) : Terminal.output(LinkText.plain(link, key: key))
        if qr, let code = QRCode.text(link.url, .of(json ? 2 : 1)) {
            if json { Terminal.write(code + "\n") } else { Terminal.output(code) }
        }
        return printed
    }

    /// Reports a failed call, and as JSON on standard output when that was asked for.
    func fail(_ error: LinkFailure) -> ExitCode {
        Terminal.message(error.service.map { "\($0)" } ?? "\(error)")
        let orphans = error.service?.possibleOrphans ?? 0
        if orphans > 0 {
            Terminal.message(
                "the answer to \(orphans) request(s) never came: as many links may exist that nobody has the address of; "
                    + "paylink ledger doubt list shows them")
        }
        if json { Terminal.output(LinkText.json(error)) }
        return ExitStatus.of(error).code
    }
}

enum LinkText {
    static func plain(_ link: PayLink, key: String? = nil) -> String {
        var lines = [
            ("id", link.id.description), ("url", link.url), ("status", link.shownStatus),
            ("amount", "\(link.amount) USD"), ("description", link.description),
        ]
        if let key = key ?? link.key { lines.append(("key", key)) }
        if let expiry = link.expiresAt { lines.append(("expires", TimeText.utc(expiry))) }
        if let payment = link.payment {
            lines.append(("payment", "\(payment.id), \(payment.amount) USD"))
            if let missing = link.missing { lines.append(("missing", "\(missing) USD")) }
            if let overpaid = link.overpaid { lines.append(("overpaid", "\(overpaid) USD")) }
            if link.isPaidLate { lines.append(("late", "paid after its expiry")) }
            lines.append(("transaction", payment.transactionHash ?? "not settled yet"))
        }
        if let warning = LinkWarning.text(for: link) { lines.append(("not shown", warning)) }
        if link.possibleOrphans > 0 {
            lines.append(
                ("in doubt", "\(link.possibleOrphans) earlier attempt(s) may have made a link that nobody knows of"))
        }
        return lines.map { ShownText.padded($0.0, to: 13) + ShownText.line($0.1) }.joined(separator: "\n")
    }

    /// One object with the names that scripts use; amounts are strings.
    static func json(_ link: PayLink, key: String? = nil) -> String {
        let writer = JSONWriter()
        write(link, key: key, to: writer)
        return writer.string
    }

    static func json(_ error: LinkFailure) -> String {
        let writer = JSONWriter()
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        field("code", error.code.name, writer)
        field("message", error.message, writer)
        if let status = error.service?.status { field("status", Int64(status), writer) }
        writer.key("retryable")
        writer.bool(error.retryable)
        if let link = error.link {
            writer.key("payable")
            writer.bool(link.isPayable)
            writer.key("link")
            write(link, to: writer)
        }
        writer.endObject()
        writer.endObject()
        return writer.string
    }

    static func write(_ link: PayLink, key: String? = nil, to writer: JSONWriter) {
        writer.beginObject()
        if let key = key ?? link.key { field("key", key, writer) }
        field("id", link.id.description, writer)
        field("url", link.url, writer)
        field("agent_url", link.agentURL, writer)
        field("status", link.status.name, writer)
        field("amount", link.amount.description, writer)
        field("description", link.description, writer)
        field("media_url", link.mediaURL, writer)
        field("expires_at", link.expiresAt, writer)
        for (name, flag) in [
            ("reusable", link.reusable), ("payer_defined_amount", link.payerDefinedAmount), ("archived", link.archived),
            ("ignored_by_payer", link.ignoredByPayer), ("deletable", link.deletable),
        ] {
            writer.key(name)
            writer.bool(flag)
        }
        field("payer", link.payer?.description, writer)
        field("payment_count", link.paymentCount, writer)
        field("unseen_payments", link.unseenPayments, writer)
        if let payment = link.payment {
            writer.key("payment")
            writer.beginObject()
            field("id", payment.id.description, writer)
            field("amount", payment.amount.description, writer)
            field("transaction_hash", payment.transactionHash, writer)
            field("relayer_transaction_id", payment.relayerTransactionID, writer)
            field("paid_by", payment.paidBy?.description, writer)
            field("created_at", payment.createdAt, writer)
            field("updated_at", payment.updatedAt, writer)
            writer.endObject()
        }
        field("settlement", link.settlement.name, writer)
        field("received", link.payment?.amount.description, writer)
        field("missing", link.missing?.description, writer)
        field("overpaid", link.overpaid?.description, writer)
        field("paid_at", link.payment?.createdAt, writer)
        writer.key("late")
        writer.bool(link.isPaidLate)
        field("username", link.username, writer)
        field("account_address", link.accountAddress, writer)
        field("created_at", link.createdAt, writer)
        field("updated_at", link.updatedAt, writer)
        field("user_id", link.userID?.description, writer)
        field("profile_image_url", link.profileImageURL, writer)
        writer.key("close_on_complete")
        writer.bool(link.page.closeOnComplete)
        if link.possibleOrphans > 0 { field("possible_orphans", Int64(link.possibleOrphans), writer) }
        writer.endObject()
    }

    private static func field(_ name: String, _ value: String?, _ writer: JSONWriter) {
        writer.key(name)
        if let value { writer.string(value) } else { writer.null() }
    }

    private static func field(_ name: String, _ value: Int64?, _ writer: JSONWriter) {
        writer.key(name)
        if let value { writer.int(value) } else { writer.null() }
    }
}
