// How a link's state is told.

import Console
import Cron
import Ledger
import OneShotPay
import Pages
import Report

enum LinkText {
    /// On one line, without markup.
    static func plain(_ name: String) -> String { ShownText.short(name, limit: 80) }

    /// The word that ``DashboardWords/states`` is asked by.
    static func state(_ record: LinkRecord) -> String {
        if record.isInDoubt { return "in_doubt" }
        guard let link = record.link else { return record.state == .sent ? "under_way" : record.state.rawValue }
        if link.archived, link.settlement == .unpaid { return "archived" }
        return link.shownStatus
    }

    static func badge(_ record: LinkRecord, _ context: PageContext) -> HTML {
        let state = state(record)
        return "<span class=\"state \(state)\">\(context.words.states[state] ?? state)</span>"
    }

    /// What differs about a payment: short, beyond, late.
    static func remarks(_ record: LinkRecord?, _ context: PageContext) -> HTML {
        guard let link = record?.link else { return "" }
        var remarks: [String] = []
        if let missing = link.missing { remarks.append("\(context.money(missing)) \(context.words.lacking)") }
        if let overpaid = link.overpaid { remarks.append("\(context.money(overpaid)) \(context.words.beyond)") }
        if link.isPaidLate { remarks.append(context.words.late) }
        return HTML(remarks.map { "<span class=\"remark\">\($0)</span> " })
    }
}
