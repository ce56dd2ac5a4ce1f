// What doctor has found: printed as it is found, or as one JSON object at the end.

import Console
import Glibc
import JSON
import OneShotPay

struct DoctorReport {
    enum Mark: String {
        case well = "ok"
        /// A fact, neither good nor bad.
        case note
        /// May be meant so; does not change the exit status.
        case warning
        case failure = "fail"

        fileprivate var label: String {
            switch self {
            case .well: "ok  "
            case .note: "    "
            case .warning: "warn"
            case .failure: "FAIL"
            }
        }
    }

    private struct Finding {
        var mark: Mark
        var what: String
        var text: String
        var origin: String?
        var secondsAhead: Int64?
    }

    private let printsJSON: Bool
    private var findings: [Finding] = []
    /// That of the first failure.
    private(set) var status = ExitStatus.done

    init(printsJSON: Bool) { self.printsJSON = printsJSON }

    var isWell: Bool { status == .done }

    /// - Parameters:
    ///   - origin: where a setting comes from.
    ///   - secondsAhead: of a clock that is wrong, as a number for programs.
    mutating func add(
        _ mark: Mark, _ what: String, _ text: String, origin: String? = nil, secondsAhead: Int64? = nil
    ) {
        let finding = Finding(
            mark: mark, what: what, text: ShownText.line(text), origin: origin.map { ShownText.line($0) },
            secondsAhead: secondsAhead)
        findings.append(finding)
        guard !printsJSON else { return }
        let space = String(repeating: " ", count: max(1, 13 - what.count))
        Terminal.output("\(mark.label) \(what)\(space)\(finding.text)" + (finding.origin.map { "  (\($0))" } ?? ""))
    }

    mutating func fail(_ what: String, _ text: String, _ status: ExitStatus) {
        if isWell { self.status = status }
        add(.failure, what, text)
    }

    /// Prints the object, when JSON was asked for.
    /// - Parameter surroundings: "shell" or "cron".
    func finish(_ surroundings: String) {
        guard printsJSON else { return }
        let list = findings.map { finding in
            let origin = finding.origin.map { ", \"origin\": \(Self.quoted($0))" } ?? ""
            let ahead = finding.secondsAhead.map { ", \"seconds_ahead\": \($0)" } ?? ""
            let what = "\"what\": \(Self.quoted(finding.what)), \"text\": \(Self.quoted(finding.text))"
            return "{\"result\": \"\(finding.mark.rawValue)\", \(what)\(origin)\(ahead)}"
        }
        Terminal.output(
            "{\"surroundings\": \"\(surroundings)\", \"status\": \(status.rawValue), \"findings\": [\(list.joined(separator: ", "))]}"
        )
    }

    private static func quoted(_ text: String) -> String {
        let writer = JSONWriter(capacity: text.utf8.count + 16)
        writer.string(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
