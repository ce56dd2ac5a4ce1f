// Lists the tests of a file, and runs one of them in a world of its own.

import LuaRuntime
import NIOCore
package import Scripting
import Simulation

/// A test that was run.
package struct TestReport: Sendable {
    package var verdict: TestVerdict
    /// Everything that fails it besides its own verdict: a request that nobody answers, say.
    package var problems: [String] = []
    /// What the test's own script has printed.
    package var output = ""
    package var errors = ""
    /// How each script that the test has run ended: "checkout.lua: status 1", and its messages below.
    package var scripts: [String] = []
    /// Which lines have run, where they are counted.
    package var lines = RunLines()
    /// Seconds on this machine, and in the test's world.
    package var duration: Duration = .zero
    package var worldSeconds: Double = 0

    package init(verdict: TestVerdict) { self.verdict = verdict }

    /// The end of a long text.
    package static func shown(_ bytes: [UInt8]) -> String {
        let limit = 16 << 10
        guard bytes.count > limit else { return String(decoding: bytes, as: UTF8.self) }
        return "… \(bytes.count - limit) bytes before …\n" + String(decoding: bytes.suffix(limit), as: UTF8.self)
    }

    package var state: TestVerdict.State {
        problems.isEmpty || verdict.state == .error ? verdict.state : .failed
    }
}

package enum TestRun {
    /// How long a test's world goes on at most.
    private static let horizon = TimeAmount.hours(24 * 366 * 10)

    /// The tests of a file, in the order in which it defines them.
    package static func list(
        _ source: ScriptSource, _ settings: TestWorld.Settings, limit: Duration = .seconds(60)
    ) throws(WorldFailure) -> [TestName] {
        let (report, test) = run(source, number: nil, settings, limit: limit)
        if let names = test.names { return names }
        throw WorldFailure(report.verdict.message)
    }

    /// Runs one test.
    /// - Parameter limit: how long it may take on this machine.
    package static func run(
        _ source: ScriptSource, _ test: TestName, _ settings: TestWorld.Settings, limit: Duration
    ) -> TestReport {
        run(source, number: test.number, settings, limit: limit).report
    }

    private static func run(
        _ source: ScriptSource, number: Int?, _ settings: TestWorld.Settings, limit: Duration
    ) -> (report: TestReport, test: SpecTest) {
        let begun = ContinuousClock.now
        // No script of it may compute for longer than the whole may take.
        var settings = settings
        settings.limits.stretch = min(settings.limits.stretch ?? limit, limit)
        let world = TestWorld(settings, folder: source.directory ?? ".", number: number ?? 0)
        defer { world.close() }
        let test = SpecTest(number: number)
        var report = TestReport(verdict: TestVerdict(state: .error))
        do {
            let process = try TestProcess(TestProcess.Order(source: source), world, spec: test)
            try process.start()
            let end = SimulatedTime.beginning + horizon
            var isLate = false
            while !test.isThrough, process.outcome == nil, !isLate, world.time.step(until: end) {
                isLate = ContinuousClock.now - begun > limit
            }
            let why =
                world.time.now < end
                ? "the test waits for something that never comes: nothing else is left to happen in its world"
                : "the test waits for something that never comes: ten years have passed in its world"
            process.kill()
            report = TestReport(verdict: verdict(test, process.outcome, otherwise: why))
            if isLate {
                let late = "the test took longer than \(limit) on this machine"
                report.verdict = TestVerdict(state: .error, message: late)
            }
            report.output = TestReport.shown(process.outcome?.output ?? [])
            report.errors = TestReport.shown(Array((process.outcome?.errors ?? "").utf8))
        } catch {
            report.verdict.message = "\(error)"
        }
        report.problems = world.problems + world.processes.dropFirst().compactMap(\.unseenFailure)
        for process in world.processes { process.kill() }
        report.lines = world.lines
        report.scripts = world.processes.dropFirst().compactMap(\.summary)
        report.duration = ContinuousClock.now - begun
        report.worldSeconds = Double(world.time.elapsed.nanoseconds) / 1e9
        return (report, test)
    }

    private static func verdict(
        _ test: SpecTest, _ outcome: TestProcess.Outcome?, otherwise why: String
    ) -> TestVerdict {
        if let verdict = test.verdict { return verdict }
        guard let outcome, !outcome.wasKilled else { return TestVerdict(state: .error, message: why) }
        switch outcome.result {
        case .failed(let failure):
            return TestVerdict(state: .error, message: failure.message, traceback: failure.traceback)
        case .finished(let status):
            return TestVerdict(state: .error, message: "the test called os.exit(\(status))")
        case .stopped: return TestVerdict(state: .error, message: "the test was stopped")
        }
    }
}
