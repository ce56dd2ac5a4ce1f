// What `paylink test` writes: results as they come, for people or for machines.

import ArgumentParser
import Console
import LuaRuntime
import Scripting
import Synchronization
import TestWorld

enum TestFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    case lines, dots, tap, junit, json
}

/// A result in the order in which it is told.
struct TestResult: Sendable {
    var number: Int
    var file: String
    var place: String
    var name: String
    var state: TestVerdict.State
    var report: TestReport

    /// Everything that is to be said of a failure.
    var reasons: [String] {
        (report.verdict.message.isEmpty ? [] : [report.verdict.message]) + report.problems
    }

    var seconds: Double { report.duration / .seconds(1) }
}

/// Writes results of tests to standard output. May be told from any thread, one result after the other.
final class TestPrinter: Sendable {
    private struct State {
        var results: [TestResult] = []
        var began = ContinuousClock.now
        var lines = RunLines()
    }

    private let writer: any TestWriter
    private let seed: UInt64
    private let state = Mutex(State())

    init(_ format: TestFormat, seed: UInt64) {
        self.seed = seed
        writer =
            switch format {
            case .lines: LinesOfTests(dots: false)
            case .dots: LinesOfTests(dots: true)
            case .tap: TAPOfTests()
            case .junit: JUnitOfTests()
            case .json: JSONOfTests()
            }
    }

    func begin(_ count: Int) { write(writer.beginning(count)) }

    func tell(_ event: TestSession.Event) {
        state.withLock { state in
            var result: TestResult
            switch event {
            case .unusable(let file, let reason):
                let report = TestReport(verdict: TestVerdict(state: .error, message: reason))
                result = TestResult(
                    number: 0, file: file, place: file, name: "\(file) as a whole", state: .error, report: report)
            case .ran(let one, var report):
                state.lines.add(report.lines)
                report.lines = RunLines()
                result = TestResult(
                    number: 0, file: one.file.name, place: one.test.place, name: one.test.name, state: report.state,
                    report: report)
            }
            result.number = state.results.count + 1
            state.results.append(result)
            write(writer.line(of: result, after: state.results.dropLast().last))
        }
    }

    /// - Returns: whether all could be written.
    func end() -> Bool {
        state.withLock { state in
            write(writer.ending(TestTotals(state.results, seed: seed, duration: ContinuousClock.now - state.began)))
        }
        return StandardOutput.flush()
    }

    var hasFailures: Bool {
        state.withLock { $0.results.contains { $0.state == .failed || $0.state == .error } }
    }

    /// Which lines all tests together have run.
    var lines: RunLines { state.withLock { $0.lines } }

    /// Adds a table for people: to the results where these are for people, too; otherwise to standard error.
    func tell(_ table: String) {
        if writer.isForPeople { write(table) } else { Terminal.write(table) }
    }

    private func write(_ text: String) {
        StandardOutput.write(text)
        StandardOutput.flush()
    }
}

/// All results together.
struct TestTotals {
    var results: [TestResult]
    var seed: UInt64
    var duration: Duration

    init(_ results: [TestResult], seed: UInt64, duration: Duration) {
        self.results = results
        self.seed = seed
        self.duration = duration
    }

    var seconds: Double { duration / .seconds(1) }
    var failures: [TestResult] { results.filter { $0.state == .failed || $0.state == .error } }

    func count(_ states: TestVerdict.State...) -> Int { results.count { states.contains($0.state) } }
}

/// One form of results. Pure: it gives text.
protocol TestWriter: Sendable {
    func beginning(_ count: Int) -> String
    /// - Parameter last: the result before it.
    func line(of result: TestResult, after last: TestResult?) -> String
    func ending(_ totals: TestTotals) -> String
    var isForPeople: Bool { get }
}

extension TestWriter {
    var isForPeople: Bool { false }
}

/// For people: a line for each test, or a dot; then what failed, and why.
struct LinesOfTests: TestWriter {
    let dots: Bool
    let isForPeople = true

    func beginning(_ count: Int) -> String { "" }

    func line(of result: TestResult, after last: TestResult?) -> String {
        if dots {
            switch result.state {
            case .passed: return "."
            case .failed: return "F"
            case .error: return "E"
            case .pending: return "-"
            }
        }
        let header = last?.file == result.file ? "" : "\(ShownText.line(result.file))\n"
        let word =
            switch result.state {
            case .passed: "ok     "
            case .failed: "FAILED "
            case .error: "ERROR  "
            case .pending: "pending"
            }
        let world = result.report.worldSeconds >= 60 ? ", \(Self.span(result.report.worldSeconds)) in its world" : ""
        return "\(header)  \(word) \(ShownText.line(result.name))  (\(Self.milliseconds(result.seconds))\(world))\n"
    }

    func ending(_ totals: TestTotals) -> String {
        var text = dots ? "\n" : ""
        for result in totals.failures {
            text += "\n\(result.state == .failed ? "FAILED" : "ERROR") \(ShownText.line(result.name))\n"
            if !result.place.isEmpty { text += "  at \(ShownText.line(result.place))\n" }
            for reason in result.reasons { text += Self.indented(reason) }
            if let expected = result.report.verdict.expected, let actual = result.report.verdict.actual {
                text += "  expected:\n\(Self.indented(expected, by: 4))  actual:\n\(Self.indented(actual, by: 4))"
            }
            if !result.report.verdict.traceback.isEmpty {
                text += "  stack:\n\(Self.indented(result.report.verdict.traceback, by: 4))"
            }
            if !result.report.output.isEmpty {
                text += "  the test printed:\n\(Self.indented(result.report.output, by: 4))"
            }
            if !result.report.errors.isEmpty {
                text += "  the test said:\n\(Self.indented(result.report.errors, by: 4))"
            }
            for script in result.report.scripts { text += Self.indented(script) }
        }
        text += text.isEmpty || dots && totals.failures.isEmpty ? "" : "\n"
        var counts = ["\(totals.count(.passed)) passed"]
        if totals.count(.failed) > 0 { counts.append("\(totals.count(.failed)) failed") }
        if totals.count(.error) > 0 { counts.append("\(totals.count(.error)) with errors") }
        if totals.count(.pending) > 0 { counts.append("\(totals.count(.pending)) pending") }
        return text + counts.joined(separator: ", ") + " in \(Self.milliseconds(totals.seconds)), seed \(totals.seed)\n"
    }

    private static func indented(_ text: String, by width: Int = 2) -> String {
        let margin = String(repeating: " ", count: width)
        return ShownText.lines(text).split(separator: "\n", omittingEmptySubsequences: true)
            .map { "\(margin)\($0)\n" }.joined()
    }

    static func milliseconds(_ seconds: Double) -> String {
        seconds < 1 ? "\(Int((seconds * 1_000).rounded())) ms" : "\((seconds * 10).rounded() / 10) s"
    }

    /// Two units at most: "3 d 2 h".
    static func span(_ seconds: Double) -> String {
        var rest = Int(seconds)
        var parts: [String] = []
        for (unit, size) in [("d", 86_400), ("h", 3_600), ("min", 60)] where rest >= size && parts.count < 2 {
            parts.append("\(rest / size) \(unit)")
            rest %= size
        }
        return parts.joined(separator: " ")
    }
}
