// What became of the scripts: how many, with which statuses, the slowest and the largest, and every broken promise.

import Seeded

/// Figures of a campaign.
struct AttackReport {
    private(set) var executions = 0
    private(set) var problems: [String] = []
    private var statuses: [Int32: Int] = [:]
    private var slowest: (time: Duration, place: String) = (.zero, "")
    private var largest: (memory: Int, place: String) = (0, "")

    /// Counts one, and tells at once what it has broken.
    mutating func add(_ outcome: AttackedProcess.Outcome, of plan: AttackPlan, problem: String?) {
        let place = "\(plan.seed):\(plan.index)"
        executions += 1
        if outcome.signal == nil { statuses[outcome.status, default: 0] += 1 }
        if outcome.time > slowest.time { slowest = (outcome.time, place) }
        if outcome.memory > largest.memory { largest = (outcome.memory, place) }
        guard let problem else { return }
        add(problem: "script \(place) \(problem)\n  see it: scripts/attack --show \(place)")
    }

    mutating func add(problem: String) {
        problems.append(problem)
        Output.say(problem)
    }

    func text(after time: Duration) -> String {
        let ends = statuses.sorted { $0.key < $1.key }.map { "\($0.value) with \($0.key)" }.joined(separator: ", ")
        let seconds = time / .seconds(1)
        func whole(_ duration: Duration) -> Int { Int(duration / .milliseconds(1)) }
        return """
            \(executions) scripts in \(Int(seconds)) s; ended: \(ends)
            slowest \(whole(slowest.time)) ms (\(slowest.place)), largest \(largest.memory) MiB (\(largest.place))
            \(problems.isEmpty ? "every script ended as promised" : "FAILED: \(problems.count) broken promises")
            """
    }
}
