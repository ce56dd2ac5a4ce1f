// Rows of the ledger for a person, as JSON and as CSV.

import CSV
import Console
import Glibc
import JSON
import Ledger
import OneShotPay
import Recorder
import Scripting

enum LedgerText {
    static let columns = [
        "key", "state", "status", "amount", "received", "paid_at", "payment_id",
        "payment_count", "received_in_all", "unseen_payments", "description", "link_id", "url", "account", "base_url",
        "attempts",
        "possible_orphans", "problem", "terms", "created_at", "updated_at",
    ]

    /// The values of `columns`.
    static func cells(_ record: LinkRecord) -> [String] {
        [
            record.key ?? "", state(record), record.link?.shownStatus ?? "", record.amount.description,
            record.link?.payment?.amount.description ?? "", record.link?.payment?.createdAt.map(moment) ?? "",
            record.link?.payment?.id.description ?? "", record.link.map { String($0.paymentCount) } ?? "",
            record.paymentsSeen > 0 ? record.receivedInAll.description : "",
            record.link.map { String($0.unseenPayments) } ?? "", record.description,
            record.link?.id.description ?? record.knownID?.description ?? "",
            record.link?.url ?? "", record.scope.account, record.scope.baseURL, String(record.attempts),
            String(record.possibleOrphans), record.problem ?? "", record.terms, moment(record.createdAt),
            moment(record.updatedAt),
        ]
    }

    /// What is shown as the state: a request whose run has ended is in doubt, whatever its row says.
    static func state(_ record: LinkRecord) -> String {
        record.isInDoubt ? LinkState.inDoubt.rawValue : record.state == .sent ? "under_way" : record.state.rawValue
    }

    static func plain(_ record: LinkRecord, _ dismissals: [Dismissal] = []) -> String {
        var lines: [(String, String)] = zip(columns, cells(record)).map { ($0, $1) }.filter { !$0.1.isEmpty }
        if let warning = record.link.flatMap(LinkWarning.text) { lines.append(("not shown", warning)) }
        if record.isInDoubt, let key = record.key {
            lines.append(("to do", "paylink ledger doubt resolve \(key) --link ID | --retry | --abandon"))
        }
        for dismissal in dismissals {
            let what = "\(dismissal.orphans) possible orphan(s), by \(dismissal.by), \(moment(dismissal.at))"
            lines.append(("dismissed", what))
        }
        return lines.map { pad($0.0, 17) + ShownText.line($0.1) }.joined(separator: "\n")
    }

    /// - Parameter dismissals: what was dismissed of its possible orphans; `nil` where nobody has looked.
    static func json(_ record: LinkRecord, _ dismissals: [Dismissal]? = nil) -> String {
        let writer = JSONWriter()
        writer.beginObject()
        writer.key("key")
        if let key = record.key { writer.string(key) } else { writer.null() }
        writer.key("state"); writer.string(state(record))
        writer.key("amount"); writer.string(record.amount.description)
        let payment = record.link?.payment
        writer.key("received")
        if let payment { writer.string(payment.amount.description) } else { writer.null() }
        writer.key("paid_at")
        if let moment = payment?.createdAt { writer.int(moment) } else { writer.null() }
        writer.key("payment_id")
        if let payment { writer.string(payment.id.description) } else { writer.null() }
        writer.key("received_in_all")
        if record.paymentsSeen > 0 { writer.string(record.receivedInAll.description) } else { writer.null() }
        writer.key("unseen_payments"); writer.int(record.link?.unseenPayments ?? 0)
        writer.key("description"); writer.string(record.description)
        writer.key("account"); writer.string(record.scope.account)
        writer.key("base_url"); writer.string(record.scope.baseURL)
        writer.key("attempts"); writer.int(Int64(record.attempts))
        writer.key("possible_orphans"); writer.int(Int64(record.possibleOrphans))
        if let dismissals {
            writer.key("dismissals")
            writer.beginArray()
            for dismissal in dismissals {
                writer.beginObject()
                writer.key("possible_orphans"); writer.int(Int64(dismissal.orphans))
                writer.key("by"); writer.string(dismissal.by)
                writer.key("at"); writer.int(dismissal.at)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.key("problem")
        if let problem = record.problem { writer.string(problem) } else { writer.null() }
        writer.key("terms"); writer.string(record.terms)
        writer.key("created_at"); writer.int(record.createdAt)
        writer.key("updated_at"); writer.int(record.updatedAt)
        writer.key("link")
        if let link = record.link { LinkText.write(link, to: writer) } else { writer.null() }
        writer.endObject()
        return writer.string
    }

    static func state(_ effect: EffectRecord) -> String {
        effect.isInDoubt ? "in_doubt" : effect.state.rawValue
    }

    static func plain(_ effect: EffectRecord) -> String {
        let lines = [
            ("effect", effect.key), ("state", state(effect)), ("mode", effect.mode.rawValue),
            ("result", effect.result ?? ""),
            ("token", effect.token), ("attempts", String(effect.attempts)), ("problem", effect.problem ?? ""),
            ("account", effect.scope.account), ("base_url", effect.scope.baseURL),
            ("updated_at", moment(effect.updatedAt)),
        ].filter { !$0.1.isEmpty }
        return lines.map { pad($0.0, 17) + ShownText.line($0.1) }.joined(separator: "\n")
    }

    /// - Parameter order: the order behind the link that it is about, where it is about one.
    static func json(_ effect: EffectRecord, order: DoubtOrder? = nil) -> String {
        let writer = JSONWriter()
        writer.beginObject()
        writer.key("effect"); writer.string(effect.key)
        if let order {
            writer.key("order"); writer.string(order.name)
            writer.key("link_id"); writer.string(order.link.description)
        }
        writer.key("mode"); writer.string(effect.mode.rawValue)
        writer.key("state"); writer.string(state(effect))
        writer.key("token"); writer.string(effect.token)
        writer.key("attempts"); writer.int(Int64(effect.attempts))
        writer.key("account"); writer.string(effect.scope.account)
        writer.key("problem")
        if let problem = effect.problem { writer.string(problem) } else { writer.null() }
        writer.key("updated_at"); writer.int(effect.updatedAt)
        writer.endObject()
        return writer.string
    }

    /// UTC, to the second.
    static func moment(_ unixSeconds: Int64) -> String { TimeText.iso(unixSeconds) }

    private static func pad(_ text: String, _ width: Int) -> String {
        ShownText.padded(ShownText.line(text), to: width)
    }
}
