// A report as CSV and as JSON: plain numbers, amounts as decimal text, times as ISO 8601.

import CSV
import Cron
import JSON
import Ledger
import OneShotPay

/// Every figure by its name, in the one order that CSV and JSON share.
enum ReportColumns {
    static let names = figures(ReportFigures()).map(\.name)

    enum Value {
        case count(Int64)
        case money(Money)
    }

    static func figures(_ figures: ReportFigures) -> [(name: String, value: Value)] {
        func tally(_ count: String, _ sum: String, _ tally: Tally) -> [(name: String, value: Value)] {
            [(count, .count(Int64(tally.count))), (sum, .money(tally.sum))]
        }
        return tally("asked_links", "asked", figures.asked) + tally("paid_links", "paid", figures.paid)
            + tally("short_links", "short", figures.short) + tally("open_links", "open", figures.open)
            + tally("ended_links", "ended", figures.ended) + tally("in_doubt_requests", "in_doubt", figures.inDoubt)
            + [
                ("not_made_requests", .count(Int64(figures.notMade))),
                ("possible_orphans", .count(Int64(figures.possibleOrphans))),
            ]
            + tally("received_payments", "received", figures.received)
            + tally("in_full_payments", "received_in_full", figures.receivedInFull)
            + tally("short_payments", "received_short", figures.receivedShort)
            + [("lacking", .money(figures.lacking))]
            + tally("late_payments", "received_late", figures.receivedLate)
            + tally("beyond_payments", "beyond", figures.beyond)
            + tally("unknown_payments", "received_unknown", figures.unknown)
            + [
                ("unshown_links", .count(Int64(figures.unshown))), ("unseen_payments", .count(figures.unseenPayments)),
            ]
    }
}

package enum ReportTables {
    /// A row for each group, and one for all of them: which it is, is in the first column.
    package static func csv(_ report: Report) -> String {
        var table = CSVTableWriter()
        table.row(["row", report.grouping.rawValue] + ReportColumns.names)
        func row(_ kind: String, _ name: String, _ figures: ReportFigures) {
            table.row(
                [kind, name]
                    + ReportColumns.figures(figures).map { column in
                        switch column.value {
                        case .count(let count): String(count)
                        case .money(let money): money.description
                        }
                    })
        }
        for group in report.groups { row("group", group.name, group.figures) }
        row("total", "", report.total)
        return String(decoding: table.bytes, as: UTF8.self)
    }

    package static func json(_ report: Report, madeAt: Int64) -> String {
        let writer = JSONWriter()
        writer.beginObject()
        writer.key("account"); writer.string(report.scope.account)
        writer.key("base_url"); writer.string(report.scope.baseURL)
        writer.key("zone"); writer.string(report.period.zone.name)
        writer.key("since"); writer.string(report.period.zone.text(report.period.since))
        writer.key("before"); writer.string(report.period.zone.text(report.period.before))
        writer.key("made_at"); writer.string(report.period.zone.text(madeAt))
        writer.key("currency"); writer.string("USD")
        writer.key("refunds"); writer.null()
        writer.key("total"); write(report.total, to: writer)
        writer.key("seconds_to_payment")
        writer.beginObject()
        writer.key("links"); writer.int(Int64(report.times.links))
        writer.key("paid"); writer.int(Int64(report.times.paid))
        for hundredths in [50, 90, 99] {
            writer.key("within_\(hundredths)")
            if let seconds = report.times.within(hundredths: hundredths) { writer.int(seconds) } else { writer.null() }
        }
        writer.endObject()
        writer.key("by"); writer.string(report.grouping.rawValue)
        writer.key("groups")
        writer.beginArray()
        for group in report.groups {
            writer.beginObject()
            writer.key("name"); writer.string(group.name)
            writer.key("figures"); write(group.figures, to: writer)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.string + "\n"
    }

    private static func write(_ figures: ReportFigures, to writer: JSONWriter) {
        writer.beginObject()
        for column in ReportColumns.figures(figures) {
            writer.key(column.name)
            switch column.value {
            case .count(let count): writer.int(count)
            case .money(let money): writer.string(money.description)
            }
        }
        writer.endObject()
    }
}
