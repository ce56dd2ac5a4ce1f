// Results of tests for machines: TAP, JUnit's XML, JSON.

import Console
import JSON
import TestWorld

/// Test Anything Protocol, version 14.
struct TAPOfTests: TestWriter {
    func beginning(_ count: Int) -> String { "TAP version 14\n1..\(count)\n" }

    func line(of result: TestResult, after last: TestResult?) -> String {
        let name = "\(result.file): \(result.name)"
        // A number sign would begin a directive.
        let shown = ShownText.line(name).replacing("#", with: "\\#")
        switch result.state {
        case .passed: return "ok \(result.number) - \(shown)\n"
        case .pending: return "ok \(result.number) - \(shown) # SKIP pending\n"
        case .failed, .error:
            var block = "  ---\n"
            if !result.place.isEmpty { block += "  at: \(Self.quoted(result.place))\n" }
            block += "  message: \(Self.quoted(result.reasons.joined(separator: "\n")))\n"
            if let expected = result.report.verdict.expected { block += "  expected: \(Self.quoted(expected))\n" }
            if let actual = result.report.verdict.actual { block += "  actual: \(Self.quoted(actual))\n" }
            return "not ok \(result.number) - \(shown)\n\(block)  ...\n"
        }
    }

    func ending(_ totals: TestTotals) -> String { "# seed \(totals.seed)\n" }

    /// A string in double quotes is the same in YAML and JSON.
    private static func quoted(_ text: String) -> String {
        let json = JSONWriter()
        json.string(text)
        return json.string
    }
}

/// The form that continuous integration reads: one suite for each file.
struct JUnitOfTests: TestWriter {
    func beginning(_ count: Int) -> String { "" }
    func line(of result: TestResult, after last: TestResult?) -> String { "" }

    func ending(_ totals: TestTotals) -> String {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text +=
            "<testsuites tests=\"\(totals.results.count)\" failures=\"\(totals.count(.failed))\" "
            + "errors=\"\(totals.count(.error))\" skipped=\"\(totals.count(.pending))\" time=\"\(Self.time(totals.seconds))\">\n"
        var rest = totals.results[...]
        while let first = rest.first {
            let suite = rest.prefix { $0.file == first.file }
            rest = rest.dropFirst(suite.count)
            text += self.suite(Array(suite), seed: totals.seed)
        }
        return text + "</testsuites>\n"
    }

    private func suite(_ results: [TestResult], seed: UInt64) -> String {
        func count(_ state: TestVerdict.State) -> Int { results.count { $0.state == state } }
        let file = Self.escaped(results[0].file)
        var text =
            "  <testsuite name=\"\(file)\" tests=\"\(results.count)\" failures=\"\(count(.failed))\" "
            + "errors=\"\(count(.error))\" skipped=\"\(count(.pending))\" "
            + "time=\"\(Self.time(results.reduce(0) { $0 + $1.seconds }))\">\n"
            + "    <properties><property name=\"seed\" value=\"\(seed)\"/></properties>\n"
        for result in results {
            text +=
                "    <testcase classname=\"\(file)\" name=\"\(Self.escaped(result.name))\" "
                + "time=\"\(Self.time(result.seconds))\""
            switch result.state {
            case .passed: text += "/>\n"
            case .pending: text += "><skipped/></testcase>\n"
            case .failed: text += ">\(Self.element("failure", result))</testcase>\n"
            case .error: text += ">\(Self.element("error", result))</testcase>\n"
            }
        }
        return text + "  </testsuite>\n"
    }

    private static func element(_ name: String, _ result: TestResult) -> String {
        let first = result.reasons.first.map { String($0.prefix { $0 != "\n" }) } ?? ""
        var detail = ([result.place] + result.reasons).filter { !$0.isEmpty }.joined(separator: "\n")
        if let expected = result.report.verdict.expected, let actual = result.report.verdict.actual {
            detail += "\nexpected: \(expected)\nactual: \(actual)"
        }
        if !result.report.verdict.traceback.isEmpty { detail += "\n\(result.report.verdict.traceback)" }
        return "<\(name) message=\"\(escaped(first))\">\(escaped(detail))</\(name)>"
    }

    private static func time(_ seconds: Double) -> String { "\((seconds * 1_000).rounded() / 1_000)" }

    /// XML takes no control characters, however they are written.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n": escaped += "&#10;"
            case "\t": escaped += "&#9;"
            case _ where scalar.value < 0x20 || (0xFFFE...0xFFFF).contains(scalar.value): escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// One JSON object with every result.
struct JSONOfTests: TestWriter {
    func beginning(_ count: Int) -> String { "" }
    func line(of result: TestResult, after last: TestResult?) -> String { "" }

    func ending(_ totals: TestTotals) -> String {
        let json = JSONWriter()
        json.beginObject()
        for (key, count) in [
            ("passed", totals.count(.passed)), ("failed", totals.count(.failed)), ("errors", totals.count(.error)),
            ("pending", totals.count(.pending)),
        ] {
            json.key(key)
            json.int(Int64(count))
        }
        json.key("seed" as StaticString)
        json.string(String(totals.seed))
        json.key("seconds" as StaticString)
        _ = json.double(totals.seconds)
        json.key("tests" as StaticString)
        json.beginArray()
        for result in totals.results { write(result, to: json) }
        json.endArray()
        json.endObject()
        return json.string + "\n"
    }

    private func write(_ result: TestResult, to json: JSONWriter) {
        func text(_ key: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            json.key(key)
            json.string(value)
        }
        json.beginObject()
        text("file", result.file)
        text("place", result.place)
        text("name", result.name)
        text("state", result.state.rawValue)
        json.key("seconds" as StaticString)
        _ = json.double(result.seconds)
        json.key("world_seconds" as StaticString)
        _ = json.double(result.report.worldSeconds)
        if result.state == .failed || result.state == .error {
            text("message", result.reasons.joined(separator: "\n"))
            text("expected", result.report.verdict.expected)
            text("actual", result.report.verdict.actual)
            text("traceback", result.report.verdict.traceback)
        }
        text("output", result.report.output)
        text("errors", result.report.errors)
        json.endObject()
    }
}
