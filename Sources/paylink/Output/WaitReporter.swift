// What `--verbose` tells of waits: every look and the next one, and at the end what it cost.

import OneShotPay
import Scripting

enum WaitReporter {
    static func tell(_ report: WaitReport) {
        var text = "link \(report.id): "
        switch report.seen {
        case .success(let link): text += link.status.name + (link.payment.map { ", paid \($0.amount) USD" } ?? "")
        case .failure(let error): text += "\(error.code.rawValue): \(error.message)"
        }
        if let next = report.next {
            text += "; next look in \(DurationWords.short(next.after)), \(next.reason.rawValue)"
            if report.links > 1 { text += " (\(report.links) links)" }
        } else {
            text += "; the wait is over"
        }
        Terminal.message(text)
    }

    /// The summary at the end; nothing when nobody waited.
    static func summarise(_ figures: WaitFigures) {
        guard figures.looks > 0 else { return }
        var text = "waits: \(figures.looks) look\(figures.looks == 1 ? "" : "s")"
        if figures.failedLooks > 0 { text += ", \(figures.failedLooks) of them failed" }
        if figures.refusals > 0 { text += ", \(figures.refusals) refused as too many" }
        text +=
            "; at most \(figures.mostLinks) link\(figures.mostLinks == 1 ? "" : "s") at a time, within \(figures.fullRate.formattedPlainly) a second: "
            + "a payment goes unseen for at most \(DurationWords.short(figures.bound)) while the service answers"
        Terminal.message(text)
    }
}

/// Durations as messages have them.
enum DurationWords {
    /// "0.8 s", "12 s", "4.4 min", "2.1 h".
    static func short(_ duration: Duration) -> String {
        let seconds = duration / .seconds(1)
        if seconds < 9.95 { return oneDecimal(seconds) + " s" }
        if seconds < 119.5 { return "\(Int(seconds.rounded())) s" }
        if seconds < 7_200 { return oneDecimal(seconds / 60) + " min" }
        return oneDecimal(seconds / 3_600) + " h"
    }

    private static func oneDecimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension Double {
    fileprivate var formattedPlainly: String { self == rounded() ? String(Int(self)) : String(self) }
}
